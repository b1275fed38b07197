//! One answer for each idempotency key.

use serde_json::json;
use slotstead_tenant::{Answer, Command, Refusal, Reply};

use crate::kit::{
    World, book, book_with, booking, consult, new_booking, owner, slug, visitor, with, wrong,
};

fn is_taken(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::SlotTaken { .. }))
}

#[test]
fn a_key_gives_its_first_answer_whatever_happens_in_between() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let first = world.booked("k1", start);
    world.cancel(&first.id).unwrap();
    world.pass(3_600);
    world.own(Command::DeleteService {
        id: slug("consult"),
    });
    match world.book("k1", start) {
        Ok(Reply::Booking {
            booking,
            replayed: true,
            ..
        }) => assert_eq!(*booking, first),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.bookings().len(), 1);
}

#[test]
fn a_retry_that_could_be_booked_a_second_time_takes_no_second_seat() {
    let mut world = World::demo();
    let seats = with(consult(), json!({ "seats": 3 }));
    world.put_service("consult", &seats);
    let start = "2027-03-01T12:00:00+01:00";
    let first = world.booked("k1", start);
    let tables = ["bookings", "ledger", "counters", "effects", "idempotency"];
    let rows = |world: &World| tables.map(|table| world.sql(&format!("SELECT * FROM {table}")));
    let before = rows(&world);
    assert_eq!(booking(world.book("k1", start)), first);
    assert_eq!(rows(&world), before);
    world.booked("k2", start);
}

#[test]
fn a_key_of_another_request_is_refused_and_another_actor_has_keys_of_its_own() {
    let mut world = World::demo();
    world.booked("k1", "2027-03-01T12:00:00+01:00");
    let other = world.book("k1", "2027-03-01T13:00:00+01:00");
    assert_eq!(other, Err(Refusal::IdempotencyKeyReused));
    booking(world.ask(&owner(), book("k1", "2027-03-01T13:00:00+01:00", None)));
    assert_eq!(world.bookings().len(), 2);
}

#[test]
fn a_refused_slot_is_the_keys_answer_too() {
    let mut world = World::demo();
    let (taken, off) = ("2027-03-01T12:00:00+01:00", "2027-03-01T12:10:00+01:00");
    let first = world.booked("k1", taken);
    let refused = world.book("k2", taken);
    let not_offered = world.book("k3", off);
    world.cancel(&first.id).unwrap();
    assert_eq!(world.book("k2", taken), refused);
    assert_eq!(world.book("k3", off), not_offered);
    assert_eq!(world.book("k2", off), Err(Refusal::IdempotencyKeyReused));
    world.booked("k4", taken);
}

#[test]
fn what_was_wrong_can_be_put_right_under_the_same_key() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let bad = with(new_booking(start, None), json!({ "email": "amal@example" }));
    assert_eq!(
        wrong(world.ask(&visitor(), book_with("k1", bad))),
        ["email"]
    );
    world.booked("k1", start);
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let mut world = World::demo();
    let start = "2027-03-03T12:00:00+01:00";
    let first = world.booked("k1", start);
    world.pass(86_399);
    assert_eq!(booking(world.book("k1", start)), first);
    world.pass(1);
    assert!(is_taken(&world.book("k1", start)));
    // Old keys do not pile up.
    for number in 0..30 {
        world.book(&format!("old{number}"), start).unwrap_err();
    }
    world.pass(86_400 + 3_600);
    world.take_all();
    assert!(world.sql("SELECT 1 FROM idempotency").is_empty());
}

#[test]
fn long_texts_and_keys_are_refused() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let long = with(new_booking(start, None), json!({ "name": "ø".repeat(121) }));
    assert_eq!(
        wrong(world.ask(&visitor(), book_with("k1", long))),
        ["name"]
    );
    for key in [
        String::new(),
        "k".repeat(129),
        "a key".to_owned(),
        "nøkkel".to_owned(),
    ] {
        assert_eq!(wrong(world.book(&key, start)), ["Idempotency-Key"]);
    }
    let most = with(new_booking(start, None), json!({ "name": "ø".repeat(120) }));
    booking(world.ask(&visitor(), book_with(&"k".repeat(128), most)));
}
