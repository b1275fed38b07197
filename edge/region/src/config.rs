//! The configuration: one TOML file, and the environment over it. It is checked whole, files and keys
//! included: every mistake is found at once, and with one mistake nothing starts. A mistake names the
//! setting and what is wrong with it, never a secret.
//!
//! A setting `tls.key` can be given as `SLOTSTEAD_REGION_TLS_KEY`. Paths are relative to the folder of
//! the file.

mod database;
mod given;
mod secret;

use std::{
    fs,
    net::SocketAddr,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use data_encoding::BASE64URL_NOPAD;
use slotstead_shared::Region;
use slotstead_tenant::{
    RateLimits, Settings,
    host::keys::IdKey,
    keyring::regional::SealingKeys,
    settings::{OriginError, check_origin},
};

use self::given::Given;
use crate::{places, postgres::Database, tls};

pub use self::given::Mistake;

/// What the server works with.
pub struct Config {
    /// The region whose tenants live here.
    pub region: Region,
    /// Where this server stands, in its operator's words.
    pub location: Option<String>,
    /// Where the edge connects to.
    pub listen: SocketAddr,
    /// Where health and figures are told in plain HTTP, on this machine only.
    pub admin: Option<SocketAddr>,
    /// The folder of the stores. Empty where they are in a database.
    pub data: PathBuf,
    /// The database with the stores, if they are not in files.
    pub database: Option<Database>,
    /// Where they are backed up, if they are.
    pub backup: Option<Backup>,
    /// The folder of keyrings, apart from the stores.
    pub keys: PathBuf,
    /// The region's own keys, which seal keyrings.
    pub sealing: SealingKeys,
    /// What tenants are opened with.
    pub settings: Settings,
    /// Checks the tags of ids, if this region was given the key.
    pub id_key: Option<IdKey>,
    /// Certificates.
    pub tls: tls::Material,
    /// Limits.
    pub limits: Limits,
}

/// Backups of the stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The folder, which is made by nobody here: a share that is not mounted is not there.
    pub folder: PathBuf,
    /// The folder for the backup of keys, apart from all others.
    pub keys: PathBuf,
    /// Where it is, in its operator's words.
    pub location: Option<String>,
    /// Seconds behind that are worth a complaint.
    pub complain_after: i64,
}

/// How much there may be of what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time. The edge sends one call at a time over each.
    pub connections: usize,
    /// Stores kept open. Opening one costs a few milliseconds, and forgets its tenant's rate limits.
    pub open_stores: usize,
    /// Effects under way, over all tenants; each may hold a calendar of 5 MB.
    pub effects: usize,
    /// How long a connection may say nothing. Longer than any edge keeps one, so that no call is sent
    /// into a connection that is being closed.
    pub idle: Duration,
    /// How long what is in flight may take after the server was asked to stop.
    pub stop: Duration,
}

/// All settings, as the file names them.
const SETTINGS: [&str; 34] = [
    "region",
    "location",
    "listen",
    "data",
    "public_origin",
    "id_key_file",
    "development",
    "admin.listen",
    "backup.folder",
    "backup.keys_folder",
    "backup.location",
    "backup.complain_after_seconds",
    "keys.folder",
    "keys.sealing_file",
    "database.url",
    "database.password_file",
    "database.ca",
    "database.connections",
    "database.location",
    "tls.certificate",
    "tls.key",
    "tls.edge_ca",
    "tls.edge_certificates",
    "limits.connections",
    "limits.open_stores",
    "limits.effects",
    "limits.idle_seconds",
    "limits.stop_seconds",
    "rates.sessions_per_minute",
    "rates.slots_per_minute",
    "rates.holds_per_minute",
    "rates.bookings_per_minute",
    "rates.bookings_per_day",
    "rates.live_holds",
];

impl Config {
    /// Reads `file` and the environment, as `variables` gives it.
    pub fn load(
        file: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let text = fs::read_to_string(file).map_err(|error| {
            vec![Mistake::new(
                &file.display().to_string(),
                format!("cannot be read: {error}"),
            )]
        })?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut given = Given::read(&text, variables, &SETTINGS);
        let config = Self::of(&mut given, folder);
        given.finish(config)
    }

