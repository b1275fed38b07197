//! What the commands about backups say, and what they leave alone.

use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, chown},
    path::PathBuf,
};

use serde_json::Value as Json;
use slotstead_tenant::store::sqlite::log_of;

use crate::{
    kit::SEALING_KEYS,
    machine::{Machine, said},
};

const CONFIG: &str = "region.toml";

#[tokio::test]
async fn what_cannot_be_done_is_said_and_nothing_is_touched() {
    let machine = Machine::new();
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    server.booked(&owner, &slots[0]).await;
    machine.told(&["backup", CONFIG]);
    let tenant = owner.tenant.to_string();
    let stranger = crate::kit::id_key()
        .new_tenant(slotstead_shared::Region::Cbr, [9; 16])
        .to_string();
    let stores = machine.path("stores").display().to_string();
    let whole = fs::read(machine.store(&owner)).unwrap();
    for (words, code, named) in [
        (&["restore", CONFIG][..], 1, "--tenant ID or --all"),
        (&["restore", CONFIG, "--all"], 1, "--to FOLDER"),
        (
            &["restore", CONFIG, "--all", "--to", &stores],
            1,
            "--in-place",
        ),
        (
            &["restore", CONFIG, "--all", "--at", "soon"],
            2,
            "--at soon",
        ),
        (
            &["restore", CONFIG, "--tenant", "x", "--to", "y"],
            2,
            "--tenant x",
        ),
        (
            &["restore", CONFIG, "--tenant", &stranger, "--to", "y"],
            1,
            "holds no backup",
        ),
        (
            &[
                "restore", CONFIG, "--tenant", &tenant, "--at", "@5", "--to", "y",
            ],
            1,
            "nothing is kept",
        ),
        (
            &["backup", CONFIG, "--tenant", &stranger],
            1,
            "has no store here",
        ),
        (
            &["verify", CONFIG, "--tenant", &stranger],
            1,
            "has no backup",
        ),
        (&["verify", CONFIG, "--all"], 2, "--all"),
        (
            &["restore", CONFIG, "--keys", "--to", "y"],
            1,
            "--tenant ID or --all",
        ),
        (
            &["restore", CONFIG, "--keys", "--all", "--to", "keys"],
            1,
            "holds keys already",
        ),
        (&["restore", CONFIG, "--keys", "--all"], 1, "--to FOLDER"),
    ] {
        let output = machine.run(words);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
    assert_eq!(fs::read(machine.store(&owner)).unwrap(), whole);
    // A backup that cannot be restored fails the command, by name.
    let generation = machine.path("backup").join(&tenant).join("00000001");
    let log = generation.join("00000001.log");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, bytes).unwrap();
    let output = machine.run(&["verify", CONFIG]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("00000001.log is damaged"),
        "{}",
        said(&output)
    );
    // Begun anew it is whole again, with the server or without one.
    machine.told(&["backup", CONFIG, "--anew"]);
    server.kill();
    machine.told(&["backup", CONFIG, "--tenant", &tenant, "--anew"]);
    let out = machine.path("out").display().to_string();
    machine.told(&["restore", CONFIG, "--tenant", &tenant, "--to", &out]);
    let again = machine.run(&["restore", CONFIG, "--tenant", &tenant, "--to", &out]);
    assert!(
        said(&again).contains("is there already"),
        "{}",
        said(&again)
    );
}

/// A machine whose server was stopped after a backup of two bookings, the tenant, and its store elsewhere.
async fn stopped() -> (Machine, String, PathBuf) {
    let machine = Machine::new();
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    for slot in &slots[..2] {
        server.booked(&owner, slot).await;
        machine.told(&["backup", CONFIG]);
    }
    server.kill();
    let tenant = owner.tenant.to_string();
    let store = machine.path("out").join(format!("{tenant}.sqlite"));
    (machine, tenant, store)
}

#[tokio::test]
async fn nothing_is_restored_as_of_a_time_that_is_still_to_come() {
    let (machine, ..) = stopped().await;
    for what in [&["--all"][..], &["--keys", "--all"]] {
        let words = [
            "restore",
            CONFIG,
            "--at",
            "9999-12-31T23:59:59Z",
            "--to",
            "y",
        ];
        let refused = machine.run(&[&words[..], what].concat());
        assert_eq!(refused.status.code(), Some(1));
        let named = "--at is a time that is still to come";
        assert!(said(&refused).starts_with(named), "{refused:?}");
    }
    assert!(!machine.path("y").exists());
}

