//! Who may what: every route of the `OpenAPI` document, asked by everybody, in two regions.
//!
//! The table in [`slotstead_tests::routes`] says who may take each route; the document says which routes there
//! are. A route that is in one and not in the other fails here, so a new one cannot be forgotten.

use std::collections::BTreeSet;

use serde_json::Value;
use slotstead_shared::wire::Scope;
use slotstead_tests::{
    Anonymous, Furnished, Owner, ProblemKind, Raw, Region, Reply, Server, Visitor, furnished,
    routes::{May, ROUTES, Route},
};

#[tokio::test]
async fn the_table_and_the_document_name_the_same_routes() {
    let server = Server::shared();
    let document: Value = server
        .client()
        .get(&Anonymous, "/openapi.json")
        .await
        .expect(200);
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "{version}");
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let name = operation["operationId"].as_str().unwrap_or("?");
            if method != "parameters" && path.starts_with("/v1/{tenant}/") && name != "openSession"
            {
                documented.insert(format!("{} {path} {name}", method.to_uppercase()));
            }
        }
    }
    let known: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| format!("{} {} {}", route.method, route.path, route.name))
        .collect();
    assert_eq!(documented, known);
}

#[tokio::test]
async fn whoever_may_not_is_refused_on_every_route_and_changes_nothing() {
    let server = Server::shared();
    for region in [Region::Eu, Region::Us] {
        let other_region = if region == Region::Eu {
            Region::Us
        } else {
            Region::Eu
        };
        let home = furnished(&server, region).await;
        let neighbour = furnished(&server, region).await;
        let abroad = furnished(&server, other_region).await;
        let before = home.everything().await;

        for route in ROUTES {
            strangers(&home, route).await;
            foreigners(&home, &[&neighbour, &abroad], route).await;
            the_wrong_kind(&home, route).await;
        }
        assert_eq!(
            home.everything().await,
            before,
            "a refused request changed something"
        );
    }
}

/// No token, a bad one, or one in the wrong place: 401.
async fn strangers(home: &Furnished, route: &Route) {
    let good = &home.tenant.owner.token;
    let header = |value: String| Raw(vec![("authorization", value)]);
    let everybody = [
        Raw::default(),
        Raw::page(&home.tenant.origin),
        Raw::bearer("nonsense"),
        Raw::bearer(&forged(good)),
        Raw::bearer(&unsigned(good)),
        Raw::bearer(&home.tenant.client.operator_key),
        header(format!("Basic {good}")),
        header(good.clone()),
        Raw(vec![("cookie", format!("token={good}"))]),
        Raw(vec![("x-slotstead-tenant", home.tenant.id.clone())]),
    ];
    for who in everybody {
        let reply = home.send(&who, route, "stranger").await;
        let problem = reply.refused(401, ProblemKind::Unauthenticated);
        assert!(
            reply.header("www-authenticate").is_some(),
            "{} {problem:?}",
            route.name
        );
    }
}

/// A genuine token of another tenant, and a genuine token with a forged tenant: 404.
async fn foreigners(home: &Furnished, others: &[&Furnished], route: &Route) {
    for other in others {
        for token in [
            &other.tenant.owner.token,
            &other.visitor.token,
            &other.booked.capability,
        ] {
            let who = Visitor {
                token: token.clone(),
                origin: other.tenant.origin.clone(),
            };
            let reply = home.send(&who, route, "foreigner").await;
            let _ = reply.refused(404, ProblemKind::NotFound);
        }
    }
    let id = &home.tenant.id;
    let last = if id.ends_with('0') { "1" } else { "0" };
    let wrong_tag = format!("{}{last}", &id[..id.len() - 1]);
    let moved = id.replacen(
        &id[..3],
        if id.starts_with("eu_") { "us_" } else { "eu_" },
        1,
    );
    for id in [
        wrong_tag.as_str(),
        moved.as_str(),
        "eu_1",
        "cbr_",
        "..",
        "tenants",
    ] {
        let reply = home.send_to(&home.tenant.owner, route, "forged", id).await;
        let _ = reply.refused(404, ProblemKind::NotFound);
    }
}

/// A genuine token of this tenant on a route that is not for it: 403, and 404 for what is not its.
async fn the_wrong_kind(home: &Furnished, route: &Route) {
    let refused = |reply: Reply| {
        let _ = reply.refused(403, ProblemKind::NotAllowed);
    };
    if route.may.visitor() {
        let token = home.visitor.token.clone();
        let elsewhere = Visitor {
            token: token.clone(),
            origin: "https://evil.example".to_owned(),
        };
        let reply = home.send(&elsewhere, route, "wrong-origin").await;
        let _ = reply.refused(403, ProblemKind::OriginNotAllowed);
        let reply = home.send(&Raw::bearer(&token), route, "no-origin").await;
        let _ = reply.refused(403, ProblemKind::OriginNotAllowed);
    } else {
        refused(home.send(&home.visitor, route, "wrong-kind").await);
    }
    if !route.may.booker() {
        refused(home.send(&home.booker(), route, "wrong-kind").await);
    }
    match route.may.scope() {
        None => refused(home.send(&home.tenant.owner, route, "wrong-kind").await),
        Some(needed) => {
            let others: Vec<_> = Scope::ALL
                .into_iter()
                .filter(|scope| *scope != needed)
                .collect();
            let less = home.tenant.token(&others).await;
            let path = home.tenant.path(&format!("tokens/{}", less.id));
            let owner = Owner { token: less.secret };
            refused(home.send(&owner, route, "wrong-scope").await);
            home.tenant
                .client
                .delete(&home.tenant.owner, &path)
                .await
                .expect_status(204);
        }
    }
}

#[tokio::test]
async fn whoever_may_gets_through_on_every_route() {
    let server = Server::shared();
    for region in [Region::Eu, Region::Us] {
        let home = furnished(&server, region).await;
        for route in ROUTES {
            if route.may.scope().is_some() {
                let reply = home
                    .send(&home.tenant.owner, route, &format!("o-{}", route.name))
                    .await;
                assert!(
                    (200..300).contains(&reply.status),
                    "{}: {}",
                    route.name,
                    reply.text()
                );
            }
        }
        let home = furnished(&server, region).await;
        for route in ROUTES.iter().filter(|route| route.may.visitor()) {
            let reply = home
                .send(&home.visitor, route, &format!("v-{}", route.name))
                .await;
            assert!(
                (200..300).contains(&reply.status),
                "{}: {}",
                route.name,
                reply.text()
            );
            assert_eq!(
                reply.header("access-control-allow-origin"),
                Some(home.tenant.origin.as_str()),
                "{}",
                route.name
            );
        }
        for route in ROUTES.iter().filter(|route| route.may.booker()) {
            let reply = home
                .send(&home.booker(), route, &format!("b-{}", route.name))
                .await;
            assert!(
                (200..300).contains(&reply.status),
                "{}: {}",
                route.name,
                reply.text()
            );
        }
    }
}

/// The token with one character of its signature changed: not the last, whose low bits may be padding.
fn forged(token: &str) -> String {
    let at = token.len() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

/// The token's claims with the header `{"alg":"none"}` and no signature.
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap_or_default();
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")
}

#[test]
fn may_says_what_it_means() {
    assert!(May::VisitorOrOwner(Scope::SetupRead).visitor());
    assert!(!May::BookerOrOwner(Scope::BookingsRead).visitor());
    assert_eq!(May::Visitor.scope(), None);
}