    /// `None` when something that is needed is missing or wrong; the mistakes say what.
    fn of(given: &mut Given, folder: &Path) -> Option<Self> {
        let development = given.flag("development");
        let region = region(given);
        let region = given.needed("region", region);
        let listen = given.parsed("listen", "is not an address such as 0.0.0.0:8443");
        let listen = given.needed("listen", listen);
        let data = given.text("data").map(|path| folder.join(path));
        let database = database::read(given, folder);
        let in_database = database::is_named(given);
        let data = if in_database {
            Some(data.map_or_else(PathBuf::new, |_| beside_database(given, "data")))
        } else {
            given.needed("data", data)
        };
        let beside = data.as_deref().filter(|_| !in_database);
        let keys = keys(given, folder, beside);
        let backup = backup(given, folder, beside, keys.as_deref());
        let sealing = sealing(given, folder);
        if in_database && backup.is_some() {
            beside_database(given, "backup.folder");
        }
        let public_origin = public_origin(given, development);
        let id_key = id_key(given, folder);
        let admin = admin(given);
        let tls = material(given, folder);
        let limits = limits(given);
        let rates = rates(given);
        let location = given.text("location");
        let mut config = Self {
            region: region?,
            location,
            listen: listen?,
            admin,
            data: data?,
            database: if in_database { Some(database?) } else { None },
            backup,
            keys: keys?,
            sealing: sealing?,
            settings: Settings {
                rates,
                private_feeds: development,
                places: Vec::new(),
                own_origin: public_origin?,
            },
            id_key,
            tls: tls?,
            limits,
        };
        config.settings.places = places::of(&config);
        Some(config)
    }
}

fn region(given: &mut Given) -> Option<Region> {
    let name = given.text("region")?;
    let found = Region::ALL
        .into_iter()
        .find(|region| region.as_str() == name);
    if found.is_none() {
        given.mistake("region", "is not one of us, eu, cbr");
    }
    found
}

/// What is lost or copied with one of these folders must not take another with it, so none is in another.
fn backup(
    given: &mut Given,
    folder: &Path,
    data: Option<&Path>,
    keys: Option<&Path>,
) -> Option<Backup> {
    const KEY: &str = "backup.folder";
    const KEYS: &str = "backup.keys_folder";
    let after = given.number("backup.complain_after_seconds", 5..=86_400);
    let to = normal(&folder.join(given.text(KEY)?));
    let keys_to = given.text(KEYS);
    let keys_to = normal(&folder.join(given.needed(KEYS, keys_to)?));
    let others = [
        ("data", data.map(normal)),
        ("keys.folder", keys.map(normal)),
    ];
    let others = others
        .iter()
        .filter_map(|(name, path)| Some((*name, path.as_ref()?)));
    for (key, path, more) in [(KEY, &to, None), (KEYS, &keys_to, Some((KEY, &to)))] {
        for (name, other) in others.clone().chain(more) {
            if path.starts_with(other) || other.starts_with(path) {
                given.mistake(key, format!("and `{name}` are not apart from each other"));
            }
        }
    }
    Some(Backup {
        folder: to,
        keys: keys_to,
        location: given.text("backup.location"),
        complain_after: after.unwrap_or(60).into(),
    })
}

/// What is about files, and given although the stores are in a database.
fn beside_database(given: &mut Given, key: &'static str) -> PathBuf {
    let wrong = "is given, and database.url too: it is for stores in files";
    given.mistake(key, wrong);
    PathBuf::new()
}

fn public_origin(given: &mut Given, development: bool) -> Option<String> {
    const KEY: &str = "public_origin";
    let origin = given.text(KEY);
    let origin = given.needed(KEY, origin)?;
    let wrong = match check_origin(&origin, development) {
        Ok(()) => return Some(origin),
        Err(OriginError::NotAnOrigin) => {
            "is not an origin such as https://book.example.com, without a path"
        }
        Err(OriginError::SwitchInProduction) => {
            "is not http://localhost or http://127.0.0.1, and `development` is on"
        }
        Err(OriginError::PlainOrigin) => "is not https, and `development` is not on",
    };
    given.mistake(KEY, wrong);
    None
}

fn id_key(given: &mut Given, folder: &Path) -> Option<IdKey> {
    const KEY: &str = "id_key_file";
    let file = folder.join(given.text(KEY)?);
    let text = secret::read(given, KEY, &file)?;
    let key = BASE64URL_NOPAD.decode(text.trim().as_bytes()).ok();
    let key = key.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if key.is_none() {
        let wrong = "holds no 32 bytes in base64url without padding";
        given.mistake(KEY, format!("{} {wrong}", file.display()));
    }
    key.map(IdKey::new)
}

/// Keyrings within the stores' folder would be in every copy of it.
fn keys(given: &mut Given, folder: &Path, data: Option<&Path>) -> Option<PathBuf> {
    const KEY: &str = "keys.folder";
    let path = given.text(KEY);
    let path = folder.join(given.needed(KEY, path)?);
    let path = normal(&path);
    if !path.is_dir() {
        let shown = path.display();
        let wrong = "is no folder: it is made once, by hand, on the disk that is to hold the keys";
        given.mistake(KEY, format!("{shown} {wrong}"));
    }
    let data = data.map(normal);
    if data.is_some_and(|data| path.starts_with(&data) || data.starts_with(&path)) {
        given.mistake(KEY, "and `data` are not apart from each other");
    }
    Some(path)
}

