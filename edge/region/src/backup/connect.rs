//! The way to a folder of backups, which is another disk or a share and may not be there.
//!
//! A share that is not mounted looks like an empty folder, and a backup in that would lie on the disk that it
//! is to survive; a disk that is not mounted looks like one on which everything was removed. So both folders
//! carry the same mark, made when they are used first: one that has lost it is not the folder. And a folder of
//! backups is ours alone, by a lock in it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use data_encoding::HEXLOWER;

use super::{Failure, folder};
use crate::{disk, moment};

/// The file with the mark, in the folder of backups.
const MARK: &str = "mark";

/// And in the folder that is backed up, with the name of the folder of backups.
const KNOWN_MARK: &str = "backup-mark";

const LOCK: &str = "lock";

/// What becomes of a folder of backups when what it is the backup of has no mark: a new disk, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmarked {
    /// It goes on: what is missing is kept.
    Joins,
    /// What is missing would be taken for removed. So it goes on only while it holds nothing.
    JoinsWhileEmpty,
}

/// See the module.
pub struct Link {
    of: PathBuf,
    folder: PathBuf,
    unmarked: Unmarked,
    held: Mutex<Held>,
    on_same_disk: AtomicBool,
}

#[derive(Default)]
struct Held {
    lock: Option<File>,
    /// How often it was taken.
    times: u64,
}

impl Link {
    /// From the folder `of` to the folder of its backups.
    pub fn new(of: PathBuf, folder: PathBuf, unmarked: Unmarked) -> Self {
        Self {
            of,
            folder,
            unmarked,
            held: Mutex::default(),
            on_same_disk: AtomicBool::new(false),
        }
    }

    /// Makes sure that the folder is there, and ours alone. The number of times that it had to be taken:
    /// as long as that is the same nobody else wrote there.
    pub fn connect(&self) -> Result<u64, Failure> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(LOCK);
        if !held.lock.as_ref().is_some_and(|lock| is_at(lock, &path)) {
            // Where the share is another one now, the lock is worth nothing.
            held.lock = None;
            held.lock = Some(self.lock(&path)?);
            held.times += 1;
        }
        self.compare_marks()?;
        // Told, and not refused: a machine may have one disk only.
        self.on_same_disk.store(self.look_at_disks(), Relaxed);
        Ok(held.times)
    }

    /// Whether the backups would be lost with what they are of, when that was looked at last.
    pub fn is_on_same_disk(&self) -> bool {
        self.on_same_disk.load(Relaxed)
    }

    fn unusable(&self, why: &'static str) -> Failure {
        Failure::Unusable(self.folder.clone(), why)
    }

    fn lock(&self, path: &Path) -> Result<File, Failure> {
        if !self.folder.is_dir() {
            return Err(self.unusable("is not there"));
        }
        let lock = disk::create(path).map_err(Failure::at(path))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(self.unusable("is used by another region server")),
            Err(TryLockError::Error(error)) => Err(Failure::Io(path.to_owned(), error)),
        }
    }

    fn compare_marks(&self) -> Result<(), Failure> {
        let theirs = read(&self.folder.join(MARK))?;
        let known = read(&self.of.join(KNOWN_MARK))?;
        let known = known.as_deref().and_then(|known| known.split_once('\n'));
        let name = self.folder.display().to_string();
        let mark = match (theirs, known) {
            (Some(theirs), Some((mark, of))) if theirs == mark && of == name => return Ok(()),
            // The same folder, mounted elsewhere.
            (Some(theirs), Some((mark, _))) if theirs == mark => theirs,
            (_, Some((_, of))) if of == name => {
                return Err(self.unusable(
                    "is not the folder that was used before (is the share mounted?); to use it all the same, \
                     remove `backup-mark` from the folder that is backed up",
                ));
            }
            (Some(theirs), _) => {
                let joins = self.unmarked == Unmarked::Joins;
                if !joins && !folder::tenants(&self.folder)?.is_empty() {
                    return Err(Failure::Unusable(
                        self.of.clone(),
                        "is not the folder that was backed up before (is the disk mounted? from a lost one \
                         everything is restored first, with --all); to back it up all the same, remove \
                         `mark` from the folder of its backup",
                    ));
                }
                theirs
            }
            (None, _) => {
                let mark = moment::random().map_err(|error| {
                    Failure::Io(self.folder.clone(), io::Error::other(error.to_string()))
                })?;
                let mark = HEXLOWER.encode(&mark);
                folder::write_whole(&self.folder.join(MARK), mark.as_bytes())?;
                mark
            }
        };
        write_known(&self.of, &mark, &self.folder)
    }

    fn look_at_disks(&self) -> bool {
        let device = |path: &Path| path.metadata().map(|found| found.dev());
        match (device(&self.of), device(&self.folder)) {
            (Ok(of), Ok(folder)) => of == folder,
            _ => false,
        }
    }
}

/// Whether a server has the folder, and may be writing there.
pub fn is_taken(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Marks `of`, to which everything in the folder of backups `from` was restored, so that it is backed up there
/// from now on.
pub fn mark_restored(of: &Path, from: &Path) -> Result<(), Failure> {
    match read(&from.join(MARK))? {
        Some(mark) => write_known(of, &mark, from),
        None => Ok(()),
    }
}

fn write_known(of: &Path, mark: &str, folder: &Path) -> Result<(), Failure> {
    let text = format!("{mark}\n{}", folder.display());
    folder::write_whole(&of.join(KNOWN_MARK), text.as_bytes())
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Io(path.to_owned(), error)),
    }
}

/// Whether this very file is at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}
