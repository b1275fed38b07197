//! A tenant of a test's own, signed up and set up through the public API.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::json;
use slotstead_shared::{
    Date, Region, Stamp, UnixSeconds,
    problem::ProblemKind,
    wire::{BookedView, NewBooking, Session, SignedUp, Slot, Slots},
};

use crate::{
    client::{Client, Reply},
    identity::{Anonymous, Booker, Operator, Owner, Raw, Visitor},
    wait::wait_for,
};

/// The zone in which test tenants work and test bookers look.
pub const ZONE: &str = "Europe/Oslo";
/// The service of every test tenant: 30 minutes on a 30-minute step, around the clock.
pub const SERVICE: &str = "consultation";
/// Its only host.
pub const HOST: &str = "ingrid";
/// Its only schedule.
pub const SCHEDULE: &str = "always";
/// The page that carries its widget.
pub const ORIGIN: &str = "https://clinic.example";

/// A tenant with one schedule, one host, one service and one origin.
#[derive(Debug, Clone)]
pub struct TestTenant {
    /// A client of its edge.
    pub client: Client,
    /// Its id.
    pub id: String,
    /// Its owner, with every scope.
    pub owner: Owner,
    /// The first allowed origin.
    pub origin: String,
}

/// Now, for asking about dates; nothing in a test depends on which day it is.
#[must_use]
pub fn now() -> UnixSeconds {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    UnixSeconds::try_from(since.as_secs()).expect("fits for longer than the sun burns")
}

/// The date `days` from today in UTC.
#[must_use]
pub fn date(days: i64) -> Date {
    Stamp::new(now() + days * 86_400, 0)
        .expect("the clock is before the year 9999")
        .date()
}

/// Signs a tenant up.
pub async fn sign_up(client: &Client, region: Region) -> SignedUp {
    let operator = Operator {
        key: client.operator_key.clone(),
    };
    let body = json!({ "name": "Fjord Physiotherapy", "region": region });
    client
        .post(&operator, "/v1/tenants", &body)
        .await
        .expect(201)
}

impl TestTenant {
    /// Signs up and sets up a tenant that has free times around the clock.
    pub async fn new(client: &Client, region: Region) -> Self {
        Self::on_page(client, region, ORIGIN).await
    }

    /// The same, with its widget on a page of `origin`.
    pub async fn on_page(client: &Client, region: Region, origin: &str) -> Self {
        let signed_up = sign_up(client, region).await;
        let tenant = Self {
            client: client.clone(),
            id: signed_up.tenant.to_string(),
            owner: Owner {
                token: signed_up.token.secret,
            },
            origin: origin.to_owned(),
        };
        tenant.set_up("schedules/always", &around_the_clock()).await;
        tenant
            .set_up(
                "hosts/ingrid",
                &json!({ "name": "Ingrid", "schedule": SCHEDULE }),
            )
            .await;
        tenant.set_up("services/consultation", &service()).await;
        tenant
            .set_up("origins", &json!({ "origins": [origin] }))
            .await;
        tenant
    }

