//! Continuous backup of the stores of this server: the only writer of a store copies what it writes.
//!
//! SQLite appends what is committed to a log beside the database. That log is copied to the backup folder,
//! about a second behind, with the time of each commit; when it is emptied into the database a new one
//! begins, and once a day the database itself is copied. So a tenant is restored to any second by taking a
//! copy of its database and replaying logs up to that second.
//!
//! What it keeps true: nothing is added to a backup that does not follow what is there, by the log's own
//! checksums; no booking waits for the backup folder; who is idle costs nothing; what is needed to restore
//! any moment of the last 30 days is kept, and the newest state for ever.

mod chain;
pub(crate) mod connect;
pub(crate) mod control;
pub mod erased;
mod figures;
pub(crate) mod folder;
mod kept;
pub mod keys;
mod queue;
mod record;
pub(crate) mod replace;
pub(crate) mod restore;
mod ship;
mod sizes;
pub(crate) mod verify;
mod wal;
mod watch;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use slotstead_shared::{TenantId, UnixSeconds};

use self::{
    chain::Chain,
    connect::{Link, Unmarked},
    figures::Figures,
    keys::History,
    queue::Queue,
    sizes::Sizes,
    watch::Watch,
};
use crate::{
    log,
    moment::{self, Monotonic},
};

pub use self::kept::BackedUp;

/// Threads that write to the backup folder.
const WORKERS: usize = 3;

/// Tells the time, which tests set.
pub type Clock = Arc<dyn Fn() -> UnixSeconds + Send + Sync>;

/// Why a backup was not made, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file or folder cannot be used.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// A file of the backup is not what it was.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// A folder cannot be used now.
    #[error("{0} {1}")]
    Unusable(PathBuf, &'static str),
    /// There is nothing to restore.
    #[error("{0}")]
    Nothing(String),
}

impl Failure {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io(path.to_owned(), error)
    }

    /// The failure in words for the log, which names no tenant, so no path but those that are configured.
    fn in_words(&self) -> String {
        match self {
            Self::Io(_, error) => error.to_string(),
            Self::Damaged(_, what) => format!("a file is damaged: {what}"),
            Self::Unusable(..) => self.to_string(),
            Self::Nothing(what) => what.clone(),
        }
    }

    fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(_, error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Where backups go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The stores.
    pub data: PathBuf,
    /// Their backups.
    pub folder: PathBuf,
}

/// The backups of this server's stores.
pub struct Backup {
    places: Places,
    /// Seconds behind that are too many.
    complain_after: i64,
    sizes: Sizes,
    clock: Clock,
    entries: Mutex<HashMap<TenantId, Arc<Entry>>>,
    queue: Arc<Queue>,
    link: Link,
    keys: Option<History>,
    figures: Figures,
    failing: AtomicBool,
    workers: Mutex<Vec<thread::JoinHandle<()>>>,
}

/// A tenant's store, and the end of its backup once it was looked at.
struct Entry {
    watch: Arc<Watch>,
    chain: Mutex<Known>,
}

/// What is known of a backup, as long as nobody else can have written there.
#[derive(Default)]
struct Known {
    /// Which [`Link::connect`] this is from.
    connection: u64,
    chain: Option<Chain>,
}

impl Backup {
    /// Backs up to `places`. Nothing is done until somebody works: [`Backup::start`] or [`Backup::pass`].
    #[must_use]
    pub fn new(places: Places, keys: Option<History>, complain_after: i64, clock: Clock) -> Self {
        Self {
            complain_after,
            sizes: Sizes::default(),
            link: Link::new(places.data.clone(), places.folder.clone(), Unmarked::Joins),
            places,
            keys,
            clock,
            entries: Mutex::default(),
            queue: Arc::default(),
            figures: Figures::default(),
            failing: AtomicBool::new(false),
            workers: Mutex::default(),
        }
    }

    /// Starts the threads that back up what is committed from now on, and what was left over for these
    /// tenants.
    pub fn start(self: &Arc<Self>, tenants: Vec<TenantId>) -> io::Result<()> {
        for tenant in tenants {
            self.entry(&tenant).watch.mark((self.clock)());
        }
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        for number in 0..WORKERS {
            let backup = Arc::clone(self);
            let worker = thread::Builder::new().name(format!("backup-{number}"));
            workers.push(worker.spawn(move || backup.work())?);
        }
        let backup = Arc::clone(self);
        let sweeper = thread::Builder::new().name("backup-sweep".to_owned());
        workers.push(sweeper.spawn(move || backup.sweep_daily())?);
        Ok(())
    }

