//! What an operator does with backups: `backup`, `restore` and `verify`.

pub mod arguments;

use std::{
    fs::{self, File, TryLockError},
    io::{self, IsTerminal, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::store::sqlite::log_of;

use self::arguments::Arguments;
use crate::{
    backup::{
        self, Backup, Places, connect,
        control::{self, Ask},
        erased, folder,
        keys::{self, History},
        replace,
        restore::{self, in_words},
        verify,
    },
    config::{self, Config},
    moment,
    stores::{Driver, Files, StoresError, sqlite},
};

/// What half a record means.
const HALF: &str =
    "the backup ends in half a record (the server was interrupted as it wrote, or it is damaged)";

/// How a command ended.
pub type Outcome = Result<(), Vec<String>>;

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn one(why: impl ToString) -> Vec<String> {
    vec![why.to_string()]
}

fn places(config: &Config) -> Result<&config::Backup, Vec<String>> {
    if config.database.is_some() {
        return Err(one(
            "database.url is given, and this command is for stores in files: PostgreSQL backs up and restores its \
             own, and keys.folder has to be copied apart from it (docs/region.md, PostgreSQL)",
        ));
    }
    let places = config.backup.as_ref();
    places.ok_or_else(|| one("backup.folder is not set in the configuration"))
}

/// Backs up now: by the server that has the stores, or here if there is none.
pub fn back_up(config: &Config, arguments: &Arguments) -> Outcome {
    let to = places(config)?;
    is_their_user(config)?;
    let mut shown = Progress::new("backed up");
    let ask = Ask::Backup {
        tenant: arguments.tenant.clone(),
        anew: arguments.anew,
    };
    let asked = control::ask(&config.data, &ask, |done, all| shown.show(done, all));
    if let Some(outcome) = asked.map_err(one)? {
        return outcome;
    }
    let files = lock(&config.data)?;
    let tenants = match &arguments.tenant {
        Some(tenant) => vec![tenant.clone()],
        None => files.tenants().map_err(one)?,
    };
    let places = Places {
        data: config.data.clone(),
        folder: to.folder.clone(),
    };
    let history = History::new(config.keys.clone(), to.keys.clone());
    let backup = Backup::new(places, Some(history), to.complain_after, backup::clock());
    let shown = std::cell::RefCell::new(shown);
    backup.pass(&tenants, arguments.anew, |done, all| {
        shown.borrow_mut().show(done, all);
    })?;
    if arguments.tenant.is_none() {
        backup.prune().map_err(one)?;
    }
    Ok(())
}

/// Whoever works with the stores in place of the server leaves files that it has to read and to write.
fn is_their_user(config: &Config) -> Outcome {
    let (us, mut folders) = (
        rustix::process::geteuid().as_raw(),
        [&config.data, &config.keys].into_iter(),
    );
    let wrong = folders.find(|folder| folder.metadata().is_ok_and(|found| found.uid() != us));
    match wrong {
        None => Ok(()),
        Some(folder) => Err(one(format!(
            "{} belongs to another user: run this as that user, as the server runs (sudo -u)",
            folder.display()
        ))),
    }
}

/// The stores, which no server has.
fn lock(data: &Path) -> Result<Files, Vec<String>> {
    Files::open(data, sqlite).map_err(|error| match error {
        StoresError::Taken(data) => one(format!(
            "{} is used by a region server that does not answer at {}",
            data.display(),
            control::socket(&data).display()
        )),
        error @ StoresError::Folder(..) => one(error),
    })
}

/// Restores one tenant or all, into a folder or into their places.
pub fn restore(config: &Config, arguments: &Arguments) -> Outcome {
    if arguments.at.is_some_and(|at| at > moment::now()) {
        return Err(one(
            "--at is a time that is still to come: without --at the newest is restored",
        ));
    }
    if arguments.keys {
        return restore_keys(config, arguments);
    }
    let folder = &places(config)?.folder;
    if arguments.in_place {
        is_their_user(config)?;
    }
    let tenants = match &arguments.tenant {
        Some(tenant) => vec![tenant.clone()],
        None if arguments.all => folder::tenants(folder).map_err(one)?,
        None => return Err(one("--tenant ID or --all is missing: whom to restore")),
    };
    if tenants.is_empty() {
        return Err(one(format!("{} holds no backup", folder.display())));
    }
    let to = match (&arguments.to, arguments.in_place) {
        (Some(to), false) => to,
        (None, true) => &config.data,
        _ => {
            return Err(one(
                "one of --to FOLDER and --in-place is needed: where to restore to",
            ));
        }
    };
    if !arguments.in_place && is_same(to, &config.data) {
        return Err(one(
            "--to is the folder of the stores: --in-place restores into that",
        ));
    }
    let _workshop = Workshop::new(to)
        .map_err(|error| one(format!("{}: {error}", replace::workshop(to).display())))?;
    let mut failed = Vec::new();
    let mut shown = Progress::new("restored");
    for (done, tenant) in tenants.iter().enumerate() {
        shown.show(done, tenants.len());
        if let Err(why) = restore_one(config, arguments, folder, to, tenant) {
            failed.push(format!("{tenant}: {why}"));
        }
    }
    shown.show(tenants.len() - failed.len(), tenants.len());
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed)
    }
}

