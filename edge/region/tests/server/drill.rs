//! The drills: a disk is lost under bookings, a tenant goes back before a mistake.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use slotstead_shared::wire::{Booking, BookingStatus};
use slotstead_tenant::{Command, Reply};

use crate::{
    kit::{Owner, now},
    machine::{Machine, Running, acknowledged, said},
};

const CONFIG: &str = "region.toml";

#[tokio::test]
async fn a_lost_disk_is_restored_with_every_booking_up_to_the_recovery_point() {
    let machine = Machine::new();
    let mut server = machine.start();
    let mut businesses = Vec::new();
    for number in 1..=2 {
        let (owner, slots) = server.business(number).await;
        businesses.push((owner, slots));
    }
    let mut before = Vec::new();
    for (owner, slots) in &businesses {
        for slot in &slots[..12] {
            before.push((owner, server.booked(owner, slot).await));
        }
    }
    machine.told(&["backup", CONFIG]);
    let point = Instant::now();
    // Bookings go on while the machine dies.
    let running = Arc::new(server);
    let after: Arc<Mutex<Vec<(Booking, Instant)>>> = Arc::default();
    let (owner, slots) = &businesses[0];
    let under_way = async {
        for slot in &slots[12..] {
            let Some(booking) = acknowledged(running.book(owner, slot).await) else {
                return;
            };
            after.lock().unwrap().push((booking, Instant::now()));
        }
    };
    let half_way = async {
        while after.lock().unwrap().len() < 6 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = under_way => panic!("all was booked before it died"),
        () = half_way => {}
    }
    server = Arc::into_inner(running).unwrap();
    server.kill();
    let died = Instant::now();
    // The keys are on another disk, and that is lost too.
    for disk in ["stores", "keys"] {
        fs::remove_dir_all(machine.path(disk)).unwrap();
    }
    fs::create_dir(machine.path("keys")).unwrap();

    let begun = Instant::now();
    machine.told(&["restore", CONFIG, "--keys", "--all", "--to", "keys"]);
    let told = machine.told(&["restore", CONFIG, "--all", "--in-place"]);
    assert!(told.contains("2 of 2 restored"), "{told}");
    let server = machine.start();
    let (took, mut lost) = (begun.elapsed(), Vec::new());
    for (owner, booking) in &before {
        assert_eq!(server.find(owner, booking).await.as_ref(), Some(booking));
    }
    // Of what came after the recovery point a beginning is there, and nothing is there in part.
    let after = Arc::into_inner(after).unwrap().into_inner().unwrap();
    for (booking, acknowledged_at) in &after {
        match server.find(owner, booking).await {
            Some(found) => assert!(lost.is_empty() && found == *booking, "{found:?}"),
            None => lost.push(died - *acknowledged_at),
        }
    }
    let oldest = lost.first().copied().unwrap_or_default();
    println!(
        "drill: {} bookings acknowledged, all {} before the recovery point found; {} of the {} in the last \
         {:?} lost, the oldest {oldest:?} old; restored and serving in {took:?}",
        before.len() + after.len(),
        before.len(),
        lost.len(),
        after.len(),
        died - point,
    );
    // Who repeats their request is booked again, once.
    for (booking, _) in &after {
        let again = server.booked(owner, &booking.start.to_string()).await;
        assert_eq!(again.start, booking.start);
        let twice = server.booked(owner, &booking.start.to_string()).await;
        assert_eq!(twice.id, again.id);
    }
    machine.told(&["backup", CONFIG]);
    let told = machine.told(&["verify", CONFIG]);
    assert!(
        told.contains("2 tenants") && told.contains(" 0 broken"),
        "{told}"
    );
}

