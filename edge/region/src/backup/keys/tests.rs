//! The history of small files.

use std::sync::atomic::{AtomicU32, Ordering};

use slotstead_shared::Region;

use super::*;

const NOW: UnixSeconds = 1_795_000_000;
const DAY: i64 = 86_400;

struct Folders(PathBuf);

impl Folders {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("slotstead-keys-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("backup")).unwrap();
        let folders = Self(path);
        fs::create_dir_all(folders.keys()).unwrap();
        folders
    }

    fn history(&self) -> History {
        History::new(self.0.join("keys"), self.0.join("backup"))
    }

    fn keys(&self) -> PathBuf {
        self.0.join("keys").join(tenant().as_str())
    }

    fn write(&self, file: &str, text: &str) {
        folder::write_whole(&self.keys().join(file), text.as_bytes()).unwrap();
    }

    /// What is restored, as `file=text` in order.
    fn restored(&self, at: UnixSeconds) -> Vec<String> {
        let out = self.0.join("out");
        let _ = fs::remove_dir_all(&out);
        restore(&self.0.join("backup"), None, at, &out).unwrap();
        let mut found = Vec::new();
        for name in tenants(&out).unwrap() {
            let of = out.join(name.as_str());
            for file in files(&of).unwrap() {
                let text = fs::read_to_string(of.join(&file)).unwrap();
                assert_eq!(name, tenant());
                found.push(format!("{file}={text}"));
            }
        }
        found
    }

