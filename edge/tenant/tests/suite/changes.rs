//! Cancelling and rescheduling bookings.

use serde_json::json;
use slotstead_shared::wire::BookingStatus;
use slotstead_tenant::{Command, Refusal, Reply};

use crate::kit::{
    World, alternatives, booker, booking, consult, is_missing, moves, owner, reschedule, starts,
    with,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";

#[test]
fn a_cancelled_booking_frees_its_time_and_stays_on_record() {
    let mut world = World::demo();
    let first = world.booked("k1", NOON);
    let cancelled = booking(world.cancel(&first.id));
    assert_eq!(cancelled.status, BookingStatus::Cancelled);
    assert_eq!((cancelled.sequence, cancelled.can_change), (1, false));
    assert!(world.offers("consult", NOON));
    // A retry is told the same, also after the start.
    assert_eq!(booking(world.cancel(&first.id)), cancelled);
    world.booked("k2", NOON);
    world.pass(86_400);
    assert_eq!(booking(world.cancel(&first.id)), cancelled);
    assert_eq!(world.bookings().len(), 2);
}

#[test]
fn what_a_booking_can_move_to_is_what_is_accepted() {
    let mut world = World::demo();
    let service = json!({
        "duration_minutes": 60, "slot_step_minutes": 30, "limits": [{ "per": "day", "bookings": 1 }],
    });
    world.put_service("consult", &with(consult(), service));
    let made = world.booked("k1", NOON);
    let later = "2027-03-01T12:30:00+01:00";
    assert!(
        !world.offers("consult", later),
        "another booker would be one too many"
    );
    let ask = moves(&made.id, "2027-03-01", "2027-03-02");
    let Ok(Reply::Slots(slots)) = world.ask(&booker(&made.id), ask.clone()) else {
        panic!()
    };
    let offered = starts(&slots);
    assert!(offered.iter().any(|start| start == later), "{offered:?}");
    assert!(!offered.iter().any(|start| start == NOON), "{offered:?}");
    let mut sequence = 0;
    for start in offered {
        let moved = booking(world.reschedule(&format!("to-{start}"), &made.id, &start));
        sequence += 1;
        assert_eq!((moved.start.to_string(), moved.sequence), (start, sequence));
    }
    // Nothing is free on a Sunday: the next free slot is of the day that the limit closes to others.
    let sunday = moves(&made.id, "2027-02-28", "2027-03-01");
    let Ok(Reply::Slots(slots)) = world.ask(&booker(&made.id), sunday) else {
        panic!()
    };
    let next = slots.next_free.as_ref().unwrap().start.to_string();
    assert!(next.starts_with("2027-03-01"), "{next}");
    booking(world.cancel(&made.id));
    assert_eq!(
        world.ask(&booker(&made.id), ask),
        Err(Refusal::BookingClosed)
    );
}

#[test]
fn a_rescheduled_booking_keeps_its_id_and_host_and_raises_its_sequence() {
    let mut world = World::demo();
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "amal"] })),
    );
    world.booked("k1", NOON);
    let second = world.booked("k2", NOON);
    assert_eq!(second.host.as_str(), "amal");
    let moved = booking(world.reschedule("k3", &second.id, "2027-03-01T13:00:00+01:00"));
    assert_eq!(
        (moved.id.clone(), moved.host.as_str()),
        (second.id.clone(), "amal")
    );
    assert_eq!(
        (moved.sequence, moved.start.to_string().as_str()),
        (1, "2027-03-01T13:00:00+01:00")
    );
    assert_eq!(moved.created_at, second.created_at);
    assert!(world.offers("consult", NOON));
    // With its host taken, another one gives it.
    world.put_service("other", &with(consult(), json!({ "hosts": ["amal"] })));
    let other = json!({ "service": "other" });
    let other = with(
        crate::kit::new_booking("2027-03-01T14:00:00+01:00", None),
        other,
    );
    booking(world.ask(&crate::kit::visitor(), crate::kit::book_with("k4", other)));
    let moved = booking(world.reschedule("k5", &second.id, "2027-03-01T14:00:00+01:00"));
    assert_eq!(
        (
            moved.host.as_str(),
            moved.host_name.as_str(),
            moved.sequence
        ),
        ("ingrid", "Ingrid", 2)
    );
    assert_eq!(
        world
            .sql("SELECT 1 FROM booking_changes UNION ALL SELECT 1 FROM bookings")
            .len(),
        5,
        "every state stays on record"
    );
}

