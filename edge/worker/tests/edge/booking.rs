//! The booker's way through the edge.

use serde_json::json;
use slotstead_worker::region::RegionError;

use crate::kit::{NOW, ORIGIN, OWN_ORIGIN, Owner, World, bearer, from, get, post};

const NINE: &str = "2027-03-02T09:00:00+01:00";
const TEN: &str = "2027-03-02T10:00:00+01:00";
const WEEK_LATER: &str = "2027-03-09T09:00:00+01:00";

#[test]
fn from_a_session_to_a_booking_and_back() {
    let world = World::new();
    let owner = world.tenant("us");
    let page = owner.page();
    let slots = page
        .get("slots?service=cut&from=2027-03-02&to=2027-03-03&zone=Europe%2FOslo")
        .expect(200);
    assert_eq!(slots.body["days"][0]["slots"].as_array().unwrap().len(), 4);

    let hold = json!({ "service": "cut", "start": NINE, "zone": "Europe/Oslo" });
    let hold = page.send(post(&owner.path("holds"), &hold)).expect(201);
    let mut confirm = crate::kit::booking(NINE);
    confirm["hold"] = hold.body["id"].clone();
    let mut request = post(&owner.path("bookings"), &confirm);
    request
        .headers
        .push(("idempotency-key".into(), "first".into()));
    let booked = page.send(request.clone()).expect(201);
    assert_eq!(booked.header("idempotency-replayed"), None);
    let again = page.send(request).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body["id"], booked.body["id"]);

    let taken = owner.page().book(NINE, "second").problem(409, "slot-taken");
    let alternatives = taken.body["alternatives"].as_array().unwrap();
    let offered = |start: &str| alternatives.iter().any(|slot| slot["start"] == start);
    assert!(
        offered("2027-03-02T09:30:00+01:00") && !offered(NINE),
        "{alternatives:?}"
    );

    let file = booked.text("calendar_file");
    assert!(
        file.contains(&format!("UID:{}@slotstead\r\n", booked.text("id"))),
        "{file}"
    );
    assert!(file.contains("DTSTART:20270302T080000Z\r\n"), "{file}");
    assert!(file.contains("SUMMARY:Cut – Fjord Hair\r\n"), "{file}");
    let (page_url, capability) = booked
        .text("manage_url")
        .split_once('#')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(page_url, format!("{OWN_ORIGIN}/manage/{}", owner.tenant));
    assert_eq!(capability, booked.text("capability"));
}

