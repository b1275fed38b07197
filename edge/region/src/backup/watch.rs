//! What is known of one tenant's store while it is backed up: how far its log was read, and what was read
//! but is not in the backup yet.
//!
//! Why nothing is lost on the way: the log of a store is emptied only here, by the thread that commits,
//! and what was not read of it is read first. The lock is held for that reading, of a megabyte at most,
//! and never while anything of the backup folder is touched. Whatever is read must continue what was read
//! before, by the log's own checksums; if it does not, or too much would have to be kept, the chain is
//! broken and a new generation begins.

mod state;

use std::{
    collections::VecDeque,
    fs::File,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use slotstead_shared::{TenantId, UnixSeconds};

use self::state::{Read, State};
use super::{
    queue::Queue,
    record::Stamp,
    sizes::Sizes,
    wal::{Place, Stretch},
};

/// Bytes read at a time, but for a longer transaction.
const READ_BYTES: usize = 1024 * 1024;

/// Seconds after which a log is emptied, so that a snapshot can be made of its database.
pub const DAY_SECONDS: i64 = 86_400;

/// What goes to the backup next.
#[derive(Debug, Clone)]
pub enum Step {
    /// The chain is broken.
    Anew,
    /// These frames.
    Frames(Arc<Frames>),
    /// The log ended at this place: it was emptied, and the database left like this.
    End(Place, Stamp),
    /// Nothing.
    Nothing,
}

/// Some of a log.
#[derive(Debug)]
pub struct Frames {
    /// The frames.
    pub stretch: Stretch,
    /// By when those before a number were committed.
    pub commits: Vec<(UnixSeconds, u32)>,
    /// If these are the first, the database from which they go on.
    pub after: Option<Stamp>,
}

/// See the module.
pub struct Watch {
    /// Whose store this is.
    pub tenant: TenantId,
    /// The database.
    pub path: PathBuf,
    queue: Arc<Queue>,
    sizes: Sizes,
    state: Mutex<State>,
}

impl Watch {
    /// Of the tenant's store at `path`.
    pub fn new(tenant: TenantId, path: PathBuf, queue: Arc<Queue>, sizes: Sizes) -> Self {
        Self {
            tenant,
            path,
            queue,
            sizes,
            state: Mutex::new(State {
                read: Read::Unknown,
                broken: false,
                committed: None,
                commits: Vec::new(),
                last_commit: UnixSeconds::MIN,
                held: VecDeque::new(),
                held_bytes: 0,
                behind_since: None,
                snapshot_at: None,
                copying: false,
                file: Weak::new(),
            }),
        }
    }

    /// The database's file, opened once for all. The first to close a file in a process takes the locks
    /// of all others from it, and SQLite's lock is such a one.
    pub fn file(&self) -> io::Result<Arc<File>> {
        self.state().file(&self.path)
    }

    /// Lets go of the file, so that it is not closed after somebody else has opened it.
    pub fn let_go(&self, file: Arc<File>) {
        let _state = self.state();
        drop(file);
    }

    /// The store was opened: what it has committed is what it finds committed.
    pub fn opened(&self) {
        self.state().committed = None;
    }

    /// The store was replaced by another.
    pub fn replaced(&self, now: UnixSeconds) {
        let mut state = self.state();
        state.committed = None;
        state.commits.clear();
        state.break_off();
        self.behind(&mut state, now);
    }

    /// When the first commit was made that is not in the backup.
    pub fn behind_since(&self) -> Option<UnixSeconds> {
        self.state().behind_since
    }

    /// There may be something to back up.
    pub fn mark(&self, now: UnixSeconds) {
        self.behind(&mut self.state(), now);
    }

    /// Whoever is behind is in the queue, or somebody is at work with them and asks [`Watch::next`] again.
    fn behind(&self, state: &mut State, now: UnixSeconds) {
        if state.behind_since.is_none() {
            state.behind_since = Some(now);
            self.queue.add(&self.tenant);
        }
    }

    /// A commit at `now` left this many frames in the log. Whether to empty it.
    pub fn committed(&self, frames: u32, now: UnixSeconds) -> bool {
        let mut state = self.state();
        state.committed = Some(frames);
        state.last_commit = state.last_commit.max(now);
        let now = state.last_commit;
        match state.commits.last_mut() {
            Some((at, before)) if *at == now => *before = frames,
            _ => state.commits.push((now, frames)),
        }
        self.behind(&mut state, now);
        let old = state.snapshot_at.is_some_and(|at| now - at >= DAY_SECONDS);
        (frames >= self.sizes.full || old) && self.may_empty(&mut state, frames)
    }

    /// Whether a store that is being closed may empty its log.
    pub fn may_close_empty(&self) -> bool {
        let mut state = self.state();
        // Where nothing was committed, the log stays as it was found.
        match state.committed {
            None | Some(0) => false,
            Some(frames) => self.may_empty(&mut state, frames),
        }
    }

    /// The log was emptied, or not.
    pub fn emptied(&self, done: bool, now: UnixSeconds) {
        if !done {
            return;
        }
        let stamp = Stamp::of(&self.path);
        let mut state = self.state();
        state.committed = Some(0);
        state.commits.clear();
        self.behind(&mut state, now);
        match (stamp, &state.read) {
            (Ok(stamp), Read::From(place)) if !state.broken => {
                let end = Step::End(*place, stamp.clone());
                state.held.push_back(end);
                state.read = Read::Start(stamp);
            }
            _ => state.break_off(),
        }
    }

    /// What goes to the backup next. It is told again until [`Watch::done`].
    pub fn next(&self) -> io::Result<Step> {
        let mut state = self.state();
        if state.broken {
            return Ok(Step::Anew);
        }
        if state.held.is_empty() {
            state.read_on(&self.path, READ_BYTES)?;
        }
        if state.broken {
            return Ok(Step::Anew);
        }
        let Some(step) = state.held.front() else {
            state.behind_since = None;
            return Ok(Step::Nothing);
        };
        Ok(step.clone())
    }

    /// What [`Watch::next`] told is in the backup.
    pub fn done(&self) {
        let mut state = self.state();
        if let Some(Step::Frames(frames)) = state.held.pop_front() {
            state.held_bytes -= frames.stretch.frames.len();
        }
    }

    /// The backup was looked at: it ends at `place`, or before the log that follows the database of
    /// `stamp`. Nothing happens if reading has begun.
    pub fn resume(&self, place: Option<Place>, stamp: &Stamp) -> io::Result<()> {
        let mut state = self.state();
        if state.read == Read::Unknown && !state.broken {
            match place {
                Some(place) => state.read = Read::From(place),
                None if Stamp::of(&self.path)? == *stamp => {
                    state.read = Read::Start(stamp.clone());
                }
                None => state.break_off(),
            }
        }
        Ok(())
    }

    /// The backup has no good end.
    pub fn break_off(&self) {
        self.state().break_off();
    }

    /// Begins to copy the database: until [`Watch::end_copy`] its log is not emptied into it, or the
    /// chain is broken. If this is the beginning of a chain, the log is read from its start.
    ///
    /// The database, and how many frames the log has, if that is known.
    pub fn begin_copy(&self, anew: bool) -> io::Result<(Arc<File>, Stamp, Option<u32>)> {
        let mut state = self.state();
        let file = state.file(&self.path)?;
        let stamp = Stamp::from(&file.metadata()?);
        if anew {
            state.break_off();
            state.broken = false;
            state.read = Read::Start(stamp.clone());
        }
        state.copying = true;
        Ok((file, stamp, state.committed))
    }

    /// The copy is made, or given up.
    pub fn end_copy(&self) {
        self.state().copying = false;
    }

    /// Whether a new chain has to begin.
    pub fn is_broken(&self) -> bool {
        self.state().broken
    }

    /// There is no store.
    pub fn gone(&self) {
        let mut state = self.state();
        state.break_off();
        state.commits.clear();
        state.behind_since = None;
    }

    /// When the last snapshot was made.
    pub fn snapshot_made(&self, at: UnixSeconds) {
        self.state().snapshot_at = Some(at);
    }

    /// Whether the log can be emptied. What was not read of it is read now.
    fn may_empty(&self, state: &mut State, frames: u32) -> bool {
        let must = frames >= self.sizes.too_full;
        if state.copying {
            if must {
                state.break_off();
            }
            return must;
        }
        let kept = !state.broken && state.read != Read::Unknown && self.read_all(state, frames);
        if !kept && must {
            state.break_off();
        }
        kept || must
    }

    /// Reads all that is left, if it is not too much to be kept.
    fn read_all(&self, state: &mut State, frames: u32) -> bool {
        loop {
            let read = match &state.read {
                Read::From(place) => {
                    let left = (frames.saturating_sub(place.frames)) as usize;
                    if state.held_bytes + left * place.frame_bytes() > self.sizes.held_bytes {
                        return false;
                    }
                    place.frames
                }
                Read::Start(_) => 0,
                Read::Unknown => return false,
            };
            if read == frames {
                return true;
            }
            // Without progress there would be no end.
            let before = state.read.clone();
            if state.read_on(&self.path, READ_BYTES).is_err()
                || state.broken
                || state.read == before
            {
                return false;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
