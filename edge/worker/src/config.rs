//! The edge's configuration, checked whole: every mistake is found at once, and with one mistake
//! nothing is served. Mistakes name a variable and what is wrong with it, never its value.

use data_encoding::BASE64URL_NOPAD;
use slotstead_shared::Region;
use slotstead_tenant::{
    RateLimits, Settings,
    keyring::regional::{SealingKeys, SealingKeysError},
    settings::{OriginError, check_origin},
};

use crate::{
    keys::IdKey,
    region::{RegionHost, host_of},
    token::TokenKey,
};

/// One mistake in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A variable, a secret or a bucket is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It is not 32 bytes in base64url without padding.
    #[error("{0} is not 32 bytes in base64url without padding")]
    NotAKey(&'static str),
    /// They have a key in common.
    #[error("{0} and {1} share a key; each needs its own random bytes")]
    SharedKey(&'static str, &'static str),
    /// Not a list of sealing keys.
    #[error("{0} {1}")]
    SealingKeys(&'static str, SealingKeysError),
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
    /// Of every region with Durable Objects.
    sealing_keys: Vec<(Region, SealingKeys)>,
}

impl Config {
    /// The keys that seal what is stored of people in `region`, if tenants live in Durable Objects there.
    #[must_use]
    pub fn sealing_keys(&self, region: Region) -> Option<&SealingKeys> {
        let mut all = self.sealing_keys.iter();
        all.find(|(of, _)| *of == region).map(|(_, keys)| keys)
    }

    /// Reads the configuration from variables and secrets, and looks whether the buckets are there.
    pub fn read(
        var: impl Fn(&str) -> Option<String>,
        is_bucket: impl Fn(&str) -> bool,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let wanted = |name: &'static str, mistakes: &mut Vec<Mistake>| {
            let value = var(name).filter(|value| !value.is_empty());
            if value.is_none() {
                mistakes.push(Mistake::Missing(name));
            }
            value
        };
        let public_origin = wanted("PUBLIC_ORIGIN", &mut mistakes);
        let token_key = wanted("TOKEN_KEY", &mut mistakes);
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
        let token_key = token_key.and_then(|text| key_bytes("TOKEN_KEY", &text, &mut mistakes));
        let id_key = id_key.and_then(|text| key_bytes("ID_KEY", &text, &mut mistakes));
        if operator_key
            .as_ref()
            .is_some_and(|key| key.chars().count() < OPERATOR_KEY_CHARS)
        {
            mistakes.push(Mistake::ShortOperatorKey);
        }
        // It goes over the wire with every sign-up.
        for name in ["TOKEN_KEY", "ID_KEY"] {
            if operator_key.is_some() && var(name) == operator_key {
                mistakes.push(Mistake::SharedKey(name, "OPERATOR_KEY"));
            }
        }
        let rates = match var("RATE_LIMITS").filter(|text| !text.is_empty()) {
            None => Some(RateLimits::default()),
            Some(text) => serde_json::from_str(&text).ok(),
        };
        if rates.is_none() {
            mistakes.push(Mistake::RateLimits);
        }

        let sealing_keys = read_sealing_keys(var, is_bucket, &mut mistakes);
        mistakes.extend(shared_keys(
            token_key.as_ref(),
            id_key.as_ref(),
            &sealing_keys,
        ));

        match (public_origin, token_key, id_key, operator_key, rates) {
            (
                Some(public_origin),
                Some(token_key),
                Some(id_key),
                Some(operator_key),
                Some(rates),
            ) if mistakes.is_empty() => {
                Ok(Self {
                    settings: Settings {
                        rates,
                        private_feeds: development,
                        // What an object says of itself is known in the object only.
                        places: Vec::new(),
                        own_origin: public_origin.clone(),
                    },
                    public_origin,
                    development,
                    token_key: TokenKey::new(&token_key),
                    id_key: IdKey::new(id_key),
                    operator_key,
                    region_server,
                    sealing_keys,
                })
            }
            _ => Err(mistakes),
        }
    }
}

/// What every region with Durable Objects has to have, in development too: its bucket and its sealing keys.
fn read_sealing_keys(
    var: impl Fn(&str) -> Option<String>,
    is_bucket: impl Fn(&str) -> bool,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(Region, SealingKeys)> {
    let mut all = Vec::new();
    for region in Region::ALL {
        let RegionHost::DurableObject {
            bucket,
            sealing_keys: name,
            ..
        } = host_of(region)
        else {
            continue;
        };
        if !is_bucket(bucket) {
            mistakes.push(Mistake::Missing(bucket));
        }
        match var(name).filter(|text| !text.is_empty()) {
            None => mistakes.push(Mistake::Missing(name)),
            Some(text) => match SealingKeys::parse(&text) {
                Ok(keys) => all.push((region, keys)),
                Err(error) => mistakes.push(Mistake::SealingKeys(name, error)),
            },
        }
    }
    all
}

/// Every two settings with a key in common: who learns the one must not have the other.
fn shared_keys(
    token_key: Option<&[u8; 32]>,
    id_key: Option<&[u8; 32]>,
    sealing_keys: &[(Region, SealingKeys)],
) -> Vec<Mistake> {
    let single = [("TOKEN_KEY", token_key), ("ID_KEY", id_key)];
    let single = single.map(|(name, key)| (name, key.into_iter().collect()));
    let lists = sealing_keys.iter().filter_map(|(region, keys)| {
        let RegionHost::DurableObject { sealing_keys, .. } = host_of(*region) else {
            return None;
        };
        Some((sealing_keys, keys.iter().map(|(_, key)| key).collect()))
    });
    let named: Vec<(&str, Vec<&[u8; 32]>)> = single.into_iter().chain(lists).collect();
    let pairs = (0..named.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs
        .filter(|(first, second)| {
            named[*first]
                .1
                .iter()
                .any(|key| named[*second].1.contains(key))
        })
        .map(|(first, second)| Mistake::SharedKey(named[first].0, named[second].0))
        .collect()
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
pub(crate) mod tests;
