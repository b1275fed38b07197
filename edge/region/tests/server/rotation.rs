//! The keys are changed by putting a new regional key in front and starting the server again.

use std::{fs, time::Instant};

use serde_json::Value as Json;
use slotstead_shared::wire::Booking;
use slotstead_tenant::Refusal;

use crate::{
    kit::{Owner, SEALING_KEYS},
    machine::{Machine, Running, said},
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

/// The page that says so, and the figure.
async fn health_of_keys(server: &Running) -> (u16, String, bool) {
    let page = |path| async move {
        let (status, body) = server.send(path, Vec::new()).await.unwrap();
        (status, String::from_utf8(body).unwrap())
    };
    let (status, said) = page("/healthz/keys").await;
    let figures = page("/metrics").await.1;
    assert!(!(figures.contains("cbr_") || said.contains("cbr_")));
    let one = figures.contains("slotstead_keyrings_without_key 1\n");
    assert!(one || figures.contains("slotstead_keyrings_without_key 0\n"));
    (status, said, one)
}

#[tokio::test]
async fn a_regional_key_that_is_missing_is_named_where_an_operator_looks() {
    let machine = Machine::new();
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    server.booked(&owner, &slots[0]).await;
    let all_there = (200, "ok\n".to_owned(), false);
    assert_eq!(health_of_keys(&server).await, all_there);
    machine.told(&["check", "region.toml"]);
    server.kill();

    let file = machine.path("sealing.keys");
    fs::write(&file, NEW).unwrap();
    let checked = machine.run(&["check", "region.toml"]);
    assert_eq!(checked.status.code(), Some(78));
    let named =
        "keys.sealing_file has no key called k1, so that tenants cannot be booked, 1 of them";
    assert!(said(&checked).starts_with(named), "{}", said(&checked));
    let mut server = machine.start();
    let refused = server.book(&owner, &slots[1]).await;
    assert_eq!(refused, Some(Err(Refusal::Keys)));
    let (status, said, one) = health_of_keys(&server).await;
    assert!(status == 503 && one && said.starts_with(named), "{said}");
    // The others are served.
    let (other, slots) = server.business(2).await;
    server.booked(&other, &slots[0]).await;
    assert_eq!(server.send("/healthz", Vec::new()).await.unwrap().0, 200);
    server.kill();

    fs::write(&file, format!("{NEW},{SEALING_KEYS}")).unwrap();
    machine.told(&["check", "region.toml"]);
    assert_eq!(health_of_keys(&machine.start()).await, all_there);
}
