//! The capability in a link: which booking it is for.
//!
//! The widget reads the booking's id out of the token so that it knows what to ask
//! for. It does not check the token; the edge does, on every request.

use slotstead_shared::ids::BookingId;

use crate::{decode, json};

/// A capability and the booking it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The booking.
    pub booking: BookingId,
    /// The token as it is sent.
    pub token: String,
}

impl Capability {
    /// Reads the fragment of a page's address, with or without its `#`.
    /// `None` if it holds no token that names a booking.
    #[must_use]
    pub fn from_fragment(fragment: &str) -> Option<Self> {
        let token = fragment.strip_prefix('#').unwrap_or(fragment);
        let mut parts = token.split('.');
        let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
        else {
            return None;
        };
        let payload = base64url(payload)?;
        let claims = json::parse(std::str::from_utf8(&payload).ok()?)?;
        let booking = decode::member(claims, "booking")?;
        Some(Self {
            booking,
            token: token.to_owned(),
        })
    }
}

/// Decodes base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    // A single left-over character encodes nothing.
    (bits < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_decodes_every_length() {
        assert_eq!(base64url("").unwrap(), b"");
        assert_eq!(base64url("Zg").unwrap(), b"f");
        assert_eq!(base64url("Zm8").unwrap(), b"fo");
        assert_eq!(base64url("Zm9v").unwrap(), b"foo");
        assert_eq!(base64url("-_8").unwrap(), [0xfb, 0xff]);
        for bad in ["Z", "Zm9vY", "Zg==", "Z+", "Zm 9v"] {
            assert_eq!(base64url(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_booking_is_read_from_the_claims() {
        let id = BookingId::from_random([7; 16]);
        let claims = format!(r#"{{"exp":1,"booking":"{}","tenant":"x"}}"#, id.as_str());
        let token = format!("aaaa.{}.bbbb", encode(claims.as_bytes()));
        let capability = Capability::from_fragment(&format!("#{token}")).unwrap();
        assert_eq!(
            (capability.booking, capability.token.as_str()),
            (id, token.as_str())
        );
        for bad in [
            "",
            "#",
            "#a.b",
            "#section-2",
            "#a.b.c.d",
            "#aaaa.e30.bbbb",
            "#aaaa.!!.bbbb",
        ] {
            assert_eq!(Capability::from_fragment(bad), None, "{bad}");
        }
    }

    fn encode(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let word = chunk
                .iter()
                .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for place in 0..=chunk.len() {
                text.push(char::from(
                    ALPHABET[(word >> (18 - 6 * place) & 63) as usize],
                ));
            }
        }
        text
    }
}
