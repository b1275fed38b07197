//! The one place where wall time and zone become instants, and back.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::offsets::Offsets;
use crate::{Date, Interval, Stamp, UnixSeconds};

/// The text names no zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone of the IANA database, such as Europe/Oslo")]
pub struct UnknownZone;

/// The zone of this name. `Factory`, the zone of a machine that was never told where it is,
/// is UTC: no tables of chrono-tz have it, and IANA gives it no offset (`-00`).
pub fn parse_zone(name: &str) -> Result<Tz, UnknownZone> {
    match name {
        "Factory" => Ok(Tz::UTC),
        name => name.parse().map_err(|_| UnknownZone),
    }
}

/// How a wall time met the zone's clock on its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The wall time occurs once.
    Exact,
    /// The clock skipped it; the instant is the first one after the gap.
    Gap,
    /// The clock showed it twice; the instant is the first occurrence.
    Fold,
}

/// The instant at which clocks in `zone` show `wall`, and whether they did so once.
///
/// A skipped wall time becomes the first instant after the gap, so that working
/// hours never reach into wall time the owner did not name, and the function is
/// monotone. (RFC 5545 section 3.3.5 moves a skipped time by the length of the gap
/// instead; calendar feeds follow that, in their own parser.) Of a repeated wall
/// time the first occurrence counts, as in RFC 5545.
#[must_use]
pub fn instant_of(zone: Tz, wall: NaiveDateTime) -> (UnixSeconds, Resolution) {
    /// An offset is less than a day, so seen as UTC the wall time is as near.
    const DAY: i64 = 24 * 3_600;
    let as_utc = wall.and_utc().timestamp();
    Offsets::around(zone, Interval::new(as_utc, as_utc), DAY).instant(as_utc)
}

/// How far clocks in `zone` are ahead of UTC at `at`, in seconds.
pub(super) fn offset_at(zone: Tz, at: UnixSeconds) -> i32 {
    let utc = DateTime::from_timestamp(at, 0)
        .unwrap_or_default()
        .naive_utc();
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
}

/// The instant as clocks in `zone` show it; `None` outside the years 1970 to 9999.
#[must_use]
pub fn stamp(zone: Tz, at: UnixSeconds) -> Option<Stamp> {
    Stamp::new(at, offset_at(zone, at))
}

/// The date on which `at` falls in `zone`.
#[must_use]
pub fn local_date(zone: Tz, at: UnixSeconds) -> NaiveDate {
    let wall = at.saturating_add(i64::from(offset_at(zone, at)));
    DateTime::from_timestamp(wall, 0)
        .unwrap_or_default()
        .date_naive()
}

/// The first instant of a date: after the gap where midnight is skipped.
#[must_use]
pub fn date_start(zone: Tz, date: NaiveDate) -> UnixSeconds {
    instant_of(zone, date.and_time(NaiveTime::MIN)).0
}

/// The instants of the dates `from <= d < to` in `zone`.
#[must_use]
pub fn dates_interval(zone: Tz, from: Date, to: Date) -> Interval {
    Interval::new(date_start(zone, from.0), date_start(zone, to.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, wall: &str) -> (UnixSeconds, Resolution) {
        let wall: Stamp = format!("{wall}:00Z").parse().unwrap();
        let wall = DateTime::from_timestamp(wall.unix_seconds(), 0)
            .unwrap()
            .naive_utc();
        instant_of(parse_zone(zone).unwrap(), wall)
    }

    fn utc(text: &str) -> UnixSeconds {
        text.parse::<Stamp>().unwrap().unix_seconds()
    }

    #[test]
    fn a_gap_becomes_the_first_instant_after_it() {
        let jump = utc("2027-03-28T01:00:00Z");
        assert_eq!(
            at("Europe/Oslo", "2027-03-28T01:59"),
            (jump - 60, Resolution::Exact)
        );
        assert_eq!(
            at("Europe/Oslo", "2027-03-28T02:00"),
            (jump, Resolution::Gap)
        );
        assert_eq!(
            at("Europe/Oslo", "2027-03-28T02:59"),
            (jump, Resolution::Gap)
        );
        assert_eq!(
            at("Europe/Oslo", "2027-03-28T03:00"),
            (jump, Resolution::Exact)
        );
        // Half an hour, on Lord Howe Island.
        let jump = utc("2027-10-02T15:30:00Z");
        assert_eq!(
            at("Australia/Lord_Howe", "2027-10-03T02:15"),
            (jump, Resolution::Gap)
        );
    }

    #[test]
    fn a_clock_may_change_at_any_second() {
        // Liberia gave up its 44 minutes and 30 seconds as the 7th of January 1972 began.
        let jump = utc("1972-01-07T00:44:30Z");
        let monrovia = |wall| at("Africa/Monrovia", wall);
        assert_eq!(monrovia("1972-01-06T23:59"), (jump - 60, Resolution::Exact));
        assert_eq!(monrovia("1972-01-07T00:00"), (jump, Resolution::Gap));
        assert_eq!(monrovia("1972-01-07T00:44"), (jump, Resolution::Gap));
        assert_eq!(monrovia("1972-01-07T00:45"), (jump + 30, Resolution::Exact));
    }

    #[test]
    fn a_repeated_hour_counts_at_its_first_occurrence() {
        assert_eq!(
            at("Europe/Oslo", "2027-10-31T02:30"),
            (utc("2027-10-31T00:30:00Z"), Resolution::Fold)
        );
    }

    #[test]
    fn a_day_that_starts_in_a_gap_starts_after_it() {
        // Lebanon moves its clocks at midnight.
        let zone = parse_zone("Asia/Beirut").unwrap();
        let date = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
        let start = date_start(zone, date);
        assert_eq!(
            stamp(zone, start).unwrap().to_string(),
            "2027-03-28T01:00:00+03:00"
        );
        assert_eq!(
            stamp(zone, start - 1).unwrap().to_string(),
            "2027-03-27T23:59:59+02:00"
        );
    }

    #[test]
    fn a_date_that_never_was_is_empty() {
        // Samoa went from 29 to 31 December 2011.
        let zone = parse_zone("Pacific/Apia").unwrap();
        let date = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
        let next = date.succ_opt().unwrap();
        assert_eq!(date_start(zone, date), date_start(zone, next));
    }

    #[test]
    fn wall_and_instant_agree_around_every_transition_of_every_zone() {
        let half_days = (0..3 * 366 * 2).map(|n| utc("2026-01-01T00:00:00Z") + n * 43_200);
        for zone in chrono_tz::TZ_VARIANTS {
            for (from, to) in half_days.clone().zip(half_days.clone().skip(1)) {
                if offset_at(zone, from) == offset_at(zone, to) {
                    continue;
                }
                for t in (from - 10_800..to + 10_800).step_by(300) {
                    let wall = DateTime::from_timestamp(t + i64::from(offset_at(zone, t)), 0)
                        .unwrap()
                        .naive_utc();
                    let (back, resolution) = instant_of(zone, wall);
                    assert!(resolution != Resolution::Gap, "{zone} {wall}");
                    assert!(
                        back == t || (resolution == Resolution::Fold && back < t),
                        "{zone} {wall}"
                    );
                }
            }
        }
    }
}
