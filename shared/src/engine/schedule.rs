//! When somebody works: weekly rules, date overrides, holidays and travel, resolved date by date.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use super::{
    holidays::{Holidays, UnknownHolidays},
    offsets::{Offsets, midnight},
    zone::{UnknownZone, parse_zone},
};
use crate::{
    Interval, Reason,
    wire::{DateOverride, ScheduleInput, Span},
};

/// A span of wall time: minutes after the midnight of the date it belongs to.
///
/// `end` is greater than `start` and at most 2,880, so a span may reach into the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DaySpan {
    /// The first minute.
    pub start: u16,
    /// The first minute after.
    pub end: u16,
}

impl From<Span> for DaySpan {
    /// An end at or before the start is on the next day.
    fn from(span: Span) -> Self {
        let (start, end) = (span.start.minutes(), span.end.minutes());
        let end = if end <= start { end + 1_440 } else { end };
        Self { start, end }
    }
}

/// A schedule that names something unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Its zone, or that of a stay.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// Its holidays.
    #[error(transparent)]
    Holidays(#[from] UnknownHolidays),
}

/// A schedule, ready to be asked for any date.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: Tz,
    weekly: [Vec<DaySpan>; 7],
    overrides: BTreeMap<NaiveDate, Vec<DaySpan>>,
    holidays: Option<Holidays>,
    travel: Vec<Travel>,
}

/// Dates whose wall times are those of another zone.
#[derive(Debug, Clone, Copy)]
struct Travel {
    first: NaiveDate,
    last: NaiveDate,
    zone: Tz,
}

impl Schedule {
    /// The schedule of these rules and overrides.
    pub fn new(input: &ScheduleInput, overrides: &[DateOverride]) -> Result<Self, ScheduleError> {
        let mut weekly: [Vec<DaySpan>; 7] = Default::default();
        for rule in &input.rules {
            let span = Span {
                start: rule.start,
                end: rule.end,
            };
            weekly[rule.weekday as usize].push(span.into());
        }
        for spans in &mut weekly {
            spans.sort_unstable();
        }
        let overrides = overrides.iter().map(|date_override| {
            let spans = date_override.spans.iter().copied();
            let mut spans: Vec<_> = spans.map(DaySpan::from).collect();
            spans.sort_unstable();
            (date_override.date.0, spans)
        });
        let travel = input.travel.iter().map(|stay| {
            let zone = parse_zone(&stay.zone)?;
            let (first, last) = (stay.first.0, stay.last.0);
            Ok(Travel { first, last, zone })
        });
        let holidays = input.holidays.as_ref();
        let holidays = holidays.map(|of| Holidays::find(&of.country, of.region.as_deref()));
        Ok(Self {
            zone: parse_zone(&input.zone)?,
            weekly,
            overrides: overrides.collect(),
            holidays: holidays.transpose()?,
            travel: travel.collect::<Result<_, UnknownZone>>()?,
        })
    }

    /// The schedule of what can be used at any time.
    #[must_use]
    pub fn always() -> Self {
        let all_day = DaySpan {
            start: 0,
            end: 1_440,
        };
        Self {
            zone: Tz::UTC,
            weekly: std::array::from_fn(|_| vec![all_day]),
            overrides: BTreeMap::new(),
            holidays: None,
            travel: Vec::new(),
        }
    }

    /// The zone of its wall times, but on the dates of a stay elsewhere.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The wall-time spans that start on `date`, or why there are none of the rules.
    pub(super) fn spans_on(&self, date: NaiveDate) -> (&[DaySpan], Source) {
        if let Some(spans) = self.overrides.get(&date) {
            return (spans, Source::Override);
        }
        match self.holiday(date) {
            Some(false) => {}
            Some(true) => return (&[], Source::Holiday),
            None => return (&[], Source::Unknown),
        }
        let weekday = date.weekday().num_days_from_monday() as usize;
        (&self.weekly[weekday], Source::Rules)
    }

