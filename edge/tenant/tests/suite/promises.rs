//! What a hold promises while the owner changes what it was made of, and what it does not.

use serde_json::{Value as Json, json};
use slotstead_tenant::{Answer, Command, Refusal};

use crate::kit::{
    World, book_with, booking, consult, held, new_booking, slug, visitor, wire, with,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";
const HALF_PAST: &str = "2027-03-01T12:30:00+01:00";

fn close_the_day(world: &mut World) {
    world.own(Command::PutOverride {
        schedule: slug("weekdays"),
        date: slug("2027-03-01"),
        value: wire(json!({ "spans": [] })),
    });
}

fn put(world: &mut World, service: &str, members: Json) {
    world.put_service(service, &with(consult(), members));
}

fn is_refused(answer: &Answer) -> bool {
    matches!(
        answer,
        Err(Refusal::SlotTaken { .. } | Refusal::SlotNotOffered { .. })
    )
}

#[test]
fn it_promises_its_own_service_and_start_only() {
    let mut world = World::demo();
    put(&mut world, "other", json!({}));
    let hold = held(world.hold("consult", NOON, "s1"));
    close_the_day(&mut world);
    let mut book = |key, start, service| {
        let wanted = with(
            new_booking(start, Some(&hold.id)),
            json!({ "service": service }),
        );
        world.ask(&visitor(), book_with(key, wanted))
    };
    assert!(is_refused(&book("k1", NOON, "other")));
    assert!(is_refused(&book("k2", HALF_PAST, "consult")));
    booking(book("k3", NOON, "consult"));
}

#[test]
fn a_place_in_a_class_is_kept_beside_others() {
    let mut world = World::demo();
    put(&mut world, "consult", json!({ "seats": 2 }));
    world.booked("k1", NOON);
    let hold = held(world.hold("consult", NOON, "s1"));
    close_the_day(&mut world);
    let wanted = new_booking(NOON, Some(&hold.id));
    booking(world.ask(&visitor(), book_with("k2", wanted)));
}

#[test]
fn a_place_that_the_class_no_longer_has_is_refused_and_no_error() {
    let mut world = World::demo();
    put(&mut world, "consult", json!({ "seats": 2 }));
    world.booked("k1", NOON);
    let hold = held(world.hold("consult", NOON, "s1"));
    put(&mut world, "consult", json!({ "seats": 1 }));
    let wanted = new_booking(NOON, Some(&hold.id));
    let answer = world.ask(&visitor(), book_with("k2", wanted));
    assert!(is_refused(&answer), "{answer:?}");
}

#[test]
fn a_host_who_left_the_service_does_not_come() {
    let mut world = World::demo();
    let hosts = json!({ "hosts": ["ingrid", "amal"] });
    put(&mut world, "consult", hosts);
    let hold = held(world.hold("consult", NOON, "s1"));
    put(&mut world, "consult", json!({ "hosts": ["amal"] }));
    let wanted = new_booking(NOON, Some(&hold.id));
    let made = booking(world.ask(&visitor(), book_with("k1", wanted)));
    assert_eq!(made.host.as_str(), "amal");
}

#[test]
fn what_is_held_for_a_deleted_service_is_free_for_another() {
    let mut world = World::demo();
    put(&mut world, "other", json!({}));
    held(world.hold("consult", NOON, "s1"));
    assert!(!world.offers("other", NOON));
    world.own(Command::DeleteService {
        id: slug("consult"),
    });
    assert!(world.offers("other", NOON));
}
