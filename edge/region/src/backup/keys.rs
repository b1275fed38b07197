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

use super::{Failure, folder, record::Stamp};

/// How long a version stays after another took its place. It is looked for twice a day, so it is gone
/// within 7 days.
pub const KEPT_SECONDS: i64 = 6 * 86_400;

const GONE: &str = ".gone";

/// See the module.
pub struct History {
    from: PathBuf,
    to: PathBuf,
    /// The files that were kept last, by folder: what is still the same need not be compared.
    seen: Mutex<HashMap<String, BTreeMap<String, Stamp>>>,
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
            from,
            to,
            seen: Mutex::default(),
        }
    }

    /// Keeps what the tenant's folder holds now.
    pub fn keep(&self, tenant: &TenantId, now: UnixSeconds) -> Result<(), Failure> {
        let name = tenant.to_string();
        let found = stamps(&self.from.join(&name))?;
        if self.seen().get(&name) == Some(&found) {
            return Ok(());
        }
        self.keep_folder(&name, now)?;
        self.seen().insert(name, found);
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, Stamp>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what every folder holds now.
    pub fn keep_all(&self, now: UnixSeconds) -> Result<(), Failure> {
        let mut names = folders(&self.from)?;
        // A folder that is gone is looked at too, so that its files are known to be gone.
        names.extend(folders(&self.to)?);
        names.sort();
        names.dedup();
        for name in names {
            self.keep_folder(&name, now)?;
        }
        Ok(())
    }

    fn keep_folder(&self, name: &str, now: UnixSeconds) -> Result<(), Failure> {
        if !self.to.is_dir() {
            return Err(Failure::Unusable(self.to.clone(), "is not there"));
        }
        let (from, to) = (self.from.join(name), self.to.join(name));
        let mut known = versions(&to)?;
        for file in files(&from)? {
            let path = from.join(&file);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                // It went meanwhile, and whoever removed it says so.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(Failure::Io(path, error)),
            };
            let last = known.remove(&file).and_then(|mut all| all.pop());
            let same = match &last {
                Some(last) if !last.gone => read(&last.path)? == Some(bytes.clone()),
                _ => false,
            };
            if !same {
                if !to.is_dir() {
                    fs::create_dir(&to).map_err(Failure::at(&to))?;
                    folder::sync(&self.to)?;
                }
                // Never before or over the last one, whatever the clock says.
                let since = last.map_or(now, |last| now.max(last.since + 1));
                let mut bytes = bytes;
                bytes.extend(Sha256::digest(&bytes));
                folder::write_whole(&to.join(format!("{file}@{since:012}")), &bytes)?;
            }
        }
        for (file, versions) in known {
            if let Some(last) = versions.last().filter(|last| !last.gone) {
                let since = now.max(last.since + 1);
                folder::write_whole(&to.join(format!("{file}@{since:012}{GONE}")), &[])?;
            }
        }
        Ok(())
    }

    /// Removes the versions that another took the place of too long ago. How many.
    pub fn prune(&self, now: UnixSeconds) -> Result<usize, Failure> {
        let mut removed = 0;
        for name in folders(&self.to)? {
            let to = self.to.join(&name);
            for versions in versions(&to)?.into_values() {
                let old = now - KEPT_SECONDS;
                for pair in versions.windows(2) {
                    if pair[1].since <= old {
                        fs::remove_file(&pair[0].path).map_err(Failure::at(&pair[0].path))?;
                        removed += 1;
                    }
                }
                // That something is gone is worth knowing as long as it was there once.
                if let Some(last) = versions
                    .last()
                    .filter(|last| last.gone && last.since <= old)
                {
                    fs::remove_file(&last.path).map_err(Failure::at(&last.path))?;
                    removed += 1;
                }
            }
            // Only if it is empty.
            let _ = fs::remove_dir(&to);
        }
        Ok(removed)
    }
}

/// Writes the files as they were at `at` into `out`, which must be empty: of one folder, or of all. How many.
pub fn restore(
    from: &Path,
    only: Option<&str>,
    at: UnixSeconds,
    out: &Path,
) -> Result<usize, Failure> {
    fs::create_dir_all(out).map_err(Failure::at(out))?;
    if fs::read_dir(out)
        .map_err(Failure::at(out))?
        .next()
        .is_some()
    {
        return Err(Failure::Unusable(out.to_owned(), "is not empty"));
    }
    let mut restored = 0;
    for name in folders(from)? {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let to = out.join(&name);
        for (file, versions) in versions(&from.join(&name))? {
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
    Ok(restored)
}

/// Checks every version. How many, and what is wrong.
pub fn verify(from: &Path) -> Result<(usize, Vec<String>), Failure> {
    let (mut checked, mut wrong) = (0, Vec::new());
    for name in folders(from)? {
        for version in versions(&from.join(&name))?.into_values().flatten() {
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

fn folders(of: &Path) -> Result<Vec<String>, Failure> {
    names(of, true)
}

fn files(of: &Path) -> Result<Vec<String>, Failure> {
    names(of, false)
}

/// The names in a folder. One that is not there has none.
fn names(of: &Path, folders: bool) -> Result<Vec<String>, Failure> {
    let at = Failure::at(of);
    let entries = match fs::read_dir(of) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(&at)?;
        let is_folder = entry.file_type().map_err(&at)?.is_dir();
        let name = entry.file_name();
        // What is being written has an ending of its own.
        let whole = |name: &&str| {
            Path::new(name)
                .extension()
                .is_none_or(|ending| ending != "new")
        };
        if is_folder == folders {
            found.extend(name.to_str().filter(whole).map(str::to_owned));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
