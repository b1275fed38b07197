//! Holds and bookings.

use serde::{Deserialize, Serialize};

use super::{Named, is_default};
use crate::{
    Stamp,
    ids::{BookingId, FieldId, HoldId, HostId, ResourceId, ServiceId},
};

/// `POST /v1/{tenant}/holds`: keep a slot for ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// The service.
    pub service: ServiceId,
    /// The slot's start; any offset, the instant counts.
    pub start: Stamp,
    /// How long; the service's usual duration without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// The host whom the booker names; whoever the service chooses without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
    /// The booker's zone, for `alternatives`.
    pub zone: String,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// Its id; whoever knows it can confirm or release it.
    pub id: HoldId,
    /// The service.
    pub service: ServiceId,
    /// The start in the booker's zone.
    pub start: Stamp,
    /// When it lapses, in the booker's zone.
    pub expires_at: Stamp,
    /// Seconds from now until it lapses.
    pub expires_in_seconds: u32,
}

/// One answer to a booking field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The field.
    pub field: FieldId,
    /// What the booker wrote or chose; `yes` for a checkbox.
    pub value: String,
}

/// `POST /v1/{tenant}/bookings`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    /// The service.
    pub service: ServiceId,
    /// The slot's start; any offset, the instant counts.
    pub start: Stamp,
    /// How long; the service's usual duration without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// The host whom the booker names; whoever the service chooses without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
    /// The hold to confirm. Without one, or with one that has lapsed, the slot must still be free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// The booker's zone.
    pub zone: String,
    /// The booker's name.
    pub name: String,
    /// The booker's e-mail address.
    pub email: String,
    /// The answers to the owner's fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// The state of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// It stands.
    Confirmed,
    /// It was cancelled; the time is free again.
    Cancelled,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Its state.
    pub status: BookingStatus,
    /// The service.
    pub service: ServiceId,
    /// The service's name when it was booked.
    pub service_name: String,
    /// Where it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The host.
    pub host: HostId,
    /// The host's name.
    pub host_name: String,
    /// Whether the booker named the host, who then stays the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub host_named: bool,
    /// The other hosts, where all come together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_hosts: Vec<Named<HostId>>,
    /// The resources it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Named<ResourceId>>,
    /// The start in the booker's zone.
    pub start: Stamp,
    /// The end in the booker's zone.
    pub end: Stamp,
    /// The start in the service's zone.
    pub service_start: Stamp,
    /// The end in the service's zone.
    pub service_end: Stamp,
    /// The booker's zone.
    pub zone: String,
    /// The service's zone.
    pub service_zone: String,
    /// The booker's name.
    pub name: String,
    /// The booker's e-mail address.
    pub email: String,
    /// The booker's answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Whether the booker was erased: name, address and answers are empty then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub erased: bool,
    /// How often it was changed: 0 at first, one more for each reschedule or cancel (RFC 5545 3.8.7.4).
    pub sequence: u32,
    /// When it was made.
    pub created_at: Stamp,
    /// Whether it can still be cancelled or rescheduled.
    pub can_change: bool,
}

/// A booking as its booker gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookedView {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// A token for this booking and nothing else: reads, cancels and reschedules it until it starts,
    /// and exports and erases what is stored of it after that, too.
    pub capability: String,
    /// The page to change or cancel it. The capability is in the fragment, which no server sees.
    pub manage_url: String,
    /// An iCalendar file of it (RFC 5545, `METHOD:PUBLISH`), one UID for life.
    pub calendar_file: String,
}

/// `POST /v1/{tenant}/bookings/{booking}/reschedule`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reschedule {
    /// The new start; any offset, the instant counts.
    pub start: Stamp,
    /// The booker's zone, which the booking takes over.
    pub zone: String,
}

/// `GET /v1/{tenant}/bookings?from=…&to=…&after=…`: a page of bookings by start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookingPage {
    /// At most [`crate::limits::PAGE`], by start, then by id.
    pub items: Vec<Booking>,
    /// Pass as `after` to get the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
