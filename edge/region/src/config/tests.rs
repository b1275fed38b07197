//! Configurations, right and wrong.

use std::{
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;
use crate::certificates;

/// A folder with certificates and a configuration, gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("slotstead-config-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        certificates::write(&folder, "localhost", 1).unwrap();
        let keys = "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n";
        write_secret(&folder.join("sealing.keys"), keys);
        fs::create_dir_all(folder.join("keys")).unwrap();
        fs::create_dir_all(folder.join("stores/keys")).unwrap();
        fs::write(folder.join("region.toml"), text).unwrap();
        Self(folder)
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(&self.0.join("region.toml"), variables)
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write_secret(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    allow(file, 0o600);
}

fn allow(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

const GOOD: &str = r#"
region = "cbr"
listen = "127.0.0.1:8443"
data = "stores"
public_origin = "https://book.example.com"

[keys]
folder = "keys"
sealing_file = "sealing.keys"

[tls]
certificate = "region.pem"
key = "region.key"
edge_ca = "edge-ca.pem"
"#;

#[test]
fn a_good_configuration_is_read_and_the_rest_is_as_in_production() {
    let folder = Folder::new(GOOD);
    let config = folder.load(&[("HOME", "/root")]).unwrap();
    assert_eq!(config.region, Region::Cbr);
    assert_eq!(config.data, folder.0.join("stores"));
    assert!(config.database.is_none());
    assert_eq!(config.settings.rates, RateLimits::default());
    assert!(!config.settings.private_feeds);
    assert!(config.admin.is_none() && config.id_key.is_none());
}

#[test]
fn a_backup_is_on_another_place_than_the_stores() {
    let folder = Folder::new(GOOD);
    assert_eq!(folder.load(&[]).unwrap().backup, None);
    let to = |place, keys| {
        let config = folder.load(&[
            ("SLOTSTEAD_REGION_BACKUP_FOLDER", place),
            ("SLOTSTEAD_REGION_BACKUP_KEYS_FOLDER", keys),
        ]);
        config.map(|config| config.backup.unwrap())
    };
    let backup = to("/mnt/backup", "/mnt/keys").unwrap();
    assert_eq!(backup.folder, PathBuf::from("/mnt/backup"));
    assert_eq!(backup.keys, PathBuf::from("/mnt/keys"));
    assert_eq!(backup.complain_after, 60);
    for (place, keys, named) in [
        ("stores", "/mnt/keys", "backup.folder and `data`"),
        ("stores/backup", "/mnt/keys", "backup.folder and `data`"),
        (".", "/mnt/keys", "backup.folder and `data`"),
        ("keys", "/mnt/keys", "backup.folder and `keys.folder`"),
        (
            "/mnt/backup",
            "stores/keys",
            "backup.keys_folder and `data`",
        ),
        (
            "/mnt/backup",
            "keys/old",
            "backup.keys_folder and `keys.folder`",
        ),
        (
            "/mnt/backup",
            "/mnt/backup/keys",
            "backup.keys_folder and `backup.folder`",
        ),
        ("/mnt/backup", "", "backup.keys_folder is missing"),
    ] {
        let mistakes = to(place, keys).unwrap_err().join(" ");
        assert!(mistakes.contains(named), "{place}, {keys}: {mistakes}");
    }
}

#[test]
fn the_environment_comes_over_the_file() {
    let folder = Folder::new(GOOD);
    let config = folder
        .load(&[
            ("SLOTSTEAD_REGION_LISTEN", "[::1]:9443"),
            ("SLOTSTEAD_REGION_ADMIN_LISTEN", "127.0.0.1:9464"),
            ("SLOTSTEAD_REGION_DEVELOPMENT", "true"),
            ("SLOTSTEAD_REGION_PUBLIC_ORIGIN", "http://localhost:8787"),
            ("SLOTSTEAD_REGION_LIMITS_OPEN_STORES", "7"),
            ("SLOTSTEAD_REGION_RATES_LIVE_HOLDS", "3"),
        ])
        .unwrap();
    assert_eq!(config.listen, "[::1]:9443".parse().unwrap());
    assert_eq!(config.admin, Some("127.0.0.1:9464".parse().unwrap()));
    assert!(config.settings.private_feeds);
    assert_eq!(config.limits.open_stores, 7);
    assert_eq!(config.settings.rates.live_holds, 3);
}

#[test]
fn the_report_of_places_says_what_is_configured_and_no_more() {
    let folder = Folder::new(GOOD);
    let bare = folder.load(&[]).unwrap().settings.places;
    let stated = [
        ("SLOTSTEAD_REGION_LOCATION", "Canberra, Australia"),
        ("SLOTSTEAD_REGION_BACKUP_FOLDER", "/backups"),
        ("SLOTSTEAD_REGION_BACKUP_KEYS_FOLDER", "/old-keys"),
        (
            "SLOTSTEAD_REGION_BACKUP_LOCATION",
            "Canberra, another building",
        ),
    ];
    let stated = folder.load(&stated).unwrap().settings.places;
    assert_eq!((bare.len(), stated.len()), (3, 5));
    let stores = folder.0.join("stores").display().to_string();
    assert!(bare[0].system.contains(&stores) && stated[0].system.contains(&stores));
    assert!(stated[3].system.contains("/old-keys") && stated[3].system.contains("6 days"));
    assert!(stated[4].system.contains("/backups") && stated[4].system.contains("30 days"));
    let keys = folder.0.join("keys").display().to_string();
    assert!(stated[1].system.contains(&keys), "{keys}: {stated:?}");
    assert!(
        bare.iter()
            .all(|place| place.location.starts_with("Not stated"))
    );
    let locations: Vec<_> = stated.iter().map(|place| &place.location[..]).collect();
    assert_eq!(
        locations,
        [
            "Canberra, Australia",
            "Canberra, Australia",
            "Canberra, Australia",
            "Canberra, another building",
            "Canberra, another building"
        ]
    );
}

#[test]
fn every_mistake_is_named_at_once_and_no_secret_is() {
    let text = r#"
region = "au"
listen = "everywhere"
public_origin = "http://book.example.com"
id_key_file = "id.key"
development = "perhaps"
colour = "red"

[admin]
listen = "0.0.0.0:9464"

[keys]
folder = 7
sealing_file = "id.key"

[tls]
certificate = "no.pem"
key = "id.key"
edge_ca = 7
edge_certificates = ["abc"]

[limits]
connections = 0
"#;
    let folder = Folder::new(text);
    write_secret(&folder.0.join("id.key"), "secret-but-not-a-key");
    let mistakes = folder
        .load(&[("SLOTSTEAD_REGION_COLOUR", "blue")])
        .err()
        .expect("mistakes");
    for (setting, wrong) in [
        ("colour ", "no setting"),
        ("SLOTSTEAD_REGION_COLOUR", "no setting"),
        ("development", "neither true nor false"),
        ("region", "not one of us, eu, cbr"),
        ("listen", "not an address"),
        ("data", "missing"),
        ("public_origin", "not https"),
        ("id_key_file", "32 bytes"),
        ("keys.folder", "not a text"),
        ("keys.sealing_file", "no name and colon"),
        ("admin.listen", "not on this machine"),
        ("tls.certificate", "cannot be read"),
        ("tls.key", "no private key"),
        ("tls.edge_ca", "not a text"),
        ("tls.edge_certificates", "SHA-256"),
        ("limits.connections", "whole number from 1"),
    ] {
        let found = mistakes
            .iter()
            .filter(|line| line.starts_with(setting) && line.contains(wrong));
        assert_eq!(found.count(), 1, "{setting} {wrong}: {mistakes:#?}");
    }
    assert_eq!(mistakes.len(), 16, "{mistakes:#?}");
    assert!(mistakes.iter().all(|line| !line.contains("secret")));
}

#[test]
fn a_secret_that_everybody_on_the_machine_can_read_is_refused() {
    let id_key = ("SLOTSTEAD_REGION_ID_KEY_FILE", "id.key");
    let files = Folder::new(GOOD);
    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    write_secret(&files.0.join("id.key"), key);
    let database = Folder::new(DATABASE);
    write_secret(&database.0.join("password"), "hidden");
    let password = ("SLOTSTEAD_REGION_DATABASE_PASSWORD_FILE", "password");
    for (folder, variable, file, setting) in [
        (&files, id_key, "id.key", "id_key_file"),
        (&files, id_key, "sealing.keys", "keys.sealing_file"),
        (&files, id_key, "region.key", "tls.key"),
        (&database, password, "password", "database.password_file"),
    ] {
        let file = folder.0.join(file);
        // A group is how some systems hand secrets in.
        allow(&file, 0o640);
        assert!(folder.load(&[variable]).is_ok(), "{setting}");
        allow(&file, 0o644);
        let shown = file.display();
        let wrong = format!(
            "{setting} {shown} can be read by every user of this machine: chmod o= {shown}"
        );
        assert_eq!(folder.load(&[variable]).err().unwrap(), [wrong]);
        allow(&file, 0o600);
    }
}

#[test]
fn what_is_not_toml_is_said_by_line_and_not_quoted() {
    let folder = Folder::new("region = \"cbr\"\nkey = secret secret\n");
    let mistakes = folder.load(&[]).err().expect("a mistake");
    assert_eq!(mistakes[0], "the file is not TOML: see line 2");
    assert!(mistakes.iter().all(|line| !line.contains("secret")));
}

#[test]
fn a_key_of_another_certificate_is_a_mistake() {
    let folder = Folder::new(&GOOD.replace("region.key", "edge.key"));
    let mistakes = folder.load(&[]).err().expect("a mistake");
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].starts_with("tls certificate and key"));
}

