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
        for name in folders(&out).unwrap() {
            for file in files(&out.join(&name)).unwrap() {
                let text = fs::read_to_string(out.join(&name).join(&file)).unwrap();
                assert_eq!(name, tenant().as_str());
                found.push(format!("{file}={text}"));
            }
        }
        found
    }

    /// Every byte in the backup.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in folders(&self.0.join("backup")).unwrap() {
            let folder = self.0.join("backup").join(name);
            for file in files(&folder).unwrap() {
                bytes.extend(fs::read(folder.join(file)).unwrap());
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
    assert_eq!(history.prune(NOW + 7 * DAY - 1).unwrap(), 0);
    assert_eq!(history.prune(NOW + 7 * DAY).unwrap(), 1);
    assert!(!folders.holds("page one") && folders.holds("page two"));
    assert_eq!(history.prune(NOW + 8 * DAY).unwrap(), 2);
    assert!(!folders.holds("page two"));
    assert_eq!(history.prune(NOW + 900 * DAY).unwrap(), 0);
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
        history.prune(now).unwrap();
    }
    assert!(now - NOW <= 7 * DAY, "{}", now - NOW);
    assert_eq!(fs::read_dir(folders.0.join("backup")).unwrap().count(), 0);
}

#[test]
fn what_is_the_same_is_kept_once_whatever_the_clock_says() {
    let folders = Folders::new();
    let history = folders.history();
    folders.write("ring", "one");
    for now in [NOW, NOW, NOW + 5] {
        history.keep(&tenant(), now).unwrap();
        folders.history().keep_all(now).unwrap();
    }
    assert_eq!(files(&backup_of(&folders)).unwrap().len(), 1);
    // The clock is set back, and the newest stays the newest.
    folders.write("ring", "two");
    history.keep(&tenant(), NOW - DAY).unwrap();
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
