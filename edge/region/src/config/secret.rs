//! Files with secrets: what is in them is told to nobody, and they are readable by nobody else on this machine.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use zeroize::Zeroizing;

use super::Given;

/// Everybody else may read.
const OTHERS_READ: u32 = 0o004;

/// The text of a file with a secret.
pub fn read(given: &mut Given, key: &'static str, file: &Path) -> Option<Zeroizing<String>> {
    let shown = file.display();
    match fs::read_to_string(file) {
        Ok(text) => {
            keep(given, key, file);
            Some(Zeroizing::new(text))
        }
        Err(error) => {
            given.mistake(key, format!("{shown} cannot be read: {error}"));
            None
        }
    }
}

/// Refuses a file that every user of this machine can read. A group may: it is how some are handed in.
pub fn keep(given: &mut Given, key: &'static str, file: &Path) {
    let mode = file.metadata().map(|found| found.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS_READ != 0) {
        let shown = file.display();
        let wrong = format!("{shown} can be read by every user of this machine: chmod o= {shown}");
        given.mistake(key, wrong);
    }
}
