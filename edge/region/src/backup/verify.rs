//! Whether backups can be restored: every snapshot with what follows it is.
//!
//! A snapshot and the one before it with all logs between them are two ways to the same database, and are
//! compared byte by byte.

use std::{
    fs::{self, File},
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use slotstead_shared::TenantId;
use slotstead_tenant::{
    Settings, Store, Tenant,
    store::{Value, remembering::Remembering, sqlite::Sqlite},
};

use super::{
    Failure,
    folder::{self, Generation},
    record::Snapshot,
    restore::{Restored, Until, into_file},
};

/// What was found of a tenant's backup.
#[derive(Debug, Default)]
pub struct Verified {
    /// Snapshots that were restored.
    pub snapshots: usize,
    /// Half a record at the end of something: no commit that was promised, but worth telling.
    pub cut: usize,
    /// What is wrong, each naming its place.
    pub broken: Vec<String>,
}

/// Restores everything of the tenant's backup in `folder` to files in `scratch`, and looks at it.
pub fn verify(folder: &Path, tenant: &TenantId, scratch: &Path) -> Verified {
    let mut verified = Verified::default();
    let generations = match folder::generations(&folder.join(tenant.as_str())) {
        Ok(generations) => generations,
        Err(failure) => {
            verified.broken.push(failure.to_string());
            return verified;
        }
    };
    if generations.is_empty() {
        verified.broken.push(format!("{tenant} has no backup"));
    }
    let newest = generations.last().map(|generation| generation.number);
    for generation in &generations {
        let is_newest = Some(generation.number) == newest;
        if let Err(failure) = of_generation(generation, tenant, scratch, is_newest, &mut verified) {
            verified.broken.push(failure.to_string());
        }
    }
    verified
}

fn of_generation(
    generation: &Generation,
    tenant: &TenantId,
    scratch: &Path,
    is_newest: bool,
    verified: &mut Verified,
) -> Result<(), Failure> {
    let epochs = generation.snapshots()?;
    if epochs.is_empty() {
        let path = generation.path.clone();
        return Err(Failure::Damaged(path, "it has no snapshot".to_owned()));
    }
    if let Some(epoch) = generation.logs()?.iter().find(|epoch| **epoch < epochs[0]) {
        let what = "the snapshot before it is missing".to_owned();
        return Err(Failure::Damaged(generation.log(*epoch), what));
    }
    let one = Scratch(scratch.join(format!("{tenant}.sqlite")));
    let other = Scratch(scratch.join(format!("{tenant}-again.sqlite")));
    for (index, epoch) in epochs.iter().enumerate() {
        let head = generation.head(*epoch)?;
        let path = generation.snapshot(*epoch);
        let damaged = |what: String| Failure::Damaged(path.clone(), what);
        let next = epochs.get(index + 1).map(|next| generation.head(*next));
        let next = next.transpose()?;
        let until = next
            .as_ref()
            .map_or(Until::End, |next| Until::Place(next.epoch, next.frames));
        let Some(restored) = into_file(generation, &head, until, &one.0)? else {
            if is_newest {
                return Err(damaged("the log after it is not there yet".to_owned()));
            }
            continue;
        };
        if let Some(next) = &next {
            same_as(generation, next, until, &one.0, &other.0)?;
        }
        count(verified, &restored);
        opens(&one.0, tenant).map_err(damaged)?;
    }
    Ok(())
}

fn count(verified: &mut Verified, restored: &Restored) {
    verified.snapshots += 1;
    verified.cut += usize::from(restored.cut);
}

/// Whether the next snapshot is what the logs before it lead to.
fn same_as(
    generation: &Generation,
    next: &Snapshot,
    until: Until,
    one: &Path,
    other: &Path,
) -> Result<(), Failure> {
    let path = generation.snapshot(next.epoch);
    if into_file(generation, next, until, other)?.is_none() {
        return Err(Failure::Damaged(
            path,
            "the log after it is missing".to_owned(),
        ));
    }
    if same(one, other).map_err(Failure::at(other))? {
        Ok(())
    } else {
        let what = "it is not what the logs before it lead to";
        Err(Failure::Damaged(path, what.to_owned()))
    }
}

fn same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    let (mut left, mut right) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

/// Whether SQLite finds the database in order, and the tenant lives in it.
fn opens(path: &Path, tenant: &TenantId) -> Result<(), String> {
    let store = Sqlite::in_file(path).map_err(|error| error.to_string())?;
    let found = store
        .run("PRAGMA integrity_check", &[])
        .map_err(|error| error.to_string())?;
    if found != [[Value::Text("ok".to_owned())]] {
        return Err(format!("SQLite finds {} faults in it", found.len()));
    }
    let open = Tenant::open(Remembering::new(store), Settings::default());
    match open.and_then(|open| open.resident()) {
        Ok(Some(resident)) if resident == *tenant => Ok(()),
        Ok(Some(_)) => Err("another tenant lives in it".to_owned()),
        Ok(None) => Err("no tenant lives in it".to_owned()),
        Err(error) => Err(format!("the tenant does not open: {error}")),
    }
}

/// A database that is gone with this value, its log too.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        for ending in ["", "-wal", ".new"] {
            let mut path = self.0.as_os_str().to_owned();
            path.push(ending);
            let _ = fs::remove_file(path);
        }
    }
}
