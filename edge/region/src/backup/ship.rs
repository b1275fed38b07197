//! From a store to its backup, step by step.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
};

use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::store::sqlite::log_of;

use super::{
    Backup, Entry, Failure, Known, Places,
    chain::Chain,
    folder,
    record::{Snapshot, Stamp},
    wal::{self, Follows},
    watch::{DAY_SECONDS, Step, Watch},
};

impl Backup {
    /// Brings the backup of one tenant up to what is committed. Blocks while the backup folder does.
    pub(super) fn ship(&self, entry: &Entry) -> Result<(), Failure> {
        // One at a time for each tenant. No booking takes this lock.
        let mut known = entry.chain.lock().unwrap_or_else(PoisonError::into_inner);
        if !entry.watch.path.exists() {
            // The tenant was not created after all, or its store was taken away: nothing to back up.
            entry.watch.gone();
            return Ok(());
        }
        // Whatever becomes of the stores' folder: a key that was destroyed must go from its backup.
        self.keep_keys_of(&entry.watch.tenant)?;
        let shipped = self.ship_on(entry, &mut known);
        if shipped.as_ref().is_err_and(Failure::is_not_found) {
            // The folder is another one now, perhaps.
            known.chain = None;
        }
        shipped
    }

    fn ship_on(&self, entry: &Entry, known: &mut Known) -> Result<(), Failure> {
        let watch = &entry.watch;
        loop {
            let connection = self.link.connect()?;
            if known.connection != connection {
                // Another server may have written there meanwhile.
                *known = Known {
                    connection,
                    chain: None,
                };
            }
            let chain = &mut known.chain;
            if chain.is_none() {
                *chain = self.resume(entry)?;
            }
            let step = watch.next().map_err(Failure::at(&watch.path))?;
            if matches!(step, Step::Frames(_)) {
                // Before what is sealed with them: without its key it is nothing.
                self.keep_keys_of(&watch.tenant)?;
            }
            match (step, chain.as_mut()) {
                (Step::Nothing, Some(chain)) => {
                    if !self.snapshot_is_due(chain) {
                        return Ok(());
                    }
                    self.add_snapshot(entry, chain)?;
                }
                (Step::Frames(frames), Some(chain)) => {
                    if chain.add(&frames)? {
                        self.figures.records.fetch_add(1, Relaxed);
                        let bytes = frames.stretch.frames.len() as u64;
                        self.figures.bytes.fetch_add(bytes, Relaxed);
                        watch.done();
                    } else {
                        watch.break_off();
                    }
                }
                (Step::End(place, stamp), Some(chain)) => {
                    if chain.end(place, stamp)? {
                        watch.done();
                    } else {
                        watch.break_off();
                    }
                }
                (Step::Anew, _) | (_, None) => *chain = self.begin(entry)?,
            }
        }
    }

    fn keep_keys_of(&self, tenant: &TenantId) -> Result<(), Failure> {
        match &self.keys {
            Some(keys) => keys.keep(tenant, (self.clock)()),
            None => Ok(()),
        }
    }

