//! The program itself: its configuration, its signals, its exit status.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, ChildStderr, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{Folder, SEALING_KEYS, write_secret};

const PROGRAM: &str = env!("CARGO_BIN_EXE_slotstead-region");

fn folder(changes: &str) -> Folder {
    let folder = Folder::new();
    let made = Command::new(PROGRAM)
        .args(["certificates", ".", "localhost"])
        .current_dir(&folder.0)
        .status()
        .unwrap();
    assert!(made.success());
    let text = format!(
        r#"
region = "cbr"
listen = "127.0.0.1:0"
data = "stores"
public_origin = "https://book.example.com"
{changes}
[keys]
folder = "keys"
sealing_file = "sealing.keys"
[tls]
certificate = "region.pem"
key = "region.key"
edge_ca = "edge-ca.pem"
"#
    );
    for keys in ["keys", "other-keys"] {
        fs::create_dir_all(folder.0.join(keys)).unwrap();
    }
    write_secret(&folder.0.join("sealing.keys"), SEALING_KEYS);
    fs::write(folder.0.join("region.toml"), text).unwrap();
    folder
}

fn program(folder: &Folder, command: &str) -> Command {
    let mut program = Command::new(PROGRAM);
    program
        .args([command, "region.toml"])
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

/// Starts it and reads its lines until it serves.
fn serving(folder: &Folder) -> (Child, BufReader<ChildStderr>) {
    let mut child = program(folder, "serve").spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"serving\"") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended");
    }
    (child, lines)
}

#[test]
fn a_wrong_configuration_names_each_mistake_and_starts_nothing() {
    let folder = folder("colour = \"red\"\nid_key_file = \"none\"\n");
    for command in ["serve", "check"] {
        let output = program(&folder, command).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("colour is no setting"), "{said}");
        assert!(said.contains("id_key_file"), "{said}");
    }
    assert!(!folder.0.join("stores").exists());
}

#[test]
fn certificates_are_never_replaced() {
    let folder = folder("");
    let key = fs::read(folder.0.join("region.key")).unwrap();
    let again = Command::new(PROGRAM)
        .args(["certificates", ".", "localhost"])
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(!again.status.success());
    assert_eq!(fs::read(folder.0.join("region.key")).unwrap(), key);
}

#[test]
fn one_process_has_the_folder_until_it_is_asked_to_stop() {
    let folder = folder("");
    for signal in [Signal::TERM, Signal::INT] {
        let (mut child, mut lines) = serving(&folder);
        let refused = |variable, value, which: &str| {
            let mut second = program(&folder, "serve");
            let second = second.env(variable, value).output().unwrap();
            let said = String::from_utf8(second.stderr).unwrap();
            let expected = format!("{which} is used by another region server");
            assert!(
                !second.status.success() && said.contains(&expected),
                "{said}"
            );
        };
        // Where stores are in a database, the folder of keys is all that two have in common.
        refused("SLOTSTEAD_REGION_DATA", "other", "keys");
        refused("SLOTSTEAD_REGION_KEYS_FOLDER", "other-keys", "stores");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert!(child.wait().unwrap().success());
        let mut rest = String::new();
        while lines.read_line(&mut rest).unwrap() > 0 {}
        assert!(rest.contains("\"stopped\""), "{rest}");
    }
}

#[test]
fn an_address_that_somebody_has_is_told_with_its_setting() {
    let folder = folder("");
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    for (variable, setting) in [
        ("SLOTSTEAD_REGION_LISTEN", "listen"),
        ("SLOTSTEAD_REGION_ADMIN_LISTEN", "admin.listen"),
    ] {
        let mut refused = program(&folder, "serve");
        let refused = refused.env(variable, &address).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        let named = format!("{setting} {address} cannot be listened to: Address already in use");
        assert_eq!(refused.status.code(), Some(1));
        assert!(said.starts_with(&named), "{said}");
    }
}
