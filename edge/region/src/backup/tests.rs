//! Backups over real files, with a clock that the tests set.

mod folders;
mod replaced;
mod restored;
mod under_way;

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
        let now = Arc::clone(&self.now);
        self.server_with(None, Arc::new(move || now.load(SeqCst)), "data")
    }

    /// The folder of the tenant's keys, and a history of them.
    fn keys(&self, tenant: &TenantId) -> (PathBuf, History) {
        let keys = self.path.join("keys");
        let of = keys.join(tenant.as_str());
        let backup = self.path.join("backup-of-keys");
        for folder in [&of, &backup] {
            fs::create_dir_all(folder).unwrap();
        }
        (of, History::new(keys, backup))
    }

    fn server_with(&self, keys: Option<History>, clock: Clock, data: &str) -> Server {
        let places = Places {
            data: self.path.join(data),
            folder: self.backup(),
        };
        let files = Files::open(&places.data, sqlite).unwrap();
        let mut backup = Backup::new(places, keys, 60, clock);
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

    fn restore(
        &self,
        tenant: &TenantId,
        at: Option<UnixSeconds>,
    ) -> Result<restore::Restored, Failure> {
        let out = self.path.join("restored.sqlite");
        restore::restore(&self.of(tenant), at, &out)
    }

    /// The tenant's name in what is restored.
    fn restored(&self, tenant: &TenantId, at: Option<UnixSeconds>) -> Result<String, Failure> {
        let out = self.path.join("restored.sqlite");
        self.restore(tenant, at)?;
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
