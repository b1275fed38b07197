//! A tenant with its own random marker in everything that an owner or a booker can write, and in everything
//! that nobody asked for: wrong paths, headers, bodies.

use reqwest::Method;
use serde_json::{Value, json};
use slotstead_shared::{
    Region, Stamp,
    wire::{BookedView, FeedStatus, Hold, Items, Slots},
};

use crate::{
    Anonymous, Client, Identity, Raw, Reply, Visitor,
    feed::{FeedServer, SOON, Says, calendar},
    search::Needle,
    size::Random,
    tenant::{TestTenant, ZONE, around_the_clock, date, service, sign_up},
    wait::wait_until,
};

/// The tenant.
pub struct Marked {
    /// In everything of it.
    pub marker: String,
    /// In every event of its calendar, of which nothing but times is kept.
    pub calendar: String,
    /// It, with the marker's page as its origin.
    pub tenant: TestTenant,
    feed: FeedServer,
}

/// A text that nobody has.
fn marker(random: &mut Random) -> String {
    const CHARS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let chars = (0..20).map(|_| char::from(CHARS[random.below(CHARS.len())]));
    std::iter::once('m').chain(chars).collect()
}

impl Marked {
    /// Signs it up and fills it.
    pub async fn new(client: &Client, region: Region, random: &mut Random) -> Self {
        let (marker, calendar_marker) = (marker(random), marker(random));
        let signed_up = sign_up(client, region).await;
        let tenant = TestTenant {
            client: client.clone(),
            id: signed_up.tenant.to_string(),
            owner: crate::Owner {
                token: signed_up.token.secret,
            },
            origin: format!("https://{marker}.example"),
        };
        let feed = FeedServer::start(Says::Calendar(calendar(&[], &calendar_marker))).await;
        let filled = Self {
            marker,
            calendar: calendar_marker,
            tenant,
            feed,
        };
        filled.set_up().await;
        filled.visit().await;
        filled
    }

    /// Looks for the marker.
    #[must_use]
    pub fn needle(&self) -> Needle {
        Needle::new(&self.marker)
    }

    fn text(&self, what: &str) -> String {
        format!("{} {what}", self.marker)
    }

    async fn set_up(&self) {
        let m = &self.marker;
        let mut offered = service();
        offered["name"] = self.text("service").into();
        offered["description"] = self.text("description").into();
        offered["location"] = self.text("street").into();
        offered["hosts"] = json!([format!("{m}-host")]);
        offered["resources"] = json!([{ "any_of": [format!("{m}-room")] }]);
        let schedule = format!("{m}-schedule");
        let url = format!("{}?{m}", self.feed.url());
        for (path, body) in [
            (
                "profile".to_owned(),
                json!({ "name": self.text("business") }),
            ),
            (
                "origins".to_owned(),
                json!({ "origins": [self.tenant.origin] }),
            ),
            (format!("schedules/{schedule}"), around_the_clock()),
            (
                format!("schedules/{schedule}/overrides/{}", date(40)),
                json!({ "spans": [] }),
            ),
            (
                format!("hosts/{m}-host"),
                json!({ "name": self.text("host"), "schedule": schedule }),
            ),
            (
                format!("resources/{m}-room"),
                json!({ "name": self.text("room") }),
            ),
            (format!("services/{m}-service"), offered),
            (
                format!("fields/{m}-text"),
                json!({ "label": self.text("label"), "kind": "text" }),
            ),
            (
                format!("fields/{m}-choice"),
                json!({ "label": self.text("choice"), "kind": "choice", "options": [self.text("option")] }),
            ),
            (
                format!("feeds/{m}-feed"),
                json!({ "host": format!("{m}-host"), "url": url }),
            ),
        ] {
            self.tenant.set_up(&path, &body).await;
        }
        let token = json!({ "name": self.text("token"), "scopes": ["setup:read"] });
        let issued = self.tenant.path("tokens");
        let reply = self.tenant.client.post(&self.tenant.owner, &issued, &token);
        reply.await.expect_status(201);
        wait_until("the calendar is read", SOON, || async {
            let path = self.tenant.path("feeds");
            let feeds = self.tenant.client.get(&self.tenant.owner, &path).await;
            let feeds: Items<slotstead_shared::wire::Feed> = feeds.expect(200);
            feeds
                .items
                .iter()
                .all(|feed| feed.status == FeedStatus::Current)
        })
        .await;
    }

    /// A booking of this tenant's, in everything of which the marker is.
    #[must_use]
    pub fn booking(&self, start: Stamp) -> Value {
        let m = &self.marker;
        json!({
            "service": format!("{m}-service"), "start": start, "zone": ZONE,
            "name": self.text("booker"), "email": format!("{m}@example.com"),
            "answers": [
                { "field": format!("{m}-text"), "value": self.text("answer") },
                { "field": format!("{m}-choice"), "value": self.text("option") },
            ],
        })
    }

