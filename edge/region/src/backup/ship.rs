//! From a store to its backup, step by step.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
};

use slotstead_shared::UnixSeconds;
use slotstead_tenant::store::sqlite::log_of;

use super::{
    Backup, Entry, Failure,
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
        let mut chain = entry.chain.lock().unwrap_or_else(PoisonError::into_inner);
        if !entry.watch.path.exists() {
            // The tenant was not created after all, or its store was taken away: nothing to back up.
            entry.watch.gone();
            return Ok(());
        }
        self.connect()?;
        // First the keys: without them what they seal is nothing.
        if let Some(keys) = &self.keys {
            keys.keep(&entry.watch.tenant, (self.clock)())?;
        }
        let shipped = self.ship_on(entry, &mut chain);
        if shipped.as_ref().is_err_and(Failure::is_not_found) {
            // The folder is another one now, perhaps.
            *chain = None;
        }
        shipped
    }

    fn ship_on(&self, entry: &Entry, chain: &mut Option<Chain>) -> Result<(), Failure> {
        let watch = &entry.watch;
        if chain.is_none() {
            *chain = self.resume(entry)?;
        }
        loop {
            let step = watch.next().map_err(Failure::at(&watch.path))?;
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
                self.connect()?;
                watch.break_off();
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Begins a generation, or nothing if the log was emptied meanwhile: then the chain is broken again.
    fn begin(&self, entry: &Entry) -> Result<Option<Chain>, Failure> {
        let watch = &entry.watch;
        let copy = Copy::begin(self, watch, true)?;
        let head = Snapshot {
            tenant: watch.tenant.to_string(),
            generation: 0,
            epoch: 1,
            frames: copy.frames,
            as_of: copy.now,
            stamp: copy.stamp.clone(),
        };
        let chain = Chain::begin(&self.places.folder, head, copy.file())?;
        if !copy.is_good() {
            watch.break_off();
            return Ok(None);
        }
        let chain = chain.settle(&self.places.folder)?;
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

    /// Removes what is too old, of the backups and of the keys' history.
    pub(super) fn sweep(&self, now: UnixSeconds) -> Result<(), Failure> {
        self.connect()?;
        let mut removed = 0;
        for tenant in folder::tenants(&self.places.folder)? {
            match folder::prune(&self.places.folder.join(tenant.as_str()), now) {
                Ok(pruned) => removed += pruned,
                // One that is damaged keeps all it has, and no other from being pruned.
                Err(failure @ Failure::Damaged(..)) => self.failed(&failure),
                Err(failure) => return Err(failure),
            }
        }
        if let Some(keys) = &self.keys {
            keys.keep_all(now)?;
            removed += keys.prune(now)?;
        }
        self.figures.pruned.fetch_add(removed as u64, Relaxed);
        Ok(())
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
}

impl<'a> Copy<'a> {
    fn begin(backup: &Backup, watch: &'a Watch, anew: bool) -> Result<Self, Failure> {
        let at = Failure::at(&watch.path);
        let file = watch.file().map_err(&at)?;
        let mut copy = Self {
            watch,
            file: Some(file),
            stamp: Stamp::default(),
            frames: 0,
            now: (backup.clock)(),
        };
        let (stamp, frames) = watch.begin_copy(anew).map_err(&at)?;
        copy.stamp = stamp;
        copy.frames = match frames {
            Some(frames) => frames,
            None => count_frames(&log_of(&watch.path)).map_err(&at)?,
        };
        Ok(copy)
    }

    fn file(&self) -> &File {
        self.file.as_deref().expect("it is there until the end")
    }

    /// Whether nothing was written to the database since the copy was begun.
    fn is_good(&self) -> bool {
        let same = Stamp::of(&self.watch.path).is_ok_and(|stamp| stamp == self.stamp);
        !self.watch.is_broken() && same
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        self.watch.end_copy();
        if let Some(file) = self.file.take() {
            self.watch.let_go(file);
        }
    }
}

/// How many frames of a log are committed.
fn count_frames(log: &Path) -> io::Result<u32> {
    let mut place = None;
    loop {
        match wal::read(log, place.as_ref(), u32::MAX, 1024 * 1024)? {
            Follows::More(stretch) => place = Some(stretch.to),
            Follows::Nothing | Follows::Another => {
                return Ok(place.map_or(0, |place| place.frames));
            }
        }
    }
}