/// Restores the keys of one tenant or all into a folder that has none.
fn restore_keys(config: &Config, arguments: &Arguments) -> Outcome {
    let from = &places(config)?.keys;
    let only = arguments.tenant.as_ref();
    if only.is_none() && !arguments.all {
        return Err(one(
            "--tenant ID or --all is missing: whose keys to restore",
        ));
    }
    let Some(to) = arguments.to.as_ref().filter(|_| !arguments.in_place) else {
        return Err(one(
            "--to FOLDER is missing: keys are restored into a folder that has none",
        ));
    };
    let at = arguments.at.unwrap_or(UnixSeconds::MAX);
    match keys::restore(from, only, at, to).map_err(one)? {
        0 => Err(one(format!(
            "{} holds no such keys; what was lost before it was noticed is there with --at",
            from.display()
        ))),
        files => {
            println!("{files} files of keys");
            Ok(())
        }
    }
}

fn restore_one(
    config: &Config,
    arguments: &Arguments,
    folder: &Path,
    to: &Path,
    tenant: &TenantId,
) -> Result<(), String> {
    let place = replace::place(to, tenant);
    // A log alone would be taken for that of what is restored.
    let there = [place.clone(), log_of(&place)];
    let there = there.iter().find(|path| path.exists());
    if let Some(there) = there.filter(|_| !arguments.replace) {
        return Err(format!(
            "{} is there already; --replace restores all the same",
            there.display()
        ));
    }
    let out = replace::restored(to, tenant);
    let restored = restore::restore(&folder.join(tenant.as_str()), arguments.at, &out)
        .map_err(|failure| failure.to_string())?;
    erased::tell(&out, tenant)?;
    if arguments.in_place {
        put_in_place(config, tenant)?;
    } else {
        replace::put(to, tenant, moment::now()).map_err(|failure| failure.to_string())?;
    }
    println!("{tenant} as of {}", in_words(restored.as_of));
    if restored.cut {
        eprintln!("{HALF}: what it held is not in what is restored");
    }
    if let Some(damaged) = restored.damaged {
        eprintln!("{damaged}");
    }
    Ok(())
}

/// Puts a restored store in its place: by the server that has the stores, or here if there is none.
fn put_in_place(config: &Config, tenant: &TenantId) -> Result<(), String> {
    let ask = Ask::Replace {
        tenant: tenant.clone(),
    };
    match control::ask(&config.data, &ask, |_, _| ()) {
        Ok(Some(outcome)) => outcome.map_err(|why| why.join("; ")),
        Ok(None) => {
            let _files = lock(&config.data).map_err(|why| why.join("; "))?;
            replace::put(&config.data, tenant, moment::now()).map_err(|failure| failure.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Restores every backup to look at it.
pub fn verify(config: &Config, arguments: &Arguments) -> Outcome {
    let from = places(config)?;
    let folder = &from.folder;
    let tenants = match &arguments.tenant {
        Some(tenant) => vec![tenant.clone()],
        None => folder::tenants(folder).map_err(one)?,
    };
    let scratch = Scratch::new().map_err(one)?;
    let mut broken = Vec::new();
    let (mut snapshots, mut cut) = (0, Vec::new());
    let mut shown = Progress::new("verified");
    for (done, tenant) in tenants.iter().enumerate() {
        shown.show(done, tenants.len());
        let found = verify::verify(folder, tenant, &scratch.0);
        snapshots += found.snapshots;
        if found.cut > 0 {
            cut.push(format!(
                "{tenant}: {HALF}; once there is its store, `backup` mends it"
            ));
        }
        broken.extend(found.broken);
    }
    shown.show(tenants.len(), tenants.len());
    let (versions, wrong) = keys::verify(&from.keys).map_err(one)?;
    broken.extend(wrong);
    println!(
        "{} tenants, {snapshots} snapshots with what follows them restored, {} ends in half a record, \
         {versions} versions of keys, {} broken",
        tenants.len(),
        cut.len(),
        broken.len()
    );
    if !connect::is_taken(folder) {
        // Nobody is writing the other half.
        broken.extend(cut);
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken)
    }
}

/// The folder in which stores are restored before they take their places, for one command at a time.
struct Workshop {
    path: PathBuf,
    _lock: File,
}

impl Workshop {
    fn new(of: &Path) -> io::Result<Self> {
        let path = replace::workshop(of);
        fs::create_dir_all(&path)?;
        let lock = File::open(&path)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other("another restore is under way"),
            TryLockError::Error(error) => error,
        })?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // Only if it is empty.
        let _ = fs::remove_dir(&self.path);
    }
}

/// A folder for restored stores, gone with this value. They hold what their tenants hold, so nobody else
/// may look into it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!("slotstead-verify-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Tells how far a command is: a line that changes on a terminal, some lines elsewhere.
struct Progress {
    what: &'static str,
    terminal: bool,
    shown: Option<usize>,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            terminal: io::stderr().is_terminal(),
            shown: None,
        }
    }

    fn show(&mut self, done: usize, all: usize) {
        let part = done * 20 / all.max(1);
        let last = done == all;
        if self.shown == Some(part) && !last && !self.terminal {
            return;
        }
        self.shown = Some(part);
        let (start, end) = if self.terminal {
            ("\r", if last { "\n" } else { "" })
        } else {
            ("", "\n")
        };
        // Without a standard error there is nobody to tell.
        let _ = write!(
            io::stderr().lock(),
            "{start}{done} of {all} {}{end}",
            self.what
        );
    }
}
