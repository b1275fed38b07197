//! The keys are changed by putting a new regional key in front and starting the server again.

use std::{fs, time::Instant};

use serde_json::Value as Json;
use slotstead_shared::wire::Booking;

use crate::{
    kit::{Owner, SEALING_KEYS},
    machine::{Machine, Running},
};

const NEW: &str = "k9:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";

/// An object of the tenant's keyring as it lies on the disk.
fn object(machine: &Machine, owner: &Owner, name: &str) -> Json {
    let path = machine.path("keys").join(owner.tenant.as_str()).join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

async fn is_found(server: &Running, owner: &Owner, booking: &Booking) {
    assert_eq!(server.find(owner, booking).await.as_ref(), Some(booking));
}

#[tokio::test]
async fn every_key_above_a_bookings_own_is_changed_by_a_restart() {
    let machine = Machine::new();
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    let before = server.booked(&owner, &slots[0]).await;
    assert_eq!(object(&machine, &owner, "page-0")["under"], 1);
    server.kill();

    let file = machine.path("sealing.keys");
    fs::write(&file, format!("{NEW},{SEALING_KEYS}")).unwrap();
    let mut server = machine.start();
    // Nobody asks for this tenant: the server does it by itself.
    let begun = Instant::now();
    while object(&machine, &owner, "page-0")["under"] != 2 {
        assert!(begun.elapsed().as_secs() < 60, "the pages stay as they are");
        tokio::task::yield_now().await;
    }
    assert_eq!(object(&machine, &owner, "ring")["regional_key"], "k9");
    let after = server.booked(&owner, &slots[1]).await;
    is_found(&server, &owner, &before).await;
    server.kill();

    // The old regional key is gone for good.
    fs::write(&file, NEW).unwrap();
    let server = machine.start();
    for booking in [&before, &after] {
        is_found(&server, &owner, booking).await;
    }
    server.booked(&owner, &slots[2]).await;
}
