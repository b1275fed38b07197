//! What comes back from backups, whole and damaged.

use super::*;

#[tokio::test]
async fn a_tenant_is_restored_to_any_second_through_logs_that_were_emptied() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    let mut emptied = 0;
    let mut before = log_bytes(&disks, &tenant);
    for number in 0..200 {
        server.later(1);
        server.rename(&tenant, &format!("name {number}")).await;
        if number % 9 == 0 {
            server.pass(&tenant);
        }
        let now = log_bytes(&disks, &tenant);
        emptied += u32::from(now < before);
        before = now;
    }
    server.pass(&tenant);
    assert!(emptied >= 3, "{emptied}");
    assert_eq!(disks.generations(&tenant), 1);
    for number in [0, 1, 99, 100, 137, 198, 199] {
        let at = START + 1 + number;
        let name = disks.restored(&tenant, Some(at)).unwrap();
        assert_eq!(name, format!("name {number}"));
    }
    assert_eq!(disks.restored(&tenant, Some(START)).unwrap(), "at first");
    assert_eq!(disks.restored(&tenant, None).unwrap(), "name 199");
    let before = disks.restored(&tenant, Some(START - 1)).unwrap_err();
    assert!(before.to_string().contains("nothing is kept"), "{before}");
    let verified = disks.verified(&tenant);
    assert!(verified.broken.is_empty(), "{verified:?}");
}

#[tokio::test]
async fn a_restart_goes_on_with_the_same_backup_and_copies_nothing_again() {
    let disks = Disks::new();
    let tenant = {
        let server = disks.server();
        let tenant = server.sign_up(1).await;
        server.rename(&tenant, "before").await;
        server.pass(&tenant);
        // Committed, and closed before it was backed up.
        server.later(5);
        server.rename(&tenant, "closed").await;
        server.stores.close().await;
        server.pass(&tenant);
        tenant
    };
    for name in ["once", "twice"] {
        let server = disks.server();
        server.pass(&tenant);
        server.later(5);
        server.rename(&tenant, name).await;
        server.pass(&tenant);
        assert_eq!(server.snapshots(), 0);
        server.stores.close().await;
        // What closing the store did with its log is backed up too.
        server.pass(&tenant);
        assert_eq!(log_bytes(&disks, &tenant), 0);
    }
    assert_eq!(disks.generations(&tenant), 1);
    for (after, name) in [(0, "before"), (5, "closed"), (10, "once"), (15, "twice")] {
        let restored = disks.restored(&tenant, Some(START + after)).unwrap();
        assert_eq!(restored, name);
    }
}

#[tokio::test]
async fn a_store_that_does_not_go_on_from_its_backup_begins_a_generation() {
    let disks = Disks::new();
    let tenant = {
        let server = disks.server();
        let tenant = server.sign_up(1).await;
        server.rename(&tenant, "right").await;
        server.pass(&tenant);
        server.stores.close().await;
        server.pass(&tenant);
        tenant
    };
    let copy = fs::read(disks.store(&tenant)).unwrap();
    {
        let server = disks.server();
        server.later(5);
        server.rename(&tenant, "lost").await;
        server.pass(&tenant);
        server.stores.close().await;
        server.pass(&tenant);
    }
    // Somebody puts an older copy in its place.
    let _ = fs::remove_file(log_of(&disks.store(&tenant)));
    fs::write(disks.store(&tenant), copy).unwrap();
    let server = disks.server();
    server.later(5);
    server.rename(&tenant, "after").await;
    server.pass(&tenant);
    assert_eq!(disks.generations(&tenant), 2);
    for (after, name) in [(0, "right"), (5, "lost"), (9, "lost"), (10, "after")] {
        let restored = disks.restored(&tenant, Some(START + after)).unwrap();
        assert_eq!(restored, name);
    }
    assert!(disks.verified(&tenant).broken.is_empty());
}

#[tokio::test]
async fn whatever_was_changed_is_named() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    for day in 0..3 {
        server.rename(&tenant, &format!("day {day}")).await;
        server.pass(&tenant);
        server.rename(&tenant, &format!("day {day} again")).await;
        server.pass(&tenant);
        server.later(DAY);
    }
    assert!(disks.verified(&tenant).broken.is_empty());
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    let snapshots = generation.snapshots().unwrap();
    let logs = generation.logs().unwrap();
    assert!(
        snapshots.len() >= 3 && logs.len() >= 3,
        "{snapshots:?} {logs:?}"
    );
    // The last log may not be written yet, and any snapshot but the first may not be made.
    let needed = [generation.snapshot(snapshots[0])].into_iter();
    let needed = needed.chain(
        logs[..logs.len() - 1]
            .iter()
            .map(|log| generation.log(*log)),
    );
    let needed: Vec<_> = needed.collect();
    let files = snapshots.iter().map(|epoch| generation.snapshot(*epoch));
    let files = files.chain(logs.iter().map(|epoch| generation.log(*epoch)));
    for file in files {
        let good = fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        for at in (0..good.len()).step_by(good.len() / 5 + 1) {
            let mut bad = good.clone();
            bad[at] ^= 0x20;
            fs::write(&file, bad).unwrap();
            let broken = disks.verified(&tenant).broken;
            assert!(
                broken.iter().any(|what| what.contains(name)),
                "{name} {at}: {broken:?}"
            );
        }
        fs::remove_file(&file).unwrap();
        let missed = !disks.verified(&tenant).broken.is_empty();
        assert!(missed || !needed.contains(&file), "{name} is missing");
        fs::write(&file, good).unwrap();
    }
    assert!(disks.verified(&tenant).broken.is_empty());
}