#[test]
fn a_folder_of_keys_that_is_not_there_is_not_made() {
    let text = GOOD.replace("folder = \"keys\"", "folder = \"unmounted\"");
    let folder = Folder::new(&text);
    let mistakes = folder.load(&[]).err().expect("a mistake");
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].contains("is no folder"), "{mistakes:?}");
    assert!(!folder.0.join("unmounted").exists());
}

#[test]
fn keys_and_stores_have_folders_of_their_own() {
    for keys in ["stores", "stores/keys", ".", "keys/../stores"] {
        let text = GOOD.replace("folder = \"keys\"", &format!("folder = {keys:?}"));
        let mistakes = Folder::new(&text).load(&[]).err().expect("a mistake");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(
            mistakes[0].starts_with("keys.folder and `data`"),
            "{mistakes:?}"
        );
    }
}

#[test]
fn the_development_switch_refuses_to_start_in_production() {
    let folder = Folder::new(&format!("development = true\n{GOOD}"));
    let mistakes = folder.load(&[]).err().expect("a mistake");
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].starts_with("public_origin"));
}

#[test]
fn the_example_is_right_and_says_what_is_without_it() {
    let folder = Folder::new(include_str!("../../deploy/region.toml"));
    let example = folder
        .load(&[
            ("SLOTSTEAD_REGION_DATA", "stores"),
            ("SLOTSTEAD_REGION_KEYS_FOLDER", "keys"),
        ])
        .unwrap();
    let bare = Folder::new(GOOD).load(&[]).unwrap();
    assert_eq!(example.settings.rates, bare.settings.rates);
    assert_eq!(
        format!("{:?}", example.limits),
        format!("{:?}", bare.limits)
    );
}

