//! What the region server says of where data is: what its configuration says, and nothing more.

use slotstead_shared::wire::{Place, PlaceKind};

use crate::{
    backup::{folder::KEPT_SECONDS, keys},
    config::Config,
};

/// The places of every tenant here.
#[must_use]
pub fn of(config: &Config) -> Vec<Place> {
    let here = config.location.as_deref();
    let mut places = vec![store(config), keyrings(config), log(here)];
    if let Some(backup) = &config.backup {
        let days = KEPT_SECONDS / 86_400;
        let system = format!(
            "Files in {}: what is written to the store, seconds behind it, and whole copies of it; kept for {days} days",
            backup.folder.display()
        );
        let of_keys = format!(
            "A folder apart from all others, {}: the newest of each key, and others for {} days",
            backup.keys.display(),
            keys::KEPT_SECONDS / 86_400
        );
        places.push(place(
            PlaceKind::Backup,
            backup.location.as_deref(),
            [
                &of_keys,
                "The keys that open what is sealed, sealed as they are where they come from",
                "The region server refuses a configuration in which it is inside another folder of its own",
            ],
        ));
        places.push(place(
            PlaceKind::Backup,
            backup.location.as_deref(),
            [
                &system,
                "Each state of the store in that time",
                "The region server writes to no other folder of backups. Where this one is, is what its operator \
                 states",
            ],
        ));
    }
    places
}

fn store(config: &Config) -> Place {
    let (system, location) = match &config.database {
        Some(database) => (
            "The tenant's own rows in a PostgreSQL database, which the region server reaches over TLS unless it is \
             on the same machine; backups of it are its operator's"
                .to_owned(),
            database.location.as_deref(),
        ),
        None => (
            format!(
                "A SQLite file of the tenant's own in {}, on the region server's machine",
                config.data.display()
            ),
            config.location.as_deref(),
        ),
    };
    let forged = match config.id_key {
        Some(_) => " and ids that the edge did not make",
        None => "",
    };
    let enforced_by = format!(
        "The region server refuses tenants of other regions than {}{forged}; nobody gets a byte of HTTP from it \
         without the edge's certificate, over TLS 1.2 or newer. Where the machine stands is what its operator states",
        config.region
    );
    place(
        PlaceKind::Store,
        location,
        [
            &system,
            "All that the tenant and its bookers gave: settings, holds, bookings, the addresses of calendar feeds \
             and their busy times; of that, what bookers gave and the addresses are sealed",
            &enforced_by,
        ],
    )
}

fn keyrings(config: &Config) -> Place {
    let system = format!("A folder of the tenant's own in {}", config.keys.display());
    place(
        PlaceKind::Keys,
        config.location.as_deref(),
        [
            &system,
            "The keys that open what is sealed, themselves sealed with the region's, which are in a file of the \
             region server's configuration",
            "They lie outside the stores and what copies them: the region server refuses another configuration",
        ],
    )
}

fn log(location: Option<&str>) -> Place {
    place(
        PlaceKind::Log,
        location,
        [
            "The standard error of the region server",
            "Events that an operator may have to act on; no id, address or anything that somebody gave",
            "A test looks in every log for what was sent",
        ],
    )
}

fn place(kind: PlaceKind, location: Option<&str>, words: [&str; 3]) -> Place {
    const UNSTATED: &str = "Not stated in the configuration of the region server";
    let [system, holds, enforced_by] = words.map(str::to_owned);
    Place {
        kind,
        location: location.unwrap_or(UNSTATED).to_owned(),
        system,
        holds,
        enforced_by,
    }
}