#[tokio::test]
async fn a_log_that_was_cut_in_its_last_record_ends_before_it_and_is_mended() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.later(1);
    server.rename(&tenant, "whole").await;
    server.pass(&tenant);
    server.later(1);
    server.rename(&tenant, "half").await;
    server.pass(&tenant);
    server.stores.close().await;
    drop(server);
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    let log = generation.log(*generation.logs().unwrap().last().unwrap());
    let good = fs::read(&log).unwrap();
    for cut in [1, 33, 200] {
        fs::write(&log, &good[..good.len() - cut]).unwrap();
        assert_eq!(disks.restored(&tenant, None).unwrap(), "whole");
        let verified = disks.verified(&tenant);
        assert!(
            verified.broken.is_empty() && verified.cut == 1,
            "{verified:?}"
        );
    }
    let server = disks.server();
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "half");
    assert!(disks.verified(&tenant).broken.is_empty());
}

#[tokio::test]
async fn a_damaged_snapshot_is_gone_round_and_a_damaged_log_is_not() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    for day in 1..=2 {
        server.later(DAY);
        server.rename(&tenant, &format!("day {day}")).await;
        server.pass(&tenant);
    }
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    let spoil = |path: PathBuf, at: usize| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let snapshots = generation.snapshots().unwrap();
    assert_eq!(snapshots.len(), 3);
    spoil(generation.snapshot(snapshots[2]), 3);
    spoil(generation.snapshot(snapshots[1]), 600);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "day 2");
    let at = START + DAY;
    assert_eq!(disks.restored(&tenant, Some(at)).unwrap(), "day 1");
    let told = disks.restore(&tenant, None).unwrap().damaged.unwrap();
    assert!(told.contains("snapshot"), "{told}");
    // Nothing is removed that hangs on what is damaged.
    server.later(40 * DAY);
    server.backup.prune().unwrap();
    assert_eq!(disks.restored(&tenant, None).unwrap(), "day 2");
    spoil(generation.log(1), 700);
    let failed = disks.restored(&tenant, None).unwrap_err().to_string();
    assert!(failed.contains("00000001.log is damaged"), "{failed}");
}

#[tokio::test]
async fn what_is_restored_has_no_log_of_what_was_there() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    disks.restore(&tenant, None).unwrap();
    let out = disks.path.join("restored.sqlite");
    let log = {
        let store = Sqlite::in_file(&out).unwrap();
        let set = "UPDATE tenants SET name = 'stale'";
        store.run(set, &[]).unwrap();
        fs::read(log_of(&out)).unwrap()
    };
    // Whoever worked with it was killed.
    fs::write(log_of(&out), log).unwrap();
    assert_eq!(disks.restored(&tenant, None).unwrap(), "at first");
}

/// Writes `digit` over the first one behind the last `key` in a file.
fn change(path: &Path, key: &str, digit: u8) {
    let mut bytes = fs::read(path).unwrap();
    let key = format!("\"{key}\":");
    let mut places = bytes.windows(key.len());
    let at = places.rposition(|found| found == key.as_bytes()).unwrap() + key.len();
    assert_ne!(bytes[at], digit);
    bytes[at] = digit;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_snapshot_that_says_another_time_gives_no_older_state() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.later(5);
    server.rename(&tenant, "second").await;
    let tenants = [tenant.clone()];
    server.backup.pass(&tenants, true, |_, _| ()).unwrap();
    let at = server.later(5);
    server.rename(&tenant, "third").await;
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, Some(at)).unwrap(), "third");
    let before = disks.restored(&tenant, Some(START + 4)).unwrap();
    assert_eq!(before, "at first");
    let generations = folder::generations(&disks.of(&tenant)).unwrap();
    let newest = generations.last().unwrap().snapshot(1);
    change(&newest, "as_of", b'9');
    for at in [at, START + 4] {
        let refused = disks.restore(&tenant, Some(at)).unwrap_err().to_string();
        assert!(
            refused.contains("00000001.snapshot is damaged"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_record_that_says_it_is_longer_is_told_as_half_a_record() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    for name in ["second", "third"] {
        server.later(5);
        server.rename(&tenant, name).await;
        server.pass(&tenant);
    }
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    let last = *generation.logs().unwrap().last().unwrap();
    change(&generation.log(last), "bytes", b'9');
    let restored = disks.restore(&tenant, None).unwrap();
    assert!(restored.cut, "{restored:?}");
    assert_eq!(disks.verified(&tenant).cut, 1);
    // Whoever verifies knows whether the other half is on its way.
    assert!(connect::is_taken(&disks.backup()));
    drop(server);
    assert!(!connect::is_taken(&disks.backup()));
}

#[tokio::test]
async fn a_snapshot_of_another_length_is_unpacked_no_further() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    let head = generation.head(1).unwrap();
    let length = head.stamp.bytes;
    for wrong in [length - 1, length + 1] {
        let mut head = head.clone();
        head.stamp.bytes = wrong;
        let content = vec![0; usize::try_from(length).unwrap()];
        record::write_snapshot(&generation.snapshot(1), &head, &content[..]).unwrap();
        let refused = disks.restore(&tenant, None).unwrap_err().to_string();
        assert!(refused.contains("another length"), "{refused}");
    }
    let left = fs::read_dir(&disks.path).unwrap();
    let mut left = left.map(|entry| entry.unwrap().path());
    assert!(left.all(|path| path.extension().is_none_or(|ending| ending != "new")));
}
