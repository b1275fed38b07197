//! A disk that is not where it was, or is empty.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::{
    kit::Owner,
    machine::{Machine, said},
};

const CONFIG: &str = "region.toml";

const DISKS: [(&str, &str); 3] = [
    ("data", "stores"),
    ("backup.folder", "backup"),
    ("backup.keys_folder", "backup-of-keys"),
];

/// A machine whose server was stopped after a booking that is backed up.
async fn stopped() -> (Machine, Owner) {
    let machine = Machine::new();
    // Nobody is a tenant yet, and that is right.
    machine.told(&["check", CONFIG]);
    let mut server = machine.start();
    let (owner, slots) = server.business(1).await;
    server.booked(&owner, &slots[0]).await;
    machine.told(&["backup", CONFIG]);
    server.kill();
    machine.told(&["check", CONFIG]);
    (machine, owner)
}

/// `check` and `serve` say that there are tenants elsewhere.
fn is_refused(machine: &Machine, elsewhere: &str) {
    for (command, code) in [("check", 78), ("serve", 1)] {
        let refused = machine.run(&[command, CONFIG]);
        let said = said(&refused);
        assert_eq!(refused.status.code(), Some(code), "{said}");
        let named = format!("holds no store, but there are tenants in {elsewhere}: mount");
        assert!(said.contains(&named), "{said}");
    }
}

#[tokio::test]
async fn an_empty_disk_of_stores_is_not_taken_for_a_beginning() {
    let (machine, owner) = stopped().await;
    let (stores, tenant) = (machine.path("stores"), owner.tenant.as_str());
    fs::rename(&stores, machine.path("unmounted")).unwrap();
    fs::create_dir(&stores).unwrap();
    is_refused(&machine, "keys.folder and backup.folder");
    assert_eq!(fs::read_dir(&stores).unwrap().count(), 0);
    fs::rename(machine.path("backup").join(tenant), machine.path("moved")).unwrap();
    is_refused(&machine, "keys.folder");
    fs::rename(machine.path("moved"), machine.path("backup").join(tenant)).unwrap();
    machine.told(&["restore", CONFIG, "--all", "--in-place"]);
    machine.told(&["check", CONFIG]);
    machine.start();
}

#[tokio::test]
async fn a_region_whose_tenants_were_moved_away_begins_anew() {
    let (machine, owner) = stopped().await;
    fs::rename(machine.path("stores"), machine.path("old-stores")).unwrap();
    fs::rename(
        machine.path("keys").join(owner.tenant.as_str()),
        machine.path("old-keys"),
    )
    .unwrap();
    fs::create_dir(machine.path("stores")).unwrap();
    is_refused(&machine, "backup.folder");
    fs::rename(
        machine.path("backup").join(owner.tenant.as_str()),
        machine.path("old"),
    )
    .unwrap();
    machine.told(&["check", CONFIG]);
    let server = machine.start();
    server.business(2).await;
}

#[test]
fn check_names_each_folder_that_is_missing_or_cannot_be_written_to() {
    let machine = Machine::new();
    machine.told(&["check", CONFIG]);
    let refused = |wrong: &str| {
        let checked = machine.run_without_powers(&["check", CONFIG]);
        assert_eq!(checked.status.code(), Some(78));
        let said = said(&checked);
        let named = DISKS
            .iter()
            .filter(|(setting, disk)| said.contains(&format!("{setting} {disk} {wrong}")));
        assert_eq!(
            (named.count(), said.lines().count()),
            (DISKS.len(), DISKS.len()),
            "{said}"
        );
    };
    let allow_all = |mode| {
        for (_, disk) in DISKS {
            fs::set_permissions(machine.path(disk), Permissions::from_mode(mode)).unwrap();
        }
    };
    allow_all(0o555);
    refused("cannot be used by this user");
    allow_all(0o755);
    for (_, disk) in DISKS {
        fs::remove_dir(machine.path(disk)).unwrap();
    }
    refused("is no folder");
    assert!(!machine.path("stores").exists());
}

#[tokio::test]
async fn keys_are_restored_to_where_a_server_was_started_but_not_while_it_runs() {
    let (machine, _) = stopped().await;
    fs::rename(machine.path("keys"), machine.path("lost")).unwrap();
    fs::create_dir(machine.path("keys")).unwrap();
    let mut server = machine.start();
    assert_eq!(server.send("/healthz", Vec::new()).await.unwrap().0, 200);
    let words = ["restore", CONFIG, "--keys", "--all", "--to", "keys"];
    let refused = machine.run(&words);
    let told = said(&refused);
    assert!(
        !refused.status.success() && told.contains("stop it"),
        "{told}"
    );
    server.kill();
    for left in ["health", "lock"] {
        assert!(machine.path("keys").join(left).exists(), "{left}");
    }
    machine.told(&words);
    let again = machine.run(&words);
    assert!(said(&again).contains("holds keys already"), "{again:?}");
}