    /// Whether `date` is a holiday; `None` where that is not known.
    fn holiday(&self, date: NaiveDate) -> Option<bool> {
        self.holidays
            .map_or(Some(false), |holidays| holidays.is_holiday(date))
    }

    /// Monday to Friday and certainly no holiday.
    pub(super) fn is_business_day(&self, date: NaiveDate) -> bool {
        date.weekday().num_days_from_monday() < 5 && self.holiday(date) == Some(false)
    }

    /// The spans that can reach an instant of `range`.
    pub(super) fn reaching(&self, range: Interval) -> Reach<'_> {
        // The day before starts at most two days and a change before the range; a span of the
        // last day ends as long after it. The dates of two zones are two days apart at most.
        const DAY: i64 = 24 * 3_600;
        let margin = if self.travel.is_empty() { 3 } else { 6 } * DAY;
        let home = Offsets::around(self.zone, range, margin);
        let (first, last) = (
            home.date(range.start),
            home.date(range.end.max(range.start)),
        );
        let before = |days| first.checked_sub_days(Days::new(days)).unwrap_or(first);
        if self.travel.is_empty() {
            return Reach {
                schedule: self,
                home,
                elsewhere: Vec::new(),
                first: before(1),
                last,
            };
        }
        let (first, last) = (
            before(3),
            last.checked_add_days(Days::new(2)).unwrap_or(last),
        );
        let met = |travel: &&Travel| travel.first <= last && first <= travel.last;
        let elsewhere = self.travel.iter().filter(met);
        let elsewhere =
            elsewhere.map(|travel| (*travel, Offsets::around(travel.zone, range, margin)));
        Reach {
            schedule: self,
            home,
            elsewhere: elsewhere.collect(),
            first,
            last,
        }
    }
}

/// What set the spans of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Rules,
    Override,
    Holiday,
    Unknown,
}

impl Source {
    /// Why a time outside the spans is not offered.
    pub(super) const fn reason(self) -> Reason {
        match self {
            Self::Rules => Reason::OutsideHours,
            Self::Override => Reason::Override,
            Self::Holiday => Reason::Holiday,
            Self::Unknown => Reason::Unknown,
        }
    }
}

/// A schedule's dates around a range of time, with the offsets of their zones looked up.
pub(super) struct Reach<'a> {
    schedule: &'a Schedule,
    home: Offsets,
    elsewhere: Vec<(Travel, Offsets)>,
    first: NaiveDate,
    last: NaiveDate,
}

impl Reach<'_> {
    /// The instants of the spans that can reach the range, by date, empty ones left out. The next
    /// one can start before the last one's end.
    pub(super) fn hours(&self) -> impl Iterator<Item = Interval> {
        let dates = self.first.iter_days();
        let dates = dates.take_while(|date| *date <= self.last);
        dates.flat_map(|date| {
            let offsets = self.offsets(date);
            let midnight = midnight(date);
            let instant = move |minutes: u16| offsets.instant(midnight + i64::from(minutes) * 60).0;
            let spans = self.schedule.spans_on(date).0.iter();
            spans.filter_map(move |span| {
                let hours = Interval::new(instant(span.start), instant(span.end));
                (!hours.is_empty()).then_some(hours)
            })
        })
    }

    /// What set the spans of the date on which `at` falls.
    pub(super) fn source(&self, at: i64) -> Source {
        let there = self.elsewhere.iter().map(|(travel, offsets)| {
            let date = offsets.date(at);
            (travel.first <= date && date <= travel.last).then_some(date)
        });
        let date = there.flatten().next().unwrap_or_else(|| self.home.date(at));
        self.schedule.spans_on(date).1
    }

    fn offsets(&self, date: NaiveDate) -> &Offsets {
        let there = self
            .elsewhere
            .iter()
            .find(|(travel, _)| travel.first <= date && date <= travel.last);
        there.map_or(&self.home, |(_, offsets)| offsets)
    }
}

#[cfg(test)]
mod tests;
