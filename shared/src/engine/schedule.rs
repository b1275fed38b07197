//! When somebody works: weekly rules and date overrides in one zone, resolved date by date.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::offsets::{Offsets, midnight};
use crate::{
    Interval,
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

/// A schedule, ready to be asked for any date.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: Tz,
    weekly: [Vec<DaySpan>; 7],
    overrides: BTreeMap<NaiveDate, Vec<DaySpan>>,
}

impl Schedule {
    /// The schedule of these rules and overrides; `zone` is the parsed `input.zone`.
    #[must_use]
    pub fn new(zone: Tz, input: &ScheduleInput, overrides: &[DateOverride]) -> Self {
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
        let overrides = overrides
            .iter()
            .map(|date_override| {
                let mut spans: Vec<_> = date_override
                    .spans
                    .iter()
                    .copied()
                    .map(DaySpan::from)
                    .collect();
                spans.sort_unstable();
                (date_override.date.0, spans)
            })
            .collect();
        Self {
            zone,
            weekly,
            overrides,
        }
    }

    /// The zone of its wall times.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The wall-time spans that start on `date`, and whether an override set them.
    #[must_use]
    pub fn spans_on(&self, date: NaiveDate) -> (&[DaySpan], bool) {
        if let Some(spans) = self.overrides.get(&date) {
            return (spans, true);
        }
        let weekday = date.weekday().num_days_from_monday() as usize;
        (&self.weekly[weekday], false)
    }

    /// The instants of the spans that start on `date`, ascending, empty ones left out.
    pub(super) fn hours_on<'a>(
        &'a self,
        offsets: &'a Offsets,
        date: NaiveDate,
    ) -> impl Iterator<Item = Interval> + 'a {
        let midnight = midnight(date);
        let instant = move |minutes: u16| offsets.instant(midnight + i64::from(minutes) * 60).0;
        self.spans_on(date).0.iter().filter_map(move |span| {
            let hours = Interval::new(instant(span.start), instant(span.end));
            (!hours.is_empty()).then_some(hours)
        })
    }

    /// The zone's offsets for the spans that can reach an instant of `range`, and their dates:
    /// from the day before its first date (a span may cross midnight) to its last.
    pub(super) fn reaching(
        &self,
        range: Interval,
    ) -> (Offsets, impl Iterator<Item = NaiveDate> + use<>) {
        // The day before starts at most two days and a change before the range; a span of the
        // last day ends as long after it.
        const MARGIN: i64 = 3 * 24 * 3_600;
        let offsets = Offsets::around(self.zone, range, MARGIN);
        let (first, last) = (
            offsets.date(range.start),
            offsets.date(range.end.max(range.start)),
        );
        let dates = first.pred_opt().unwrap_or(first).iter_days();
        (offsets, dates.take_while(move |date| *date <= last))
    }
}