/// A path without `.` and `..`, as it reads.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

fn sealing(given: &mut Given, folder: &Path) -> Option<SealingKeys> {
    const KEY: &str = "keys.sealing_file";
    let file = given.text(KEY);
    let file = folder.join(given.needed(KEY, file)?);
    let text = secret::read(given, KEY, &file)?;
    match SealingKeys::parse(text.trim()) {
        Ok(keys) => Some(keys),
        Err(error) => {
            given.mistake(KEY, format!("{} {error}", file.display()));
            None
        }
    }
}

/// Plain HTTP gets no data, and what is told there is none; all the same it is for this machine only.
fn admin(given: &mut Given) -> Option<SocketAddr> {
    const KEY: &str = "admin.listen";
    let address: SocketAddr = given.parsed(KEY, "is not an address such as 127.0.0.1:9464")?;
    if !address.ip().is_loopback() {
        given.mistake(KEY, "is not on this machine (127.0.0.1 or ::1)");
    }
    Some(address)
}

fn material(given: &mut Given, folder: &Path) -> Option<tls::Material> {
    const KEY: &str = "tls.key";
    let chain = file(given, folder, "tls.certificate", tls::certificates);
    let key = file(given, folder, KEY, tls::private_key);
    if key.is_some()
        && let Some(path) = given.text(KEY)
    {
        secret::keep(given, KEY, &folder.join(path));
    }
    let edge_roots = file(given, folder, "tls.edge_ca", tls::certificates);
    let mut pinned = Vec::new();
    for text in given.texts("tls.edge_certificates") {
        match tls::parse_fingerprint(&text) {
            Some(fingerprint) => pinned.push(fingerprint),
            None => given.mistake(
                "tls.edge_certificates",
                "holds something that is not the SHA-256 of a certificate in 64 hexadecimal digits",
            ),
        }
    }
    let material = tls::Material {
        chain: chain?,
        key: key?,
        edge_roots: edge_roots?,
        pinned,
    };
    // Only together do they show whether the key belongs to the certificate.
    let tried = tls::Material {
        chain: material.chain.clone(),
        key: material.key.clone_key(),
        edge_roots: material.edge_roots.clone(),
        pinned: Vec::new(),
    };
    match tls::server(tried) {
        Ok(_) => Some(material),
        Err(error) => {
            given.mistake(
                "tls",
                format!("certificate and key cannot be used: {error}"),
            );
            None
        }
    }
}

fn file<T>(
    given: &mut Given,
    folder: &Path,
    key: &'static str,
    read: fn(&Path) -> Result<T, String>,
) -> Option<T> {
    let path = given.text(key);
    let path = folder.join(given.needed(key, path)?);
    match read(&path) {
        Ok(value) => Some(value),
        Err(wrong) => {
            given.mistake(key, wrong);
            None
        }
    }
}

fn limits(given: &mut Given) -> Limits {
    let mut number = |key, usual, range| given.number(key, range).unwrap_or(usual);
    let mut count = |key, usual, range| {
        usize::try_from(number(key, usual, range)).expect("a number of 32 bits fits")
    };
    Limits {
        connections: count("limits.connections", 1_024, 1..=100_000),
        open_stores: count("limits.open_stores", 1_000, 1..=100_000),
        effects: count("limits.effects", 16, 1..=1_000),
        idle: Duration::from_secs(
            given
                .number("limits.idle_seconds", 10..=86_400)
                .unwrap_or(960)
                .into(),
        ),
        stop: Duration::from_secs(
            given
                .number("limits.stop_seconds", 1..=600)
                .unwrap_or(25)
                .into(),
        ),
    }
}

fn rates(given: &mut Given) -> RateLimits {
    let usual = RateLimits::default();
    let mut rate = |key, usual| given.number(key, 0..=u32::MAX).unwrap_or(usual);
    RateLimits {
        sessions_per_minute: rate("rates.sessions_per_minute", usual.sessions_per_minute),
        slots_per_minute: rate("rates.slots_per_minute", usual.slots_per_minute),
        holds_per_minute: rate("rates.holds_per_minute", usual.holds_per_minute),
        bookings_per_minute: rate("rates.bookings_per_minute", usual.bookings_per_minute),
        bookings_per_day: rate("rates.bookings_per_day", usual.bookings_per_day),
        live_holds: rate("rates.live_holds", usual.live_holds),
    }
}

#[cfg(test)]
mod tests;
