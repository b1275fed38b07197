//! What is free: sessions, slots, and why a time is not among them.

use serde::{Deserialize, Serialize};

use super::{Field, Profile};
use crate::{
    Date, Reason, Stamp, WallTime,
    ids::{HostId, ServiceId},
};

/// What a booker sees of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedService {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How long it takes, unless the booker chooses otherwise.
    pub duration_minutes: u32,
    /// The other durations that the booker can choose, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_durations_minutes: Vec<u32>,
    /// The zone of the service: that of its first host's schedule.
    pub zone: String,
    /// The names of its hosts, in order.
    pub hosts: Vec<String>,
    /// Whether all of the hosts come together; otherwise one of them does.
    #[serde(default)]
    pub together: bool,
    /// The hosts whom the booker may name, in order; empty where that is not for the booker to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_choices: Vec<Named<HostId>>,
}

/// A host or a resource with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Named{I}"))]
pub struct Named<I> {
    /// Its id.
    pub id: I,
    /// As bookers see it.
    pub name: String,
}

/// The answer to `POST /v1/{tenant}/sessions` (no body): all the widget needs for its first view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// `Authorization: Bearer <token>`, bound to this tenant and this page's origin.
    pub token: String,
    /// How long it lives.
    pub expires_in_seconds: u32,
    /// The business.
    pub profile: Profile,
    /// What it offers.
    pub services: Vec<OfferedService>,
    /// What it asks for, in the order of the form.
    pub fields: Vec<Field>,
}

/// A bookable start: computed, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slot {
    /// The start in the booker's zone.
    pub start: Stamp,
    /// The start in the service's zone, where its wall time differs from `start`'s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_start: Option<Stamp>,
    /// How many can still book it, where seats are shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats_left: Option<u32>,
}

/// The slots of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlotDay {
    /// The date in the booker's zone.
    pub date: Date,
    /// Its slots, ascending; never empty.
    pub slots: Vec<Slot>,
}

/// The answer to `GET /v1/{tenant}/slots?service=…&from=2027-03-01&to=2027-04-01&zone=Europe/London`,
/// with `&duration_minutes=…` and `&host=…` where the booker chose.
///
/// `from` and `to` are dates in `zone`, `to` not included, at most
/// [`crate::limits::SLOTS_RANGE_DAYS`] apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slots {
    /// The service.
    pub service: ServiceId,
    /// The zone of `start` and `date`.
    pub zone: String,
    /// The zone of `service_start`.
    pub service_zone: String,
    /// Today in `zone`.
    pub today: Date,
    /// The instant the answer is true for, in `zone`.
    pub now: Stamp,
    /// The last date in `zone` on which something could be offered (end of the booking window).
    pub last_date: Date,
    /// The days with slots, ascending.
    pub days: Vec<SlotDay>,
    /// When `days` is empty: the first slot after the range within the booking window, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_free: Option<Slot>,
}

/// The answer to `GET /v1/{tenant}/services/{service}/reasons?date=2027-03-28`: for each time of
/// that date whether it is offered, and if not, why, for every host.
///
/// The times are those of the slot step from midnight on, and every start that the hosts' rules give.
/// `&time=02:30` asks for one time only, on the step or not; `&duration_minutes=…` for another
/// duration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reasons {
    /// The service.
    pub service: ServiceId,
    /// The service's zone: the wall times are seen there.
    pub zone: String,
    /// The date in that zone.
    pub date: Date,
    /// The duration asked about.
    pub duration_minutes: u32,
    /// The times, ascending. A time that the clock shows twice is here twice.
    pub times: Vec<TimeReasons>,
}

/// Whether a time is offered, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimeReasons {
    /// The wall time.
    pub time: WallTime,
    /// The instant; none where the clock skips the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Stamp>,
    /// Why it is not offered; none where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Why each host cannot take it, in the service's order.
    pub hosts: Vec<HostReason>,
}

/// Why a host cannot take a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostReason {
    /// The host.
    pub host: HostId,
    /// Why not; none where the host could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
