//! What a watch remembers, and how it reads on.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{Arc, Weak},
};

use slotstead_shared::UnixSeconds;
use slotstead_tenant::store::sqlite::log_of;

use super::{
    super::{
        record::Stamp,
        wal::{self, Follows, Place},
    },
    Frames, Step,
};

/// Where the log is read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// Nobody has looked at the backup yet.
    Unknown,
    /// From its start, behind this database.
    Start(Stamp),
    /// From a place in it.
    From(Place),
}

#[derive(Debug)]
pub(super) struct State {
    pub read: Read,
    pub broken: bool,
    /// Frames that the open store has committed. Unknown until its first commit.
    pub committed: Option<u32>,
    /// By when the frames before a number were committed: those that are not read yet.
    pub commits: Vec<(UnixSeconds, u32)>,
    pub last_commit: UnixSeconds,
    /// Read, and not in the backup yet.
    pub held: VecDeque<Step>,
    pub held_bytes: usize,
    /// When the first commit was made that is not in the backup yet.
    pub behind_since: Option<UnixSeconds>,
    /// When the last snapshot was made.
    pub snapshot_at: Option<UnixSeconds>,
    /// The database is being copied.
    pub copying: bool,
    pub file: Weak<File>,
}

impl State {
    /// The file that is at `path` now. One that was there before may be held still, by whoever copies it.
    pub fn file(&mut self, path: &Path) -> io::Result<Arc<File>> {
        let inode = path.metadata()?.ino();
        let held = self.file.upgrade();
        let held = held.filter(|held| held.metadata().is_ok_and(|held| held.ino() == inode));
        if let Some(file) = held {
            return Ok(file);
        }
        let file = Arc::new(File::open(path)?);
        self.file = Arc::downgrade(&file);
        Ok(file)
    }

    pub fn break_off(&mut self) {
        self.broken = true;
        self.held.clear();
        self.held_bytes = 0;
    }

    /// Reads a stretch of the log of the database at `path`, and holds it.
    pub fn read_on(&mut self, path: &Path, most: usize) -> io::Result<()> {
        let (from, after) = match &self.read {
            Read::Unknown => return Ok(()),
            // A log that nobody has read was emptied into it meanwhile.
            Read::Start(stamp) if *stamp != Stamp::of(path)? => {
                self.break_off();
                return Ok(());
            }
            Read::Start(stamp) => (None, Some(stamp.clone())),
            Read::From(place) => (Some(place), None),
        };
        let log = &log_of(path);
        // A commit that failed may be in the file: only the store knows that it failed.
        let limit = self.committed.unwrap_or(u32::MAX);
        let stretch = match wal::read(log, from, limit, most)? {
            Follows::More(stretch) => stretch,
            Follows::Nothing => return Ok(()),
            Follows::Another => {
                self.break_off();
                return Ok(());
            }
        };
        let end = stretch.to.frames;
        let later = self.commits.iter().position(|(_, before)| *before > end);
        let mut commits: Vec<_> = self
            .commits
            .drain(..later.unwrap_or(self.commits.len()))
            .collect();
        if commits.last().is_none_or(|(_, before)| *before < end) {
            // Committed before this process, or in the second that goes on behind this stretch.
            let at = match self.commits.first() {
                Some((at, _)) => *at,
                None => self.last_commit.max(written_at(log)?),
            };
            self.last_commit = self.last_commit.max(at);
            commits.push((at, end));
        }
        self.read = Read::From(stretch.to);
        self.held_bytes += stretch.frames.len();
        self.held.push_back(Step::Frames(Arc::new(Frames {
            stretch,
            commits,
            after,
        })));
        Ok(())
    }
}

/// When the file was written last.
fn written_at(path: &Path) -> io::Result<UnixSeconds> {
    Ok(path.metadata()?.mtime())
}