#[tokio::test]
async fn a_log_that_was_left_is_never_that_of_what_is_restored() {
    let (machine, tenant, store) = stopped().await;
    let out = machine.path("out").display().to_string();
    let words = ["restore", CONFIG, "--tenant", &tenant, "--to", &out];
    machine.told(&words);
    assert_eq!(store.metadata().unwrap().permissions().mode() & 0o077, 0);
    let good = fs::read(&store).unwrap();
    fs::write(log_of(&store), "of another state").unwrap();
    for _ in 0..2 {
        let refused = machine.run(&words);
        assert!(said(&refused).contains("is there already"), "{refused:?}");
        // The second time there is a log and no store.
        let _ = fs::remove_file(&store);
    }
    fs::write(&store, "another state").unwrap();
    machine.told(&[&words[..], &["--replace"]].concat());
    // The same as before, but for the second in which it was told that it is a restored one.
    let again = fs::read(&store).unwrap();
    assert_eq!((again.len(), &again[..24]), (good.len(), &good[..24]));
    assert!(!log_of(&store).exists());
    let aside = fs::read_dir(machine.path("out/replaced")).unwrap();
    assert_eq!(aside.count(), 2, "the store and its log");
    // One restore at a time makes its files there.
    fs::create_dir_all(machine.path("out/restored")).unwrap();
    let other = File::open(machine.path("out/restored")).unwrap();
    other.lock().unwrap();
    let refused = machine.run(&[&words[..], &["--replace"]].concat());
    assert!(said(&refused).contains("another restore"), "{refused:?}");
}

#[tokio::test]
async fn half_a_record_is_told_and_fails_a_backup_that_nobody_writes() {
    let (machine, tenant, _) = stopped().await;
    machine.told(&["verify", CONFIG]);
    let log = machine
        .path("backup")
        .join(&tenant)
        .join("00000001/00000001.log");
    let bytes = fs::read(&log).unwrap();
    fs::write(&log, &bytes[..bytes.len() - 1]).unwrap();
    let broken = machine.run(&["verify", CONFIG]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(said(&broken).contains("half a record"), "{broken:?}");
    let out = machine.path("out").display().to_string();
    let told = machine.told(&["restore", CONFIG, "--tenant", &tenant, "--to", &out]);
    assert!(told.contains("half a record"), "{told}");
    machine.told(&["backup", CONFIG]);
    let told = machine.told(&["verify", CONFIG]);
    assert!(told.contains(" 0 broken"), "{told}");
}

#[tokio::test]
async fn an_old_regional_key_is_not_left_behind_in_the_backup_of_keys() {
    let (machine, tenant, _) = stopped().await;
    let keys = SEALING_KEYS.replace("k1:", "");
    let other = keys.replacen('B', "C", 1);
    fs::write(
        machine.path("sealing.keys"),
        format!("k2:{other},k1:{keys}"),
    )
    .unwrap();
    let mut server = machine.start();
    let left = server.hears("keyrings under old keys");
    assert_eq!(left["left"], 0);
    server.kill();
    fs::write(machine.path("sealing.keys"), format!("k2:{other}")).unwrap();
    let out = machine.path("keys-again").display().to_string();
    machine.told(&["restore", CONFIG, "--keys", "--all", "--to", &out]);
    let ring = fs::read(machine.path("keys-again").join(&tenant).join("ring"));
    let ring: Json = serde_json::from_slice(&ring.unwrap()).unwrap();
    assert_eq!(ring["regional_key"], "k2");
}

#[test]
fn only_the_user_of_the_stores_does_what_the_server_does() {
    let machine = Machine::new();
    let stores = machine.path("stores");
    // Whoever runs the tests owns the one or not the other.
    let theirs = match chown(&stores, Some(65_534), None) {
        Ok(()) => stores,
        Err(_) => "/".into(),
    };
    for words in [
        &["backup", CONFIG][..],
        &["restore", CONFIG, "--all", "--in-place"],
    ] {
        let refused = machine.run_with(words, &[("SLOTSTEAD_REGION_DATA", &theirs)]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains("another user"), "{refused:?}");
    }
}

#[test]
fn where_the_stores_are_in_a_database_its_own_backup_is_pointed_at() {
    let machine = Machine::new();
    let file = machine.path(CONFIG);
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("[backup]").unwrap();
    let (_, after) = rest.split_once("[keys]").unwrap();
    let before = before.replace("data = \"stores\"", "");
    let database = "[database]\nurl = \"postgres://slotstead@localhost/slotstead\"";
    fs::write(&file, format!("{before}{database}\n[keys]{after}")).unwrap();
    for words in [
        &["backup", CONFIG][..],
        &["verify", CONFIG],
        &["restore", CONFIG, "--all", "--in-place"],
        &["restore", CONFIG, "--keys", "--all", "--to", "y"],
    ] {
        let refused = machine.run(words);
        let said = said(&refused);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("docs/region.md, PostgreSQL"), "{said}");
        assert!(said.starts_with("database.url is given"), "{said}");
    }
}
