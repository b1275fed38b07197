//! A tenant with one of everything, which can be asked for any route of the table.

use crate::{
    Booker, Identity, ProblemKind, Raw, Region, Reply, Server, TestTenant, Visitor,
    document::Operation,
    routes::Route,
    tenant::{SERVICE, ZONE},
};
use reqwest::Method;
use serde_json::{Value, json};
use slotstead_shared::wire::{BookedView, Hold, IssuedToken, Scope};

/// A tenant with one of everything.
pub struct Furnished {
    /// The tenant.
    pub tenant: TestTenant,
    /// A visitor of its page.
    pub visitor: Visitor,
    /// A booking that stands.
    pub booked: BookedView,
    /// The visitor's hold.
    pub hold: Hold,
    /// A second token of the owner, with every scope.
    pub token: IssuedToken,
}

/// Signs one up and fills it.
pub async fn furnished(server: &Server, region: Region) -> Furnished {
    let tenant = TestTenant::new(&server.client(), region).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let booked = tenant.booked(&visitor, "furniture", free[0].start).await;
    let body = json!({ "service": SERVICE, "start": free[9].start, "zone": ZONE });
    let hold = tenant
        .client
        .post(&visitor, &tenant.path("holds"), &body)
        .await
        .expect(201);
    let token = tenant.token(&Scope::ALL).await;
    Furnished {
        tenant,
        visitor,
        booked,
        hold,
        token,
    }
}

impl TestTenant {
    /// A token with these scopes.
    pub async fn token(&self, scopes: &[Scope]) -> IssuedToken {
        let body = json!({ "name": "test", "scopes": scopes });
        self.client
            .post(&self.owner, &self.path("tokens"), &body)
            .await
            .expect(201)
    }
}

impl Furnished {
    /// The holder of the booking's link.
    #[must_use]
    pub fn booker(&self) -> Booker {
        self.tenant.booker(&self.booked)
    }

    /// The path of a route into this tenant, or into the tenant `id` with this one's things.
    #[must_use]
    pub fn path(&self, route: &Route, id: &str) -> String {
        let (from, to) = (crate::tenant::date(2), crate::tenant::date(3));
        let path = route
            .path
            .replace("{tenant}", id)
            .replace("{booking}", self.booked.booking.id.as_str())
            .replace("{hold}", self.hold.id.as_str())
            .replace("{token}", self.token.id.as_str())
            .replace("{date}", "2027-03-11");
        let path = ["service", "host", "resource", "schedule", "field", "feed"]
            .iter()
            .fold(path, |path, kind| {
                path.replace(&format!("{{{kind}}}"), "spare")
            });
        assert!(
            !path.contains('{'),
            "{path} has an id this test does not know"
        );
        match route.name {
            "explain" => format!("{path}?date={from}"),
            "offerMoves" => format!("{path}?from={from}&to={to}&zone={ZONE}"),
            "offerSlots" => format!("{path}?service={SERVICE}&from={from}&to={to}&zone={ZONE}"),
            _ => path,
        }
    }

    /// Takes a route as `who`.
    pub async fn send(&self, who: &impl Identity, route: &Route, key: &str) -> Reply {
        self.send_to(who, route, key, &self.tenant.id).await
    }

    /// Takes a route into the tenant `id`, with this one's things.
    pub async fn send_to(&self, who: &impl Identity, route: &Route, key: &str, id: &str) -> Reply {
        let path = self.path(route, id);
        let method = Method::from_bytes(route.method.as_bytes()).expect("the table has methods");
        let request = self.tenant.client.request(who, method, &path).key(key);
        match self.body(route).await {
            Value::Null => request.send().await,
            body => request.json(&body).send().await,
        }
    }

    async fn body(&self, route: &Route) -> Value {
        let mut body = (route.body)();
        if !["placeHold", "book", "reschedule"].contains(&route.name) {
            return body;
        }
        let free = self.tenant.free(&self.visitor).await;
        body["start"] = json!(free[20].start);
        body
    }

    /// Revokes one of the owner's tokens.
    pub async fn revoke(&self, token: &IssuedToken) {
        let path = self.tenant.path(&format!("tokens/{}", token.id));
        let (client, owner) = (&self.tenant.client, &self.tenant.owner);
        client.delete(owner, &path).await.expect_status(204);
    }

    /// Somebody of this tenant who may take the operation.
    #[must_use]
    pub fn someone_for(&self, operation: &Operation) -> Raw {
        if operation.scope().is_some() {
            Raw::bearer(&self.tenant.owner.token)
        } else {
            Raw(self.visitor.headers())
        }
    }

    /// The body of the 404 that `path` must be answered with, without the request's id.
    pub async fn unseen(&self, who: &impl Identity, route: &Route, path: &str) -> String {
        let method = Method::from_bytes(route.method.as_bytes()).expect("the table has methods");
        let request = self.tenant.client.request(who, method, path).key("unseen");
        let reply = match self.body(route).await {
            Value::Null => request.send().await,
            body => request.json(&body).send().await,
        };
        let mut problem = reply.refused(404, ProblemKind::NotFound);
        problem.request_id.clear();
        format!("{problem:?}")
    }

    /// Everything an owner can see, for telling whether something changed.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for rest in [
            "profile",
            "origins",
            "services",
            "hosts",
            "schedules",
            "fields",
            "feeds",
            "bookings",
            "tokens",
        ] {
            all.push(
                self.tenant
                    .client
                    .get(&self.tenant.owner, &self.tenant.path(rest))
                    .await
                    .text(),
            );
        }
        all
    }
}
