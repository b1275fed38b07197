//! A store that was restored: whoever was erased since is erased again.

use serde_json::json;
use slotstead_shared::wire::BookingStatus;
use slotstead_tenant::{Actor, Command, Reply, store::Value};

use crate::kit::{World, book_with, booking, new_booking, owner, settings, visitor, wire, with};

const NOON: &str = "2027-03-02T12:00:00+01:00";
const LATER: &str = "2027-03-02T14:00:00+01:00";

fn tell(world: &mut World) {
    let told = world.ask(&Actor::RegionHost, Command::CheckKeys);
    assert_eq!(told, Ok(Reply::Done));
}

/// Two bookings of Amal, one of them over, and one of somebody else; then Amal is erased, and the store restored
/// to before that.
fn restored() -> World {
    let mut world = World::demo();
    world.booked("k1", "2027-03-01T12:00:00+01:00");
    world.pass(86_400);
    world.booked("k2", NOON);
    let other = with(
        new_booking(LATER, None),
        json!({ "email": "bo@example.com", "name": "Bo" }),
    );
    booking(world.ask(&visitor(), book_with("k3", other)));
    world.save();
    let erasure = wire(json!({ "email": "amal@example.com" }));
    world
        .ask(&owner(), Command::ErasePerson { erasure })
        .unwrap();
    world.take();
    world.restore(settings());
    world
}

fn of_amal(world: &World) -> usize {
    world
        .sql("SELECT 1 FROM bookings WHERE booker IS NOT NULL OR person IS NOT NULL")
        .len()
}

#[test]
fn whoever_was_erased_since_is_erased_again_and_their_time_is_free() {
    let mut world = restored();
    assert!(!world.offers("consult", NOON), "the booking stands again");
    tell(&mut world);
    assert_eq!(world.next_due(), Some(world.now));
    world.take();
    let states: Vec<_> = world
        .bookings()
        .into_iter()
        .map(|booking| (booking.status, booking.erased, booking.name))
        .collect();
    let erased = String::new();
    assert_eq!(
        states,
        [
            (BookingStatus::Confirmed, true, erased.clone()),
            (BookingStatus::Cancelled, true, erased),
            (BookingStatus::Confirmed, false, "Bo".to_owned()),
        ]
    );
    assert_eq!(of_amal(&world), 1, "nothing is left but of Bo");
    assert!(world.offers("consult", NOON) && !world.offers("consult", LATER));
    let sequences = |world: &World| world.sql("SELECT sequence FROM bookings ORDER BY booking_id");
    let before = sequences(&world);
    tell(&mut world);
    world.take();
    let after = sequences(&world);
    assert_eq!(before, after, "once is enough");
    assert_eq!(world.sql("SELECT 1 FROM effects"), Vec::<Vec<Value>>::new());
}

#[test]
fn while_the_vault_is_away_it_waits() {
    let mut world = restored();
    tell(&mut world);
    world.vault.away.set(true);
    world.take();
    assert_eq!(of_amal(&world), 3);
    world.vault.away.set(false);
    world.pass(30);
    world.take();
    assert_eq!(of_amal(&world), 1);
}

#[test]
fn nobody_but_the_region_host_says_so_and_a_new_tenant_has_nothing_to_look_at() {
    let mut world = World::demo();
    for actor in [owner(), visitor(), Actor::Operator] {
        assert!(world.ask(&actor, Command::CheckKeys).is_err(), "{actor:?}");
    }
    tell(&mut world);
    assert_eq!(world.sql("SELECT 1 FROM effects"), Vec::<Vec<Value>>::new());
}
