//! A disk that is full, and one whose flushes fail: whoever is told "booked" is booked, whoever is told of an
//! error learns the truth by asking again, and afterwards everything goes on.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command as Process,
};

use slotstead_shared::wire::Booking;

use crate::{
    kit::Owner,
    machine::{Machine, Running, acknowledged},
};

/// A file system of its own, that can be full.
struct Small {
    path: PathBuf,
}

impl Small {
    /// Mounts one of these bytes; `None` where that is not allowed.
    fn mount(path: &Path, bytes: u32) -> Option<Self> {
        let mounted = Process::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(path)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self {
                path: path.to_owned(),
            })
    }

    /// Fills it to the last byte.
    fn fill(&self) -> PathBuf {
        let path = self.path.join("filler");
        let mut file = File::create(&path).unwrap();
        loop {
            match file.write(&[1; 512]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return path,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Process::new("umount").arg("-l").arg(&self.path).status();
    }
}

/// Books slots until one is refused: those that were acknowledged, and the slot that was not.
async fn book_until_refused<'a>(
    server: &Running,
    owner: &Owner,
    slots: &'a [String],
) -> (Vec<Booking>, &'a str) {
    let mut booked = Vec::new();
    for slot in slots {
        match acknowledged(server.book(owner, slot).await) {
            Some(booking) => booked.push(booking),
            None => return (booked, slot),
        }
    }
    panic!("the disk was never full")
}

async fn are_all_there(server: &Running, owner: &Owner, booked: &[Booking]) {
    for booking in booked {
        assert_eq!(server.find(owner, booking).await.as_ref(), Some(booking));
    }
}

#[tokio::test]
async fn a_full_disk_refuses_bookings_loses_none_and_goes_on_when_there_is_room() {
    let machine = Machine::new();
    let stores = machine.path("stores");
    let Some(disk) = Small::mount(&stores, 8 * 1024 * 1024) else {
        println!(
            "no file system may be mounted here: a limit on the length of files takes its place"
        );
        return on_short_files(&machine).await;
    };
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    let mut booked = Vec::new();
    for slot in &slots[..3] {
        booked.push(server.booked(&owner, slot).await);
    }
    let filler = disk.fill();
    let (more, refused) = book_until_refused(&server, &owner, &slots[3..]).await;
    booked.extend(more);
    // It says so, answers what needs no room, and refuses again.
    assert_eq!(server.send("/healthz", Vec::new()).await.unwrap().0, 503);
    are_all_there(&server, &owner, &booked).await;
    assert_eq!(acknowledged(server.book(&owner, refused).await), None);
    // A machine that is killed with a full disk starts with one.
    server.kill();
    let mut server = machine.start();
    are_all_there(&server, &owner, &booked).await;
    assert_eq!(acknowledged(server.book(&owner, refused).await), None);
    fs::remove_file(filler).unwrap();
    assert_eq!(server.send("/healthz", Vec::new()).await.unwrap().0, 200);
    booked.push(server.booked(&owner, refused).await);
    server.kill();
    let server = machine.start();
    are_all_there(&server, &owner, &booked).await;
}

/// The same where files cannot grow beyond a length.
async fn on_short_files(machine: &Machine) {
    let mut server = machine.start_with_short_files(800);
    let (owner, slots) = server.business(1).await;
    let (mut booked, refused) = book_until_refused(&server, &owner, &slots).await;
    assert!(!booked.is_empty());
    are_all_there(&server, &owner, &booked).await;
    server.kill();
    let server = machine.start();
    are_all_there(&server, &owner, &booked).await;
    booked.push(server.booked(&owner, refused).await);
    are_all_there(&server, &owner, &booked).await;
}

#[tokio::test]
async fn files_that_cannot_grow_are_like_a_full_disk() {
    on_short_files(&Machine::new()).await;
}

#[tokio::test]
async fn a_backup_disk_that_is_full_stops_no_booking_and_is_caught_up_with() {
    let machine = Machine::new();
    let Some(disk) = Small::mount(&machine.path("backup"), 1024 * 1024) else {
        println!("no file system may be mounted here: what a full backup disk does is not tried");
        return;
    };
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    let mut booked = vec![server.booked(&owner, &slots[0]).await];
    machine.told(&["backup", "region.toml"]);
    let filler = disk.fill();
    for slot in &slots[1..9] {
        booked.push(server.booked(&owner, slot).await);
    }
    let output = machine.run(&["backup", "region.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let page = server.send("/metrics", Vec::new()).await.unwrap().1;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("slotstead_backup_failing 1\n"), "{page}");
    fs::remove_file(filler).unwrap();
    machine.told(&["backup", "region.toml"]);
    server.kill();
    fs::remove_dir_all(machine.path("stores")).unwrap();
    machine.told(&["restore", "region.toml", "--all", "--in-place"]);
    let server = machine.start();
    are_all_there(&server, &owner, &booked).await;
}

/// The library that makes flushes fail, compiled by the same compiler as SQLite is.
fn failing_disk(machine: &Machine) -> PathBuf {
    let library = machine.path("disk.so");
    let compiled = Process::new(std::env::var("CC").unwrap_or_else(|_| "cc".to_owned()))
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/disk.c"))
        .args(["-ldl", "-pthread"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{said}");
    library
}

/// What a power cut leaves of a store's log: what was flushed.
fn cut_power(machine: &Machine, owner: &Owner) {
    let log = machine.path(&format!("stores/{}.sqlite-wal", owner.tenant));
    let disk = machine.path(&format!("stores/{}.sqlite-wal.disk", owner.tenant));
    fs::rename(disk, log).unwrap();
}

#[tokio::test]
async fn a_flush_that_fails_is_an_error_and_what_is_booked_after_it_survives_a_power_cut() {
    let machine = Machine::new();
    let (library, flag) = (failing_disk(&machine), machine.path("flushes-fail"));
    let variables = [
        ("LD_PRELOAD", library.as_path()),
        ("FAIL_FLUSH", &flag),
        ("FAIL_NAME", Path::new(".sqlite-wal")),
    ];
    let mut server = machine.start_with(&variables);
    let (owner, slots) = server.business(1).await;
    let mut booked = Vec::new();
    for slot in &slots[..3] {
        booked.push(server.booked(&owner, slot).await);
    }
    fs::write(&flag, "").unwrap();
    let (more, refused) = book_until_refused(&server, &owner, &slots[3..]).await;
    assert!(more.is_empty(), "{more:?} was acknowledged without a flush");
    assert_eq!(acknowledged(server.book(&owner, refused).await), None);
    are_all_there(&server, &owner, &booked).await;
    // Killed now, the next start finds in the system's memory what never reached the disk.
    server.kill();
    let mut server = machine.start_with(&variables);
    // As long as flushes fail, nobody is told anything that is not on the disk.
    assert_eq!(acknowledged(server.book(&owner, refused).await), None);
    fs::remove_file(&flag).unwrap();
    booked.push(server.booked(&owner, refused).await);
    for slot in &slots[4..7] {
        booked.push(server.booked(&owner, slot).await);
    }
    are_all_there(&server, &owner, &booked).await;
    server.kill();
    cut_power(&machine, &owner);
    let server = machine.start();
    are_all_there(&server, &owner, &booked).await;
}
