//! What a region host may set when it opens a tenant.

use serde::{Deserialize, Serialize};

/// Settings of a tenant. The defaults are those of production.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How often visitors may ask for what costs something.
    pub rates: RateLimits,
    /// The development switch: whether feeds may be on this machine.
    pub private_feeds: bool,
    /// The edge's own origin, whose pages (to change a booking) count as allowed ones. Empty: none.
    pub own_origin: String,
}

/// Calls of one client in a minute, by kind. 0 refuses all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// Sessions opened. A page view opens one; a shared office address may have many visitors.
    pub sessions_per_minute: u32,
    /// Holds placed. A visitor who clicks through the times places one each second or two.
    pub holds_per_minute: u32,
    /// Bookings made, rescheduled or cancelled, tries included.
    pub bookings_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            sessions_per_minute: 60,
            holds_per_minute: 30,
            bookings_per_minute: 20,
        }
    }
}
