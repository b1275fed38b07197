//! A restored store takes the place of the one that is there, which is kept aside.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::store::sqlite::log_of;

use super::{Failure, folder::sync};
use crate::disk;

/// Where stores are restored to before they take their places in `folder`.
#[must_use]
pub fn workshop(folder: &Path) -> PathBuf {
    folder.join("restored")
}

/// That of one tenant.
#[must_use]
pub fn restored(folder: &Path, tenant: &TenantId) -> PathBuf {
    place(&workshop(folder), tenant)
}

/// A tenant's place in `folder`.
#[must_use]
pub fn place(folder: &Path, tenant: &TenantId) -> PathBuf {
    folder.join(format!("{tenant}.sqlite"))
}

/// Puts the restored store of a tenant in its place. Its store is closed, and nobody opens it meanwhile.
///
/// When this fails everything is as before. When it is interrupted there may be no store, and never one with
/// another's log: it is done again.
pub fn put(folder: &Path, tenant: &TenantId, now: UnixSeconds) -> Result<(), Failure> {
    let restored = restored(folder, tenant);
    if !restored.exists() {
        return Err(Failure::Nothing(format!(
            "{} is not there",
            restored.display()
        )));
    }
    let aside = folder.join("replaced");
    fs::create_dir_all(&aside).map_err(Failure::at(&aside))?;
    let store = place(folder, tenant);
    // Whatever is wrong with where it comes from shows before anything else is moved.
    let next = disk::new(&store);
    fs::rename(&restored, &next).map_err(Failure::at(&restored))?;
    let old = (now..).map(|at| aside.join(format!("{tenant}-{at}.sqlite")));
    let mut old = old.filter(|old| !old.exists() && !log_of(old).exists());
    let old = old.next().expect("times do not end");
    let moved = exchange(&next, &store, &old);
    if moved.is_err() {
        // The failure is told already; another restore begins from the backup again.
        let _ = fs::rename(&next, &restored);
        return moved;
    }
    sync(folder)
}

/// What is at `store` goes to `old` with its log, and what is at `next` to `store`: all or nothing.
pub(super) fn exchange(next: &Path, store: &Path, old: &Path) -> Result<(), Failure> {
    let (log, old_log) = (log_of(store), log_of(old));
    // A database without its log would be an older state that looks whole, so it goes first.
    rename(store, old)?;
    let moved = rename(&log, &old_log)
        .and_then(|()| folders(store, old))
        .and_then(|()| fs::rename(next, store).map_err(Failure::at(next)));
    if moved.is_err() {
        // And comes back last.
        rename(&old_log, &log)?;
        rename(old, store)?;
    }
    moved
}

/// Makes what was moved from one folder to the other last.
fn folders(from: &Path, to: &Path) -> Result<(), Failure> {
    let mut folders = [to, from].into_iter().filter_map(Path::parent);
    folders.try_for_each(sync)
}

/// Nothing is moved where there is nothing.
fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(Failure::at(from)),
    }
}