#[test]
fn what_is_exported_of_a_booking_has_every_state_it_had_and_the_one_it_is_in() {
    let mut world = World::demo();
    let made = world.now;
    let first = world.booked("k1", NOON);
    let states = |world: &mut World| {
        let export = Command::ExportBooking {
            id: first.id.clone(),
        };
        match world.ask(&owner(), export) {
            Ok(Reply::BookingRecord(record)) => record.changes,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(states(&mut world).len(), 1);
    world.pass(60);
    let moved = booking(world.reschedule("k2", &first.id, "2027-03-01T15:00:00+01:00"));
    world.pass(60);
    booking(world.cancel(&first.id));
    let told: Vec<_> = states(&mut world)
        .into_iter()
        .map(|state| {
            let times = (state.changed_at.unix_seconds() - made, state.start);
            (state.sequence, times, state.status)
        })
        .collect();
    let expected = [
        (0, (0, first.start), BookingStatus::Confirmed),
        (1, (60, moved.start), BookingStatus::Confirmed),
        (2, (120, moved.start), BookingStatus::Cancelled),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_booking_may_move_across_its_own_time() {
    let mut world = World::demo();
    let long = json!({ "duration_minutes": 90, "buffer_before_minutes": 30 });
    world.put_service("consult", &with(consult(), long));
    let first = world.booked("k1", NOON);
    booking(world.reschedule("k2", &first.id, "2027-03-01T12:30:00+01:00"));
    booking(world.reschedule("k3", &first.id, "2027-03-01T11:30:00+01:00"));
}

#[test]
fn a_reschedule_to_a_taken_slot_changes_nothing_and_names_others() {
    let mut world = World::demo();
    world.booked("k1", "2027-03-01T13:00:00+01:00");
    let second = world.booked("k2", NOON);
    let refused = world.reschedule("k3", &second.id, "2027-03-01T13:00:00+01:00");
    assert!(matches!(refused, Err(Refusal::SlotTaken { .. })));
    let nearest = alternatives(refused.clone());
    assert_eq!(nearest.len(), 6);
    assert!(
        !nearest.contains(&NOON.to_owned()),
        "the time it has is no alternative"
    );
    assert_eq!(
        world.reschedule("k3", &second.id, "2027-03-01T13:00:00+01:00"),
        refused
    );
    assert_eq!(world.bookings()[0], second);
}

#[test]
fn a_reschedule_is_done_once_for_each_key() {
    let mut world = World::demo();
    let first = world.booked("k1", NOON);
    let one = "2027-03-01T13:00:00+01:00";
    let moved = booking(world.reschedule("k2", &first.id, one));
    booking(world.reschedule("k3", &first.id, "2027-03-01T14:00:00+01:00"));
    match world.reschedule("k2", &first.id, one) {
        Ok(Reply::Booking {
            booking,
            replayed: true,
            ..
        }) => assert_eq!(*booking, moved),
        other => panic!("{other:?}"),
    }
    let other = world.reschedule("k2", &first.id, "2027-03-01T15:00:00+01:00");
    assert_eq!(other, Err(Refusal::IdempotencyKeyReused));
    assert_eq!(world.bookings()[0].sequence, 2);
}

#[test]
fn what_is_over_or_cancelled_cannot_be_changed() {
    let mut world = World::demo();
    let first = world.booked("k1", NOON);
    let second = world.booked("k2", "2027-03-01T12:30:00+01:00");
    world.cancel(&second.id).unwrap();
    let to = "2027-03-01T14:00:00+01:00";
    assert_eq!(
        world.reschedule("k3", &second.id, to),
        Err(Refusal::BookingClosed)
    );
    world.now = first.start.unix_seconds();
    assert_eq!(
        world.reschedule("k4", &first.id, to),
        Err(Refusal::BookingClosed)
    );
    assert_eq!(world.cancel(&first.id), Err(Refusal::BookingClosed));
    let read = world.ask(
        &booker(&first.id),
        Command::GetBooking {
            id: first.id.clone(),
        },
    );
    assert!(!booking(read).can_change);
}

#[test]
fn a_capability_is_for_one_booking() {
    let mut world = World::demo();
    let first = world.booked("k1", NOON);
    let second = world.booked("k2", "2027-03-01T13:00:00+01:00");
    let (mine, id) = (booker(&first.id), second.id);
    assert!(is_missing(
        &world.ask(&mine, Command::GetBooking { id: id.clone() })
    ));
    assert!(is_missing(
        &world.ask(&mine, Command::Cancel { id: id.clone() })
    ));
    let to = "2027-03-01T14:00:00+01:00";
    assert!(is_missing(&world.ask(&mine, reschedule("k3", &id, to))));
    assert_eq!(
        booking(world.ask(
            &mine,
            Command::GetBooking {
                id: first.id.clone()
            }
        )),
        first
    );
    // The owner may change any.
    booking(world.ask(&owner(), reschedule("k4", &id, to)));
    booking(world.ask(&owner(), Command::Cancel { id }));
}
