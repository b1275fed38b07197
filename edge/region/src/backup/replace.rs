//! A restored store takes the place of the one that is there, which is kept aside.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::store::sqlite::log_of;

use super::{Failure, folder::sync};

/// Where a tenant is restored to before it takes its place.
#[must_use]
pub fn restored(data: &Path, tenant: &TenantId) -> PathBuf {
    data.join("restored").join(format!("{tenant}.sqlite"))
}

/// Puts the restored store of a tenant in its place. Its store is closed, and nobody opens it meanwhile.
///
/// When this is interrupted there may be no store, and never one with another's log: it is done again.
pub fn put(data: &Path, tenant: &TenantId, now: UnixSeconds) -> Result<(), Failure> {
    let restored = restored(data, tenant);
    if !restored.exists() {
        return Err(Failure::Nothing(format!(
            "{} is not there",
            restored.display()
        )));
    }
    let aside = data.join("replaced");
    fs::create_dir_all(&aside).map_err(Failure::at(&aside))?;
    let store = data.join(format!("{tenant}.sqlite"));
    let old = aside.join(format!("{tenant}-{now}.sqlite"));
    // A database without its log would be an older state that looks whole, so it goes first.
    rename(&store, &old)?;
    rename(&log_of(&store), &log_of(&old))?;
    sync(&aside)?;
    sync(data)?;
    rename(&restored, &store)?;
    sync(data)
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(Failure::at(from)),
    }
}