/// Books until so many are acknowledged, and then the server is killed with a booking under way.
async fn book_and_kill(
    server: Running,
    owner: &Owner,
    slots: &[String],
    enough: usize,
) -> Vec<Booking> {
    let booked: Mutex<Vec<Booking>> = Mutex::default();
    let under_way = async {
        for slot in slots {
            let Some(booking) = acknowledged(server.book(owner, slot).await) else {
                return;
            };
            booked.lock().unwrap().push(booking);
        }
    };
    let reached = async {
        while booked.lock().unwrap().len() < enough {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = under_way => panic!("all was booked before it died"),
        () = reached => {}
    }
    drop(server);
    booked.into_inner().unwrap()
}

#[tokio::test]
async fn a_server_that_is_killed_again_and_again_has_a_backup_of_everything() {
    let machine = Machine::new();
    let server = machine.start();
    let (owner, slots) = server.business(1).await;
    let mut free = &slots[..];
    let (mut booked, mut server) = (Vec::new(), Some(server));
    // More than a log holds before it is emptied.
    for enough in [3, 30, 7, 35] {
        let running = server.take().unwrap_or_else(|| machine.start());
        let more = book_and_kill(running, &owner, free, enough).await;
        // The one that was under way is booked or not: nobody was told.
        free = &free[more.len() + 1..];
        booked.extend(more);
    }
    machine.told(&["backup", CONFIG]);
    let told = machine.told(&["verify", CONFIG]);
    assert!(told.contains(" 0 broken"), "{told}");
    fs::remove_dir_all(machine.path("stores")).unwrap();
    machine.told(&["restore", CONFIG, "--all", "--in-place"]);
    let server = machine.start();
    assert!(booked.len() >= 75, "{}", booked.len());
    for booking in &booked {
        assert_eq!(server.find(&owner, booking).await.as_ref(), Some(booking));
    }
}

/// Waits until the second is over: what is committed after that is not in what is restored to it.
async fn end_of_second() -> i64 {
    let second = now();
    while now() == second {
        tokio::task::yield_now().await;
    }
    second
}

/// Every file of a tenant's store and its backup, with its bytes.
fn bytes_of(machine: &Machine, owner: &Owner) -> Vec<(String, Vec<u8>)> {
    fn collect(folder: &Path, of: &str, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, of, found);
            } else if path.display().to_string().contains(of) {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    for disk in ["stores", "backup"] {
        collect(&machine.path(disk), owner.tenant.as_str(), &mut found);
    }
    found.sort();
    found
}

#[tokio::test]
async fn one_tenant_goes_back_before_a_mistake_while_the_server_runs_and_no_other_notices() {
    let machine = Machine::new();
    let server = machine.start();
    let (mistaken, slots) = server.business(1).await;
    let (other, others_slots) = server.business(2).await;
    let booking = server.booked(&mistaken, &slots[0]).await;
    let theirs = server.booked(&other, &others_slots[0]).await;
    // A new tenant's backup begins within a second or two; earlier moments are not in it.
    machine.told(&["backup", CONFIG]);
    let right = end_of_second().await;
    let id = booking.id.clone();
    let cancelled = server.call(&mistaken.call(Command::Cancel { id })).await;
    assert!(cancelled.is_ok(), "{cancelled:?}");
    let id = "consult".parse().unwrap();
    let gone = server
        .call(&mistaken.call(Command::DeleteService { id }))
        .await;
    assert_eq!(gone, Ok(Reply::Done));
    machine.told(&["backup", CONFIG]);
    let others_bytes = bytes_of(&machine, &other);
    assert!(
        others_bytes.len() >= 4,
        "a store, its log, a snapshot, its log"
    );

    let (tenant, at) = (mistaken.tenant.to_string(), format!("@{right}"));
    let words = [
        "restore",
        CONFIG,
        "--tenant",
        &tenant,
        "--at",
        &at,
        "--in-place",
    ];
    let refused = machine.run(&words);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("--replace"), "{}", said(&refused));
    let found = server.find(&mistaken, &booking).await.unwrap();
    assert_eq!(found.status, BookingStatus::Cancelled);
    machine.told(&[&words[..], &["--replace"]].concat());

    assert_eq!(
        server.find(&mistaken, &booking).await,
        Some(booking.clone())
    );
    server.booked(&mistaken, &slots[1]).await;
    assert_eq!(server.find(&other, &theirs).await, Some(theirs));
    assert_eq!(bytes_of(&machine, &other), others_bytes);
    // What was there is aside, and what is there now is backed up like anything else.
    let aside = fs::read_dir(machine.path("stores/replaced")).unwrap();
    assert_eq!(aside.count(), 2, "the store and its log");
    machine.told(&["backup", CONFIG]);
    let told = machine.told(&["verify", CONFIG]);
    assert!(told.contains(" 0 broken"), "{told}");
    let out = machine.path("elsewhere").display().to_string();
    machine.told(&["restore", CONFIG, "--tenant", &tenant, "--to", &out]);
    assert!(
        machine
            .path("elsewhere")
            .join(format!("{tenant}.sqlite"))
            .exists()
    );
}

