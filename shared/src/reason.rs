//! Why a start is not offered.

use serde::{Deserialize, Serialize};

/// Why a start is not offered. The later in this list, the closer it came: of a team's reasons the
/// last one is the team's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No clock shows this wall time on this date: it is in the gap of a change.
    InGap,
    /// It lies in the past.
    Past,
    /// It is closer than the minimum notice, or before the first bookable date.
    TooSoon,
    /// It is past the booking window.
    TooFar,
    /// Its date is a public holiday.
    Holiday,
    /// The date override of its date leaves it out.
    Override,
    /// It is outside the availability rules, or inside the hours of its day and would end after them.
    OutsideHours,
    /// The hours hold it, and the slot step does not give it.
    OffStep,
    /// Something is not known for this time, so it counts as busy: a connected calendar, or whether
    /// the date is a holiday.
    Unknown,
    /// As many bookings or minutes as the limit allows are taken in this day, week or month.
    Limit,
    /// A busy block of a connected calendar is in the way.
    Busy,
    /// Somebody's hold is in the way.
    Held,
    /// A booking is in the way.
    Booked,
    /// Only a buffer, of this service or of a neighbouring claim, is in the way.
    Buffer,
    /// All seats are taken.
    NoSeat,
    /// A host would be free; a resource is not.
    Resource,
}
