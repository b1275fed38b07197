//! Holding slots, and confirming what is held.

use serde_json::json;
use slotstead_shared::Reason;
use slotstead_tenant::{Actor, Answer, Command, Refusal};

use crate::kit::{
    ORIGIN, World, at, book, book_with, booking, consult, held, is_conflict, is_missing,
    new_booking, settings, slug, visitor, wire, with,
};

fn is_taken(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::SlotTaken { .. }))
}

#[test]
fn a_hold_keeps_its_slot_for_ten_minutes() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let hold = held(world.hold("consult", start, "s1"));
    assert_eq!(
        (hold.start.to_string(), hold.expires_in_seconds),
        (start.to_owned(), 600)
    );
    assert_eq!(hold.expires_at.unix_seconds(), world.now + 600);
    assert!(!world.offers("consult", start));
    assert!(is_taken(&world.hold("consult", start, "s2")));
    assert!(is_taken(&world.book("k1", start)));
    world.pass(599);
    assert!(!world.offers("consult", start));
    world.pass(1);
    assert!(world.offers("consult", start));
    world.booked("k2", start);
}

#[test]
fn a_hold_is_confirmed_by_whoever_has_its_id() {
    let mut world = World::demo();
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "amal"] })),
    );
    let start = "2027-03-01T12:00:00+01:00";
    held(world.hold("consult", start, "s1"));
    let second = held(world.hold("consult", start, "s2"));
    // The second hold keeps the second host.
    let booking_of_second = booking(world.ask(&visitor(), book("k1", start, Some(&second.id))));
    assert_eq!(booking_of_second.host.as_str(), "amal");
    // It is gone with the booking.
    let release = Command::ReleaseHold { id: second.id };
    assert!(is_missing(&world.ask(&visitor(), release)));
    assert!(is_taken(&world.book("k2", start)));
}

#[test]
fn a_retry_of_a_hold_finds_the_first() {
    let mut world = World::demo();
    let first = held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    world.pass(60);
    let again = held(world.hold("consult", "2027-03-01T11:00:00Z", "s1"));
    assert_eq!((again.id, again.expires_in_seconds), (first.id, 540));
}

#[test]
fn a_hold_is_not_the_answer_to_a_wish_for_another_duration() {
    let mut world = World::demo();
    let long = |after: u32| {
        let rules = json!({ "other_durations_minutes": [45], "buffer_after_minutes": after });
        with(consult(), rules)
    };
    world.put_service("consult", &long(15));
    let start = "2027-03-01T12:00:00+01:00";
    held(world.hold("consult", start, "s1"));
    // Three quarters of an hour without a buffer take as long as half an hour with one.
    world.put_service("consult", &long(0));
    let hold = wire(json!({
        "service": "consult", "start": start, "zone": "Europe/Oslo", "duration_minutes": 45,
    }));
    let session = "s1".to_owned();
    let answer = world.ask(&visitor(), Command::PlaceHold { hold, session });
    assert!(is_taken(&answer), "{answer:?}");
}

#[test]
fn a_session_keeps_three_times_at_most() {
    let mut world = World::demo();
    let hold = |world: &mut World, hour: u32, session: &str| {
        world.hold(
            "consult",
            &format!("2027-03-01T{hour}:00:00+01:00"),
            session,
        )
    };
    let first = held(hold(&mut world, 10, "s1"));
    held(hold(&mut world, 11, "s1"));
    held(hold(&mut world, 12, "s1"));
    assert!(is_conflict(&hold(&mut world, 13, "s1")));
    held(hold(&mut world, 13, "s2"));
    world
        .ask(&visitor(), Command::ReleaseHold { id: first.id })
        .unwrap();
    held(hold(&mut world, 10, "s1"));
    world.pass(600);
    held(hold(&mut world, 14, "s1"));
}

