//! The tenant's own key is changed while bookings go on, and nothing of theirs is lost on the way.

use serde_json::json;
use slotstead_shared::ids::BookingId;
use slotstead_tenant::{
    Command, Outcome,
    effect::Action,
    host::vault::Vault,
    keyring::{Object, regional::SealingKeys},
};

use crate::kit::{SEALING_KEYS, World, booking, owner, settings, wire};

const NEW: &str = "k2:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
const NOON: &str = "2027-03-02T12:00:00+01:00";
const LATER: &str = "2027-03-02T14:00:00+01:00";
const LAST: &str = "2027-03-03T14:00:00+01:00";

fn keys(text: &str) -> SealingKeys {
    SealingKeys::parse(text).unwrap()
}

/// A member of an object as it lies in the vault.
fn member(world: &World, object: Object, name: &str) -> serde_json::Value {
    let found = world.vault.load(&world.id, &object.name()).unwrap();
    let (bytes, _) = found.unwrap_or_else(|| panic!("no {object:?}"));
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    json[name].clone()
}

fn under(world: &World, page: u32) -> u64 {
    member(world, Object::Page(page), "under").as_u64().unwrap()
}

fn numbers(world: &World) -> Vec<u64> {
    let keys = member(world, Object::Ring, "tenant_keys");
    let keys = keys.as_array().unwrap();
    keys.iter()
        .map(|key| key["number"].as_u64().unwrap())
        .collect()
}

fn name_of(world: &mut World, id: &BookingId) -> String {
    booking(world.ask(&owner(), Command::GetBooking { id: id.clone() })).name
}

/// A booking under the first key; then the regional key is changed, and with it the tenant's.
fn turned() -> (World, BookingId) {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{NEW},{SEALING_KEYS}"));
    assert_eq!(name_of(&mut world, &made.id), "Amal Berg");
    assert_eq!(numbers(&world), [2, 1]);
    assert_eq!(under(&world, 0), 1, "nobody waits for the pages");
    (world, made.id)
}

#[test]
fn pages_follow_and_nobody_notices() {
    let (mut world, first) = turned();
    let second = world.booked("k2", LATER);
    world.take();
    assert_eq!(under(&world, 0), 2);
    world.sealing_keys = keys(NEW);
    for id in [&first, &second.id] {
        world.reopen(settings());
        assert_eq!(name_of(&mut world, id), "Amal Berg");
    }
    // Once is enough: the next booking has nothing looked at again.
    world.booked("k3", LAST);
    assert!(world.sql("SELECT 1 FROM effects").is_empty());
    // The same person is known again: what people are known by is not changed.
    let erasure = wire(json!({ "email": "amal@example.com" }));
    world
        .ask(&owner(), Command::ErasePerson { erasure })
        .unwrap();
    world.take();
    assert!(world.bookings().iter().all(|booking| booking.erased));
}

#[test]
fn a_page_that_nobody_looked_at_opens_under_the_key_it_is_under() {
    let (mut world, first) = turned();
    world.sql("DELETE FROM effects");
    world.reopen(settings());
    world.sealing_keys = keys(NEW);
    assert_eq!(name_of(&mut world, &first), "Amal Berg");
    assert_eq!(under(&world, 0), 1);
}

#[test]
fn a_page_made_ahead_follows_too() {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.carry_out(slotstead_tenant::keyring::KeyTask::Make(1));
    world.carry_out(slotstead_tenant::keyring::KeyTask::Make(2));
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{NEW},{SEALING_KEYS}"));
    name_of(&mut world, &made.id);
    world.booked("k2", LATER);
    // Each finds the one after it.
    for _ in 0..4 {
        world.take();
    }
    assert_eq!(
        [under(&world, 0), under(&world, 1), under(&world, 2)],
        [2, 2, 2]
    );
}

#[test]
fn a_page_made_ahead_after_one_that_could_not_be_made_follows_too() {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.carry_out(slotstead_tenant::keyring::KeyTask::Make(3));
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{NEW},{SEALING_KEYS}"));
    name_of(&mut world, &made.id);
    world.booked("k2", LATER);
    world.take();
    assert_eq!([under(&world, 0), under(&world, 3)], [2, 2]);
}

#[test]
fn who_is_erased_on_the_way_stays_erased_and_an_away_vault_loses_nothing() {
    let (mut world, first) = turned();
    let second = world.booked("k2", LATER);
    let erasure = wire(json!({ "email": "amal@example.com" }));
    world.vault.away.set(true);
    world
        .ask(&owner(), Command::ErasePerson { erasure })
        .unwrap();
    for effect in world.take_all() {
        let Action::Keys(task) = effect.action else {
            panic!("{effect:?}")
        };
        let outcome = world.carry_out(task);
        assert_eq!(outcome, Outcome::KeysFailed, "{task:?}");
        world.settle(&effect, outcome).unwrap();
    }
    world.vault.away.set(false);
    world.pass(60);
    world.take();
    assert_eq!(under(&world, 0), 2);
    let empty = member(&world, Object::Page(0), "keys");
    let empty = empty.as_array().unwrap().iter().filter(|key| key.is_null());
    assert_eq!(empty.count(), 2);
    for id in [first, second.id] {
        assert_eq!(name_of(&mut world, &id), "");
    }
}

#[test]
fn a_store_that_went_back_begins_again() {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.save();
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{NEW},{SEALING_KEYS}"));
    name_of(&mut world, &made.id);
    world.booked("k2", LATER);
    world.take();
    world.restore(settings());
    assert!(
        world.sql("SELECT 1 FROM effects").is_empty(),
        "nothing is left of it"
    );
    assert_eq!(name_of(&mut world, &made.id), "Amal Berg");
    world.booked("k3", LAST);
    world.take();
    assert_eq!(under(&world, 0), 2);
    world.reopen(settings());
    assert_eq!(name_of(&mut world, &made.id), "Amal Berg");
}

#[test]
fn with_every_change_of_the_regional_key_comes_another() {
    let (mut world, first) = turned();
    world.booked("k2", LATER);
    world.take();
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{SEALING_KEYS},{NEW}"));
    assert_eq!(name_of(&mut world, &first), "Amal Berg");
    assert_eq!(numbers(&world), [3, 2, 1]);
    world.booked("k3", LAST);
    world.take();
    assert_eq!(under(&world, 0), 3);
    assert_eq!(name_of(&mut world, &first), "Amal Berg");
}
