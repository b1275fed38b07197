//! Backups over real files, with a clock that the tests set.

use std::{
    fs,
    sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst},
};

use slotstead_shared::{
    Region,
    ids::TokenId,
    wire::{Profile, SignUp},
};
use slotstead_tenant::{
    Actor, Call, Command, Moment, Reply, Settings, Store, Tenant,
    store::{
        Value,
        remembering::Remembering,
        sqlite::{Sqlite, log_of},
    },
};

use super::*;
use crate::stores::{Files, Stores, sqlite};

const START: UnixSeconds = 1_795_000_000;
const DAY: i64 = 86_400;

/// A region's disk and its backup's, gone with this value.
struct Disks {
    path: PathBuf,
    now: Arc<AtomicI64>,
}

impl Disks {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, SeqCst);
        let name = format!("slotstead-backup-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("backup")).unwrap();
        Self {
            path,
            now: Arc::new(AtomicI64::new(START)),
        }
    }

    fn backup(&self) -> PathBuf {
        self.path.join("backup")
    }

    fn of(&self, tenant: &TenantId) -> PathBuf {
        self.backup().join(tenant.as_str())
    }

    fn store(&self, tenant: &TenantId) -> PathBuf {
        self.path.join(format!("data/{tenant}.sqlite"))
    }

    /// A server whose backup works only when it is told to.
    fn server(&self) -> Server {
        let files = Files::open(&self.path.join("data"), sqlite).unwrap();
        let places = Places {
            data: self.path.join("data"),
            folder: self.backup(),
        };
        let now = Arc::clone(&self.now);
        let clock: Clock = Arc::new(move || now.load(SeqCst));
        let mut backup = Backup::new(places, None, 60, clock);
        backup.sizes = Sizes {
            full: 40,
            too_full: 400,
            held_bytes: 100_000,
        };
        let backup = Arc::new(backup);
        let kept = BackedUp::new(files, Arc::clone(&backup), Duration::ZERO);
        Server {
            stores: Arc::new(Stores::new(Box::new(kept), Settings::default(), 8)),
            backup,
            now: Arc::clone(&self.now),
        }
    }

    /// The tenant's name in what is restored.
    fn restored(&self, tenant: &TenantId, at: Option<UnixSeconds>) -> Result<String, Failure> {
        let out = self.path.join("restored.sqlite");
        let _ = fs::remove_file(log_of(&out));
        restore::restore(&self.of(tenant), at, &out)?;
        let store = Sqlite::in_file(&out).unwrap();
        let sound = store.run("PRAGMA integrity_check", &[]).unwrap();
        assert_eq!(sound, [[Value::Text("ok".to_owned())]]);
        let mut open = Tenant::open(Remembering::new(store), Settings::default()).unwrap();
        let moment = Moment {
            now: START,
            random: [0; 16],
        };
        match open.execute(&owner(tenant, Command::GetProfile), moment) {
            Ok(Reply::Profile(profile)) => Ok(profile.name),
            other => panic!("{other:?}"),
        }
    }

    fn verified(&self, tenant: &TenantId) -> verify::Verified {
        let scratch = self.path.join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        verify::verify(&self.backup(), tenant, &scratch)
    }

    fn generations(&self, tenant: &TenantId) -> usize {
        folder::generations(&self.of(tenant)).unwrap().len()
    }
}

impl Drop for Disks {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

struct Server {
    stores: Arc<Stores>,
    backup: Arc<Backup>,
    now: Arc<AtomicI64>,
}

impl Server {
    async fn execute(&self, call: Call) -> Reply {
        let now = self.now.load(SeqCst);
        let moment = Moment {
            now,
            random: [7; 16],
        };
        let tenant = call.tenant.clone();
        let done = self
            .stores
            .with_new(&tenant, move |resident| resident.execute(&call, moment))
            .await;
        done.unwrap().unwrap()
    }

    async fn sign_up(&self, number: u8) -> TenantId {
        let tenant = TenantId::assemble(Region::Cbr, [number; 16], |_| [0; 10]);
        let sign_up = SignUp {
            name: "at first".to_owned(),
            region: Region::Cbr,
        };
        let token = TokenId::from_random([1; 16]);
        self.execute(Call {
            tenant: tenant.clone(),
            actor: Actor::Operator,
            command: Command::CreateTenant { sign_up, token },
        })
        .await;
        tenant
    }

    async fn rename(&self, tenant: &TenantId, name: &str) {
        let profile = Profile {
            name: name.to_owned(),
            accent: None,
        };
        self.execute(owner(tenant, Command::PutProfile { profile }))
            .await;
    }

    /// Everything that was committed is in the backup after this.
    fn pass(&self, tenant: &TenantId) {
        let tenants = [tenant.clone()];
        self.backup.pass(&tenants, false, |_, _| ()).unwrap();
    }

    fn later(&self, seconds: i64) -> UnixSeconds {
        self.now.fetch_add(seconds, SeqCst) + seconds
    }

    fn snapshots(&self) -> u64 {
        self.backup.figures.snapshots.load(SeqCst)
    }
}

fn owner(tenant: &TenantId, command: Command) -> Call {
    Call {
        tenant: tenant.clone(),
        actor: Actor::Owner {
            token: TokenId::from_random([1; 16]),
        },
        command,
    }
}

fn log_bytes(disks: &Disks, tenant: &TenantId) -> u64 {
    log_of(&disks.store(tenant))
        .metadata()
        .map_or(0, |found| found.len())
}

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
    for day in 1..=36 {
        server.later(DAY);
        // The first commit of a day empties the log, the copy follows.
        server.rename(&busy, &format!("day {day}")).await;
        server.pass(&busy);
        server.backup.prune().unwrap();
    }
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
        for at in (0..good.len()).step_by(good.len() / 12 + 1) {
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
