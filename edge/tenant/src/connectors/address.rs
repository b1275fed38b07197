//! Which addresses a tenant may have fetched: http and https to public hosts, nothing else.
//!
//! An owner names the address, and the region host fetches it, so an address may aim at what
//! only the region host can reach. This check covers names and literal addresses; a host that
//! resolves names itself checks what they resolve to with [`is_public`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use slotstead_shared::limits::URL_CHARS;
use url::{Host, Url};

/// Why an address is not fetched. A sentence for the owner; it quotes nothing of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL at all.
    #[error("This is not a web address")]
    Malformed,
    /// Longer than [`URL_CHARS`].
    #[error("This address is longer than 2,048 characters")]
    TooLong,
    /// Not http or https.
    #[error("This address does not start with https://, http:// or webcal://")]
    Scheme,
    /// It carries a user name or a password.
    #[error(
        "This address carries a user name or a password; use the calendar's secret address instead"
    )]
    UserInfo,
    /// Not a public host.
    #[error("This address does not lead to a public server")]
    NotPublic,
    /// A port below 1024 that is not the scheme's own: mail, shells and the like.
    #[error("This address names a port that calendars are not served on")]
    Port,
}

/// The address as it is stored and fetched: trimmed, `webcal://` and `webcals://` as `https://`.
/// What is no URL stays as it is; [`check`] tells the owner.
#[must_use]
pub fn normalise(url: &str) -> String {
    let url = url.trim();
    match url.split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("webcal") || scheme.eq_ignore_ascii_case("webcals") =>
        {
            format!("https://{rest}")
        }
        _ => url.to_owned(),
    }
}

/// Checks that `url` may be fetched, now and on every redirect, and returns it parsed.
///
/// `allow_private` is the development switch: it also allows loopback hosts on any port, and
/// nothing else that is not public. Otherwise a port is the scheme's own or 1024 and above.
pub fn check(url: &str, allow_private: bool) -> Result<Url, AddressError> {
    if url.chars().count() > URL_CHARS {
        return Err(AddressError::TooLong);
    }
    let url = Url::parse(url).map_err(|_| AddressError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(AddressError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::UserInfo);
    }
    // The url crate has made decimal, octal and hexadecimal forms plain by now.
    let (is_public, is_loopback) = match url.host().ok_or(AddressError::Malformed)? {
        Host::Ipv4(address) => (is_public(address.into()), address.is_loopback()),
        Host::Ipv6(address) => (is_public(address.into()), address.is_loopback()),
        Host::Domain(name) => (is_public_name(name), is_loopback_name(name)),
    };
    if allow_private && is_loopback {
        return Ok(url);
    }
    if !is_public {
        return Err(AddressError::NotPublic);
    }
    match url.port() {
        Some(port) if port < 1_024 => Err(AddressError::Port),
        _ => Ok(url),
    }
}

fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Names that public DNS answers: at least two labels, and none of the endings that are kept for
/// one machine, one link or one network (RFC 6761, RFC 6762, RFC 8375, and `internal`, which
/// ICANN reserved in 2024).
fn is_public_name(name: &str) -> bool {
    const PRIVATE: [&str; 12] = [
        "localhost",
        "local",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "home.arpa",
        "test",
        "invalid",
        "onion",
    ];
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels_fit = name.split('.').all(|label| (1..=63).contains(&label.len()));
    let is_private = PRIVATE.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    labels_fit && name.len() <= 253 && name.contains('.') && !is_private
}

/// Whether an IP address belongs to the public Internet: in none of the special ranges of the
/// IANA registries (RFC 6890 and its updates), and not the address under which Azure serves every
/// machine of its own. An address inside an address counts as that one.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    /// First address and length of the prefix.
    const SPECIAL: [([u8; 4], u32); 16] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        // Azure's own: a virtual machine alone can reach it, and it tells the machine's set-up.
        ([168, 63, 129, 16], 32),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let bits = u32::from(address);
    !SPECIAL.iter().any(|(first, prefix)| {
        let differing = bits ^ u32::from(Ipv4Addr::from(*first));
        differing >> (32 - prefix) == 0
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        // Addresses of IPv4 inside: mapped, translated (RFC 6052, well-known prefix), 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(v4(high, low))
        }
        [0x2002, ..] => false,
        // Only 2000::/3 is in use on the Internet; in it Teredo, benchmarking, ORCHID and
        // documentation are not.
        [first, ..] if !(0x2000..0x4000).contains(&first) => false,
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
