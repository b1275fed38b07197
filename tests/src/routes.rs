//! Every route into a tenant: who may take it, and a body that is right.
//!
//! In an order in which the owner can take them all: what is deleted was put before.

use crate::tenant::{SERVICE, ZONE, around_the_clock};
use serde_json::{Value, json};
use slotstead_shared::wire::Scope::{
    self, BookingsRead, BookingsWrite, SetupRead, SetupWrite, TokensWrite,
};

/// Who may take a route.
#[derive(Debug, Clone, Copy)]
pub enum May {
    /// An owner's token with the scope.
    Owner(Scope),
    /// A visitor's session.
    Visitor,
    /// Either.
    VisitorOrOwner(Scope),
    /// The booking's capability or an owner's token with the scope.
    BookerOrOwner(Scope),
}

use May::{BookerOrOwner, Owner, Visitor, VisitorOrOwner};

impl May {
    /// Whether a visitor may.
    #[must_use]
    pub const fn visitor(self) -> bool {
        matches!(self, Visitor | VisitorOrOwner(_))
    }

    /// Whether a booking's capability will do.
    #[must_use]
    pub const fn booker(self) -> bool {
        matches!(self, BookerOrOwner(_))
    }

    /// The scope an owner's token needs; `None` when it is not for owners.
    #[must_use]
    pub const fn scope(self) -> Option<Scope> {
        match self {
            Owner(scope) | VisitorOrOwner(scope) | BookerOrOwner(scope) => Some(scope),
            Visitor => None,
        }
    }
}

/// A route into a tenant.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path as the document has it.
    pub path: &'static str,
    /// The operation's id in the document.
    pub name: &'static str,
    /// Who may.
    pub may: May,
    /// A right body; `null` when it takes none.
    pub body: fn() -> Value,
}

const fn route(
    method: &'static str,
    path: &'static str,
    name: &'static str,
    may: May,
    body: fn() -> Value,
) -> Route {
    Route {
        method,
        path,
        name,
        may,
        body,
    }
}

fn none() -> Value {
    Value::Null
}

fn profile() -> Value {
    json!({ "name": "Fjord Physiotherapy", "accent": "#0f6b52" })
}

fn origins() -> Value {
    json!({ "origins": [crate::tenant::ORIGIN] })
}

fn schedule() -> Value {
    around_the_clock()
}

fn closed() -> Value {
    json!({ "spans": [] })
}

fn several_closed() -> Value {
    json!({ "dates": ["2027-05-17", "2027-05-18"], "spans": [] })
}

fn resource() -> Value {
    json!({ "name": "Spare room" })
}

fn host() -> Value {
    json!({ "name": "Spare", "schedule": "spare" })
}

fn service() -> Value {
    let mut service = crate::tenant::service();
    service["hosts"] = json!(["spare"]);
    service
}

fn field() -> Value {
    json!({ "label": "Anything else?", "kind": "text" })
}

fn feed() -> Value {
    // Nobody listens there, which is fine: the host has no bookings.
    json!({ "host": "spare", "url": "http://127.0.0.1:9/spare.ics" })
}

fn token() -> Value {
    json!({ "name": "spare", "scopes": ["setup:read"] })
}

fn hold() -> Value {
    json!({ "service": SERVICE, "start": null, "zone": ZONE })
}

fn booking() -> Value {
    json!({
        "service": SERVICE, "start": null, "zone": ZONE,
        "name": "Amal Haddad", "email": "amal@example.com",
    })
}

fn start() -> Value {
    json!({ "start": null, "zone": ZONE })
}

/// The table.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("GET", "/v1/{tenant}/profile", "getProfile", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/profile", "putProfile", Owner(SetupWrite), profile),
    route("GET", "/v1/{tenant}/origins", "getOrigins", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/origins", "putOrigins", Owner(SetupWrite), origins),
    route("PUT", "/v1/{tenant}/schedules/{schedule}", "putSchedule", Owner(SetupWrite), schedule),
    route("GET", "/v1/{tenant}/schedules", "listSchedules", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "putOverride", Owner(SetupWrite), closed),
    route("GET", "/v1/{tenant}/schedules/{schedule}/overrides", "listOverrides", Owner(SetupRead), none),
    route("POST", "/v1/{tenant}/schedules/{schedule}/overrides", "putOverrides", Owner(SetupWrite), several_closed),
    route("PUT", "/v1/{tenant}/resources/{resource}", "putResource", Owner(SetupWrite), resource),
    route("GET", "/v1/{tenant}/resources", "listResources", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/hosts/{host}", "putHost", Owner(SetupWrite), host),
    route("GET", "/v1/{tenant}/hosts", "listHosts", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/services/{service}", "putService", Owner(SetupWrite), service),
    route("GET", "/v1/{tenant}/services", "listServices", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/fields/{field}", "putField", Owner(SetupWrite), field),
    route("GET", "/v1/{tenant}/fields", "listFields", Owner(SetupRead), none),
    route("PUT", "/v1/{tenant}/feeds/{feed}", "putFeed", Owner(SetupWrite), feed),
    route("GET", "/v1/{tenant}/feeds", "listFeeds", Owner(SetupRead), none),
    route("POST", "/v1/{tenant}/feeds/{feed}/sync", "syncFeed", Owner(SetupWrite), none),

    route("GET", "/v1/{tenant}/slots", "offerSlots", VisitorOrOwner(SetupRead), none),
    route("GET", "/v1/{tenant}/services/{service}/reasons", "explain", Owner(SetupRead), none),
    route("POST", "/v1/{tenant}/holds", "placeHold", Visitor, hold),
    route("DELETE", "/v1/{tenant}/holds/{hold}", "releaseHold", Visitor, none),
    route("POST", "/v1/{tenant}/bookings", "book", VisitorOrOwner(BookingsWrite), booking),
    route("GET", "/v1/{tenant}/bookings", "listBookings", Owner(BookingsRead), none),
    route("GET", "/v1/{tenant}/bookings/{booking}", "getBooking", BookerOrOwner(BookingsRead), none),
    route("POST", "/v1/{tenant}/bookings/{booking}/reschedule", "reschedule", BookerOrOwner(BookingsWrite), start),
    route("POST", "/v1/{tenant}/bookings/{booking}/cancel", "cancel", BookerOrOwner(BookingsWrite), none),

    route("GET", "/v1/{tenant}/tokens", "listTokens", Owner(TokensWrite), none),
    route("POST", "/v1/{tenant}/tokens", "issueToken", Owner(TokensWrite), token),
    route("DELETE", "/v1/{tenant}/tokens/{token}", "revokeToken", Owner(TokensWrite), none),

    route("DELETE", "/v1/{tenant}/feeds/{feed}", "deleteFeed", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/services/{service}", "deleteService", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/hosts/{host}", "deleteHost", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/resources/{resource}", "deleteResource", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "deleteOverride", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/schedules/{schedule}", "deleteSchedule", Owner(SetupWrite), none),
    route("DELETE", "/v1/{tenant}/fields/{field}", "deleteField", Owner(SetupWrite), none),
];
