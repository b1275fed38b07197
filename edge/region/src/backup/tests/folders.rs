//! Whose the folders of backups are, and what is in which of them when.

use std::process;

use slotstead_tenant::store::sqlite::Log;

use super::*;

/// Leaves the log alone.
struct Never;

impl Log for Never {
    fn committed(&mut self, _: u32) -> bool {
        false
    }

    fn emptied(&mut self, _: bool) {}
}

fn tenant() -> TenantId {
    TenantId::assemble(Region::Cbr, [1; 16], |_| [0; 10])
}

#[tokio::test]
async fn a_failure_with_one_tenant_gives_the_folder_to_no_other_server() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    let other = server.sign_up(2).await;
    fs::write(disks.of(&other), "in the way").unwrap();
    let failed = server.backup.pass(&[other], false, |_, _| ());
    assert!(failed.is_err());
    let places = Places {
        data: disks.path.join("other"),
        folder: disks.backup(),
    };
    fs::create_dir(&places.data).unwrap();
    let now = Arc::clone(&disks.now);
    let second = Backup::new(places, None, 60, Arc::new(move || now.load(SeqCst)));
    let refused = second.prune().unwrap_err().to_string();
    assert!(refused.contains("used by another"), "{refused}");
    server.rename(&tenant, "later").await;
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "later");
}

#[tokio::test]
async fn what_another_server_wrote_meanwhile_is_looked_at_anew() {
    let disks = Disks::new();
    let first = disks.server();
    let tenant = first.sign_up(1).await;
    first.pass(&tenant);
    first.later(1);
    first.rename(&tenant, "first").await;
    first.pass(&tenant);
    // A copy of the machine that should not run, at a share that forgot its locks. Closing a file of the store in
    // this process would take SQLite's lock from it.
    let data = disks.path.join("data");
    let mut copy = process::Command::new("cp");
    let copied = copy
        .arg("-r")
        .args([data, disks.path.join("copy")])
        .status();
    assert!(copied.unwrap().success());
    fs::remove_file(disks.backup().join("lock")).unwrap();
    let tenants = [tenant.clone()];
    let now = Arc::clone(&disks.now);
    let second = disks.server_with(None, Arc::new(move || now.load(SeqCst)), "copy");
    second.later(5);
    second.rename(&tenant, "second").await;
    second.pass(&tenant);
    let refused = first.backup.pass(&tenants, false, |_, _| ()).unwrap_err();
    assert!(refused[0].contains("used by another"), "{refused:?}");
    drop(second);
    first.later(5);
    first.rename(&tenant, "first again").await;
    first.pass(&tenant);
    let verified = disks.verified(&tenant);
    assert!(verified.broken.is_empty(), "{verified:?}");
    for (after, name) in [(1, "first"), (6, "second"), (11, "first again")] {
        let restored = disks.restored(&tenant, Some(START + after)).unwrap();
        assert_eq!(restored, name);
    }
}

#[tokio::test]
async fn keys_are_backed_up_before_what_was_committed_with_them() {
    // Whoever asks for the time finds that a key was made just then: as a copy is begun, and as the frames behind it
    // are read.
    for asked_before in [1, 3] {
        let disks = Disks::new();
        let (of, history) = disks.keys(&tenant());
        let asked = AtomicU32::new(0);
        let clock = move || {
            if asked.fetch_add(1, SeqCst) == asked_before {
                fs::write(of.join("page-0"), "key").unwrap();
            }
            START
        };
        let server = disks.server_with(Some(history), Arc::new(clock), "data");
        let watch = Arc::clone(&server.backup.entry(&tenant()).watch);
        let mut store = Sqlite::in_file(&disks.store(&tenant())).unwrap();
        store.keep_log(Never).unwrap();
        store.run("CREATE TABLE t (a BIGINT)", &[]).unwrap();
        watch.mark(START);
        server.pass(&tenant());
        let kept = disks.path.join("backup-of-keys").join(tenant().as_str());
        let kept = fs::read_dir(kept).map_or(0, Iterator::count);
        assert_eq!(kept, 1, "{asked_before}");
    }
}

#[tokio::test]
async fn keys_are_backed_up_and_pruned_without_the_folder_of_the_stores() {
    let disks = Disks::new();
    let (of, history) = disks.keys(&tenant());
    let now = Arc::clone(&disks.now);
    let server = disks.server_with(Some(history), Arc::new(move || now.load(SeqCst)), "data");
    server.sign_up(1).await;
    let holds = |text: &str| {
        let kept = disks.path.join("backup-of-keys").join(tenant().as_str());
        let kept = fs::read_dir(kept).unwrap().map(|file| file.unwrap().path());
        let kept: Vec<_> = kept.map(|path| fs::read(path).unwrap()).collect();
        kept.iter().any(|bytes| bytes.starts_with(text.as_bytes()))
    };
    fs::write(of.join("page-0"), "with key").unwrap();
    server.pass(&tenant());
    assert!(holds("with key"));
    fs::rename(disks.backup(), disks.path.join("away")).unwrap();
    server.later(1);
    fs::write(of.join("page-0"), "without").unwrap();
    let failed = server.backup.pass(&[tenant()], false, |_, _| ());
    assert!(failed.is_err() && holds("without"), "{failed:?}");
    server.later(keys::KEPT_SECONDS);
    assert!(server.backup.prune().is_err());
    assert!(!holds("with key"));
    let pruned = format!(
        "keys_pruned_at_seconds {}\n",
        START + 1 + keys::KEPT_SECONDS
    );
    assert!(server.backup.figures().contains(&pruned));
}

#[test]
fn the_next_sweep_is_due_by_either_clock() {
    let begun = moment::monotonic();
    let half = SWEEP / 2;
    let day = DAY / 2;
    assert!(!sweep_is_due(
        (START, begun),
        (START + day - 1, begun + half)
    ));
    assert!(sweep_is_due((START, begun), (START + day, begun)));
    // Somebody set the clock back.
    assert!(!sweep_is_due((START, begun), (START - 9, begun + half)));
    assert!(sweep_is_due((START, begun), (START - 9, begun + SWEEP)));
    assert!(sweep_is_due((START, begun), (START - DAY, begun)));
}

#[tokio::test]
async fn a_link_on_the_share_leads_nowhere() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    let precious = disks.path.join("precious");
    fs::write(&precious, "as it is").unwrap();
    let lead = |from: PathBuf| {
        let _ = fs::remove_file(&from);
        std::os::unix::fs::symlink(&precious, from).unwrap();
    };
    let tenants = [tenant.clone()];
    lead(disks.backup().join("lock"));
    assert!(server.backup.pass(&tenants, false, |_, _| ()).is_err());
    fs::remove_file(disks.backup().join("lock")).unwrap();
    server.pass(&tenant);
    let generation = &folder::generations(&disks.of(&tenant)).unwrap()[0];
    lead(generation.log(1));
    server.rename(&tenant, "later").await;
    assert!(server.backup.pass(&tenants, false, |_, _| ()).is_err());
    assert_eq!(fs::read(&precious).unwrap(), b"as it is");
}
