//! The settings of the database, where stores are in one.

use std::path::Path;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::{Given, file, secret};
use crate::{postgres::Database, tls};

const URL: &str = "database.url";

/// How the server shows up in the database's own views.
const NAME: &str = "slotstead-region";

/// Connections at work at a time.
const USUAL_CONNECTIONS: usize = 16;

/// Whether the stores are in a database.
pub fn is_named(given: &mut Given) -> bool {
    given.text(URL).is_some()
}

/// The database that is named.
pub fn read(given: &mut Given, folder: &Path) -> Option<Database> {
    let password = password(given, folder);
    let ca = given.text("database.ca").is_some();
    let connections = given.number("database.connections", 1..=64);
    let Some(url) = given.text(URL) else {
        for (key, is_given) in [
            ("database.password_file", password.is_some()),
            ("database.ca", ca),
            ("database.connections", connections.is_some()),
            (
                "database.location",
                given.text("database.location").is_some(),
            ),
        ] {
            if is_given {
                given.mistake(key, "is given, but not database.url");
            }
        }
        return None;
    };
    // The library's own words could quote the password.
    let Ok(mut config) = url.parse::<tokio_postgres::Config>() else {
        given.mistake(
            URL,
            if url.contains("sslmode=verify-") {
                "has an sslmode that is not needed: leave it out, another machine always has to prove itself"
            } else {
                "is not an address such as postgres://slotstead@db.internal/slotstead"
            },
        );
        return None;
    };
    config.application_name(NAME);
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if let Some(password) = password {
        config.password(password);
    }
    let roots = if ca {
        file(given, folder, "database.ca", tls::certificates)
    } else {
        Some(Vec::new())
    };
    let (config, tls) = complete(given, config, roots)?;
    Some(Database {
        config,
        tls,
        connections: connections.map_or(USUAL_CONNECTIONS, |number| number as usize),
        location: given.text("database.location"),
    })
}

type Complete = (tokio_postgres::Config, std::sync::Arc<rustls::ClientConfig>);

fn complete(
    given: &mut Given,
    mut config: tokio_postgres::Config,
    roots: Option<Vec<rustls::pki_types::CertificateDer<'static>>>,
) -> Option<Complete> {
    let mut right = true;
    // They would have to share the time that a connection may take, and lead to one database all the same.
    if config.get_hosts().len().max(config.get_hostaddrs().len()) > 1 {
        given.mistake(
            URL,
            "names more than one host: give the one name that leads to whichever database can be written to",
        );
        right = false;
    }
    for (there, what) in [
        (!config.get_hosts().is_empty(), "a host"),
        (config.get_user().is_some(), "a role"),
        (config.get_dbname().is_some(), "a database"),
    ] {
        if !there {
            given.mistake(URL, format!("does not name {what}"));
            right = false;
        }
    }
    let here = config.get_hosts().iter().all(is_this_machine) && config.get_hostaddrs().is_empty();
    match (here, config.get_ssl_mode()) {
        (false, SslMode::Disable) => {
            given.mistake(
                URL,
                "leads to another machine, and sslmode=disable would send it all in the clear",
            );
            right = false;
        }
        (true, SslMode::Disable | SslMode::Prefer) => {
            config.ssl_mode(SslMode::Disable);
        }
        // Nothing less than a proven server, also where the address asks for less.
        _ => {
            config.ssl_mode(SslMode::Require);
        }
    }
    match tls::database(roots?) {
        Ok(tls) if right => Some((config, tls)),
        Ok(_) => None,
        Err(wrong) => {
            given.mistake("database.ca", wrong);
            None
        }
    }
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
    }
}

fn password(given: &mut Given, folder: &Path) -> Option<String> {
    const KEY: &str = "database.password_file";
    let file = folder.join(given.text(KEY)?);
    let text = secret::read(given, KEY, &file)?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}
