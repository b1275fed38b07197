//! What is kept for a time goes when the time is over, also where nobody asks for anything.

use slotstead_shared::limits::{HOLD_SECONDS, IDEMPOTENCY_SECONDS};

use crate::kit::{World, calendar, held};

const HOUR: i64 = 3_600;

fn holds(world: &World) -> usize {
    world
        .sql("SELECT client FROM ledger WHERE kind = 'hold'")
        .len()
}

fn answers(world: &World) -> usize {
    world.sql("SELECT answer FROM idempotency").len()
}

/// The region host's timer, until nothing is due; how often it had to call.
fn ring(world: &mut World) -> u32 {
    let mut calls = 0;
    while world.next_due().is_some_and(|due| due <= world.now) {
        assert!(world.take().is_empty());
        calls += 1;
        assert!(calls < 9, "what is due is never done");
    }
    calls
}

#[test]
fn the_timer_of_a_quiet_tenant_sweeps_lapsed_holds_and_old_answers() {
    let mut world = World::demo();
    assert_eq!(world.next_due(), None);
    held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    world.booked("k1", "2027-03-01T14:00:00+01:00");
    let lapses = world.now + HOLD_SECONDS;
    let forgotten = world.now + IDEMPOTENCY_SECONDS;

    let due = world.next_due().unwrap();
    assert!((lapses..lapses + HOUR).contains(&due), "{}", due - lapses);
    world.now = due - 1;
    world.take();
    assert_eq!((holds(&world), answers(&world)), (1, 1));
    world.now = due;
    assert_eq!(ring(&mut world), 1);
    assert_eq!((holds(&world), answers(&world)), (0, 1));

    let due = world.next_due().unwrap();
    assert!((forgotten..forgotten + HOUR).contains(&due));
    world.now = due;
    assert_eq!(ring(&mut world), 1);
    assert_eq!(answers(&world), 0);
    // The booking itself stays, and there is nothing more to do.
    assert_eq!(world.sql("SELECT kind FROM ledger").len(), 1);
    assert_eq!(world.next_due(), None);
}

#[test]
fn a_hold_that_is_released_in_time_leaves_the_alarm_where_it_is() {
    let mut world = World::demo();
    let first = held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    held(world.hold("consult", "2027-03-01T14:00:00+01:00", "s2"));
    let due = world.next_due();
    let release = slotstead_tenant::Command::ReleaseHold { id: first.id };
    world.ask(&crate::kit::visitor(), release).unwrap();
    assert_eq!(world.next_due(), due);
}

#[test]
fn a_sweep_that_finds_nothing_left_is_the_last() {
    let mut world = World::demo();
    let hold = held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    let release = slotstead_tenant::Command::ReleaseHold { id: hold.id };
    world.ask(&crate::kit::visitor(), release).unwrap();
    world.now = world.next_due().unwrap();
    assert_eq!(ring(&mut world), 1);
    assert_eq!(world.next_due(), None);
    // And what comes after it is due again.
    world.booked("k1", "2027-03-01T14:00:00+01:00");
    assert!(world.next_due().is_some());
}

#[test]
fn more_than_one_sweep_takes_is_swept_in_several() {
    let mut world = World::demo();
    let starts = world.starts("consult");
    for (number, start) in starts.iter().take(60).enumerate() {
        held(world.hold("consult", start, &format!("s{number}")));
    }
    assert_eq!(holds(&world), 60);
    world.now = world.next_due().unwrap();
    assert_eq!(ring(&mut world), 2);
    assert_eq!(holds(&world), 0);
}

#[test]
fn a_feed_that_is_due_sooner_is_due_sooner() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    world.read_feed(&calendar(&[]));
    let due = world.next_due();
    held(world.hold("consult", "2027-03-01T12:00:00+01:00", "s1"));
    assert_eq!(world.next_due(), due);
}
