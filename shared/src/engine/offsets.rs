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
const STRIDE: i64 = 6 * 24 * 3_600;

/// From `from` on, clocks are `offset` seconds ahead of UTC.
#[derive(Debug, Clone, Copy)]
struct Period {
    from: UnixSeconds,
    offset: i64,
}

/// The offsets of a zone over a range of instants.
#[derive(Debug)]
pub struct Offsets {
    /// The first offset; it reaches back for ever.
    first: i64,
    /// The changes within the range, ascending; the last goes on for ever.
    rest: Vec<Period>,
}

impl Offsets {
    /// Looks up the offsets of `zone` over `range`.
    fn over(zone: Tz, range: Interval) -> Self {
        let mut at = range.start;
        let first = i64::from(offset_at(zone, at));
        let (mut last, mut rest) = (first, Vec::new());
        while at < range.end {
            let next = at.saturating_add(STRIDE).min(range.end);
            let offset = i64::from(offset_at(zone, next));
            if offset != last {
                rest.push(Period {
                    from: change(zone, at, next),
                    offset,
                });
                last = offset;
            }
            at = next;
        }
        Self { first, rest }
    }

    /// Looks up the offsets of `zone` over `range` and `margin` seconds on both sides.
    pub fn around(zone: Tz, range: Interval, margin: i64) -> Self {
        let start = range.start.saturating_sub(margin);
        let end = range.end.max(range.start).saturating_add(margin);
        Self::over(zone, Interval::new(start, end))
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

/// The first instant after `before` with the offset of `after`: the one change in between.
fn change(zone: Tz, before: UnixSeconds, after: UnixSeconds) -> UnixSeconds {
    const QUARTER: i64 = 900;
    let offset = offset_at(zone, after);
    let bisect = |mut before: i64, mut after: i64, grid: i64| {
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if offset_at(zone, middle * grid) == offset {
                after = middle;
            } else {
                before = middle;
            }
        }
        after * grid
    };
    // Nearly all changes lie on a quarter of an hour in UTC, which halves the search.
    let quarter = bisect(
        before.div_euclid(QUARTER),
        after.div_euclid(QUARTER) + 1,
        QUARTER,
    );
    if offset_at(zone, quarter - 1) != offset {
        return quarter;
    }
    bisect((quarter - QUARTER).max(before), quarter.min(after), 1)
}

/// The midnight at which `date` starts, as the seconds since 1970 that it would be in UTC.
pub fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Stamp,
        engine::{local_date, parse_zone},
    };

    const DAY: i64 = 24 * 3_600;

    fn utc(text: &str) -> UnixSeconds {
        text.parse::<Stamp>().unwrap().unix_seconds()
    }

    #[test]
    fn a_change_is_found_to_the_second_wherever_the_probes_lie() {
        for (zone, jump) in [
            ("Africa/Monrovia", "1972-01-07T00:44:30Z"),
            ("Europe/Oslo", "2027-03-28T01:00:00Z"),
            ("Asia/Kathmandu", "1985-12-31T18:30:00Z"),
        ] {
            let (zone, jump) = (parse_zone(zone).unwrap(), utc(jump));
            for before in [1, 29, 30, 31, 870, 871, 900, STRIDE] {
                for after in [0, 1, 29, 30, 31, 900, STRIDE] {
                    let found = change(zone, jump - before, jump + after);
                    assert_eq!(found, jump, "{zone}: {before} before, {after} after");
                }
            }
        }
    }

    #[test]
    fn a_year_at_once_is_what_its_days_are() {
        // Twice, by half an hour, and four times (Ramadan takes summer time away).
        for zone in ["Europe/Oslo", "Australia/Lord_Howe", "Africa/Casablanca"] {
            let zone = parse_zone(zone).unwrap();
            let year = Interval::new(utc("2025-01-01T00:00:00Z"), utc("2026-01-01T00:00:00Z"));
            let offsets = Offsets::around(zone, year, DAY);
            for wall in (year.start..year.end).step_by(900) {
                let alone = Offsets::around(zone, Interval::new(wall, wall), DAY);
                assert_eq!(offsets.instant(wall), alone.instant(wall), "{zone} {wall}");
                assert_eq!(offsets.date(wall), local_date(zone, wall), "{zone} {wall}");
            }
        }
    }
}
