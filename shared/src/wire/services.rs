//! What is offered, by whom and with what: hosts, resources and services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::{
    Date,
    ids::{HostId, ResourceId, ScheduleId, ServiceId},
};

/// `PUT /v1/{tenant}/hosts/{host}`: a person whose time a booking takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostInput {
    /// As bookers see it.
    pub name: String,
    /// When the host works.
    pub schedule: ScheduleId,
    /// The most that the host takes on, of all services together. What shares its time by seats
    /// counts once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<BookingLimit>,
}

/// What a limit counts over, in the schedule's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A date.
    Day,
    /// Monday to Sunday (ISO 8601).
    Week,
    /// A month of the calendar.
    Month,
}

/// At most so many bookings, or minutes of bookings, that start within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BookingLimit {
    /// The period.
    pub per: Period,
    /// The most bookings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookings: Option<u32>,
    /// The most minutes, buffers left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// `PUT /v1/{tenant}/resources/{resource}`: a thing that a booking takes, such as a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResourceInput {
    /// As bookers see it.
    pub name: String,
    /// When it can be used; at any time without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
}

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// The rest.
    #[serde(flatten)]
    pub input: ResourceInput,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// Its id.
    pub id: HostId,
    /// The rest.
    #[serde(flatten)]
    pub input: HostInput,
}

/// Who of a service's hosts takes a booking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostChoice {
    /// The first in the service's order who is free.
    #[default]
    FirstFree,
    /// Of those who are free, the one with the fewest bookings of this service in the month of the
    /// start, for their weight.
    RoundRobin,
    /// All of them together; the first one's hours and steps give the starts.
    Collective,
}

/// What a booking window counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WindowDays {
    /// Every day.
    #[default]
    Calendar,
    /// Monday to Friday without the holidays of the host's schedule.
    Business,
}

/// Dates from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// The first date.
    pub first: Date,
    /// The last date.
    pub last: Date,
}

/// One of these resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResourceNeed {
    /// The resources that will do, in the order of preference.
    pub any_of: Vec<ResourceId>,
}

/// `PUT /v1/{tenant}/services/{service}`: what is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceInput {
    /// As bookers see it.
    pub name: String,
    /// A sentence or two, shown under the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it takes place, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How long it takes, unless the booker chooses otherwise.
    pub duration_minutes: u32,
    /// The other durations that the booker can choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_durations_minutes: Vec<u32>,
    /// The distance between starts, counted from each rule's start.
    pub slot_step_minutes: u32,
    /// The first start of each rule, counted from the rule's start. Less than the step.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slot_offset_minutes: u32,
    /// Kept free before.
    #[serde(default)]
    pub buffer_before_minutes: u32,
    /// Kept free after.
    #[serde(default)]
    pub buffer_after_minutes: u32,
    /// How long before its start a booking can still be made.
    #[serde(default)]
    pub minimum_notice_minutes: u32,
    /// The last bookable date: today in the schedule's zone plus this many days.
    pub booking_window_days: u32,
    /// Which days the window counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub booking_window_counts: WindowDays,
    /// Bookable on these dates only, in the schedule's zone, and within the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookable_dates: Option<DateRange>,
    /// The most of this service, by all its hosts together, in the service's zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<BookingLimit>,
    /// The most of this service that one booker, known by the e-mail address, may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub booker_limits: Vec<BookingLimit>,
    /// The most bookings to come of this service that one booker may have at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booker_upcoming: Option<u32>,
    /// How many bookings share a start with the same host, as in a class.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub seats: u32,
    /// Who can give it, in the order of preference.
    pub hosts: Vec<HostId>,
    /// Who of them takes a booking.
    #[serde(default, skip_serializing_if = "is_default")]
    pub host_choice: HostChoice,
    /// The weights of hosts for the round robin; 1 for those left out. Who has 2 gets twice as many.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub host_weights: BTreeMap<HostId, u32>,
    /// Whether the booker may name the host. Not with `collective`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub booker_names_host: bool,
    /// What a booking takes besides its host, one of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceNeed>,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_one(value: &u32) -> bool {
    *value == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The rest.
    #[serde(flatten)]
    pub input: ServiceInput,
}
