//! The script: a business is set up, visited, booked and taken down again, with every command and most
//! of the ways to be refused. `<region>` is the host's region; `<fresh 0>` is the first id that it made.

use serde_json::{Value, json};
use slotstead_tenant::host::Form;

use crate::tenant::date;

/// A step: who asks for what.
pub struct Step {
    /// Who asks.
    pub actor: Value,
    /// For what.
    pub command: Value,
    /// In which form.
    pub form: Form,
}

fn step(actor: &Value, command: Value) -> Step {
    Step {
        actor: actor.clone(),
        command,
        form: Form::Whole,
    }
}

/// The script: a business is set up, visited, booked and taken down again.
pub fn script() -> Vec<Step> {
    [
        business(),
        hours(),
        people(),
        access(),
        visiting(),
        booking(),
        changing(),
        taking_down(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const TOKEN: &str = "tok_00000000000000000000000001";
const OTHER_TOKEN: &str = "tok_00000000000000000000000002";
const ORIGIN: &str = "https://optics.example";
const ZONE: &str = "Australia/Sydney";

fn owner() -> Value {
    json!({ "owner": { "token": TOKEN } })
}

fn visitor() -> Value {
    json!({ "visitor": { "origin": ORIGIN, "client": "c1" } })
}

/// The start of a day's first times, `days` from now, in UTC: the host works around the clock.
fn start(days: i64, hour: u32) -> String {
    format!("{}T{hour:02}:00:00Z", date(days))
}

fn business() -> Vec<Step> {
    let owner = owner();
    let created = json!({ "create_tenant": {
        "sign_up": { "name": "Molonglo Optics", "region": "<region>" }, "token": TOKEN } });
    vec![
        step(&owner, json!("get_profile")),
        // What it says to the owner differs from host to host, and has a test of its own.
        step(&visitor(), json!("residency")),
        step(&owner, created.clone()),
        step(
            &json!("operator"),
            json!({ "create_tenant": {
            "sign_up": { "name": "", "region": "<region>" }, "token": TOKEN } }),
        ),
        step(&json!("operator"), created.clone()),
        step(&json!("operator"), created),
        step(&json!("region_host"), json!("get_profile")),
        step(
            &owner,
            json!({ "put_profile": { "profile": { "name": "Molonglo Optics", "accent": "#7a3b12" } } }),
        ),
        step(
            &owner,
            json!({ "put_profile": { "profile": { "name": "x", "accent": "red" } } }),
        ),
        step(&owner, json!("get_profile")),
        step(
            &owner,
            json!({ "put_origins": { "origins": { "origins": [ORIGIN] } } }),
        ),
        step(&owner, json!("get_origins")),
    ]
}

fn hours() -> Vec<Step> {
    let owner = owner();
    let rules: Vec<Value> = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    .iter()
    .map(|day| json!({ "weekday": day, "start": "00:00", "end": "24:00" }))
    .collect();
    vec![
        step(
            &owner,
            json!({ "put_schedule": { "id": "always", "schedule": {
            "zone": ZONE, "rules": rules, "holidays": { "country": "AU", "region": "ACT" } } } }),
        ),
        step(
            &owner,
            json!({ "put_schedule": { "id": "wrong", "schedule": { "zone": "Canberra", "rules": [] } } }),
        ),
        step(
            &owner,
            json!({ "put_override": { "schedule": "always", "date": date(9), "value": { "spans": [] } } }),
        ),
        step(
            &owner,
            json!({ "put_overrides": { "schedule": "always", "value": {
            "dates": [date(3), date(4), date(5), date(6), date(10)],
            "spans": [{ "start": "00:00", "end": "24:00" }] } } }),
        ),
        step(
            &owner,
            json!({ "delete_override": { "schedule": "always", "date": date(10) } }),
        ),
        step(
            &owner,
            json!({ "list_overrides": { "schedule": "always" } }),
        ),
        step(&owner, json!("list_schedules")),
    ]
}

fn people() -> Vec<Step> {
    let owner = owner();
    let service = json!({
        "name": "Eye examination", "description": "Åben \"hele\" døgnet — 24\u{2009}h", "duration_minutes": 30,
        "other_durations_minutes": [60], "slot_step_minutes": 60, "buffer_after_minutes": 10,
        "booking_window_days": 60, "hosts": ["mia"], "booker_names_host": true,
        "resources": [{ "any_of": ["room"] }]
    });
    vec![
        step(
            &owner,
            json!({ "put_host": { "id": "mia", "host": { "name": "Mia Nguyen", "schedule": "always" } } }),
        ),
        step(
            &owner,
            json!({ "put_host": { "id": "tom", "host": { "name": "Tom", "schedule": "nobodys" } } }),
        ),
        step(&owner, json!("list_hosts")),
        step(
            &owner,
            json!({ "put_resource": { "id": "room", "resource": { "name": "Room 1" } } }),
        ),
        step(&owner, json!("list_resources")),
        step(
            &owner,
            json!({ "put_service": { "id": "eyes", "service": service } }),
        ),
        step(&owner, json!("list_services")),
        step(
            &owner,
            json!({ "put_field": { "id": "phone", "field": {
            "label": "Phone", "kind": "phone", "required": true, "position": 1 } } }),
        ),
        step(&owner, json!("list_fields")),
    ]
}

fn access() -> Vec<Step> {
    let owner = owner();
    let reader = json!({ "owner": { "token": OTHER_TOKEN } });
    vec![
        step(
            &owner,
            json!({ "issue_token": { "id": OTHER_TOKEN, "token": {
            "name": "Reader", "scopes": ["bookings:read"] } } }),
        ),
        step(&owner, json!("list_tokens")),
        step(&reader, json!("list_tokens")),
        step(&owner, json!({ "revoke_token": { "id": OTHER_TOKEN } })),
        step(&reader, json!({ "list_bookings": {} })),
        step(
            &owner,
            json!({ "put_feed": { "id": "mia", "feed": { "host": "mia", "url": "http://127.0.0.1:9/a.ics" } } }),
        ),
        step(
            &owner,
            json!({ "put_feed": { "id": "no", "feed": { "host": "mia", "url": "http://10.0.0.1/a.ics" } } }),
        ),
        step(&owner, json!({ "sync_feed": { "id": "nobody" } })),
        step(&owner, json!({ "delete_feed": { "id": "mia" } })),
        step(&owner, json!("list_feeds")),
    ]
}

fn visiting() -> Vec<Step> {
    let (owner, visitor) = (owner(), visitor());
    let elsewhere = json!({ "visitor": { "origin": "https://elsewhere.example", "client": "c1" } });
    let slots = |from: i64, to: i64, zone: &str| {
        json!({ "offer_slots": {
        "service": "eyes", "from": date(from), "to": date(to), "zone": zone } })
    };
    let mut steps = vec![
        step(&visitor, json!("check_origin")),
        step(&elsewhere, json!("check_origin")),
        step(&visitor, json!("open_session")),
        step(&elsewhere, json!("open_session")),
        step(&visitor, slots(9, 2, ZONE)),
        step(&visitor, slots(2, 9, "Nowhere/At_All")),
        step(
            &owner,
            json!({ "explain": {
            "service": "eyes", "date": date(4), "time": "10:15", "duration_minutes": 60 } }),
        ),
        step(
            &owner,
            json!({ "explain": {
            "service": "eyes", "date": date(9), "time": null, "duration_minutes": null } }),
        ),
    ];
    for form in [Form::Whole, Form::Body] {
        for zone in [ZONE, "America/St_Johns"] {
            steps.push(Step {
                form,
                ..step(&visitor, slots(3, 9, zone))
            });
        }
    }
    steps
}

fn booking() -> Vec<Step> {
    let (owner, visitor) = (owner(), visitor());
    let book = |key: &str, start: &str, name: &str| {
        json!({ "book": { "idempotency_key": key, "booking": {
            "service": "eyes", "start": start, "zone": ZONE, "name": name, "email": "amal@example.com",
            "answers": [{ "field": "phone", "value": "+61 2 5550 1234" }] } } })
    };
    let hold = |start: &str| json!({ "place_hold": { "hold": { "service": "eyes", "start": start, "zone": ZONE }, "session": "s1" } });
    let mut confirmed = book("k2", &start(4, 6), "Bo");
    confirmed["book"]["booking"]["hold"] = json!("<fresh 1>");
    vec![
        step(&visitor, hold(&start(4, 4))),
        step(&visitor, hold(&start(4, 6))),
        step(&visitor, json!({ "release_hold": { "id": "<fresh 0>" } })),
        step(&visitor, json!({ "release_hold": { "id": "<fresh 0>" } })),
        step(&visitor, book("k1", &start(4, 6), "Amal")),
        step(&visitor, confirmed.clone()),
        step(&visitor, confirmed),
        step(&visitor, book("k2", &start(4, 8), "Bo")),
        step(&visitor, book("k1", &start(4, 6), "Amal")),
        step(
            &visitor,
            book("k3", &start(4, 8), "Amal O'Hara; DROP TABLE bookings --"),
        ),
        step(
            &visitor,
            book(
                "k4",
                &start(5, 2).replace(":00:00", ":07:00"),
                "Off the step",
            ),
        ),
        step(&visitor, book("k5", "2020-01-01T00:00:00Z", "Past")),
        step(&visitor, book("k6", &start(5, 2), "")),
        step(&owner, book("k7", &start(5, 2), "Kim Ōtsuka 大塚 🕶")),
        step(&owner, json!({ "list_bookings": {} })),
        step(
            &owner,
            json!({ "list_bookings": { "from": start(5, 0), "to": start(6, 0) } }),
        ),
        step(&visitor, json!({ "list_bookings": {} })),
    ]
}

fn changing() -> Vec<Step> {
    let owner = owner();
    let booker = json!({ "booker": { "booking": "<fresh 2>", "client": "c1" } });
    let open = json!({ "offer_moves": {
        "id": "<fresh 2>", "from": date(4), "to": date(6), "zone": ZONE } });
    let moved = |key: &str, start: &str| json!({ "reschedule": { "idempotency_key": key, "id": "<fresh 2>", "to": { "start": start, "zone": ZONE } } });
    vec![
        step(&booker, json!({ "get_booking": { "id": "<fresh 2>" } })),
        step(&booker, json!({ "get_booking": { "id": "<fresh 3>" } })),
        step(&booker, open.clone()),
        Step {
            form: Form::Body,
            ..step(&booker, open)
        },
        step(&booker, moved("m1", &start(5, 4))),
        step(&booker, moved("m1", &start(5, 4))),
        step(&booker, moved("m2", &start(5, 2))),
        step(&owner, json!({ "get_booking": { "id": "<fresh 2>" } })),
        step(&booker, json!({ "export_booking": { "id": "<fresh 2>" } })),
        step(&owner, json!({ "export": { "after": null } })),
        step(&owner, json!({ "export": { "after": "nowhere" } })),
        step(&booker, json!({ "cancel": { "id": "<fresh 2>" } })),
        step(&booker, json!({ "cancel": { "id": "<fresh 2>" } })),
        step(&booker, moved("m3", &start(5, 6))),
        step(&owner, json!({ "list_bookings": {} })),
        step(
            &visitor(),
            json!({ "offer_slots": {
            "service": "eyes", "from": date(3), "to": date(6), "zone": ZONE } }),
        ),
    ]
}

fn taking_down() -> Vec<Step> {
    let owner = owner();
    [
        json!({ "delete_service": { "id": "eyes" } }),
        json!({ "delete_host": { "id": "mia" } }),
        json!({ "delete_resource": { "id": "room" } }),
        json!({ "delete_schedule": { "id": "always" } }),
        json!({ "cancel": { "id": "<fresh 3>" } }),
        json!({ "cancel": { "id": "<fresh 4>" } }),
        json!({ "delete_service": { "id": "eyes" } }),
        json!({ "delete_host": { "id": "mia" } }),
        json!({ "delete_resource": { "id": "room" } }),
        json!({ "delete_schedule": { "id": "always" } }),
        json!({ "delete_field": { "id": "phone" } }),
        json!({ "delete_field": { "id": "phone" } }),
        json!({ "list_bookings": {} }),
        json!({ "list_erasures": { "after": null } }),
        json!({ "list_erasures": { "after": "nowhere" } }),
        json!({ "erase_booker": { "id": "<fresh 3>" } }),
        json!({ "erase_booker": { "id": "<fresh 3>" } }),
        json!({ "erase_person": { "erasure": { "email": "AMAL@example.com" } } }),
        json!({ "erase_person": { "erasure": { "email": "nobody@example.com" } } }),
        json!({ "list_bookings": {} }),
        json!("list_services"),
    ]
    .into_iter()
    .map(|command| step(&owner, command))
    .collect()
}
