//! The edge's configuration, checked whole: every mistake is found at once, and with one mistake
//! nothing is served. Mistakes name a variable and what is wrong with it, never its value.

use data_encoding::BASE64URL_NOPAD;
use slotstead_tenant::{
    RateLimits, Settings,
    settings::{OriginError, check_origin},
};

use crate::{keys::IdKey, token::TokenKey};

/// One mistake in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A variable or secret is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It is not 32 bytes in base64url without padding.
    #[error("{0} is not 32 bytes in base64url without padding")]
    NotAKey(&'static str),
    /// `TOKEN_SEED` and `ID_KEY` are the same.
    #[error("TOKEN_SEED and ID_KEY are the same; each needs its own random bytes")]
    SameKeys,
    /// The operator's key can be guessed.
    #[error("OPERATOR_KEY is shorter than {OPERATOR_KEY_CHARS} characters")]
    ShortOperatorKey,
    /// Not an origin.
    #[error("PUBLIC_ORIGIN is not an origin such as https://book.example.com, without a path")]
    NotAnOrigin,
    /// The development switch is on in production.
    #[error(
        "DEVELOPMENT_SWITCH is on, and PUBLIC_ORIGIN is not http://localhost or http://127.0.0.1"
    )]
    SwitchInProduction,
    /// A plain origin without the development switch.
    #[error("PUBLIC_ORIGIN is not https, and DEVELOPMENT_SWITCH is not on")]
    PlainOrigin,
    /// The switch is neither on nor absent.
    #[error("DEVELOPMENT_SWITCH is neither `on` nor absent")]
    UnknownSwitch,
    /// Not an origin with HTTPS.
    #[error(
        "REGION_CBR_ORIGIN is not an origin with https such as https://cbr.example.com, without a path"
    )]
    RegionOrigin,
    /// Not the JSON of rate limits.
    #[error("RATE_LIMITS is not JSON such as {{\"sessions_per_minute\": 60}}")]
    RateLimits,
}

/// Characters that the operator's key needs at least: 32 of base64url are 192 bits.
const OPERATOR_KEY_CHARS: usize = 32;

/// What the edge works with.
#[derive(Clone)]
pub struct Config {
    /// The edge's own origin.
    pub public_origin: String,
    /// Whether plain localhost, private feeds and objects without a jurisdiction are allowed.
    pub development: bool,
    /// Signs and checks tokens.
    pub token_key: TokenKey,
    /// Makes and checks ids.
    pub id_key: IdKey,
    /// Whoever has it can sign tenants up.
    pub operator_key: String,
    /// The origin of the region server of Canberra, if there is one.
    pub region_server: Option<String>,
    /// What tenants are opened with.
    pub settings: Settings,
}

impl Config {
    /// Reads the configuration from variables and secrets.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let wanted = |name: &'static str, mistakes: &mut Vec<Mistake>| {
            let value = var(name).filter(|value| !value.is_empty());
            if value.is_none() {
                mistakes.push(Mistake::Missing(name));
            }
            value
        };
        let public_origin = wanted("PUBLIC_ORIGIN", &mut mistakes);
        let token_seed = wanted("TOKEN_SEED", &mut mistakes);
        let id_key = wanted("ID_KEY", &mut mistakes);
        let operator_key = wanted("OPERATOR_KEY", &mut mistakes);

        let development = match var("DEVELOPMENT_SWITCH").as_deref() {
            None | Some("") => false,
            Some("on") => true,
            Some(_) => {
                mistakes.push(Mistake::UnknownSwitch);
                false
            }
        };
        if let Some(origin) = &public_origin {
            mistakes.extend(check_origin(origin, development).err().map(origin_mistake));
        }
        let region_server = var("REGION_CBR_ORIGIN").filter(|text| !text.is_empty());
        if let Some(origin) = &region_server
            && check_origin(origin, false).is_err()
        {
            mistakes.push(Mistake::RegionOrigin);
        }
        let seed = token_seed.and_then(|text| key_bytes("TOKEN_SEED", &text, &mut mistakes));
        let id_key = id_key.and_then(|text| key_bytes("ID_KEY", &text, &mut mistakes));
        if seed.is_some() && seed == id_key {
            mistakes.push(Mistake::SameKeys);
        }
        if operator_key
            .as_ref()
            .is_some_and(|key| key.chars().count() < OPERATOR_KEY_CHARS)
        {
            mistakes.push(Mistake::ShortOperatorKey);
        }
        let rates = match var("RATE_LIMITS").filter(|text| !text.is_empty()) {
            None => Some(RateLimits::default()),
            Some(text) => serde_json::from_str(&text).ok(),
        };
        if rates.is_none() {
            mistakes.push(Mistake::RateLimits);
        }

        match (public_origin, seed, id_key, operator_key, rates) {
            (Some(public_origin), Some(seed), Some(id_key), Some(operator_key), Some(rates))
                if mistakes.is_empty() =>
            {
                Ok(Self {
                    settings: Settings {
                        rates,
                        private_feeds: development,
                        own_origin: public_origin.clone(),
                    },
                    public_origin,
                    development,
                    token_key: TokenKey::from_seed(&seed),
                    id_key: IdKey::new(id_key),
                    operator_key,
                    region_server,
                })
            }
            _ => Err(mistakes),
        }
    }
}

fn key_bytes(name: &'static str, text: &str, mistakes: &mut Vec<Mistake>) -> Option<[u8; 32]> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if bytes.is_none() {
        mistakes.push(Mistake::NotAKey(name));
    }
    bytes
}

fn origin_mistake(wrong: OriginError) -> Mistake {
    match wrong {
        OriginError::NotAnOrigin => Mistake::NotAnOrigin,
        OriginError::SwitchInProduction => Mistake::SwitchInProduction,
        OriginError::PlainOrigin => Mistake::PlainOrigin,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const SEED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    pub(crate) const OPERATOR_KEY: &str = "operator-key-of-at-least-32-characters";

    fn vars<'a>(changes: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            let given = changes
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value);
            let value = given.or(match name {
                "PUBLIC_ORIGIN" => Some("https://edge.example"),
                "TOKEN_SEED" => Some(SEED),
                "ID_KEY" => Some(KEY),
                "OPERATOR_KEY" => Some(OPERATOR_KEY),
                _ => None,
            });
            value.map(str::to_owned)
        }
    }

    /// A good configuration with these changes.
    pub(crate) fn config(changes: &[(&str, &str)]) -> Config {
        Config::from_vars(vars(changes)).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }

    fn mistakes(changes: &[(&str, &str)]) -> Vec<Mistake> {
        Config::from_vars(vars(changes)).err().expect("a mistake")
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
            ("TOKEN_SEED", "secret-seed"),
            ("ID_KEY", ""),
            ("OPERATOR_KEY", "secret-key"),
            ("DEVELOPMENT_SWITCH", "yes"),
            ("RATE_LIMITS", "[secret]"),
            ("REGION_CBR_ORIGIN", "http://secret.example"),
        ]);
        assert_eq!(
            found,
            [
                Mistake::Missing("PUBLIC_ORIGIN"),
                Mistake::Missing("ID_KEY"),
                Mistake::UnknownSwitch,
                Mistake::RegionOrigin,
                Mistake::NotAKey("TOKEN_SEED"),
                Mistake::ShortOperatorKey,
                Mistake::RateLimits,
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
        assert_eq!(mistakes(&[("ID_KEY", SEED)]), [Mistake::SameKeys]);
    }
}
