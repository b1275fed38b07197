//! Ids. A tenant's id names its region, so no directory of tenants exists anywhere.
//!
//! Ids that an owner chooses are slugs; ids that guard something (tenants,
//! bookings, holds, tokens) carry 128 random bits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a tenant's data lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// United States: a Durable Object in jurisdiction `us`.
    Us,
    /// European Union: a Durable Object in jurisdiction `eu`.
    Eu,
    /// Canberra, Australia: a region server of ours.
    Cbr,
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 3] = [Self::Us, Self::Eu, Self::Cbr];

    /// The prefix in ids and the name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Cbr => "cbr",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a tenant id.
    #[error("not a tenant id")]
    Tenant,
    /// Not a slug.
    #[error("not 1 to 64 lower-case letters, digits and hyphens, starting with a letter or digit")]
    Slug,
    /// Not a random id with the right prefix.
    #[error("not an id of this kind")]
    Random,
}

/// Characters of ids: Crockford's base 32 in lower case, 5 bits each.
pub const ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of 128 random bits.
const RANDOM_LEN: usize = 26;
/// Characters of a tenant id's keyed tag: 80 bits.
const TAG_LEN: usize = 16;

fn is_id_text(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| ID_ALPHABET.contains(&byte))
}

/// `bytes` as id characters, the last one padded with zero bits.
#[must_use]
pub fn encode_id(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ID_ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(
            ID_ALPHABET[(buffer << (5 - bits) & 31) as usize],
        ));
    }
    text
}

/// A tenant: `us_` + 26 random characters + a 16-character tag keyed by the edge.
///
/// Parsing checks the form only. Whether the tag is genuine is checked at the
/// edge, which holds the key; an id whose tag is wrong is answered with 404.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId {
    text: String,
    region: Region,
}

impl TenantId {
    /// Puts an id together; `tag` computes the keyed tag (10 bytes) of the text before it.
    #[must_use]
    pub fn assemble(region: Region, random: [u8; 16], tag: impl FnOnce(&str) -> [u8; 10]) -> Self {
        let untagged = format!("{region}_{}", encode_id(&random));
        let tag = encode_id(&tag(&untagged));
        Self {
            text: untagged + &tag,
            region,
        }
    }

    /// The region in the id.
    #[must_use]
    pub const fn region(&self) -> Region {
        self.region
    }

    /// What the tag covers.
    #[must_use]
    pub fn untagged(&self) -> &str {
        &self.text[..self.text.len() - TAG_LEN]
    }

    /// The tag's characters.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.text[self.text.len() - TAG_LEN..]
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for TenantId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (prefix, rest) = text.split_once('_').ok_or(IdError::Tenant)?;
        let region = Region::ALL
            .into_iter()
            .find(|region| region.as_str() == prefix);
        match region {
            Some(region) if is_id_text(rest, RANDOM_LEN + TAG_LEN) => Ok(Self {
                text: text.to_owned(),
                region,
            }),
            _ => Err(IdError::Tenant),
        }
    }
}

impl TryFrom<String> for TenantId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(id: TenantId) -> String {
        id.text
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

macro_rules! text_id {
    ($name:ident, $error:expr, $check:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($error)
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

macro_rules! slug {
    ($($name:ident $doc:literal),* $(,)?) => {$(
        text_id!($name, IdError::Slug, is_slug, $doc);
    )*};
}

slug! {
    ServiceId "A service, named by the owner: `first-consultation`.",
    HostId "A host, named by the owner: `ingrid`.",
    ResourceId "A resource, named by the owner: `room-2`.",
    ScheduleId "A schedule, named by the owner: `weekdays`.",
    FieldId "A booking field, named by the owner: `phone`.",
    FeedId "A calendar feed, named by the owner: `ingrid-private`.",
}

macro_rules! random_id {
    ($($name:ident $prefix:literal $doc:literal),* $(,)?) => {$(
        text_id!(
            $name,
            IdError::Random,
            |text| text.strip_prefix($prefix).is_some_and(|rest| is_id_text(rest, RANDOM_LEN)),
            $doc
        );

        impl $name {
            /// The id of these random bytes.
            #[must_use]
            pub fn from_random(random: [u8; 16]) -> Self {
                Self(format!(concat!($prefix, "{}"), encode_id(&random)))
            }
        }
    )*};
}

random_id! {
    BookingId "bkg_" "A booking: `bkg_` + 26 random characters.",
    ErasureId "era_" "An erasure: `era_` + 26 random characters.",
    HoldId "hld_" "A hold: `hld_` + 26 random characters.",
    TokenId "tok_" "An owner's token: `tok_` + 26 random characters. Not the token itself.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_id_tells_its_region_and_what_its_tag_covers() {
        for region in Region::ALL {
            let id = TenantId::assemble(region, [7; 16], |text| {
                assert!(text.starts_with(region.as_str()));
                [255; 10]
            });
            let parsed: TenantId = id.as_str().parse().unwrap();
            assert_eq!(parsed.region(), region);
            assert_eq!(parsed.tag(), "zzzzzzzzzzzzzzzz");
            assert_eq!(
                format!("{}{}", parsed.untagged(), parsed.tag()),
                id.as_str()
            );
        }
    }

    #[test]
    fn what_is_not_a_tenant_id_is_refused() {
        let good = TenantId::assemble(Region::Eu, [7; 16], |_| [1; 10]).to_string();
        for bad in [
            String::new(),
            good.replace("eu_", "au_"),
            good.replace("eu_", ""),
            good.to_uppercase(),
            good[..good.len() - 1].to_owned(),
            format!("{good}0"),
            good.replace('e', "é"),
            format!("{}/", &good[..good.len() - 1]),
        ] {
            assert_eq!(bad.parse::<TenantId>(), Err(IdError::Tenant), "{bad}");
        }
    }

    #[test]
    fn slugs_and_random_ids_accept_only_their_own_form() {
        assert!("first-consultation".parse::<ServiceId>().is_ok());
        for bad in ["", "-a", "A", "a b", "a/b", "å", &"a".repeat(65)] {
            assert_eq!(bad.parse::<ServiceId>(), Err(IdError::Slug), "{bad}");
        }
        let id = BookingId::from_random([9; 16]);
        assert_eq!(id.as_str().parse::<BookingId>().as_ref(), Ok(&id));
        assert_eq!(id.as_str().parse::<HoldId>(), Err(IdError::Random));
    }

    #[test]
    fn encoding_is_five_bits_a_character() {
        assert_eq!(encode_id(&[0; 16]).len(), RANDOM_LEN);
        assert_eq!(encode_id(&[255; 10]), "z".repeat(TAG_LEN));
        assert_eq!(encode_id(&[0b0000_1000, 0b0100_0011]), "111g");
    }
}
