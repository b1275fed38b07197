//! Every route into a tenant, with a body that is right. Who may take it is said by the document of the
//! running server (`document`); a route that is not here has no case, and fails a test.
//!
//! In an order in which the owner can take them all: what is deleted was put before.

use crate::tenant::{SERVICE, ZONE, around_the_clock};
use serde_json::{Value, json};

/// A route into a tenant.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path as the document has it.
    pub path: &'static str,
    /// The operation's id in the document.
    pub name: &'static str,
    /// A right body; `null` when it takes none.
    pub body: fn() -> Value,
}

const fn route(
    method: &'static str,
    path: &'static str,
    name: &'static str,
    body: fn() -> Value,
) -> Route {
    Route {
        method,
        path,
        name,
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

fn erasure() -> Value {
    json!({ "email": "amal@example.com" })
}

fn start() -> Value {
    json!({ "start": null, "zone": ZONE })
}

/// The table.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("GET", "/v1/{tenant}/residency", "residency", none),
    route("GET", "/v1/{tenant}/profile", "getProfile", none),
    route("PUT", "/v1/{tenant}/profile", "putProfile", profile),
    route("GET", "/v1/{tenant}/origins", "getOrigins", none),
    route("PUT", "/v1/{tenant}/origins", "putOrigins", origins),
    route("PUT", "/v1/{tenant}/schedules/{schedule}", "putSchedule", schedule),
    route("GET", "/v1/{tenant}/schedules", "listSchedules", none),
    route("PUT", "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "putOverride", closed),
    route("GET", "/v1/{tenant}/schedules/{schedule}/overrides", "listOverrides", none),
    route("POST", "/v1/{tenant}/schedules/{schedule}/overrides", "putOverrides", several_closed),
    route("PUT", "/v1/{tenant}/resources/{resource}", "putResource", resource),
    route("GET", "/v1/{tenant}/resources", "listResources", none),
    route("PUT", "/v1/{tenant}/hosts/{host}", "putHost", host),
    route("GET", "/v1/{tenant}/hosts", "listHosts", none),
    route("PUT", "/v1/{tenant}/services/{service}", "putService", service),
    route("GET", "/v1/{tenant}/services", "listServices", none),
    route("PUT", "/v1/{tenant}/fields/{field}", "putField", field),
    route("GET", "/v1/{tenant}/fields", "listFields", none),
    route("PUT", "/v1/{tenant}/feeds/{feed}", "putFeed", feed),
    route("GET", "/v1/{tenant}/feeds", "listFeeds", none),
    route("POST", "/v1/{tenant}/feeds/{feed}/sync", "syncFeed", none),

    route("GET", "/v1/{tenant}/slots", "offerSlots", none),
    route("GET", "/v1/{tenant}/services/{service}/reasons", "explain", none),
    route("POST", "/v1/{tenant}/holds", "placeHold", hold),
    route("DELETE", "/v1/{tenant}/holds/{hold}", "releaseHold", none),
    route("POST", "/v1/{tenant}/bookings", "book", booking),
    route("GET", "/v1/{tenant}/bookings", "listBookings", none),
    route("GET", "/v1/{tenant}/bookings/{booking}", "getBooking", none),
    route("GET", "/v1/{tenant}/bookings/{booking}/slots", "offerMoves", none),
    route("POST", "/v1/{tenant}/bookings/{booking}/reschedule", "reschedule", start),
    route("POST", "/v1/{tenant}/bookings/{booking}/cancel", "cancel", none),
    route("GET", "/v1/{tenant}/bookings/{booking}/export", "exportBooking", none),
    route("GET", "/v1/{tenant}/bookings/{booking}/export.csv", "exportBookingCsv", none),
    route("GET", "/v1/{tenant}/export", "export", none),
    route("GET", "/v1/{tenant}/export.csv", "exportCsv", none),
    route("POST", "/v1/{tenant}/bookings/{booking}/erase", "eraseBooker", none),
    route("POST", "/v1/{tenant}/erasures", "erasePerson", erasure),
    route("GET", "/v1/{tenant}/erasures", "listErasures", none),

    route("GET", "/v1/{tenant}/tokens", "listTokens", none),
    route("POST", "/v1/{tenant}/tokens", "issueToken", token),
    route("DELETE", "/v1/{tenant}/tokens/{token}", "revokeToken", none),

    route("DELETE", "/v1/{tenant}/feeds/{feed}", "deleteFeed", none),
    route("DELETE", "/v1/{tenant}/services/{service}", "deleteService", none),
    route("DELETE", "/v1/{tenant}/hosts/{host}", "deleteHost", none),
    route("DELETE", "/v1/{tenant}/resources/{resource}", "deleteResource", none),
    route("DELETE", "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "deleteOverride", none),
    route("DELETE", "/v1/{tenant}/schedules/{schedule}", "deleteSchedule", none),
    route("DELETE", "/v1/{tenant}/fields/{field}", "deleteField", none),
];