#[test]
fn a_client_with_many_sessions_keeps_only_so_many_times() {
    let mut few = settings();
    few.rates.live_holds = 2;
    let mut world = World::demo_with(few);
    let client = |client: &str| Actor::Visitor {
        origin: ORIGIN.to_owned(),
        client: client.to_owned(),
    };
    let place = |world: &mut World, from: &str, hour: u32| {
        let start = format!("2027-03-01T{hour}:00:00+01:00");
        let hold = json!({ "service": "consult", "start": start, "zone": "Europe/Oslo" });
        let command = Command::PlaceHold {
            hold: wire(hold),
            session: format!("s{hour}"),
        };
        world.ask(&client(from), command)
    };
    let first = held(place(&mut world, "CANARY", 10));
    held(place(&mut world, "CANARY", 11));
    assert!(is_conflict(&place(&mut world, "CANARY", 12)));
    held(place(&mut world, "other", 12));
    // A retry is given the hold it has.
    held(place(&mut world, "CANARY", 11));
    let release = Command::ReleaseHold { id: first.id };
    world.ask(&visitor(), release).unwrap();
    let kept = held(place(&mut world, "CANARY", 13));
    assert!(is_conflict(&place(&mut world, "CANARY", 14)));
    world.pass(600);
    held(place(&mut world, "CANARY", 14));
    let last = held(place(&mut world, "CANARY", 15));
    // Once its holds are confirmed or have lapsed, the client stays with the one answer to its key, for a day.
    let confirm = book("k1", "2027-03-01T15:00:00+01:00", Some(&last.id));
    booking(world.ask(&client("CANARY"), confirm));
    world.pass(3_600);
    world.take_all();
    world
        .ask(
            &visitor(),
            book("k2", "2027-03-01T13:00:00+01:00", Some(&kept.id)),
        )
        .unwrap();
    assert_eq!(world.dump().matches("CANARY").count(), 1);
    world.pass(86_400 + 3_600);
    world.take_all();
    assert!(!world.dump().contains("CANARY"));
}

#[test]
fn a_lapsed_hold_books_the_slot_if_it_is_still_free() {
    let mut world = World::demo();
    let (one, other) = ("2027-03-01T12:00:00+01:00", "2027-03-01T13:00:00+01:00");
    let hold = held(world.hold("consult", one, "s1"));
    let lost = held(world.hold("consult", other, "s1"));
    world.pass(600);
    booking(world.ask(&visitor(), book("k1", one, Some(&hold.id))));
    world.booked("k2", other);
    assert!(is_taken(
        &world.ask(&visitor(), book("k3", other, Some(&lost.id)))
    ));
}

#[test]
fn a_hold_on_one_slot_does_not_block_its_booker_from_another() {
    let mut world = World::demo();
    let service = with(consult(), json!({ "duration_minutes": 60 }));
    world.put_service("consult", &service);
    let hold = held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    booking(world.ask(
        &visitor(),
        book("k1", "2027-03-01T12:30:00+01:00", Some(&hold.id)),
    ));
    assert!(world.offers("consult", "2027-03-01T11:30:00+01:00"));
}

#[test]
fn a_hold_is_kept_whatever_the_owner_changes_and_lost_to_a_calendar() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let hold = held(world.hold("consult", start, "s1"));
    let closed = wire(json!({ "spans": [] }));
    let date = slug("2027-03-01");
    world.own(Command::PutOverride {
        schedule: slug("weekdays"),
        date,
        value: closed,
    });
    assert!(!world.offers("consult", "2027-03-01T13:00:00+01:00"));
    booking(world.ask(&visitor(), book("k1", start, Some(&hold.id))));

    let start = "2027-03-02T12:00:00+01:00";
    let hold = held(world.hold("consult", start, "s1"));
    world.put_feed("private", "ingrid");
    assert!(
        is_taken(&world.ask(&visitor(), book("k2", start, Some(&hold.id)))),
        "unknown is busy"
    );
}

#[test]
fn a_hold_that_is_confirmed_after_its_start_comes_too_late() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    world.now = at(start) - 60;
    let hold = held(world.hold("consult", start, "s1"));
    world.pass(61);
    let answer = world.ask(&visitor(), book("k1", start, Some(&hold.id)));
    assert!(matches!(
        answer,
        Err(Refusal::SlotNotOffered {
            reason: Reason::Past,
            ..
        })
    ));
    world.pass(-1);
    booking(world.ask(&visitor(), book("k2", start, Some(&hold.id))));
}

#[test]
fn a_hold_of_one_service_is_no_hold_of_another() {
    let mut world = World::demo();
    world.put_service("other", &consult());
    let start = "2027-03-01T12:00:00+01:00";
    let hold = held(world.hold("consult", start, "s1"));
    assert!(is_taken(&world.hold("other", start, "s1")));
    // Its id still opens the way for a booking of the other service.
    let other = with(
        new_booking(start, Some(&hold.id)),
        json!({ "service": "other" }),
    );
    booking(world.ask(&visitor(), book_with("k1", other)));
}
