//! The backup folder, which is another disk or a share and may not be there.
//!
//! A share that is not mounted looks like an empty folder, and a backup in that would lie on the disk that it
//! is to survive. So the folder and the stores carry the same mark, made when the folder is used first; a
//! folder that has lost it is not the folder.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::Path,
    sync::atomic::Ordering::Relaxed,
};

use data_encoding::HEXLOWER;

use super::{Backup, Failure, Places, folder};
use crate::moment;

/// The file with the mark, in the backup folder.
const MARK: &str = "mark";

/// And beside the stores, with the name of the backup folder.
const KNOWN_MARK: &str = "backup-mark";

impl Backup {
    /// Makes sure that the backup folder is there, and ours alone.
    pub(super) fn connect(&self) -> Result<(), Failure> {
        let mut connection = self.connection();
        if connection.is_none() {
            *connection = Some(connect(&self.places)?);
            // Told, and not refused: a machine may have one disk only.
            let same = on_same_disk(&self.places);
            self.on_same_disk.store(same, Relaxed);
        }
        Ok(())
    }
}

/// The lock on the backup folder.
fn connect(places: &Places) -> Result<File, Failure> {
    let folder = &places.folder;
    let unusable = |why| Failure::Unusable(folder.clone(), why);
    if !folder.is_dir() {
        return Err(unusable("is not there"));
    }
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(Failure::at(&path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(unusable("is used by another region server"));
        }
        Err(TryLockError::Error(error)) => return Err(Failure::Io(path, error)),
    }
    let theirs = read(&folder.join(MARK))?;
    let known = read(&places.data.join(KNOWN_MARK))?;
    let name = folder.display().to_string();
    let known = known.as_deref().and_then(|known| known.split_once('\n'));
    let known = known.filter(|(_, of)| *of == name).map(|(mark, _)| mark);
    let mark = match (theirs, known) {
        (Some(theirs), Some(known)) if theirs == known => return Ok(lock),
        (_, Some(_)) => {
            return Err(unusable(
                "is not the folder that was used before (is the share mounted?); to use it all the same, \
                 remove `backup-mark` beside the stores",
            ));
        }
        (Some(theirs), None) => theirs,
        (None, None) => {
            let mark = moment::random().map_err(|error| {
                Failure::Io(folder.clone(), io::Error::other(error.to_string()))
            })?;
            let mark = HEXLOWER.encode(&mark);
            folder::write_whole(&folder.join(MARK), mark.as_bytes())?;
            mark
        }
    };
    let text = format!("{mark}\n{name}");
    folder::write_whole(&places.data.join(KNOWN_MARK), text.as_bytes())?;
    Ok(lock)
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Io(path.to_owned(), error)),
    }
}

/// Whether the backups would be lost with the stores.
fn on_same_disk(places: &Places) -> bool {
    let device = |path: &Path| path.metadata().map(|found| found.dev());
    match (device(&places.data), device(&places.folder)) {
        (Ok(data), Ok(folder)) => data == folder,
        _ => false,
    }
}
