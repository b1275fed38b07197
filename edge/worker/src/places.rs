//! What the edge and its Durable Objects say of where data is. It is worked out from what they run with, so
//! that it cannot say more than is so.

use slotstead_shared::wire::{Place, PlaceKind};

use crate::config::Config;

const HERE: &str = "The machine of this development stack";

fn place(kind: PlaceKind, location: &str, words: [&str; 3]) -> Place {
    let [system, holds, enforced_by] = words.map(str::to_owned);
    Place {
        kind,
        location: location.to_owned(),
        system,
        holds,
        enforced_by,
    }
}

/// The places of a tenant in a Durable Object that the platform keeps in `jurisdiction`.
#[must_use]
pub fn of_object(jurisdiction: Option<&str>, development: bool) -> Vec<Place> {
    const SYSTEM: &str = "SQLite in the tenant's own Durable Object";
    const HOLDS: &str = "All that the tenant and its bookers gave: settings, holds, bookings, the addresses of \
        calendar feeds and their busy times; of that, what bookers gave and the addresses are sealed";
    const BUCKET: &str = "The bucket of the tenant's region";
    const KEYS: &str = "The keys that open what is sealed, themselves sealed with the region's, which are secrets of \
        the Worker and wherever that runs";
    if development {
        let nothing = "Nothing: the development switch is on, which production refuses";
        return vec![
            place(PlaceKind::Store, HERE, [SYSTEM, HOLDS, nothing]),
            place(PlaceKind::Keys, HERE, [BUCKET, KEYS, nothing]),
        ];
    }
    // Without a jurisdiction the object refuses every tenant, so nobody is told this.
    let jurisdiction = jurisdiction.unwrap_or("none");
    let location = match jurisdiction {
        "eu" => "European Union".to_owned(),
        "us" => "United States".to_owned(),
        other => format!("Jurisdiction {other}"),
    };
    let compared = format!(
        "Cloudflare keeps the object in its jurisdiction `{jurisdiction}`; the object compares that with the \
         tenant's region at every call, and refuses when they differ"
    );
    let bound = format!(
        "The Worker is deployed with a bucket of the jurisdiction `{jurisdiction}` for this region; it cannot see \
         where the bucket is"
    );
    let recovery = "Point-in-time recovery of the platform, 30 days";
    vec![
        place(PlaceKind::Store, &location, [SYSTEM, HOLDS, &compared]),
        place(PlaceKind::Keys, &location, [BUCKET, KEYS, &bound]),
        place(
            PlaceKind::Backup,
            &location,
            [recovery, "Earlier states of the store", &compared],
        ),
    ]
}

/// The places that the edge itself is.
#[must_use]
pub fn of_edge(config: &Config, region_server: bool) -> Vec<Place> {
    const WORLD: &str =
        "The data centre of Cloudflare that is nearest to whoever asks, anywhere in the world";
    let location = if config.development { HERE } else { WORLD };
    let way = match &config.region_server {
        Some(origin) if region_server => {
            format!("a call to the region server at {origin}, over TLS with the edge's certificate")
        }
        _ => "a call to the tenant's Durable Object".to_owned(),
    };
    let system = format!(
        "The Worker at {}: it turns each request into {way}",
        config.public_origin
    );
    vec![
        place(
            PlaceKind::Edge,
            location,
            [
                &system,
                "Requests and answers while they pass, in memory; nothing afterwards",
                "Nothing that keeps anything is bound to the Worker but the tenants' objects and, each in its region's \
                 jurisdiction, the buckets of their keys",
            ],
        ),
        place(
            PlaceKind::Log,
            location,
            [
                "One line for each request",
                "Method, form of the path, region, status, duration, the request's number; no id, address or \
                 anything that somebody gave",
                "One function writes the line, and a test looks in every log for what was sent",
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    #[test]
    fn an_object_says_what_keeps_it_where_it_is_and_claims_nothing_in_development() {
        let [store, keys, backup] = &of_object(Some("eu"), false)[..] else {
            panic!()
        };
        assert_eq!(store.kind, PlaceKind::Store);
        assert_eq!(keys.kind, PlaceKind::Keys);
        assert_eq!(backup.kind, PlaceKind::Backup);
        for place in [store, keys, backup] {
            assert_eq!(place.location, "European Union");
            assert!(place.enforced_by.contains("`eu`"), "{place:?}");
        }
        let here = of_object(None, true);
        assert_eq!(here.len(), 2, "there is no recovery on this machine");
        for place in here {
            assert_eq!(place.location, HERE);
            assert!(place.enforced_by.starts_with("Nothing"));
        }
    }

    #[test]
    fn the_edge_names_the_way_that_is_taken_and_no_secret() {
        let config = config(&[("REGION_CBR_ORIGIN", "https://cbr.example.com")]);
        let server = of_edge(&config, true);
        let object = of_edge(&config, false);
        assert!(server[0].system.contains("https://cbr.example.com"));
        assert!(!object[0].system.contains("cbr") && object[0].system.contains("Durable Object"));
        let text = format!("{server:?}{object:?}");
        assert!(!text.contains(&config.operator_key));
    }
}
