//! The backup of keys: a folder of folders of small files, each replaced whole, and what they were before.
//!
//! Keys are kept apart from the data, because a key that was destroyed must be gone soon, and the data that
//! it sealed stays in backups for 30 days. So of each file the newest version stays, and any other goes some
//! days after it was replaced or removed. A version is a file `<name>@<seconds>`, or `<name>@<seconds>.gone`
//! from when there was no such file any more.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};
use slotstead_shared::{TenantId, UnixSeconds};

use super::{
    Failure,
    connect::{self, Link, Unmarked},
    folder::{self, UNFINISHED, tenants},
    record::Stamp,
};

/// How long a version stays after another took its place. It is looked for twice a day, so it is gone
/// within 7 days.
pub const KEPT_SECONDS: i64 = 6 * 86_400;

const GONE: &str = ".gone";

/// The files that were kept last, by folder.
type Seen = HashMap<TenantId, BTreeMap<String, Stamp>>;

/// See the module.
pub struct History {
    from: PathBuf,
    to: PathBuf,
    link: Link,
    /// Held by the one that writes.
    writing: Mutex<()>,
    /// What is still the same need not be compared.
    seen: Mutex<Seen>,
}

/// A version of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    since: UnixSeconds,
    gone: bool,
    path: PathBuf,
}

