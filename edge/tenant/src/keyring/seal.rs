//! Sealing: AES-256-GCM (NIST SP 800-38D) under a key of its own for every sealed set.
//!
//! A set is sealed with a random salt: HKDF-SHA-256 (RFC 5869) makes of key and salt the cipher's key and
//! its nonce, so neither ever comes twice. The [`Place`] is bound to the set as associated data: a set that was
//! moved to another tenant, table, row or column does not open.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use data_encoding::BASE64URL_NOPAD;
use hmac_sha256::HKDF;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The form of what is written here, as its first part.
const FORM: &str = "1";
const INFO: &[u8] = b"slotstead seal 1";

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;

/// A key that seals.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; KEY_BYTES]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// The key of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// Where a set belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The table, or what is like one.
    pub table: &'a str,
    /// The row.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    /// The parts, each with its length before it: no two places are the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [self.tenant, self.table, self.row, self.column] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// What was sealed does not open: it is not what was written, or not where it was written, or the key is
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoesNotOpen;

/// Seals `clear`. No salt is ever used twice.
#[must_use]
pub fn seal(key: &Key, salt: [u8; SALT_BYTES], place: Place<'_>, clear: &[u8]) -> String {
    let (cipher, nonce) = cipher(key, &salt);
    let payload = Payload {
        msg: clear,
        aad: &place.bytes(),
    };
    let sealed = cipher
        .encrypt(&nonce, payload)
        .expect("a set is far shorter than the 64 GiB that the cipher takes");
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    format!("{FORM}.{}.{}", encode(&salt), encode(&sealed))
}

/// Opens what [`seal`] made for the same place.
pub fn open(key: &Key, place: Place<'_>, sealed: &str) -> Result<Vec<u8>, DoesNotOpen> {
    let mut parts = sealed.split('.');
    let (Some(FORM), Some(salt), Some(sealed), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(DoesNotOpen);
    };
    let decode = |text: &str| {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| DoesNotOpen)
    };
    let salt: [u8; SALT_BYTES] = decode(salt)?.try_into().map_err(|_| DoesNotOpen)?;
    let (cipher, nonce) = cipher(key, &salt);
    let payload = Payload {
        msg: &decode(sealed)?,
        aad: &place.bytes(),
    };
    cipher.decrypt(&nonce, payload).map_err(|_| DoesNotOpen)
}

fn cipher(key: &Key, salt: &[u8; SALT_BYTES]) -> (Aes256Gcm, Nonce<aes_gcm::aead::consts::U12>) {
    let mut okm = [0; KEY_BYTES + NONCE_BYTES];
    HKDF::expand(&mut okm, HKDF::extract(salt, key.0), INFO);
    let (cipher_key, nonce) = okm.split_at(KEY_BYTES);
    let made = (
        Aes256Gcm::new(aes_gcm::Key::<Aes256Gcm>::from_slice(cipher_key)),
        *Nonce::from_slice(nonce),
    );
    okm.zeroize();
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place {
        tenant: "eu_1",
        table: "bookings",
        row: "bk_1",
        column: "booker",
    };

    /// Computed with Python's `cryptography`: HKDF (salt, key, info) of 44 bytes, then AESGCM.
    #[test]
    fn a_sealed_set_is_what_another_implementation_makes() {
        let sealed = seal(&Key::new([7; 32]), [9; 16], PLACE, b"amal@example.com");
        assert_eq!(
            sealed,
            "1.CQkJCQkJCQkJCQkJCQkJCQ.RNZTgL7a9q5c7la-YPlsvQTbjG3qOpB3bX4n06qvmhA"
        );
    }

    #[test]
    fn it_opens_in_its_place_with_its_key_and_nowhere_else() {
        let key = Key::new([7; 32]);
        let sealed = seal(&key, [9; 16], PLACE, b"amal@example.com");
        assert_eq!(open(&key, PLACE, &sealed).unwrap(), b"amal@example.com");
        assert_eq!(open(&Key::new([8; 32]), PLACE, &sealed), Err(DoesNotOpen));
        let elsewhere = [
            Place {
                tenant: "eu_2",
                ..PLACE
            },
            Place {
                table: "feeds",
                ..PLACE
            },
            Place {
                row: "bk_2",
                ..PLACE
            },
            Place {
                column: "url",
                ..PLACE
            },
            // The same letters, parted otherwise.
            Place {
                table: "bookingsb",
                row: "k_1",
                ..PLACE
            },
        ];
        for place in elsewhere {
            assert_eq!(open(&key, place, &sealed), Err(DoesNotOpen), "{place:?}");
        }
    }

    #[test]
    fn whatever_is_changed_it_does_not_open() {
        let key = Key::new([7; 32]);
        let sealed = seal(&key, [9; 16], PLACE, b"amal");
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(open(&key, PLACE, &changed), Err(DoesNotOpen), "{changed}");
            assert_eq!(open(&key, PLACE, &sealed[..at]), Err(DoesNotOpen));
        }
        assert_eq!(open(&key, PLACE, &format!("{sealed}.")), Err(DoesNotOpen));
    }
}
