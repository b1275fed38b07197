//! What a configuration may be, and how its mistakes are named.

use super::*;

const TOKEN_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ID_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
const US_KEYS: &str = "us-1:QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8";
const EU_KEYS: &str = "eu-1:YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8";

pub(crate) const OPERATOR_KEY: &str = "operator-key-of-at-least-32-characters";

fn vars<'a>(changes: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| {
        let given = changes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| *value);
        let value = given.or(match name {
            "PUBLIC_ORIGIN" => Some("https://edge.example"),
            "TOKEN_KEY" => Some(TOKEN_KEY),
            "ID_KEY" => Some(ID_KEY),
            "OPERATOR_KEY" => Some(OPERATOR_KEY),
            "SEALING_KEYS_US" => Some(US_KEYS),
            "SEALING_KEYS_EU" => Some(EU_KEYS),
            _ => None,
        });
        value.map(str::to_owned)
    }
}

/// A good configuration with these changes.
pub(crate) fn config(changes: &[(&str, &str)]) -> Config {
    Config::read(vars(changes), |_| true).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn mistakes(changes: &[(&str, &str)]) -> Vec<Mistake> {
    Config::read(vars(changes), |_| true)
        .err()
        .expect("a mistake")
}

#[test]
fn production_and_development_are_read() {
    assert!(!config(&[]).development);
    let development = config(&[
        ("DEVELOPMENT_SWITCH", "on"),
        ("PUBLIC_ORIGIN", "http://localhost:8787"),
    ]);
    assert!(development.development && development.settings.private_feeds);
    assert!(!config(&[]).settings.private_feeds);
}

#[test]
fn every_mistake_is_named_at_once_and_no_value_is() {
    let found = mistakes(&[
        ("PUBLIC_ORIGIN", ""),
        ("TOKEN_KEY", "secret-token-key"),
        ("ID_KEY", ""),
        ("OPERATOR_KEY", "secret-key"),
        ("DEVELOPMENT_SWITCH", "yes"),
        ("RATE_LIMITS", "[secret]"),
        ("REGION_CBR_ORIGIN", "http://secret.example"),
        ("SEALING_KEYS_US", "us-1:secret"),
        ("SEALING_KEYS_EU", ""),
    ]);
    assert_eq!(
        found,
        [
            Mistake::Missing("PUBLIC_ORIGIN"),
            Mistake::Missing("ID_KEY"),
            Mistake::UnknownSwitch,
            Mistake::RegionOrigin,
            Mistake::NotAKey("TOKEN_KEY"),
            Mistake::ShortOperatorKey,
            Mistake::RateLimits,
            Mistake::SealingKeys("SEALING_KEYS_US", SealingKeysError::NotAKey(1)),
            Mistake::Missing("SEALING_KEYS_EU"),
        ]
    );
    assert!(
        found
            .iter()
            .all(|mistake| !mistake.to_string().contains("secret"))
    );
}

#[test]
fn the_development_switch_refuses_to_start_in_production() {
    for origin in [
        "https://edge.example",
        "http://edge.example",
        "https://localhost",
        "http://localhost.evil.example",
    ] {
        assert_eq!(
            mistakes(&[("DEVELOPMENT_SWITCH", "on"), ("PUBLIC_ORIGIN", origin)]),
            [Mistake::SwitchInProduction],
            "{origin}"
        );
    }
    assert_eq!(
        mistakes(&[("PUBLIC_ORIGIN", "http://localhost:8787")]),
        [Mistake::PlainOrigin]
    );
}

#[test]
fn what_is_not_an_origin_is_refused() {
    for origin in [
        "edge.example",
        "https://",
        "https://edge.example/",
        "https://Edge.example",
        "ftp://edge.example",
        "https://a:b",
        "https://a@b",
    ] {
        assert_eq!(
            mistakes(&[("PUBLIC_ORIGIN", origin)]),
            [Mistake::NotAnOrigin],
            "{origin}"
        );
    }
}

#[test]
fn one_key_for_two_purposes_is_refused() {
    let shared = |first, second| [Mistake::SharedKey(first, second)];
    assert_eq!(
        mistakes(&[("ID_KEY", TOKEN_KEY)]),
        shared("TOKEN_KEY", "ID_KEY")
    );
    for (key, first) in [(TOKEN_KEY, "TOKEN_KEY"), (ID_KEY, "ID_KEY")] {
        assert_eq!(
            mistakes(&[("OPERATOR_KEY", key)]),
            shared(first, "OPERATOR_KEY")
        );
        let rotated = format!("{EU_KEYS},eu-0:{key}");
        assert_eq!(
            mistakes(&[("SEALING_KEYS_EU", &rotated)]),
            shared(first, "SEALING_KEYS_EU")
        );
    }
    let both = format!("{US_KEYS},us-0:{}", &EU_KEYS[5..]);
    assert_eq!(
        mistakes(&[("SEALING_KEYS_US", &both)]),
        shared("SEALING_KEYS_US", "SEALING_KEYS_EU")
    );
}

#[test]
fn a_region_with_durable_objects_has_its_own_sealing_keys_and_the_others_none() {
    let config = config(&[]);
    let name = |region| config.sealing_keys(region).map(|keys| keys.first().0);
    assert_eq!(name(Region::Us), Some("us-1"));
    assert_eq!(name(Region::Eu), Some("eu-1"));
    assert_eq!(name(Region::Cbr), None);
}

/// Also with the development switch, so that nobody gets used to working without them.
#[test]
fn a_region_without_its_bucket_or_its_keys_is_a_mistake() {
    let development = [
        ("DEVELOPMENT_SWITCH", "on"),
        ("PUBLIC_ORIGIN", "http://localhost:8787"),
    ];
    for changes in [&[][..], &development] {
        for (keys, bucket) in [
            ("SEALING_KEYS_US", "KEYS_US"),
            ("SEALING_KEYS_EU", "KEYS_EU"),
        ] {
            let without = [changes, &[(keys, "")]].concat();
            assert_eq!(mistakes(&without), [Mistake::Missing(keys)]);
            let found = Config::read(vars(changes), |name| name != bucket);
            assert_eq!(found.err(), Some(vec![Mistake::Missing(bucket)]));
        }
    }
}
