//! Schedules: when somebody works.

use serde::{Deserialize, Serialize};

use crate::{Date, WallTime, ids::ScheduleId};

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

/// A span of wall time within a day. An end at or before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its first minute.
    pub start: WallTime,
    /// The first minute after it.
    pub end: WallTime,
}

/// A weekly span in which a host can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AvailabilityRule {
    /// The day on which it starts.
    pub weekday: Weekday,
    /// Its first minute.
    pub start: WallTime,
    /// The first minute after it; at or before `start` means on the next day.
    pub end: WallTime,
}

/// `PUT /v1/{tenant}/schedules/{schedule}`: when somebody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScheduleInput {
    /// The IANA zone of its wall times: `Europe/Oslo`.
    pub zone: String,
    /// The weekly rules. Spans of one day may not overlap.
    pub rules: Vec<AvailabilityRule>,
    /// Whose public holidays are closed, unless an override of the date says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<HolidayCalendar>,
    /// Dates spent in other zones: the rules and overrides of these dates are wall time there.
    /// They may not overlap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub travel: Vec<Stay>,
}

/// The public holidays of a country, or of one of its regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HolidayCalendar {
    /// The country, as in ISO 3166-1 alpha-2: `NO`.
    pub country: String,
    /// The region, mostly as in ISO 3166-2 without the country: `BY` for Bavaria. Without one only
    /// the days that every region keeps are holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Dates spent in another zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// The first date.
    pub first: Date,
    /// The last date.
    pub last: Date,
    /// The IANA zone of the wall times of these dates.
    pub zone: String,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// The rest.
    #[serde(flatten)]
    pub input: ScheduleInput,
}

/// `PUT /v1/{tenant}/schedules/{schedule}/overrides/{date}`: replaces the rules of one local date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideInput {
    /// The spans of that date; empty means closed.
    pub spans: Vec<Span>,
}

/// `POST /v1/{tenant}/schedules/{schedule}/overrides`: the same for several dates at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverridesInput {
    /// The dates, each once.
    pub dates: Vec<Date>,
    /// The spans of each of them; empty means closed.
    pub spans: Vec<Span>,
}

/// A date override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DateOverride {
    /// The date, in the schedule's zone.
    pub date: Date,
    /// The spans of that date; empty means closed.
    pub spans: Vec<Span>,
}
