//! Limits: at most so many bookings or minutes in a day, a week or a month.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;

use super::zone::{date_start, local_date};
use crate::{
    Interval, UnixSeconds,
    wire::{BookingLimit, Period},
};

/// The period that `date` lies in: its first date, and the first one after it.
fn dates_of(period: Period, date: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = Days::new(date.weekday().num_days_from_monday().into());
    let (first, next) = match period {
        Period::Day => (date, date.succ_opt()),
        Period::Week => {
            let first = date.checked_sub_days(monday).unwrap_or(date);
            (first, first.checked_add_days(Days::new(7)))
        }
        Period::Month => {
            let first = date.with_day(1).unwrap_or(date);
            (first, first.checked_add_months(Months::new(1)))
        }
    };
    (first, next.unwrap_or(NaiveDate::MAX))
}

/// The instants of the period that `at` lies in, by the clocks of `zone`.
#[must_use]
pub fn period_of(zone: Tz, period: Period, at: UnixSeconds) -> Interval {
    let (first, next) = dates_of(period, local_date(zone, at));
    Interval::new(date_start(zone, first), date_start(zone, next))
}

/// Whether another booking of `duration` seconds keeps `limit` beside `count` of `seconds` together.
const fn has_room(limit: &BookingLimit, count: u32, seconds: i64, duration: i64) -> bool {
    let counted = match limit.bookings {
        Some(most) => count < most,
        None => true,
    };
    let timed = match limit.minutes {
        Some(most) => seconds + duration <= most as i64 * 60,
        None => true,
    };
    counted && timed
}

/// When nothing more of `duration` seconds can start, as `taken` already starts there. A booking
/// counts in the period in which it starts. `taken` holds all that starts in the periods of interest.
#[must_use]
pub fn closed(
    zone: Tz,
    limits: &[BookingLimit],
    taken: &[Interval],
    duration: i64,
) -> Vec<Interval> {
    let mut closed = Vec::new();
    for limit in limits {
        if !has_room(limit, 0, 0, duration) {
            return vec![Interval::new(UnixSeconds::MIN, UnixSeconds::MAX)];
        }
        let mut periods: BTreeMap<(NaiveDate, NaiveDate), (u32, i64)> = BTreeMap::new();
        for core in taken {
            let dates = dates_of(limit.per, local_date(zone, core.start));
            let (count, seconds) = periods.entry(dates).or_default();
            *count += 1;
            *seconds += core.end - core.start;
        }
        for ((first, next), (count, seconds)) in periods {
            if !has_room(limit, count, seconds, duration) {
                closed.push(Interval::new(
                    date_start(zone, first),
                    date_start(zone, next),
                ));
            }
        }
    }
    crate::interval::merge(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stamp, engine::parse_zone};

    fn utc(text: &str) -> UnixSeconds {
        text.parse::<Stamp>().unwrap().unix_seconds()
    }

    fn limit(per: Period, bookings: Option<u32>, minutes: Option<u32>) -> BookingLimit {
        BookingLimit {
            per,
            bookings,
            minutes,
        }
    }

    fn hour(start: &str) -> Interval {
        Interval::new(utc(start), utc(start) + 3_600)
    }

    #[test]
    fn a_full_day_is_that_of_the_zone_with_its_change_of_the_clock() {
        let zone = parse_zone("Europe/Oslo").unwrap();
        // Late on the 27th in UTC is the 28th in Oslo, whose day has 23 hours.
        let taken = [hour("2027-03-27T23:30:00Z"), hour("2027-03-28T10:00:00Z")];
        let limits = [limit(Period::Day, Some(2), None)];
        assert_eq!(
            closed(zone, &limits, &taken, 3_600),
            [Interval::new(
                utc("2027-03-27T23:00:00Z"),
                utc("2027-03-28T22:00:00Z")
            )]
        );
        assert!(closed(zone, &limits, &taken[1..], 3_600).is_empty());
    }

    #[test]
    fn minutes_count_with_those_of_the_new_booking() {
        let taken = [hour("2027-03-02T10:00:00Z"), hour("2027-03-05T10:00:00Z")];
        let limits = [limit(Period::Week, None, Some(150))];
        assert!(closed(Tz::UTC, &limits, &taken, 1_800).is_empty());
        assert_eq!(
            closed(Tz::UTC, &limits, &taken, 3_600),
            // Monday to Monday.
            [Interval::new(
                utc("2027-03-01T00:00:00Z"),
                utc("2027-03-08T00:00:00Z")
            )]
        );
        // What never fits is never offered.
        assert_eq!(
            closed(Tz::UTC, &limits, &[], 151 * 60),
            [Interval::new(UnixSeconds::MIN, UnixSeconds::MAX)]
        );
    }

    #[test]
    fn a_month_is_one_of_the_calendar() {
        let at = utc("2027-02-10T10:00:00Z");
        assert_eq!(
            period_of(Tz::UTC, Period::Month, at),
            Interval::new(utc("2027-02-01T00:00:00Z"), utc("2027-03-01T00:00:00Z"))
        );
    }
}
