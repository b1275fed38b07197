//! The availability engine: which starts are bookable, and why the others are not.
//!
//! Pure: schedules, claims and `now` come in, starts or a [`Reason`](crate::Reason) come out.
//! Offering and committing go through one predicate, `Availability::admit` for a host and
//! `Team::complete` for whoever comes along, so a slot that is shown can be booked as long as its
//! inputs stay the same, and [`Team::choose`] decides a start exactly as [`Team::offer`] would.
//! What is unknown is busy: time past `known_until` is never offered.

mod availability;
#[cfg(test)]
mod fixtures;
pub mod holidays;
mod limit;
mod offsets;
mod policy;
mod schedule;
mod team;
mod union;
mod walk;
mod zone;

pub use availability::{Availability, Claim, ClaimKind, Share};
/// The release of the IANA time zone database behind every offset.
pub use chrono_tz::IANA_TZDB_VERSION;
/// A zone of the IANA time zone database.
pub use chrono_tz::Tz;
pub use holidays::{Holidays, UnknownHolidays};
pub use limit::{closed, period_of};
pub use policy::{Policy, Window};
pub use schedule::{DaySpan, Schedule, ScheduleError};
pub use team::{Choice, Team};
pub use zone::{
    Resolution, UnknownZone, date_start, dates_interval, instant_of, local_date, parse_zone, stamp,
};