#[test]
fn a_booker_moves_and_cancels_with_the_capability_alone() {
    let world = World::new();
    let owner = world.tenant("eu");
    let booked = owner.page().book(NINE, "k").expect(201);
    let (id, capability) = (booked.text("id"), booked.text("capability"));
    let at = |rest: &str| owner.path(&format!("bookings/{id}{rest}"));
    world.send(&bearer(get(&at("")), &capability)).expect(200);

    let mut moved = bearer(
        post(
            &at("/reschedule"),
            &json!({ "start": TEN, "zone": "Europe/London" }),
        ),
        &capability,
    );
    world.send(&moved).problem(400, "invalid-request");
    moved
        .headers
        .push(("idempotency-key".into(), "move".into()));
    let moved = world.send(&moved).expect(200);
    assert_eq!(moved.body["start"], "2027-03-02T09:00:00+00:00");
    assert_eq!(moved.body["sequence"], 1);

    let cancelled = world
        .send(&bearer(
            post(&at("/cancel"), &json!({})),
            &moved.text("capability"),
        ))
        .expect(200);
    assert_eq!(cancelled.body["status"], "cancelled");
    assert!(
        cancelled
            .text("calendar_file")
            .contains("STATUS:CANCELLED\r\n")
    );
    owner.page().book(TEN, "free-again").expect(201);
    assert_eq!(
        owner.get("bookings").expect(200).body["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_capability_changes_nothing_once_the_booking_has_started() {
    let world = World::new();
    let owner = world.tenant("eu");
    let booked = owner.page().book(NINE, "k").expect(201);
    let path = owner.path(&format!("bookings/{}", booked.text("id")));
    world.regions.now.set(NOW + 26 * 3_600);
    let capability = booked.text("capability");
    world
        .send(&bearer(get(&path), &capability))
        .problem(401, "token-expired");
    // What is stored of it stays its booker's to read and to have erased.
    let export = bearer(get(&format!("{path}/export")), &capability);
    world.send(&export).expect(200);
    let erase = bearer(post(&format!("{path}/erase"), &json!({})), &capability);
    world.send(&erase).expect(202);
    world.send(&export).problem(404, "not-found");
}

#[test]
fn a_capability_follows_its_booking_when_the_owner_moves_it() {
    let world = World::new();
    let owner = world.tenant("eu");
    let booked = owner.page().book(NINE, "k").expect(201);
    let path = owner.path(&format!("bookings/{}", booked.text("id")));
    let capability = booked.text("capability");
    let later = json!({ "start": WEEK_LATER, "zone": "Europe/Oslo" });
    let mut moved = bearer(post(&format!("{path}/reschedule"), &later), &owner.token);
    moved
        .headers
        .push(("idempotency-key".into(), "move".into()));
    world.send(&moved).expect(200);

    // The day after the first start.
    world.regions.now.set(NOW + 2 * 86_400);
    let read = world.send(&bearer(get(&path), &capability)).expect(200);
    assert_eq!(read.body["start"], WEEK_LATER);
    assert_eq!(read.body["can_change"], true);
    let cancel = bearer(post(&format!("{path}/cancel"), &json!({})), &capability);
    world.send(&cancel).expect(200);

    world.regions.now.set(NOW + 9 * 86_400);
    for request in [cancel, bearer(get(&path), &capability)] {
        world.send(&request).problem(401, "token-expired");
    }
}

#[test]
fn the_idempotency_key_is_asked_for_and_checked() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    for key in ["", " ", "a b", "ø", &"k".repeat(129)] {
        let read = page.book(NINE, key).problem(422, "invalid-field");
        assert_eq!(read.body["errors"][0]["field"], "Idempotency-Key");
    }
    page.book(NINE, &"k".repeat(128)).expect(201);
    let reused = page
        .book(TEN, &"k".repeat(128))
        .problem(422, "idempotency-key-reused");
    assert_eq!(reused.body["errors"][0]["field"], "Idempotency-Key");
}

/// The worst moment for a connection to break: the booking is made, the answer is lost. The retry
/// with the same key gets the booking, and there is one.
#[test]
fn a_lost_answer_is_found_again_with_the_same_key() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    *world.regions.lost.borrow_mut() = Some(RegionError::TimedOut);
    let lost = page.book(NINE, "k").problem(503, "region-unavailable");
    assert!(lost.text("detail").contains("same idempotency key"));
    assert!(!lost.text("detail").contains("Nothing was"));
    assert!(lost.header("retry-after").is_some());
    assert_eq!(lost.header("access-control-allow-origin"), Some(ORIGIN));
    *world.regions.lost.borrow_mut() = None;
    let found = page.book(NINE, "k").expect(201);
    assert_eq!(found.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        owner.get("bookings").expect(200).body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn canberra_takes_tenants_where_there_is_a_region_server() {
    let world = World::with(&[("REGION_CBR_ORIGIN", "https://cbr.example")]);
    let owner = world.tenant("cbr");
    assert!(owner.tenant.starts_with("cbr_"));
    let page = owner.page();
    page.book(NINE, "a").expect(201);
    page.book(NINE, "b").problem(409, "slot-taken");
}

#[test]
fn canberra_is_closed_without_a_region_server_and_nothing_goes_elsewhere() {
    let world = World::new();
    let sign_up = post("/v1/tenants", &json!({ "name": "A", "region": "cbr" }));
    let refused = world
        .send(&bearer(sign_up, crate::kit::OPERATOR_KEY))
        .problem(422, "invalid-field");
    assert_eq!(refused.body["errors"][0]["field"], "region");
    assert_eq!(
        refused.text("detail"),
        "`region` is not right: This edge has no region server in Canberra; choose us or eu. Nothing was changed."
    );

    let tenant = world
        .edge
        .config
        .id_key
        .new_tenant(slotstead_shared::Region::Cbr, [1; 16]);
    let owner = Owner {
        world: &world,
        tenant: tenant.to_string(),
        token: String::new(),
    };
    let session = from(post(&owner.path("sessions"), &json!({})), ORIGIN);
    let away = world.send(&session).problem(503, "region-unavailable");
    assert!(away.text("detail").contains("Nothing was changed"));
}

#[test]
fn too_many_bookings_are_slowed_down_and_the_page_can_tell() {
    let world = World::with(&[(
        "RATE_LIMITS",
        r#"{"bookings_per_minute":1,"sessions_per_minute":2}"#,
    )]);
    let owner = world.tenant("eu");
    let page = owner.page();
    page.book(NINE, "a").expect(201);
    let slow = page.book(TEN, "b").problem(429, "rate-limited");
    assert_eq!(slow.header("access-control-allow-origin"), Some(ORIGIN));
    assert!(slow.header("retry-after").is_some());
    owner.page();
    let session = from(post(&owner.path("sessions"), &json!({})), ORIGIN);
    let slow = world.send(&session).problem(429, "rate-limited");
    assert_eq!(slow.header("access-control-allow-origin"), Some(ORIGIN));
}
