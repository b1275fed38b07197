//! The usual driver: one SQLite file for each tenant, in a folder that is locked for this process.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use slotstead_shared::TenantId;
use slotstead_tenant::{
    StoreError,
    store::sqlite::{Sqlite, log_of},
};

use super::{AnyStore, Driver, Opened, StoresError};
use crate::disk;

const ENDING: &str = ".sqlite";

/// Opens the store at a path.
pub type Opener = fn(&Path) -> Result<AnyStore, StoreError>;

/// SQLite in a file, written through to the disk.
pub fn sqlite(path: &Path) -> Result<AnyStore, StoreError> {
    Ok(Box::new(Sqlite::in_file(path)?))
}

/// See the module.
pub struct Files {
    folder: PathBuf,
    opener: Opener,
    /// Held as long as this lives.
    _lock: File,
}

impl Files {
    /// The stores in `folder`, which is made if there is none, and locked.
    pub fn open(folder: &Path, opener: Opener) -> Result<Self, StoresError> {
        fs::create_dir_all(folder)
            .map_err(|error| StoresError::Folder(folder.to_owned(), error))?;
        Ok(Self {
            folder: folder.to_owned(),
            opener,
            _lock: lock(folder)?,
        })
    }

    /// The tenant's file.
    pub(crate) fn path(&self, tenant: &TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}{ENDING}"))
    }
}

/// Takes a folder for this process, as long as the file is open.
pub(crate) fn lock(folder: &Path) -> Result<File, StoresError> {
    let unusable = |error| StoresError::Folder(folder.to_owned(), error);
    let lock = disk::create(&folder.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoresError::Taken(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Every tenant with a store in `folder`.
pub(crate) fn tenants(folder: &Path) -> io::Result<Vec<TenantId>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(ENDING));
        found.extend(id.and_then(|id| id.parse::<TenantId>().ok()));
    }
    Ok(found)
}

impl Driver for Files {
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        tenants(&self.folder).map_err(in_words)
    }

    fn open(&self, tenant: &TenantId, create: bool) -> Result<Option<Opened>, StoreError> {
        let path = self.path(tenant);
        if !create && !path.exists() {
            return Ok(None);
        }
        Ok(Some(Opened {
            store: (self.opener)(&path)?,
            usable: Box::new(|| true),
        }))
    }

    fn discard(&self, tenant: &TenantId) {
        let path = self.path(tenant);
        // First the log, which would be taken for that of the next file with this name.
        let _ = fs::remove_file(log_of(&path));
        let _ = fs::remove_file(path);
    }

    fn check(&self) -> Result<(), StoreError> {
        disk::try_out(&self.folder).map_err(in_words)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn in_words(error: io::Error) -> StoreError {
    StoreError(error.to_string())
}