    /// Every byte in the backup.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in tenants(&self.0.join("backup")).unwrap() {
            let folder = self.0.join("backup").join(name.as_str());
            for file in fs::read_dir(folder).into_iter().flatten() {
                bytes.extend(fs::read(file.unwrap().path()).unwrap());
            }
        }
        bytes
    }

    fn holds(&self, text: &str) -> bool {
        let bytes = self.bytes();
        bytes
            .windows(text.len())
            .any(|found| found == text.as_bytes())
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn backup_of(folders: &Folders) -> PathBuf {
    folders.0.join("backup").join(tenant().as_str())
}

/// No tenant is known any more.
fn nobody(_: &TenantId) -> bool {
    false
}

fn tenant() -> TenantId {
    TenantId::assemble(Region::Cbr, [1; 16], |_| [0; 10])
}

#[test]
fn what_the_files_were_is_known_for_days_and_what_they_are_for_ever() {
    let folders = Folders::new();
    let history = folders.history();
    folders.write("ring", "ring one");
    folders.write("page-1", "page one");
    history.keep(&tenant(), NOW).unwrap();
    folders.write("page-1", "page two");
    history.keep(&tenant(), NOW + DAY).unwrap();
    fs::remove_file(folders.keys().join("page-1")).unwrap();
    folders.write("page-2", "page three");
    history.keep(&tenant(), NOW + 2 * DAY).unwrap();
    assert!(folders.restored(NOW - 1).is_empty());
    assert_eq!(folders.restored(NOW), ["page-1=page one", "ring=ring one"]);
    assert_eq!(
        folders.restored(NOW + DAY),
        ["page-1=page two", "ring=ring one"]
    );
    let last = ["page-2=page three", "ring=ring one"];
    assert_eq!(folders.restored(NOW + 2 * DAY), last);
    assert_eq!(history.prune(NOW + 7 * DAY - 1, nobody).unwrap(), 0);
    assert_eq!(history.prune(NOW + 7 * DAY, nobody).unwrap(), 1);
    assert!(!folders.holds("page one") && folders.holds("page two"));
    assert_eq!(history.prune(NOW + 8 * DAY, nobody).unwrap(), 2);
    assert!(!folders.holds("page two"));
    assert_eq!(history.prune(NOW + 900 * DAY, nobody).unwrap(), 0);
    assert_eq!(folders.restored(NOW + 900 * DAY), last);
}

#[test]
fn a_folder_that_went_is_found_by_looking_at_all() {
    let folders = Folders::new();
    let history = folders.history();
    folders.write("ring", "secret");
    history.keep_all(NOW).unwrap();
    fs::remove_dir_all(folders.keys()).unwrap();
    history.keep_all(NOW + 1).unwrap();
    assert!(folders.restored(NOW + 1).is_empty());
    assert_eq!(folders.restored(NOW), ["ring=secret"]);
    // Twice a day is often enough for 7 days.
    let mut now = NOW + 1;
    while folders.holds("secret") {
        now += DAY / 2;
        history.prune(now, nobody).unwrap();
    }
    assert!(now - NOW <= 7 * DAY, "{}", now - NOW);
    assert!(tenants(&folders.0.join("backup")).unwrap().is_empty());
}

#[test]
fn what_a_known_tenant_had_last_stays_and_nothing_before_it() {
    let folders = Folders::new();
    let history = folders.history();
    for (text, now) in [("with key", NOW), ("without", NOW + 1)] {
        folders.write("page-0", text);
        history.keep(&tenant(), now).unwrap();
    }
    fs::remove_dir_all(folders.keys()).unwrap();
    history.keep_all(NOW + 2).unwrap();
    let later = NOW + 900 * DAY;
    history.prune(later, |known| *known == tenant()).unwrap();
    assert!(!folders.holds("with key"));
    assert!(folders.restored(later).is_empty());
    assert_eq!(folders.restored(NOW + 1), ["page-0=without"]);
    // It comes back, and what it was before is pruned as ever.
    fs::create_dir(folders.keys()).unwrap();
    folders.write("page-0", "restored");
    history.keep(&tenant(), later).unwrap();
    history.prune(later + 7 * DAY, |_| true).unwrap();
    assert!(!folders.holds("without"));
    assert_eq!(folders.restored(later), ["page-0=restored"]);
}

#[test]
fn an_empty_disk_in_the_place_of_the_keys_destroys_no_backup() {
    let folders = Folders::new();
    folders.write("ring", "one");
    folders.history().keep_all(NOW).unwrap();
    let disk = folders.0.join("keys");
    fs::remove_dir_all(&disk).unwrap();
    fs::create_dir(&disk).unwrap();
    let history = folders.history();
    let refused = history.keep_all(NOW + 1).unwrap_err().to_string();
    assert!(refused.contains("is not the folder"), "{refused}");
    fs::create_dir(folders.keys()).unwrap();
    folders.write("ring", "new");
    assert!(history.keep(&tenant(), NOW + 1).is_err());
    assert!(history.prune(NOW + 900 * DAY, nobody).is_err());
    assert_eq!(folders.restored(NOW + 1), ["ring=one"]);
    // Only what was restored whole goes on.
    fs::remove_dir_all(&disk).unwrap();
    let backup = folders.0.join("backup");
    restore(&backup, Some(&tenant()), NOW, &disk).unwrap();
    assert!(history.keep_all(NOW + 1).is_err());
    fs::remove_dir_all(&disk).unwrap();
    restore(&backup, None, NOW, &disk).unwrap();
    history.keep_all(NOW + 1).unwrap();
    assert_eq!(folders.restored(NOW + 1), ["ring=one"]);
    assert_eq!(files(&backup_of(&folders)).unwrap().len(), 1);
}

#[test]
fn a_share_that_is_not_mounted_and_one_of_another_server_are_refused() {
    let folders = Folders::new();
    folders.write("ring", "one");
    let history = folders.history();
    history.keep_all(NOW).unwrap();
    let (backup, away) = (folders.0.join("backup"), folders.0.join("away"));
    fs::rename(&backup, &away).unwrap();
    fs::create_dir(&backup).unwrap();
    folders.write("ring", "two");
    assert!(history.keep(&tenant(), NOW + 1).is_err());
    assert!(tenants(&backup).unwrap().is_empty());
    fs::remove_dir_all(&backup).unwrap();
    fs::rename(&away, &backup).unwrap();
    history.keep(&tenant(), NOW + 1).unwrap();
    assert_eq!(folders.restored(NOW + 1), ["ring=two"]);
    // Another's keys are others, so ours would be gone for it.
    let others = folders.0.join("others");
    fs::create_dir(&others).unwrap();
    let other = History::new(others, backup);
    let refused = other.keep_all(NOW + 2).unwrap_err().to_string();
    assert!(refused.contains("used by another"), "{refused}");
    drop(history);
    assert!(other.keep_all(NOW + 2).is_err());
    assert_eq!(folders.restored(NOW + 2), ["ring=two"]);
}

#[test]
fn what_belongs_to_no_tenant_and_one_that_fails_keep_no_other() {
    let folders = Folders::new();
    let history = folders.history();
    for (text, now) in [("with key", NOW), ("without", NOW + 1)] {
        folders.write("page-0", text);
        history.keep(&tenant(), now).unwrap();
    }
    // As on a disk that was formatted, with what would fail if it were looked at.
    for of in ["backup", "keys"] {
        let lost = folders.0.join(of).join("lost+found");
        fs::create_dir(&lost).unwrap();
        std::os::unix::fs::symlink(&lost, lost.join("page-1@1")).unwrap();
    }
    let broken = TenantId::assemble(Region::Cbr, [0; 16], |_| [0; 10]);
    let way = folders.0.join("backup").join(broken.as_str());
    fs::write(&way, "in the way").unwrap();
    let later = NOW + 9 * DAY;
    folders.write("page-0", "newest");
    assert!(history.keep_all(later).is_err());
    assert!(history.prune(later, |_| true).is_err());
    assert!(!folders.holds("with key") && folders.holds("newest"));
    fs::remove_file(way).unwrap();
    history.keep_all(later).unwrap();
    history.prune(later, |_| true).unwrap();
}

#[test]
fn what_was_written_while_the_clock_was_ahead_goes_in_time() {
    let folders = Folders::new();
    let history = folders.history();
    let ahead = NOW + 365 * DAY;
    for (number, text) in ["with key", "with another", "without"].iter().enumerate() {
        folders.write("page-0", text);
        let now = if number < 2 { ahead } else { NOW + 60 };
        history.keep(&tenant(), now).unwrap();
    }
    history.prune(NOW + 60, |_| true).unwrap();
    assert_eq!(folders.restored(NOW + 70), ["page-0=without"]);
    history.prune(NOW + 7 * DAY, |_| true).unwrap();
    assert!(!folders.holds("with key") && !folders.holds("with another"));
    assert_eq!(folders.restored(NOW + 7 * DAY), ["page-0=without"]);
}

#[test]
fn what_was_written_in_halves_is_removed() {
    let folders = Folders::new();
    let history = folders.history();
    folders.write("page-0", "whole");
    history.keep(&tenant(), NOW).unwrap();
    let half = backup_of(&folders).join("page-0@001795000001.new");
    fs::write(half, "half a key").unwrap();
    history.prune(NOW, |_| true).unwrap();
    assert!(!folders.holds("half a key"));
    assert_eq!(folders.restored(NOW), ["page-0=whole"]);
    // A disk that refuses the name refuses it after the writing.
    let taken = folders.0.join("taken");
    fs::create_dir_all(taken.join("by a folder")).unwrap();
    assert!(crate::disk::put(&taken, b"half a key").is_err());
    assert!(!crate::disk::new(&taken).exists());
}

#[test]
fn what_is_the_same_is_kept_once_whatever_the_clock_says() {
    let folders = Folders::new();
    folders.write("ring", "one");
    for now in [NOW, NOW, NOW + 5] {
        folders.history().keep(&tenant(), now).unwrap();
        folders.history().keep_all(now).unwrap();
    }
    assert_eq!(files(&backup_of(&folders)).unwrap().len(), 1);
    // The clock is set back, and the newest stays the newest.
    folders.write("ring", "two");
    folders.history().keep(&tenant(), NOW - DAY).unwrap();
    assert_eq!(folders.restored(NOW + 1), ["ring=two"]);
}

#[test]
fn a_changed_version_is_named_and_not_restored() {
    let folders = Folders::new();
    folders.write("ring", "one");
    folders.history().keep_all(NOW).unwrap();
    let backup = folders.0.join("backup");
    assert_eq!(verify(&backup).unwrap(), (1, Vec::new()));
    let version = backup_of(&folders).join(&files(&backup_of(&folders)).unwrap()[0]);
    let mut bytes = fs::read(&version).unwrap();
    bytes[0] ^= 1;
    fs::write(&version, bytes).unwrap();
    let (_, wrong) = verify(&backup).unwrap();
    assert!(wrong[0].contains("ring@"), "{wrong:?}");
    assert!(restore(&backup, None, NOW, &folders.0.join("out")).is_err());
}

#[test]
fn a_backup_folder_that_is_not_there_is_an_error_and_is_not_made() {
    let folders = Folders::new();
    folders.write("ring", "one");
    fs::remove_dir(folders.0.join("backup")).unwrap();
    assert!(folders.history().keep(&tenant(), NOW).is_err());
    assert!(!folders.0.join("backup").exists());
}