    /// Looks where the backup ends.
    fn resume(&self, entry: &Entry) -> Result<Option<Chain>, Failure> {
        let watch = &entry.watch;
        match Chain::find(&self.places.folder, &watch.tenant) {
            Ok(Some(chain)) => {
                let resumed = watch.resume(chain.place(), chain.stamp());
                resumed.map_err(Failure::at(&watch.path))?;
                watch.snapshot_made(chain.snapshot_at());
                Ok(Some(chain))
            }
            Ok(None) => {
                watch.break_off();
                Ok(None)
            }
            Err(Failure::Damaged(path, what)) => {
                self.failed(&Failure::Damaged(path, what));
                watch.break_off();
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Begins a generation, or nothing if the log was emptied meanwhile: then the chain is broken again.
    fn begin(&self, entry: &Entry) -> Result<Option<Chain>, Failure> {
        let watch = &entry.watch;
        let mut copy = Copy::begin(self, watch, true)?;
        let head = Snapshot {
            tenant: watch.tenant.to_string(),
            generation: 0,
            epoch: 1,
            frames: copy.frames,
            as_of: copy.now,
            stamp: copy.stamp.clone(),
        };
        let chain = Chain::begin(&self.places.folder, head, copy.file())?;
        // What the copy holds was committed before it was begun, so its keys are there.
        self.keep_keys_of(&watch.tenant)?;
        if !copy.is_good() {
            return Ok(None);
        }
        let chain = chain.settle(&self.places.folder)?;
        copy.begins = false;
        self.figures.generations.fetch_add(1, Relaxed);
        self.figures.snapshots.fetch_add(1, Relaxed);
        watch.snapshot_made(copy.now);
        Ok(Some(chain))
    }

    fn snapshot_is_due(&self, chain: &Chain) -> bool {
        let age = (self.clock)() - chain.snapshot_at();
        chain.wants_snapshot() && age >= DAY_SECONDS
    }

    /// Adds a snapshot. If the log was emptied meanwhile there is none, and the chain is broken.
    fn add_snapshot(&self, entry: &Entry, chain: &mut Chain) -> Result<(), Failure> {
        let copy = Copy::begin(self, &entry.watch, false)?;
        let head = chain.snapshot_head(copy.frames, copy.now, copy.stamp.clone());
        if chain.add_snapshot(&head, copy.file(), || copy.is_good())? {
            self.figures.snapshots.fetch_add(1, Relaxed);
            entry.watch.snapshot_made(copy.now);
        } else {
            entry.watch.break_off();
        }
        Ok(())
    }

    /// Removes what is too old, of the keys' history and of the backups, neither for want of the other.
    pub(super) fn sweep(&self, now: UnixSeconds) -> Result<(), Failure> {
        let keys = self.sweep_keys(now);
        self.sweep_stores(now).and(keys)
    }

    fn sweep_keys(&self, now: UnixSeconds) -> Result<(), Failure> {
        let Some(keys) = &self.keys else {
            return Ok(());
        };
        let kept = keys.keep_all(now);
        let pruned = keys.prune(now, |tenant| self.may_know(tenant));
        self.pruned(*pruned.as_ref().unwrap_or(&0));
        kept.and(pruned)?;
        self.figures.keys_pruned_at.store(now, Relaxed);
        Ok(())
    }

    /// Whether there may be something that a key of the tenant opens.
    fn may_know(&self, tenant: &TenantId) -> bool {
        let Places { data, folder } = &self.places;
        let store = data.join(format!("{tenant}.sqlite"));
        let is_there = |path: &Path| path.try_exists().unwrap_or(true);
        is_there(&store) || self.link.connect().is_err() || is_there(&folder.join(tenant.as_str()))
    }

    fn sweep_stores(&self, now: UnixSeconds) -> Result<(), Failure> {
        self.link.connect()?;
        let mut swept = Ok(());
        for tenant in folder::tenants(&self.places.folder)? {
            match folder::prune(&self.places.folder.join(tenant.as_str()), now) {
                Ok(removed) => self.pruned(removed),
                // One that is damaged keeps all it has.
                Err(failure @ Failure::Damaged(..)) => self.failed(&failure),
                Err(failure) => swept = swept.and(Err(failure)),
            }
        }
        swept
    }

    fn pruned(&self, files: usize) {
        self.figures.pruned.fetch_add(files as u64, Relaxed);
    }
}

/// A database while it is copied: its log is not emptied into it, or the copy is no good.
struct Copy<'a> {
    watch: &'a Watch,
    file: Option<Arc<File>>,
    stamp: Stamp,
    /// Frames that the log has; some may be in the database, if emptying the log was interrupted.
    frames: u32,
    now: UnixSeconds,
    /// A chain is to begin with it, and has not. Without it nothing else may go on from here.
    begins: bool,
}

impl<'a> Copy<'a> {
    fn begin(backup: &Backup, watch: &'a Watch, anew: bool) -> Result<Self, Failure> {
        let at = Failure::at(&watch.path);
        // Before the copy: what is committed meanwhile is as of later.
        let now = (backup.clock)();
        let (file, stamp, frames) = watch.begin_copy(anew).map_err(&at)?;
        let mut copy = Self {
            watch,
            file: Some(file),
            stamp,
            frames: 0,
            now,
            begins: anew,
        };
        // Those that are there: what the store had committed may have been emptied unseen.
        let limit = frames.unwrap_or(u32::MAX);
        copy.frames = count_frames(&log_of(&watch.path), limit).map_err(&at)?;
        Ok(copy)
    }

    fn file(&self) -> &File {
        self.file.as_deref().expect("it is there until the end")
    }

    /// Whether the database is the one that was copied, and nothing was written to it since that was begun.
    fn is_good(&self) -> bool {
        let same = Stamp::of(&self.watch.path).is_ok_and(|stamp| stamp == self.stamp);
        !self.watch.is_broken() && same
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        if self.begins {
            self.watch.break_off();
        }
        self.watch.end_copy();
        if let Some(file) = self.file.take() {
            self.watch.let_go(file);
        }
    }
}

/// How many frames of a log are committed, up to a limit.
fn count_frames(log: &Path, limit: u32) -> io::Result<u32> {
    let mut place = None;
    loop {
        match wal::read(log, place.as_ref(), limit, 1024 * 1024)? {
            Follows::More(stretch) => place = Some(stretch.to),
            Follows::Nothing | Follows::Another => {
                return Ok(place.map_or(0, |place| place.frames));
            }
        }
    }
}
