//! Which minutes are bookable, found minute by minute from the meaning of the words.
//!
//! It knows nothing of chrono or of the engine: a day is 1,440 minutes on the wall, an
//! offset comes from the list, and what a clock shows is looked up for each minute of time.
//! Dates are days since 1970-01-01, instants are whole minutes.

mod calendar;
mod clock;
mod limits;
mod one;
mod plan;
mod team;

pub use calendar::{holidays, holidays_known_from};
pub use limits::Limits;
pub use one::{Judge, One};
pub use plan::{Plan, Stay};
pub use team::{TeamJudge, TeamQuestion};

const MINUTE: i64 = 60;
const DAY_MINUTES: i64 = 1_440;

/// Minutes of wall time after the midnight of a date; the end may reach into the next day.
pub type Span = (i64, i64);

/// A service's rules, in seconds and days.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub duration: i64,
    pub step: i64,
    /// The first start of a span, after the span's start.
    pub offset: i64,
    pub buffer_before: i64,
    pub buffer_after: i64,
    pub minimum_notice: i64,
    /// The last bookable date is so many days after today.
    pub window_days: u32,
    /// Of these days only Monday to Friday without holidays count.
    pub business: bool,
    /// The first and the last bookable date.
    pub dates: Option<(i64, i64)>,
}