const DATABASE: &str = r#"
region = "cbr"
listen = "127.0.0.1:8443"
public_origin = "https://book.example.com"

[database]
url = "postgres://slotstead:hidden@127.0.0.1/slotstead"

[keys]
folder = "keys"
sealing_file = "sealing.keys"

[tls]
certificate = "region.pem"
key = "region.key"
edge_ca = "edge-ca.pem"
"#;

fn database(folder: &Folder, variables: &[(&str, &str)]) -> tokio_postgres::Config {
    folder.load(variables).unwrap().database.unwrap().config
}

#[test]
fn stores_may_be_in_a_database_whose_password_may_be_in_a_file() {
    use tokio_postgres::config::SslMode;
    let folder = Folder::new(DATABASE);
    let config = database(&folder, &[]);
    assert_eq!(config.get_password(), Some(&b"hidden"[..]));
    // On this machine there is nobody in between.
    assert_eq!(config.get_ssl_mode(), SslMode::Disable);
    write_secret(&folder.0.join("password"), "from the file\n");
    let config = database(
        &folder,
        &[
            (
                "SLOTSTEAD_REGION_DATABASE_URL",
                "postgres://slotstead@db.internal/slotstead",
            ),
            ("SLOTSTEAD_REGION_DATABASE_PASSWORD_FILE", "password"),
            ("SLOTSTEAD_REGION_DATABASE_CONNECTIONS", "7"),
            ("SLOTSTEAD_REGION_DATABASE_CA", "region-ca.pem"),
        ],
    );
    assert_eq!(config.get_password(), Some(&b"from the file"[..]));
    assert_eq!(config.get_ssl_mode(), SslMode::Require);
    // Whoever asks for less gets no less.
    let softer = "postgres://slotstead@db.internal/slotstead?sslmode=prefer";
    let config = database(&folder, &[("SLOTSTEAD_REGION_DATABASE_URL", softer)]);
    assert_eq!(config.get_ssl_mode(), SslMode::Require);
}