#[tokio::test]
async fn who_was_erased_stays_erased_when_an_older_backup_is_restored() {
    let machine = Machine::new();
    let server = machine.start();
    let (owner, slots) = server.business(1).await;
    let booking = server.booked(&owner, &slots[0]).await;
    machine.told(&["backup", CONFIG]);
    let before = end_of_second().await;
    let id = booking.id.clone();
    let erased = server.call(&owner.call(Command::EraseBooker { id })).await;
    assert!(erased.is_ok(), "{erased:?}");
    // The key is destroyed by the timer.
    let begun = Instant::now();
    loop {
        let list = owner.call(Command::ListErasures { after: None });
        match server.call(&list).await {
            Ok(Reply::Erasures(page)) if page.items[0].finished_at.is_some() => break,
            Ok(Reply::Erasures(page)) => assert!(begun.elapsed().as_secs() < 60, "{page:?}"),
            other => panic!("{other:?}"),
        }
        tokio::task::yield_now().await;
    }
    let (tenant, at) = (owner.tenant.to_string(), format!("@{before}"));
    machine.told(&[
        "restore",
        CONFIG,
        "--tenant",
        &tenant,
        "--at",
        &at,
        "--in-place",
        "--replace",
    ]);
    // The booking is there again, without its key: who could come is nobody, and their time is free.
    let begun = Instant::now();
    let found = loop {
        let found = server.find(&owner, &booking).await.unwrap();
        if found.status == BookingStatus::Cancelled {
            break found;
        }
        assert!(begun.elapsed().as_secs() < 60, "{found:?}");
        tokio::task::yield_now().await;
    };
    assert!(found.erased && found.name.is_empty() && found.email.is_empty());
    server.booked(&owner, &slots[0]).await;
    let bytes = fs::read(machine.store(&owner)).unwrap();
    for word in ["Amal Berg", "amal@example.com"] {
        let holds = bytes
            .windows(word.len())
            .any(|found| found == word.as_bytes());
        assert!(!holds, "{word} is in what was restored");
    }
}

#[tokio::test]
async fn an_older_store_waits_until_every_key_is_destroyed() {
    let machine = Machine::new();
    let server = machine.start();
    let (owner, slots) = server.business(1).await;
    let booking = server.booked(&owner, &slots[0]).await;
    machine.told(&["backup", CONFIG]);
    let before = format!("@{}", end_of_second().await);
    let tenant = owner.tenant.to_string();
    // The keys cannot be reached.
    fs::rename(machine.path("keys").join(&tenant), machine.path("away")).unwrap();
    let id = booking.id.clone();
    let erased = server.call(&owner.call(Command::EraseBooker { id })).await;
    assert!(erased.is_ok(), "{erased:?}");
    let restore = [
        "restore",
        CONFIG,
        "--tenant",
        &tenant,
        "--at",
        &before,
        "--in-place",
        "--replace",
    ];
    let refused = machine.run(&restore);
    let why = said(&refused);
    assert!(
        !refused.status.success() && why.contains("1 keys are still to be destroyed"),
        "{why}"
    );
    assert!(!machine.path("stores").join("replaced").exists());
}
