//! Backups while the server works: a folder that is gone, days that pass, logs that grow.

use std::{fs::File, time::UNIX_EPOCH};

use super::*;

#[tokio::test]
async fn a_folder_that_cannot_be_reached_stops_no_booking_and_is_caught_up_with() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    let away = disks.path.join("away");
    fs::rename(disks.backup(), &away).unwrap();
    // In its place the folder of a share that is not mounted.
    fs::create_dir(disks.backup()).unwrap();
    for number in 0..150 {
        server.later(1);
        server.rename(&tenant, &format!("name {number}")).await;
        if number % 50 == 0 {
            let tenants = [tenant.clone()];
            let failed = server.backup.pass(&tenants, false, |_, _| ());
            let why = failed.unwrap_err().join(" ");
            assert!(why.contains(tenant.as_str()), "{why}");
        }
    }
    assert_eq!(server.backup.behind(), (149, 1));
    assert!(server.backup.is_failing());
    let complaint = server.backup.state().unwrap_err();
    assert!(complaint.contains("149 seconds"), "{complaint}");
    assert!(!complaint.contains(tenant.as_str()));
    let page = server.backup.figures();
    for line in [
        "slotstead_backup_lag_seconds 149",
        "slotstead_backup_failing 1",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    assert!(!page.contains(tenant.as_str()));
    let left: Vec<_> = fs::read_dir(disks.backup()).unwrap().collect();
    assert!(left.len() <= 1, "only the lock may be there: {left:?}");
    fs::remove_dir_all(disks.backup()).unwrap();
    fs::rename(&away, disks.backup()).unwrap();
    server.pass(&tenant);
    assert_eq!(server.backup.behind(), (0, 0));
    assert!(server.backup.state().is_ok() && !server.backup.is_failing());
    assert_eq!(disks.generations(&tenant), 1);
    for number in [0, 75, 148] {
        let at = START + 1 + number;
        let name = disks.restored(&tenant, Some(at)).unwrap();
        assert_eq!(name, format!("name {number}"));
    }
}

#[tokio::test]
async fn a_day_has_a_snapshot_and_thirty_of_them_are_kept() {
    let disks = Disks::new();
    let server = disks.server();
    let busy = server.sign_up(1).await;
    let idle = server.sign_up(2).await;
    server.rename(&idle, "idle").await;
    server.pass(&idle);
    server.pass(&busy);
    // A copy that was interrupted, and one that may be under way.
    let half = |epoch: u32| disks.of(&busy).join(format!("00000001/{epoch:08}.new"));
    for epoch in [1, 99] {
        fs::write(half(epoch), "half").unwrap();
    }
    for day in 1..=36 {
        server.later(DAY);
        // The first commit of a day empties the log, the copy follows.
        server.rename(&busy, &format!("day {day}")).await;
        server.pass(&busy);
        server.backup.prune().unwrap();
    }
    assert!(!half(1).exists() && half(99).exists());
    let snapshots = server.snapshots();
    assert!((36..=39).contains(&snapshots), "{snapshots}");
    assert_eq!(disks.generations(&busy), 1);
    let verified = disks.verified(&busy);
    assert!(verified.broken.is_empty(), "{verified:?}");
    assert!((30..=32).contains(&verified.snapshots), "{verified:?}");
    for day in 6..=36 {
        let name = disks.restored(&busy, Some(START + day * DAY)).unwrap();
        assert_eq!(name, format!("day {day}"));
    }
    assert!(disks.restored(&busy, Some(START + 4 * DAY)).is_err());
    // What is the only copy stays, however old.
    assert_eq!(disks.restored(&idle, None).unwrap(), "idle");
}

#[tokio::test]
async fn copying_a_store_takes_no_lock_from_it() {
    use std::os::unix::fs::MetadataExt;
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    let inode = disks.store(&tenant).metadata().unwrap().ino();
    let locked = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let ours = format!(":{inode} ");
        locks
            .lines()
            .any(|line| line.contains("WRITE") && line.contains(&ours))
    };
    assert!(locked());
    let tenants = [tenant.clone()];
    server.backup.pass(&tenants, true, |_, _| ()).unwrap();
    assert_eq!(server.snapshots(), 1);
    assert!(locked());
    server.stores.close().await;
    assert!(!locked());
}

#[tokio::test]
async fn a_log_that_grows_too_long_is_emptied_all_the_same() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    fs::rename(disks.backup(), disks.path.join("away")).unwrap();
    let (mut number, mut longest) = (0, 0);
    while !server.backup.entry(&tenant).watch.is_broken() {
        number += 1;
        server.later(1);
        server.rename(&tenant, &format!("name {number}")).await;
        longest = log_bytes(&disks, &tenant).max(longest);
    }
    assert!(longest > 390 * 4_096, "{longest}");
    fs::rename(disks.path.join("away"), disks.backup()).unwrap();
    server.pass(&tenant);
    // Not every second since then, but all that there is.
    assert_eq!(disks.generations(&tenant), 2);
    let newest = disks.restored(&tenant, None).unwrap();
    assert_eq!(newest, format!("name {number}"));
    assert_eq!(disks.restored(&tenant, Some(START)).unwrap(), "at first");
    assert!(disks.verified(&tenant).broken.is_empty());
}

#[tokio::test]
async fn what_is_committed_is_in_the_backup_soon_without_being_asked() {
    const TENANTS: u8 = 50;
    let disks = Disks::new();
    let server = disks.server();
    server.backup.start(Vec::new()).unwrap();
    let mut tenants = Vec::new();
    for number in 0..TENANTS {
        tenants.push(server.sign_up(number).await);
    }
    let writing = moment::Stopwatch::start();
    for tenant in &tenants {
        server.rename(tenant, "renamed").await;
    }
    let (written, soon) = (writing.elapsed(), moment::Stopwatch::start());
    while server.backup.behind().1 > 0 {
        let waited = soon.elapsed();
        assert!(
            waited < Duration::from_mins(1),
            "{:?}",
            server.backup.behind()
        );
        tokio::task::yield_now().await;
    }
    println!(
        "{TENANTS} tenants written in {written:?}, all in the backup {:?} after that",
        soon.elapsed()
    );
    for tenant in &tenants {
        assert_eq!(disks.restored(tenant, None).unwrap(), "renamed");
    }
    // Who is idle is in no queue, and stopping waits for nobody.
    assert!(server.backup.stop(Duration::ZERO));
}

#[tokio::test]
async fn a_log_that_was_emptied_unseen_begins_a_generation() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.later(5);
    server.rename(&tenant, "second").await;
    server.stores.close().await;
    server.pass(&tenant);
    server.later(5);
    server.rename(&tenant, "unseen").await;
    // Its store is closed for others while the backup fails, and the log stays.
    server.backup.failing.store(true, Relaxed);
    server.stores.close().await;
    server.backup.failing.store(false, Relaxed);
    assert!(log_bytes(&disks, &tenant) > 0);
    // Whoever opens it as SQLite does empties it.
    drop(Sqlite::in_file(&disks.store(&tenant)).unwrap());
    assert_eq!(log_bytes(&disks, &tenant), 0);
    // Some time after it was emptied last: files have times of some milliseconds.
    let store = File::options().write(true).open(disks.store(&tenant));
    let later = UNIX_EPOCH + Duration::from_secs(START.unsigned_abs());
    store.unwrap().set_modified(later).unwrap();
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "unseen");
    server.later(5);
    server.rename(&tenant, "later").await;
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "later");
    assert_eq!(disks.generations(&tenant), 2);
    assert!(disks.verified(&tenant).broken.is_empty());
}