#[test]
fn each_mistake_about_the_database_is_named_and_no_password_is() {
    let folder = Folder::new(DATABASE);
    let url = |url| [("SLOTSTEAD_REGION_DATABASE_URL", url)];
    for (given, expected) in [
        ("postgres://a:hidden@", "database.url does not name a host"),
        (
            "postgres://a:hidden@h/d?sslmode=hidden",
            "database.url is not an address such as",
        ),
        ("hidden", "database.url is not an address such as"),
        (
            "postgres://db.internal/d",
            "database.url does not name a role",
        ),
        (
            "postgres://a:hidden@db.internal",
            "database.url does not name a database",
        ),
        (
            "postgres://a:hidden@db.internal/d?sslmode=disable",
            "database.url leads to another machine, and sslmode=disable",
        ),
        (
            "postgres://a:hidden@localhost,db.internal/d",
            "database.url names more than one host",
        ),
        (
            "postgres://a:hidden@db.internal/d?hostaddr=10.0.0.1,10.0.0.2",
            "database.url names more than one host",
        ),
        (
            "postgres://a:hidden@db.internal/d?sslmode=verify-full",
            "database.url has an sslmode that is not needed",
        ),
    ] {
        let mistakes = folder.load(&url(given)).err().unwrap();
        assert!(mistakes[0].starts_with(expected), "{given}: {mistakes:?}");
        assert!(!mistakes.concat().contains("hidden"), "{mistakes:?}");
    }
    let mistakes = folder.load(&[
        ("SLOTSTEAD_REGION_DATA", "stores"),
        ("SLOTSTEAD_REGION_DATABASE_CONNECTIONS", "0"),
        ("SLOTSTEAD_REGION_DATABASE_PASSWORD_FILE", "none"),
        ("SLOTSTEAD_REGION_DATABASE_CA", "none"),
    ]);
    let mistakes = mistakes.err().unwrap();
    for setting in [
        "data ",
        "database.connections",
        "database.password_file",
        "database.ca",
    ] {
        let found = mistakes
            .iter()
            .filter(|mistake| mistake.starts_with(setting));
        assert_eq!(found.count(), 1, "{setting} in {mistakes:?}");
    }
    let files = Folder::new(GOOD);
    let mistakes = files.load(&[("SLOTSTEAD_REGION_DATABASE_CONNECTIONS", "8")]);
    let expected = "database.connections is given, but not database.url";
    assert_eq!(mistakes.err().unwrap(), [expected]);
}