    /// A path of this tenant: `/v1/<tenant>/<rest>`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/{}/{rest}", self.id)
    }

    /// Puts something as the owner, which must succeed.
    pub async fn set_up(&self, rest: &str, body: &serde_json::Value) {
        self.client
            .put(&self.owner, &self.path(rest), body)
            .await
            .expect_status(200);
    }

    /// Opens a session on the tenant's page.
    pub async fn session(&self) -> Session {
        let page = Raw::page(&self.origin);
        self.client
            .post_empty(&page, &self.path("sessions"))
            .await
            .expect(201)
    }

    /// A visitor of the tenant's page.
    pub async fn visitor(&self) -> Visitor {
        Visitor {
            token: self.session().await.token,
            origin: self.origin.clone(),
        }
    }

    /// The slots from `from` to `to`, in days from today, as anybody with a token sees them.
    pub async fn slots_between(&self, who: &Visitor, from: i64, to: i64) -> Slots {
        self.slots_of(who, SERVICE, from, to).await
    }

    /// The slots of a service.
    pub async fn slots_of(&self, who: &Visitor, service: &str, from: i64, to: i64) -> Slots {
        let (from, to) = (date(from), date(to));
        let query = format!("slots?service={service}&from={from}&to={to}&zone={ZONE}");
        self.client.get(who, &self.path(&query)).await.expect(200)
    }

    /// Free slots from two days ahead: far enough that none of them passes during the test.
    pub async fn free(&self, who: &Visitor) -> Vec<Slot> {
        let slots = self.slots_between(who, 2, 6).await;
        slots.days.into_iter().flat_map(|day| day.slots).collect()
    }

    /// Whether a start is among the slots offered now.
    pub async fn is_free(&self, who: &Visitor, start: Stamp) -> bool {
        let slots = self.slots_between(who, 0, 30).await;
        slots
            .days
            .iter()
            .flat_map(|day| &day.slots)
            .any(|slot| same(slot.start, start))
    }

    /// Books as `who`, whatever the answer.
    pub async fn book(
        &self,
        who: &impl crate::Identity,
        key: &str,
        booking: &impl serde::Serialize,
    ) -> Reply {
        let request = self
            .client
            .request(who, Method::POST, &self.path("bookings"));
        request.key(key).json(booking).send().await
    }

    /// The same as a page does it that is told to try again in a while: until it is told what became of it. A
    /// machine that is busy with others too, or a database that comes back, takes a moment.
    pub async fn book_until_told(
        &self,
        who: &impl crate::Identity,
        key: &str,
        booking: &impl serde::Serialize,
    ) -> Reply {
        let ask = move || async move {
            let reply = self.book(who, key, booking).await;
            if reply.status == 503 {
                let _ = reply.refused(503, ProblemKind::RegionUnavailable);
                return None;
            }
            Some(reply)
        };
        wait_for("what became of a booking", Duration::from_mins(1), ask).await
    }

    /// A booking that stands.
    pub async fn booked(&self, who: &Visitor, key: &str, start: Stamp) -> BookedView {
        self.book(who, key, &booking_at(start)).await.expect(201)
    }

    /// The holder of a booking's link.
    #[must_use]
    pub fn booker(&self, booked: &BookedView) -> Booker {
        Booker {
            capability: booked.capability.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Reschedules, whatever the answer.
    pub async fn reschedule(
        &self,
        who: &impl crate::Identity,
        booked: &BookedView,
        key: &str,
        start: Stamp,
    ) -> Reply {
        let path = self.path(&format!("bookings/{}/reschedule", booked.booking.id));
        let body = json!({ "start": start, "zone": ZONE });
        self.client
            .request(who, Method::POST, &path)
            .key(key)
            .json(&body)
            .send()
            .await
    }

    /// Cancels, whatever the answer.
    pub async fn cancel(&self, who: &impl crate::Identity, booked: &BookedView) -> Reply {
        let path = self.path(&format!("bookings/{}/cancel", booked.booking.id));
        self.client.post_empty(who, &path).await
    }

    /// Every booking, by the owner's list, page after page.
    pub async fn all_bookings(&self) -> Vec<slotstead_shared::wire::Booking> {
        let mut all = Vec::new();
        let mut path = self.path("bookings");
        loop {
            let page: slotstead_shared::wire::BookingPage =
                self.client.get(&self.owner, &path).await.expect(200);
            all.extend(page.items);
            match page.next {
                Some(next) => path = self.path(&format!("bookings?after={next}")),
                None => return all,
            }
        }
    }

    /// Whether an allowed page may ask, as a browser's preflight finds out.
    pub async fn preflight(&self, origin: &str) -> Reply {
        self.client
            .request(&Anonymous, Method::OPTIONS, &self.path("bookings"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,idempotency-key",
            )
            .send()
            .await
    }
}

/// Whether two stamps are one instant.
#[must_use]
pub fn same(left: Stamp, right: Stamp) -> bool {
    left.unix_seconds() == right.unix_seconds()
}

/// A booking of the test service.
#[must_use]
pub fn booking_at(start: Stamp) -> NewBooking {
    NewBooking {
        service: SERVICE.parse().expect("a slug"),
        start,
        duration_minutes: None,
        host: None,
        hold: None,
        zone: ZONE.to_owned(),
        name: "Amal Haddad".to_owned(),
        email: "amal@example.com".to_owned(),
        answers: Vec::new(),
    }
}

/// A schedule without a closed minute.
#[must_use]
pub fn around_the_clock() -> serde_json::Value {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rules: Vec<_> = days
        .iter()
        .map(|day| json!({ "weekday": day, "start": "00:00", "end": "24:00" }))
        .collect();
    json!({ "zone": ZONE, "rules": rules })
}

/// The test service.
#[must_use]
pub fn service() -> serde_json::Value {
    json!({
        "name": "Consultation",
        "duration_minutes": 30,
        "slot_step_minutes": 30,
        "booking_window_days": 60,
        "hosts": [HOST],
    })
}