impl History {
    /// Of the folders in `from`, one for each tenant, in `to`.
    #[must_use]
    pub fn new(from: PathBuf, to: PathBuf) -> Self {
        Self {
            link: Link::new(from.clone(), to.clone(), Unmarked::JoinsWhileEmpty),
            from,
            to,
            writing: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// Keeps what the tenant's folder holds now.
    pub fn keep(&self, tenant: &TenantId, now: UnixSeconds) -> Result<(), Failure> {
        let found = stamps(&self.from.join(tenant.as_str()))?;
        if self.seen().get(tenant) == Some(&found) {
            return Ok(());
        }
        let _writing = self.write()?;
        self.keep_folder(tenant, now)?;
        self.seen().insert(tenant.clone(), found);
        Ok(())
    }

    /// Keeps what every folder holds now. Whatever one fails with, the others are kept.
    pub fn keep_all(&self, now: UnixSeconds) -> Result<(), Failure> {
        let _writing = self.write()?;
        let mut all = tenants(&self.from)?;
        // A folder that is gone is looked at too, so that its files are known to be gone.
        all.extend(tenants(&self.to)?);
        all.sort();
        all.dedup();
        let kept = all.iter().map(|tenant| self.keep_folder(tenant, now));
        kept.fold(Ok(()), Result::and)
    }

    /// Removes the versions that another took the place of too long ago. How many. What a tenant that
    /// is `known` had last stays, even if it is gone: somebody may have lost it.
    pub fn prune(
        &self,
        now: UnixSeconds,
        known: impl Fn(&TenantId) -> bool,
    ) -> Result<usize, Failure> {
        let _writing = self.write()?;
        let mut removed = Ok(0);
        for tenant in tenants(&self.to)? {
            let to = self.to.join(tenant.as_str());
            let pruned = prune_folder(&to, now, known(&tenant));
            // Only if it is empty.
            let _ = fs::remove_dir(&to);
            removed = removed.and_then(|all| Ok(all + pruned?));
        }
        removed
    }

    /// One at a time writes, and only where the right folders are in their places.
    fn write(&self) -> Result<MutexGuard<'_, ()>, Failure> {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.link.connect()?;
        Ok(writing)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_folder(&self, tenant: &TenantId, now: UnixSeconds) -> Result<(), Failure> {
        let (from, to) = (
            self.from.join(tenant.as_str()),
            self.to.join(tenant.as_str()),
        );
        let mut known = versions(&to)?;
        for file in files(&from)? {
            let path = from.join(&file);
            let mut bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                // It went meanwhile, and whoever removed it says so.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(Failure::Io(path, error)),
            };
            let last = known.remove(&file).and_then(|mut all| all.pop());
            let same = match &last {
                Some(last) if !last.gone => read(&last.path)?.as_ref() == Some(&bytes),
                _ => false,
            };
            if !same {
                if !to.is_dir() {
                    fs::create_dir(&to).map_err(Failure::at(&to))?;
                    folder::sync(&self.to)?;
                }
                // Never before or over the last one, whatever the clock says.
                let since = last.map_or(now, |last| now.max(last.since + 1));
                bytes.extend(Sha256::digest(&bytes));
                folder::write_whole(&to.join(name_of(&file, since, false)), &bytes)?;
            }
        }
        for (file, versions) in known {
            if let Some(last) = versions.last().filter(|last| !last.gone) {
                let since = now.max(last.since + 1);
                folder::write_whole(&to.join(name_of(&file, since, true)), &[])?;
            }
        }
        Ok(())
    }
}

fn prune_folder(to: &Path, now: UnixSeconds, known: bool) -> Result<usize, Failure> {
    let remove = |path: &Path| fs::remove_file(path).map_err(Failure::at(path));
    // What a crash left half written holds keys as well.
    for name in unfinished(to)? {
        remove(&to.join(name))?;
    }
    let (old, mut removed) = (now - KEPT_SECONDS, 0);
    for (file, mut versions) in versions(to)? {
        bring_back(to, &file, &mut versions, now)?;
        let gone = versions.pop_if(|last| last.gone);
        let is_lost = known && !versions.is_empty();
        let next = gone.iter().filter(|_| !is_lost);
        let next = versions.iter().skip(1).chain(next);
        for (version, next) in versions.iter().zip(next) {
            if next.since <= old {
                remove(&version.path)?;
                removed += 1;
            }
        }
        // That something is gone is worth knowing as long as it was there once.
        if let Some(gone) = gone.filter(|gone| !is_lost && gone.since <= old) {
            remove(&gone.path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Versions from a time that is still to come were written while the clock was ahead: from now on they are of
/// now, one after the other, or they would stay until then.
fn bring_back(
    to: &Path,
    file: &str,
    versions: &mut [Version],
    now: UnixSeconds,
) -> Result<(), Failure> {
    let mut earliest = now;
    for version in versions {
        if version.since > earliest {
            let path = to.join(name_of(file, earliest, version.gone));
            fs::rename(&version.path, &path).map_err(Failure::at(&version.path))?;
            (version.since, version.path) = (earliest, path);
        }
        earliest = earliest.max(version.since + 1);
    }
    Ok(())
}

fn name_of(file: &str, since: UnixSeconds, gone: bool) -> String {
    format!("{file}@{since:012}{}", if gone { GONE } else { "" })
}

/// Writes the files as they were at `at` into `out`, in which no tenant has any and no server works: of one
/// tenant, or of all. How many.
pub fn restore(
    from: &Path,
    only: Option<&TenantId>,
    at: UnixSeconds,
    out: &Path,
) -> Result<usize, Failure> {
    fs::create_dir_all(out).map_err(Failure::at(out))?;
    if !tenants(out)?.is_empty() {
        return Err(Failure::Unusable(out.to_owned(), "holds keys already"));
    }
    if connect::is_taken(out) {
        let why = "is used by a region server: stop it, and restore the keys then";
        return Err(Failure::Unusable(out.to_owned(), why));
    }
    let mut restored = 0;
    for tenant in tenants(from)? {
        if only.is_some_and(|only| *only != tenant) {
            continue;
        }
        let to = out.join(tenant.as_str());
        for (file, versions) in versions(&from.join(tenant.as_str()))? {
            let then = versions.iter().rev().find(|version| version.since <= at);
            let Some(then) = then.filter(|then| !then.gone) else {
                continue;
            };
            let damaged = || Failure::Damaged(then.path.clone(), "another checksum".to_owned());
            let bytes = read(&then.path)?.ok_or_else(damaged)?;
            fs::create_dir_all(&to).map_err(Failure::at(&to))?;
            folder::write_whole(&to.join(&file), &bytes)?;
            restored += 1;
        }
    }
    if only.is_none() {
        connect::mark_restored(out, from)?;
    }
    Ok(restored)
}

/// Checks every version. How many, and what is wrong.
pub fn verify(from: &Path) -> Result<(usize, Vec<String>), Failure> {
    let (mut checked, mut wrong) = (0, Vec::new());
    for tenant in tenants(from)? {
        for version in versions(&from.join(tenant.as_str()))?
            .into_values()
            .flatten()
        {
            checked += 1;
            if !version.gone && read(&version.path)?.is_none() {
                wrong.push(format!(
                    "{} is damaged: another checksum",
                    version.path.display()
                ));
            }
        }
    }
    Ok((checked, wrong))
}

/// What the files in a folder are like.
fn stamps(folder: &Path) -> Result<BTreeMap<String, Stamp>, Failure> {
    let mut found = BTreeMap::new();
    for file in files(folder)? {
        let path = folder.join(&file);
        match Stamp::of(&path) {
            Ok(stamp) => {
                found.insert(file, stamp);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Io(path, error)),
        }
    }
    Ok(found)
}

/// What a version holds, if it is what was written.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = fs::read(path).map_err(Failure::at(path))?;
    let Some(length) = bytes.len().checked_sub(32) else {
        return Ok(None);
    };
    let hash = bytes.split_off(length);
    Ok((Sha256::digest(&bytes)[..] == hash[..]).then_some(bytes))
}

/// The versions in a folder by file, each list the oldest first.
fn versions(folder: &Path) -> Result<BTreeMap<String, Vec<Version>>, Failure> {
    let mut found: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for name in files(folder)? {
        let Some((file, rest)) = name.rsplit_once('@') else {
            continue;
        };
        let digits = rest.strip_suffix(GONE);
        let Ok(since) = digits.unwrap_or(rest).parse() else {
            continue;
        };
        found.entry(file.to_owned()).or_default().push(Version {
            since,
            gone: digits.is_some(),
            path: folder.join(&name),
        });
    }
    for versions in found.values_mut() {
        versions.sort();
    }
    Ok(found)
}

/// The files in a folder that are whole.
fn files(of: &Path) -> Result<Vec<String>, Failure> {
    names(of, |ending| ending != Some(UNFINISHED))
}

/// Those that are not.
fn unfinished(of: &Path) -> Result<Vec<String>, Failure> {
    names(of, |ending| ending == Some(UNFINISHED))
}

/// The files in a folder with such an ending. A folder that is not there has none.
fn names(of: &Path, fits: impl Fn(Option<&str>) -> bool) -> Result<Vec<String>, Failure> {
    let at = Failure::at(of);
    let entries = match fs::read_dir(of) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(&at)?;
        if entry.file_type().map_err(&at)?.is_dir() {
            continue;
        }
        let name = entry.file_name();
        let ending = Path::new(&name)
            .extension()
            .and_then(|ending| ending.to_str());
        if fits(ending) {
            found.extend(name.to_str().map(str::to_owned));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
