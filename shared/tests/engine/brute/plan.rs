//! When somebody works, minute by minute.

use slotstead_shared::{Interval, Reason, UnixSeconds};

use super::{
    DAY_MINUTES, MINUTE, Span,
    calendar::holidays_known_from,
    clock::{Clock, date_at},
};
use crate::offsets::Offsets;

/// A schedule, in plain numbers.
pub struct Plan<'a> {
    pub zone: &'a Offsets,
    /// Monday first.
    pub weekly: [Vec<Span>; 7],
    pub overrides: Vec<(i64, Vec<Span>)>,
    /// They do not overlap.
    pub stays: Vec<Stay<'a>>,
    /// If it has any, they are those of [`super::holidays`].
    pub holidays: Option<&'a [i64]>,
}

/// Dates spent in another zone.
pub struct Stay<'a> {
    pub first: i64,
    pub last: i64,
    pub zone: &'a Offsets,
}

impl Stay<'_> {
    fn has(&self, date: i64) -> bool {
        self.first <= date && date <= self.last
    }
}

/// What sets the spans of a date.
#[derive(Clone, Copy)]
enum Source {
    Override,
    Holiday,
    Unknown,
    Rules,
}

impl Plan<'_> {
    /// The date on which `at` falls, at home.
    pub fn date(&self, at: UnixSeconds) -> i64 {
        date_at(self.zone, at)
    }

    /// Monday to Friday, and known to be no holiday.
    pub fn is_business_day(&self, date: i64) -> bool {
        weekday(date) < 5 && self.holiday(date) == Some(false)
    }

    /// Whether it is one, where that is known.
    fn holiday(&self, date: i64) -> Option<bool> {
        match self.holidays {
            None => Some(false),
            Some(_) if date < holidays_known_from() => None,
            Some(holidays) => Some(holidays.binary_search(&date).is_ok()),
        }
    }

    fn day(&self, date: i64) -> (&[Span], Source) {
        let overridden = self.overrides.iter().find(|(of, _)| *of == date);
        if let Some((_, spans)) = overridden {
            return (spans, Source::Override);
        }
        match self.holiday(date) {
            None => (&[], Source::Unknown),
            Some(true) => (&[], Source::Holiday),
            Some(false) => (&self.weekly[weekday(date)], Source::Rules),
        }
    }
}

/// Monday is 0.
fn weekday(date: i64) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((date + 3).rem_euclid(7)).expect("0 to 6")
}

/// A plan around some days, in which each minute has been looked at.
pub struct Days<'a> {
    plan: &'a Plan<'a>,
    home: Clock,
    /// One for each stay.
    away: Vec<Clock>,
    /// The spans as instants.
    pub hours: Vec<Interval>,
    first: UnixSeconds,
    /// For how many minutes from each one on somebody works.
    open_for: Vec<i64>,
}

impl<'a> Days<'a> {
    /// All that can touch a booking that starts in `range`.
    pub fn around(plan: &'a Plan<'a>, range: Interval) -> Self {
        let reach = 7 * DAY_MINUTES * MINUTE;
        let days = Interval::new(range.start - reach, range.end + reach);
        let clock = |zone| Clock::over(zone, days);
        let home = clock(plan.zone);
        let away: Vec<_> = plan.stays.iter().map(|stay| clock(stay.zone)).collect();
        let mut hours = Vec::new();
        // A span lasts two days at most, a booking one, and zones are a day apart.
        for date in home.date(range.start) - 4..=home.date(range.end) + 4 {
            let there = plan.stays.iter().position(|stay| stay.has(date));
            let clock = there.map_or(&home, |stay| &away[stay]);
            for (start, end) in plan.day(date).0 {
                let midnight = date * DAY_MINUTES;
                hours.push(Interval::new(
                    clock.reaches(midnight + start),
                    clock.reaches(midnight + end),
                ));
            }
        }
        let minutes = usize::try_from((days.end - days.start) / MINUTE).expect("some days");
        let minute = |at: UnixSeconds| usize::try_from((at - days.start) / MINUTE).expect("inside");
        let mut open_for = vec![0; minutes + 1];
        for hours in &hours {
            open_for[minute(hours.start)..minute(hours.end)].fill(1);
        }
        for minute in (0..minutes).rev() {
            if open_for[minute] > 0 {
                open_for[minute] = open_for[minute + 1] + 1;
            }
        }
        Self {
            plan,
            home,
            away,
            hours,
            first: days.start,
            open_for,
        }
    }

    /// The date on which `at` falls, at home.
    pub fn date(&self, at: UnixSeconds) -> i64 {
        self.home.date(at)
    }

    /// For how many seconds from `at` on somebody works.
    pub fn open_for(&self, at: UnixSeconds) -> i64 {
        let minute = usize::try_from((at - self.first) / MINUTE).expect("in these days");
        self.open_for[minute] * MINUTE
    }

    /// Why nobody works at `at`. Its date is one of a stay if the clocks there show such a date,
    /// and the one at home otherwise.
    pub fn why_closed(&self, at: UnixSeconds) -> Reason {
        let stays = self.plan.stays.iter().zip(&self.away);
        let mut away = stays.filter_map(|(stay, clock)| {
            let date = clock.date(at);
            stay.has(date).then_some(date)
        });
        let date = away.next().unwrap_or_else(|| self.date(at));
        match self.plan.day(date).1 {
            Source::Override => Reason::Override,
            Source::Holiday => Reason::Holiday,
            Source::Unknown => Reason::Unknown,
            Source::Rules => Reason::OutsideHours,
        }
    }
}
