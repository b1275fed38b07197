//! The vault of a region: the objects of keyrings, in a folder of their own, apart from the stores and from
//! their backups.
//!
//! Each tenant has a folder. An object is replaced whole: written beside, flushed, renamed, and the folder
//! flushed, so that after a crash it is the old one or the new one. Its version is its SHA-256. The one writer
//! of a keyring is whoever holds its tenant's lock, in the one process that has the folder: a server whose
//! database was taken by another one may still be at work here.

mod lacking;

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use slotstead_shared::TenantId;
use slotstead_tenant::{
    host::vault::{Sealing, Vault, VaultError},
    keyring::{OBJECT_BYTES, Object, Versioned, objects::regional_key_of, regional::SealingKeys},
};

use crate::{
    disk,
    stores::{self, StoresError},
};

pub use self::lacking::Lacking;

/// What a region seals with.
#[derive(Debug)]
pub struct Keys {
    folder: PathBuf,
    regional: SealingKeys,
    /// Held as long as this lives.
    _lock: File,
}

impl Keys {
    /// The vault in `folder`. One that is not there is not made: a disk that is not mounted would be an
    /// empty vault, and new keys would be hidden once it is. It is locked for this process.
    pub fn open(folder: &Path, regional: SealingKeys) -> Result<Self, StoresError> {
        Ok(Self {
            folder: folder.to_owned(),
            regional,
            _lock: stores::lock(folder)?,
        })
    }

    /// What the tenant is given to seal with.
    #[must_use]
    pub fn sealing(&self) -> Sealing<'_> {
        Sealing {
            vault: self,
            keys: &self.regional,
        }
    }

    /// Whether a tenant's keyring is sealed under another key than the one that seals now, or cannot be read.
    fn is_to_be_sealed_anew(&self, tenant: &TenantId) -> bool {
        match read(&self.folder, tenant, &Object::Ring.name()) {
            Ok(Some(ring)) => {
                regional_key_of(&ring).is_none_or(|name| name != self.regional.first().0)
            }
            Ok(None) => false,
            Err(_) => true,
        }
    }

    /// The tenants whose keyrings are, with a store here and without.
    pub fn under_old_keys(&self) -> io::Result<Vec<TenantId>> {
        let mut tenants = disk::tenants(&self.folder)?;
        tenants.retain(|tenant| self.is_to_be_sealed_anew(tenant));
        Ok(tenants)
    }

    /// The keyrings that no key of the configuration opens.
    pub fn lacking(&self) -> io::Result<Lacking> {
        Lacking::look(&self.folder, &self.regional)
    }

    /// Whether objects can be stored, through to the disk.
    pub fn check(&self) -> io::Result<()> {
        disk::try_out(&self.folder)
    }

    fn replace(&self, tenant: &TenantId, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(tenant.as_str());
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        if name == Object::Ring.name() {
            // The first object of a tenant: its folder may be as new.
            File::open(&self.folder)?.sync_all()?;
        }
        disk::put(&folder.join(name), bytes)?;
        File::open(&folder)?.sync_all()
    }
}

impl Vault for Keys {
    fn load(&self, tenant: &TenantId, name: &str) -> Result<Option<Versioned>, VaultError> {
        let object = read(&self.folder, tenant, name).map_err(|error| failed(&error))?;
        Ok(object.map(|bytes| {
            let version = version(&bytes);
            (bytes, version)
        }))
    }

    fn store(
        &self,
        tenant: &TenantId,
        name: &str,
        bytes: &[u8],
        after: Option<&str>,
    ) -> Result<Option<String>, VaultError> {
        let known = read(&self.folder, tenant, name).map_err(|error| failed(&error))?;
        let known = known.map(|bytes| version(&bytes));
        if known.as_deref() != after {
            return Ok(None);
        }
        self.replace(tenant, name, bytes)
            .map_err(|error| failed(&error))?;
        Ok(Some(version(bytes)))
    }
}

fn read(folder: &Path, tenant: &TenantId, name: &str) -> io::Result<Option<Vec<u8>>> {
    let path = folder.join(tenant.as_str()).join(name);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > OBJECT_BYTES as u64 => {
            Err(io::Error::new(ErrorKind::InvalidData, "it is too large"))
        }
        Ok(_) => fs::read(&path).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn version(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Without the path, which names the tenant.
fn failed(error: &io::Error) -> VaultError {
    VaultError(format!("the folder of keys: {}", error.kind()))
}
