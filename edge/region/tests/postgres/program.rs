//! The program over a database: what it says of it, and what it never says.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use xtask::stack::PASSWORD;

use crate::kit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_slotstead-region");

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, database: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        slotstead_region::certificates::write(&folder, "localhost", 1).unwrap();
        let text = format!(
            r#"
region = "cbr"
listen = "127.0.0.1:0"
public_origin = "https://book.example.com"
[database]
{database}
[keys]
folder = "keys"
sealing_file = "sealing.keys"
[tls]
certificate = "region.pem"
key = "region.key"
edge_ca = "edge-ca.pem"
"#
        );
        let keys = "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
        let file = folder.join("sealing.keys");
        fs::write(&file, keys).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        fs::create_dir_all(folder.join("keys")).unwrap();
        fs::write(folder.join("region.toml"), text).unwrap();
        Self(folder)
    }

    fn check(&self, more: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(["check", "region.toml"])
            .args(more)
            .current_dir(&self.0)
            .output()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn said(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(!said.contains(PASSWORD), "the password is told: {said}");
    said
}

#[test]
fn check_asks_the_database_only_when_told_to_and_never_tells_the_password() {
    let world = World::new();
    let folder = Folder::new("slotstead-program", &format!("url = \"{}\"", world.url));
    assert!(folder.check(&[]).status.success());
    let looked = folder.check(&["--database"]);
    assert!(looked.status.success(), "{}", said(&looked));
    let made = world.psql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'slotstead%'");
    assert_eq!(made.unwrap(), "0", "a look changes nothing");
    let nowhere = world.cluster.url(&world.name, "nowhere");
    let folder = Folder::new("slotstead-nowhere", &format!("url = \"{nowhere}\""));
    assert!(folder.check(&[]).status.success(), "nothing is asked");
    let looked = folder.check(&["--database"]);
    assert!(!looked.status.success());
    let named = "3D000: there is no database of this name, see database.url";
    assert!(said(&looked).contains(named), "{}", said(&looked));
    let started = Command::new(PROGRAM)
        .args(["serve", "region.toml"])
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(!started.status.success());
    assert!(said(&started).contains(named), "{}", said(&started));
}