    /// Times that are free.
    pub async fn free(&self, visitor: &Visitor) -> Vec<Stamp> {
        let service = format!("{}-service", self.marker);
        let slots: Slots = self.tenant.slots_of(visitor, &service, 2, 6).await;
        let slots = slots.days.into_iter().flat_map(|day| day.slots);
        slots.map(|slot| slot.start).collect()
    }

    /// Holds, books, moves and cancels.
    async fn visit(&self) {
        let visitor = self.tenant.visitor().await;
        let free = self.free(&visitor).await;
        let m = &self.marker;
        let hold = json!({ "service": format!("{m}-service"), "start": free[0], "zone": ZONE });
        let client = &self.tenant.client;
        let hold = client
            .post(&visitor, &self.tenant.path("holds"), &hold)
            .await;
        let hold: Hold = hold.expect(201);
        let mut first = self.booking(free[0]);
        first["hold"] = json!(hold.id);
        let reply = self.tenant.book(&visitor, &format!("{m}-1"), &first).await;
        reply.expect_status(201);
        let second = self.booking(free[4]);
        let reply = self.tenant.book(&visitor, &format!("{m}-2"), &second).await;
        let second: BookedView = reply.expect(201);
        let (booker, key) = (self.tenant.booker(&second), format!("{m}-3"));
        let reply = self
            .tenant
            .reschedule(&booker, &second, &key, free[8])
            .await;
        reply.expect_status(200);
        let reply = self.tenant.cancel(&booker, &second).await;
        reply.expect_status(200);
        // What was taken is told to whoever comes late, and kept for the key.
        let late = self.booking(free[0]);
        let reply = self.tenant.book(&visitor, &format!("{m}-4"), &late).await;
        reply.expect_status(409);
        assert_eq!(self.tenant.all_bookings().await.len(), 2);
    }

    /// Sends the marker where it does not belong, also to `other`. Each time it is refused.
    pub async fn stray(&self, other: &Self) {
        let m = &self.marker;
        let free = self.free(&self.tenant.visitor().await).await;
        let good = self.booking(free[1]).to_string();
        let key = format!("{m}-5");
        let mut long = self.booking(free[1]);
        long["name"] = m.repeat(40).into();
        let mut unknown = self.booking(free[1]);
        unknown[m] = json!(m);
        let half = good[..good.len() - 9].to_owned();
        let bookings = self.tenant.path("bookings");
        let owner = Raw::bearer(&self.tenant.owner.token);
        let bearer = Raw::bearer(m);
        for (who, path, body) in [
            (&owner, bookings.clone(), half),
            (&owner, bookings.clone(), long.to_string()),
            (&owner, bookings.clone(), unknown.to_string()),
            (&bearer, bookings.clone(), good.clone()),
            (&Raw::default(), bookings.clone(), good.clone()),
            (&owner, other.tenant.path("bookings"), good.clone()),
            (&owner, format!("/v1/{m}/bookings"), good.clone()),
            (&owner, self.tenant.path(&format!("{m}/{m}")), good.clone()),
            (&owner, format!("/{m}?{m}={m}"), good.clone()),
        ] {
            let reply = self.post(who, &path, &key, body).await;
            assert!(
                (400..500).contains(&reply.status),
                "{path}: {}",
                reply.text()
            );
        }
        for path in [
            self.tenant
                .path(&format!("slots?service={m}&zone={m}&from={m}&to={m}")),
            self.tenant.path(&format!("bookings?after={m}")),
            self.tenant.path(&format!("bookings/{m}")),
            format!("/assets/{m}"),
        ] {
            let reply = self.tenant.client.get(&owner, &path).await;
            assert!(
                (400..500).contains(&reply.status),
                "{path}: {}",
                reply.text()
            );
        }
        let request = self
            .tenant
            .client
            .request(&Anonymous, Method::GET, "/healthz");
        let named = [
            "user-agent",
            "referer",
            "cookie",
            "x-forwarded-for",
            "x-request-id",
        ];
        let request = named
            .iter()
            .fold(request, |request, name| request.header(name, m));
        request.send().await.expect_status(200);
    }

    /// Books while the region cannot be reached.
    pub async fn book_in_vain(&self, visitor: &Visitor, start: Stamp) -> Reply {
        let key = format!("{}-6", self.marker);
        self.tenant.book(visitor, &key, &self.booking(start)).await
    }

    async fn post(&self, who: &impl Identity, path: &str, key: &str, body: String) -> Reply {
        let request = self.tenant.client.request(who, Method::POST, path);
        request.key(key).text("application/json", body).send().await
    }
}
