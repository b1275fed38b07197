//! The sealing keys of a region: configuration of its hosts, never stored beside what they seal.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// How many keys a region may have at once.
pub const SEALING_KEYS: usize = 8;
/// How long the name of a key may be.
pub const NAME_CHARS: usize = 32;

/// What is wrong with a list of sealing keys. Keys are counted from 1, and nothing of them is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingKeysError {
    /// None, or too many.
    #[error("has not 1 to {SEALING_KEYS} keys with commas between them")]
    Count,
    /// There is no name before it.
    #[error("has no name and colon before key {0}")]
    Unnamed(usize),
    /// Its name is not one.
    #[error("has a name for key {0} that is not 1 to {NAME_CHARS} of a-z, 0-9 and -")]
    Name(usize),
    /// It is not a key.
    #[error("has a key {0} that is not 32 bytes in base64url without padding")]
    NotAKey(usize),
    /// Its name is taken.
    #[error("gives key {0} the name of an earlier one")]
    SameName(usize),
    /// It is there twice.
    #[error("has a key {0} with the bytes of an earlier one")]
    SameKey(usize),
}

/// The sealing keys of a region. The first one seals, all of them open, so that a new key can be put
/// in front while what the old ones sealed is still about. The bytes are wiped when they are dropped.
#[derive(Clone)]
pub struct SealingKeys {
    first: SealingKey,
    others: Vec<SealingKey>,
}

#[derive(Clone)]
struct SealingKey {
    name: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl SealingKeys {
    /// Reads `name:key` with commas in between, each key 32 bytes in base64url without padding.
    pub fn parse(text: &str) -> Result<Self, SealingKeysError> {
        // As many as there may be from the start: a list that grows leaves copies behind.
        let mut keys: Vec<SealingKey> = Vec::with_capacity(SEALING_KEYS);
        for (number, entry) in (1..).zip(text.split(',')) {
            if text.is_empty() || number > SEALING_KEYS {
                return Err(SealingKeysError::Count);
            }
            let key = SealingKey::parse(entry, number)?;
            if keys.iter().any(|other| other.name == key.name) {
                return Err(SealingKeysError::SameName(number));
            }
            if keys.iter().any(|other| other.bytes == key.bytes) {
                return Err(SealingKeysError::SameKey(number));
            }
            keys.push(key);
        }
        let others = keys.split_off(1.min(keys.len()));
        let first = keys.pop().ok_or(SealingKeysError::Count)?;
        Ok(Self { first, others })
    }

    /// The name and the bytes of the key that seals.
    #[must_use]
    pub fn first(&self) -> (&str, &[u8; 32]) {
        (&self.first.name, &self.first.bytes)
    }

    /// The bytes of the key called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8; 32]> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, bytes)| bytes)
    }

    /// The names and bytes of all of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.all().map(|key| (key.name.as_str(), &*key.bytes))
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// Names only.
impl fmt::Debug for SealingKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.all().map(|key| &key.name))
            .finish()
    }
}

impl SealingKey {
    fn parse(entry: &str, number: usize) -> Result<Self, SealingKeysError> {
        let (name, text) = entry
            .split_once(':')
            .ok_or(SealingKeysError::Unnamed(number))?;
        let is_a_name = (1..=NAME_CHARS).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_a_name {
            return Err(SealingKeysError::Name(number));
        }
        let decoded = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| SealingKeysError::NotAKey(number))?;
        let mut bytes = Zeroizing::new([0; 32]);
        if decoded.len() != bytes.len() {
            return Err(SealingKeysError::NotAKey(number));
        }
        bytes.copy_from_slice(&decoded);
        Ok(Self {
            name: name.to_owned(),
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, byte: u8) -> String {
        format!("{name}:{}", BASE64URL_NOPAD.encode(&[byte; 32]))
    }

    fn wrong(text: &str) -> SealingKeysError {
        SealingKeys::parse(text).expect_err(text)
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let text = [entry("eu-2", 2), entry("eu-1", 1)].join(",");
        let keys = SealingKeys::parse(&text).unwrap();
        assert_eq!(keys.first(), ("eu-2", &[2; 32]));
        assert_eq!(keys.get("eu-2"), Some(&[2; 32]));
        assert_eq!(keys.get("eu-1"), Some(&[1; 32]));
        assert_eq!(keys.get("eu"), None);
        let copy = keys.clone();
        drop(keys);
        assert_eq!(copy.get("eu-1"), Some(&[1; 32]));
    }

    #[test]
    fn only_names_are_shown() {
        let text = [entry("new", 255), entry("old", 254)].join(",");
        let keys = SealingKeys::parse(&text).unwrap();
        assert_eq!(format!("{keys:?}"), r#"["new", "old"]"#);
    }

    #[test]
    fn one_to_eight_keys() {
        let some = |count: u8| {
            let entries = (0..count).map(|number| entry(&format!("k{number}"), number));
            entries.collect::<Vec<_>>().join(",")
        };
        assert_eq!(wrong(""), SealingKeysError::Count);
        for count in 1..=8 {
            let keys = SealingKeys::parse(&some(count)).unwrap();
            assert_eq!(keys.iter().count(), usize::from(count));
        }
        assert_eq!(wrong(&some(9)), SealingKeysError::Count);
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_place_and_not_its_text() {
        let good = entry("a", 1);
        let key = &good[2..];
        let long = "n".repeat(NAME_CHARS + 1);
        for (text, error) in [
            (key.to_owned(), SealingKeysError::Unnamed(1)),
            (format!("{good},"), SealingKeysError::Unnamed(2)),
            (format!(":{key}"), SealingKeysError::Name(1)),
            (format!("A:{key}"), SealingKeysError::Name(1)),
            (format!(" a:{key}"), SealingKeysError::Name(1)),
            (format!("a_b:{key}"), SealingKeysError::Name(1)),
            (format!("é:{key}"), SealingKeysError::Name(1)),
            (format!("{long}:{key}"), SealingKeysError::Name(1)),
            (format!("a:{key}="), SealingKeysError::NotAKey(1)),
            (format!("a:{key}\n"), SealingKeysError::NotAKey(1)),
            (format!("a:{}", &key[1..]), SealingKeysError::NotAKey(1)),
            (format!("a:{key}AAAA"), SealingKeysError::NotAKey(1)),
            (format!("{good},b:"), SealingKeysError::NotAKey(2)),
            (
                format!("{good},{}", entry("a", 2)),
                SealingKeysError::SameName(2),
            ),
            (
                format!("{good},{}", entry("b", 1)),
                SealingKeysError::SameKey(2),
            ),
        ] {
            assert_eq!(wrong(&text), error, "{text}");
            assert!(!error.to_string().contains(&key[..8]), "{error}");
        }
        let longest = format!("{}:{key}", &long[1..]);
        assert_eq!(SealingKeys::parse(&longest).unwrap().first().0, &long[1..]);
    }
}
