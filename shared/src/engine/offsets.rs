//! One zone's offsets around a range of instants, looked up once.
//!
//! A month of slots converts dozens of wall times. Each look-up in the zone's table costs
//! more than all the arithmetic around it, and clocks change twice a year, so the range is
//! probed every few days and only a change in between is searched for.

use chrono::{DateTime, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::zone::{Resolution, offset_at};
use crate::{Interval, UnixSeconds};

/// Seconds between two probes: no zone changes twice within them. The closest pair since
/// 1970 is six days and 23 hours apart; `vendor/chrono-tz-generate` refuses a release with
/// a pair closer than this, and `tests/engine/iana.rs` looks again.
pub const STRIDE: i64 = 4 * 24 * 3_600;

/// How far wall times asked for may lie outside of the range, seen as UTC: the spans of the
/// day before reach into it, those of its last day reach two days on, and an offset is
/// less than a day.
const MARGIN: i64 = 3 * 24 * 3_600;

/// From `from` on, clocks are `offset` seconds ahead of UTC.
#[derive(Debug, Clone, Copy)]
struct Period {
    from: UnixSeconds,
    offset: i64,
}

/// The offsets of a zone over a range of instants and a few days on both sides.
#[derive(Debug)]
pub struct Offsets {
    /// The first period, as long as nothing changes; it reaches back for ever.
    first: i64,
    /// The others, ascending; the last goes on for ever.
    rest: Vec<Period>,
}

impl Offsets {
    /// Looks up the offsets of `zone` around `range`.
    pub fn around(zone: Tz, range: Interval) -> Self {
        let end = range.end.max(range.start).saturating_add(MARGIN);
        let mut at = range.start.saturating_sub(MARGIN);
        let offset = |at| i64::from(offset_at(zone, at));
        let first = offset(at);
        let (mut last, mut rest) = (first, Vec::new());
        while at < end {
            let next = at.saturating_add(STRIDE).min(end);
            let then = offset(next);
            if then != last {
                // Between the two the offset changes once: bisect to the second.
                let (mut before, mut from) = (at, next);
                while from - before > 1 {
                    let middle = before + (from - before) / 2;
                    if offset(middle) == last {
                        before = middle;
                    } else {
                        from = middle;
                    }
                }
                rest.push(Period { from, offset: then });
                last = then;
            }
            at = next;
        }
        Self { first, rest }
    }

    /// The instant at which clocks show `wall`, given as the seconds since 1970 that it would
    /// be in UTC: the first instant at which they have reached it.
    pub fn instant(&self, wall: i64) -> (UnixSeconds, Resolution) {
        let (mut from, mut offset) = (UnixSeconds::MIN, self.first);
        for next in &self.rest {
            let at = wall - offset;
            if at < next.from {
                let again = wall - next.offset >= next.from;
                return match (at < from, again) {
                    (true, _) => (from, Resolution::Gap),
                    (false, true) => (at, Resolution::Fold),
                    (false, false) => (at, Resolution::Exact),
                };
            }
            (from, offset) = (next.from, next.offset);
        }
        let at = wall - offset;
        if at < from {
            (from, Resolution::Gap)
        } else {
            (at, Resolution::Exact)
        }
    }

    /// The date on which `at` falls.
    pub fn date(&self, at: UnixSeconds) -> NaiveDate {
        let later = self
            .rest
            .iter()
            .take_while(|period| period.from <= at)
            .last();
        let wall = at.saturating_add(later.map_or(self.first, |period| period.offset));
        DateTime::from_timestamp(wall, 0)
            .unwrap_or_default()
            .date_naive()
    }
}

/// The midnight at which `date` starts, as the seconds since 1970 that it would be in UTC.
pub fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp()
}