    /// Ends the work, once everything is in the backup or `patience` is over. Whether everything is.
    pub fn stop(&self, patience: Duration) -> bool {
        let all = self.queue.stop(patience);
        let workers = {
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *workers)
        };
        if all {
            for worker in workers {
                // A worker that panicked has said so in the log.
                let _ = worker.join();
            }
        }
        all && self.behind().1 == 0
    }

    /// Backs these tenants up now, on this thread; `anew` with a new copy of each database. All that was
    /// committed before is in the backup after. `progress` is told how many are done.
    pub fn pass(
        &self,
        tenants: &[TenantId],
        anew: bool,
        progress: impl Fn(usize, usize),
    ) -> Result<(), Vec<String>> {
        let mut failed = Vec::new();
        for (done, tenant) in tenants.iter().enumerate() {
            progress(done, tenants.len());
            let entry = self.entry(tenant);
            if !entry.watch.path.exists() {
                failed.push(format!("{tenant} has no store here"));
                continue;
            }
            if anew {
                entry.watch.break_off();
            }
            if let Err(failure) = self.ship(&entry) {
                self.failed(&failure);
                failed.push(format!("{tenant}: {failure}"));
            }
        }
        progress(tenants.len(), tenants.len());
        if failed.is_empty() {
            self.recovered();
            Ok(())
        } else {
            Err(failed)
        }
    }

    /// Another store has taken the place of the tenant's: its backup begins anew.
    pub fn replaced(&self, tenant: &TenantId) {
        self.entry(tenant).watch.replaced((self.clock)());
    }

    /// Keeps every tenant's keys as they are now.
    pub fn keep_keys(&self) -> Result<(), Failure> {
        match &self.keys {
            Some(keys) => keys.keep_all((self.clock)()),
            None => Ok(()),
        }
    }

    /// Removes what is too old.
    pub fn prune(&self) -> Result<(), Failure> {
        self.sweep((self.clock)())
    }

    /// The stores.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.places.data
    }

    fn work(&self) {
        while let Some(tenant) = self.queue.take() {
            let entry = self.entry(&tenant);
            match self.ship(&entry) {
                Ok(()) => self.recovered(),
                Err(failure) => {
                    self.failed(&failure);
                    self.queue.again(&tenant);
                }
            }
            self.queue.done();
        }
    }

    /// Prunes at the start and then twice a day, until the work ends.
    fn sweep_daily(&self) {
        let mut swept_at = None;
        loop {
            let now = ((self.clock)(), moment::monotonic());
            if swept_at.is_none_or(|at| sweep_is_due(at, now)) {
                match self.sweep(now.0) {
                    Ok(()) => swept_at = Some(now),
                    Err(failure) => self.failed(&failure),
                }
            }
            if self.queue.ends_within(LOOK_AT_CLOCK) {
                return;
            }
        }
    }

    fn failed(&self, failure: &Failure) {
        self.figures.failures.fetch_add(1, Relaxed);
        if !self.failing.swap(true, Relaxed) {
            log::failure("backup fails", &failure.in_words());
        }
    }

    fn recovered(&self) {
        if self.failing.swap(false, Relaxed) {
            log::line("backup goes on", &serde_json::Value::Null);
        }
    }

    fn entry(&self, tenant: &TenantId) -> Arc<Entry> {
        let mut entries = self.entries();
        let entry = entries.entry(tenant.clone()).or_insert_with(|| {
            let path = self.places.data.join(format!("{tenant}.sqlite"));
            Arc::new(Entry {
                watch: Arc::new(Watch::new(
                    tenant.clone(),
                    path,
                    Arc::clone(&self.queue),
                    self.sizes,
                )),
                chain: Mutex::default(),
            })
        });
        Arc::clone(entry)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<TenantId, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often what is too old is looked for.
const SWEEP: Duration = Duration::from_hours(12);

/// Whether that time is over by either clock: one is set, back too, the other stands still while the machine does.
fn sweep_is_due(at: (UnixSeconds, Monotonic), now: (UnixSeconds, Monotonic)) -> bool {
    let by_clock = Duration::from_secs((now.0 - at.0).unsigned_abs());
    by_clock >= SWEEP || now.1.saturating_duration_since(at.1) >= SWEEP
}

/// How often the clock is looked at for that.
const LOOK_AT_CLOCK: Duration = Duration::from_mins(1);

/// The time of this machine.
#[must_use]
pub fn clock() -> Clock {
    Arc::new(moment::now)
}

#[cfg(test)]
mod tests;
