//! How the backup of a tenant lies in the backup folder:
//!
//! ```text
//! <tenant>/00000001/            a generation: begun anew when nothing shows that the store goes on from it
//!          00000001.snapshot    the database, before the log of the same number
//!          00000001.log         the log that was written after it
//!          00000002.log         the log after that was emptied into the database
//!          00000019.snapshot    the database again, a day later
//! ```

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use slotstead_shared::{TenantId, UnixSeconds};

use super::{
    Failure,
    record::{self, Snapshot},
};
use crate::disk;

/// How long anything that is needed to restore a moment is kept.
pub const KEPT_SECONDS: i64 = 30 * 86_400;

const SNAPSHOT: &str = "snapshot";
const LOG: &str = "log";

/// The end of the name of a generation or a snapshot that is not whole yet.
pub const UNFINISHED: &str = "new";

/// Every tenant that has a backup in `folder`.
pub fn tenants(folder: &Path) -> Result<Vec<TenantId>, Failure> {
    disk::tenants(folder).map_err(Failure::at(folder))
}

/// The generations of a tenant, the oldest first.
pub fn generations(tenant: &Path) -> Result<Vec<Generation>, Failure> {
    let numbers = numbers(tenant, |name| name.to_str().map(str::to_owned))?;
    Ok(numbers
        .into_iter()
        .map(|number| Generation::of(tenant, number))
        .collect())
}

/// The numbers among the names in a folder, in order. No folder has none.
fn numbers(folder: &Path, number: impl Fn(&Path) -> Option<String>) -> Result<Vec<u32>, Failure> {
    let at = Failure::at(folder);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.map_err(&at)?.file_name();
        let digits = number(Path::new(&name)).filter(|name| name.len() == 8);
        found.extend(digits.and_then(|digits| digits.parse::<u32>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// A generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its folder.
    pub path: PathBuf,
    /// Its number.
    pub number: u32,
}

impl Generation {
    /// The one with this number.
    pub fn of(tenant: &Path, number: u32) -> Self {
        Self {
            path: tenant.join(format!("{number:08}")),
            number,
        }
    }

    /// Where it is made.
    pub fn unfinished(&self) -> PathBuf {
        self.path.with_extension(UNFINISHED)
    }

    /// The snapshot before a log.
    pub fn snapshot(&self, epoch: u32) -> PathBuf {
        self.path.join(format!("{epoch:08}.{SNAPSHOT}"))
    }

    /// A log.
    pub fn log(&self, epoch: u32) -> PathBuf {
        self.path.join(format!("{epoch:08}.{LOG}"))
    }

    /// The snapshots there are, by the log after them, the oldest first.
    pub fn snapshots(&self) -> Result<Vec<u32>, Failure> {
        numbers(&self.path, |name| ending_in(name, SNAPSHOT))
    }

    /// The logs there are, the oldest first.
    pub fn logs(&self) -> Result<Vec<u32>, Failure> {
        numbers(&self.path, |name| ending_in(name, LOG))
    }

    /// The head of a snapshot.
    pub fn head(&self, epoch: u32) -> Result<Snapshot, Failure> {
        let path = self.snapshot(epoch);
        let head: Snapshot = record::snapshot_head(&path)?;
        let tenant = self.path.parent().and_then(Path::file_name);
        let here = tenant.is_some_and(|tenant| tenant == head.tenant.as_str());
        if here && (head.generation, head.epoch) == (self.number, epoch) {
            Ok(head)
        } else {
            Err(Failure::Damaged(path, "it belongs elsewhere".to_owned()))
        }
    }
}

fn ending_in(name: &Path, ending: &str) -> Option<String> {
    let fits = name.extension().is_some_and(|found| found == ending);
    name.file_stem()
        .filter(|_| fits)?
        .to_str()
        .map(str::to_owned)
}

/// Removes what is needed for no moment after `now` less [`KEPT_SECONDS`]; the newest snapshot and what
/// follows it stay whatever their age. How many files went.
pub fn prune(tenant: &Path, now: UnixSeconds) -> Result<usize, Failure> {
    let all = generations(tenant)?;
    for number in numbers(tenant, |name| ending_in(name, UNFINISHED))? {
        if all.last().is_some_and(|newest| number < newest.number) {
            let left = Generation::of(tenant, number).unfinished();
            fs::remove_dir_all(&left).map_err(Failure::at(&left))?;
        }
    }
    for generation in &all {
        // A snapshot is made before the log after it is, so this one is made no more.
        let newest = generation.logs()?.pop();
        let left = numbers(&generation.path, |name| ending_in(name, UNFINISHED))?;
        for epoch in left.into_iter().filter(|left| Some(*left) < newest) {
            let left = generation.snapshot(epoch).with_extension(UNFINISHED);
            fs::remove_file(&left).map_err(Failure::at(&left))?;
        }
    }
    let Some((first, epoch)) = first_needed(&all, now - KEPT_SECONDS)? else {
        return Ok(0);
    };
    let mut old = Vec::new();
    // Snapshots first: a log without its snapshot is no beginning.
    for before in first.snapshots()?.into_iter().filter(|old| *old < epoch) {
        old.push(first.snapshot(before));
    }
    for before in first.logs()?.into_iter().filter(|old| *old < epoch) {
        old.push(first.log(before));
    }
    let generations = all.iter().take_while(|old| old.number < first.number);
    let mut removed = 0;
    if !old.is_empty() || generations.clone().next().is_some() {
        // What everything that stays hangs on must be whole.
        let bytes = first.head(epoch)?.stamp.bytes;
        record::read_snapshot(&first.snapshot(epoch), bytes, &mut io::sink())?;
    }
    for generation in generations {
        removed += generation.snapshots()?.len() + generation.logs()?.len();
        // What is left when this is interrupted is no generation any more.
        let gone = generation.unfinished();
        fs::rename(&generation.path, &gone).map_err(Failure::at(&generation.path))?;
        fs::remove_dir_all(&gone).map_err(Failure::at(&gone))?;
    }
    for path in old {
        fs::remove_file(&path).map_err(Failure::at(&path))?;
        removed += 1;
    }
    Ok(removed)
}

/// The newest snapshot that is from `horizon` or before.
fn first_needed(
    all: &[Generation],
    horizon: UnixSeconds,
) -> Result<Option<(&Generation, u32)>, Failure> {
    for generation in all.iter().rev() {
        for epoch in generation.snapshots()?.into_iter().rev() {
            match generation.head(epoch) {
                Ok(head) if head.as_of <= horizon => return Ok(Some((generation, epoch))),
                // Of one that cannot be read nothing is known, so nothing hangs on it.
                Ok(_) | Err(Failure::Damaged(..)) => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(None)
}

/// Makes what was renamed or made in a folder last.
pub fn sync(folder: &Path) -> Result<(), Failure> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Shares that cannot do this for folders do it by themselves or never.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        done => done.map_err(Failure::at(folder)),
    }
}

/// Makes `path` hold `bytes` or be as before.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::put(path, bytes).map_err(Failure::at(path))?;
    path.parent().map_or(Ok(()), sync)
}
