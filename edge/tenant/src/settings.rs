//! What a region host may set when it opens a tenant.

use serde::{Deserialize, Serialize};
use slotstead_shared::wire::Place;

/// Settings of a tenant. The defaults are those of production.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How often visitors may ask for what costs something.
    pub rates: RateLimits,
    /// The development switch: whether feeds may be on this machine.
    pub private_feeds: bool,
    /// Where the region host keeps and works with what is the tenant's.
    pub places: Vec<Place>,
    /// The edge's own origin, whose pages (to change a booking) count as allowed ones. Empty: none.
    pub own_origin: String,
}

/// What is wrong with the edge's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginError {
    /// Not an origin: a scheme, a host in lower case, perhaps a port, and nothing else.
    NotAnOrigin,
    /// The development switch is on, and this is not plain HTTP on this machine.
    SwitchInProduction,
    /// Plain HTTP without the development switch.
    PlainOrigin,
}

/// Whether the edge may work under `origin`, with the development switch on or off.
pub fn check_origin(origin: &str, development: bool) -> Result<(), OriginError> {
    let (scheme, host) = origin.split_once("://").ok_or(OriginError::NotAnOrigin)?;
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let name_is_good = !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        });
    let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if !name_is_good || !port_is_good || !matches!(scheme, "http" | "https") {
        return Err(OriginError::NotAnOrigin);
    }
    match (scheme, development) {
        ("http", true) if is_this_machine(host) => Ok(()),
        (_, true) => Err(OriginError::SwitchInProduction),
        ("https", false) => Ok(()),
        _ => Err(OriginError::PlainOrigin),
    }
}

/// Whether `host` (with or without a port) is this machine.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1")
}

/// What one client may do, by kind: so many at once, which then come back one by one, evenly over
/// the minute or the day. 0 refuses all. What a deployment does not set is as here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// Sessions opened. A page view opens one; a shared office address may have many visitors.
    pub sessions_per_minute: u32,
    /// Looks at free times. A visitor who turns the pages of a calendar takes one each second.
    pub slots_per_minute: u32,
    /// Holds placed. A visitor who clicks through the times places one each second or two.
    pub holds_per_minute: u32,
    /// Bookings made, rescheduled or cancelled, tries included.
    pub bookings_per_minute: u32,
    /// Bookings made or moved in a day, tries included, so that nobody slowly fills a calendar or the
    /// history of a booking.
    pub bookings_per_day: u32,
    /// Holds at one time, over all sessions: sessions cost nothing.
    pub live_holds: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            sessions_per_minute: 60,
            slots_per_minute: 120,
            holds_per_minute: 30,
            bookings_per_minute: 20,
            bookings_per_day: 60,
            live_holds: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_are_not_set_are_those_of_production() {
        let some = r#"{"sessions_per_minute":1,"holds_per_minute":30,"bookings_per_minute":20}"#;
        let expected = RateLimits {
            sessions_per_minute: 1,
            ..RateLimits::default()
        };
        assert_eq!(serde_json::from_str::<RateLimits>(some).unwrap(), expected);
    }
}
