//! The availability engine: which starts are bookable, and why the others are not.
//!
//! Pure: schedules, claims and `now` come in, starts or a [`Reason`] come out.
//! Offering and committing go through one predicate, `HostAvailability::admit`, so
//! a slot that is shown can be booked as long as its inputs stay the same, and
//! [`HostAvailability::judge`] decides a start exactly as [`HostAvailability::offer`]
//! would. What is unknown is busy: time past `known_until` is never offered.

mod availability;
pub mod holidays;
mod offsets;
mod schedule;
mod zone;

pub use availability::{Claim, ClaimKind, HostAvailability, Policy, Reason};
/// The release of the IANA time zone database behind every offset.
pub use chrono_tz::IANA_TZDB_VERSION;
/// A zone of the IANA time zone database.
pub use chrono_tz::Tz;
pub use holidays::{Holidays, UnknownHolidays};
pub use schedule::{DaySpan, Schedule};
pub use zone::{
    Resolution, UnknownZone, date_start, dates_interval, instant_of, local_date, parse_zone, stamp,
};
