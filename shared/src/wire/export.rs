//! Exports: everything that is stored of a tenant, and everything that is stored of one booking.

use serde::{Deserialize, Serialize};

use super::{
    Booking, BookingStatus, DateOverride, Feed, Field, Host, Named, Profile, Resource, Schedule,
    Service, TokenView,
};
use crate::{
    Stamp, TenantId,
    ids::{HostId, ResourceId, ScheduleId},
};

/// One state that a booking had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookingChange {
    /// The booking's `sequence` from then on.
    pub sequence: u32,
    /// When it came to be.
    pub changed_at: Stamp,
    /// The status.
    pub status: BookingStatus,
    /// The host who leads.
    pub host: HostId,
    /// The other hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_hosts: Vec<Named<HostId>>,
    /// The resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Named<ResourceId>>,
    /// The start.
    pub start: Stamp,
    /// The end.
    pub end: Stamp,
}

/// A booking with every state that it had, the first one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookingRecord {
    /// As it is now.
    #[serde(flatten)]
    pub booking: Booking,
    /// Its history.
    pub changes: Vec<BookingChange>,
}

/// The overrides of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedOverrides {
    /// The schedule.
    pub schedule: ScheduleId,
    /// By date.
    pub overrides: Vec<DateOverride>,
}

/// What the owner set up. The addresses of feeds are secrets and stay where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "each is the list of that name")]
pub struct ExportedSetup {
    pub profile: Profile,
    pub origins: Vec<String>,
    pub services: Vec<Service>,
    pub hosts: Vec<Host>,
    pub resources: Vec<Resource>,
    pub schedules: Vec<Schedule>,
    pub overrides: Vec<ExportedOverrides>,
    pub fields: Vec<Field>,
    pub feeds: Vec<Feed>,
    pub tokens: Vec<TokenView>,
}

/// A page of everything. Not in it: holds, which last ten minutes, and the busy times of connected
/// calendars, which are a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Export {
    /// The tenant.
    pub tenant: TenantId,
    /// When the page was made.
    pub exported_at: Stamp,
    /// In the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<Box<ExportedSetup>>,
    /// By start, then by id.
    pub bookings: Vec<BookingRecord>,
    /// Pass as `after` to get the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
