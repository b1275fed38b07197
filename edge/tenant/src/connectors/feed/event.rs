//! One VEVENT: when it is, how long, how it repeats, and whether it takes time at all.

use calcard::icalendar::{
    ICalendarComponent, ICalendarPeriod, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarStatus, ICalendarTransparency, ICalendarValue,
};

use super::{
    error::FeedError,
    lines,
    recur::Rule,
    rule,
    time::{Span, Time},
    zone::{Zone, Zones, text_of},
};

/// The values of X-MICROSOFT-CDO-BUSYSTATUS that MS-OXCICAL (section 2.1.3.1.1.20.31) knows.
const OUTLOOK: [&str; 4] = ["FREE", "TENTATIVE", "BUSY", "OOF"];

/// What can be told of an event without reading its times.
pub(super) struct Header {
    /// The line on which it begins.
    pub line: u32,
    /// Groups an event with the changes of its occurrences. Never leaves the feed module.
    pub uid: Option<String>,
    /// Whether it takes time.
    pub is_busy: bool,
    /// Rises with each version of the event or of the changed occurrence (RFC 5545 section 3.8.7.4).
    pub sequence: i64,
    /// The occurrence of another event that it changes: zone and time, as written.
    pub changes: Option<(Option<String>, ICalendarValue)>,
    /// Whether it changes that occurrence and all later ones.
    pub is_range: bool,
}

/// An event's times.
pub(super) struct Event {
    pub line: u32,
    pub start: Time,
    /// One for each way in which it says when it ends, at least one. All of them count.
    pub lengths: Vec<Length>,
    pub rules: Vec<Rule>,
    pub more: Vec<(Time, Option<Length>)>,
    pub excluded: Vec<Time>,
    /// The occurrence that it changes.
    pub replaces: Option<Time>,
}

/// How long an occurrence lasts.
#[derive(Debug, Clone)]
pub(super) enum Length {
    /// As a DURATION says.
    Span(Span),
    /// Until a DTEND, which is so far after the start on the wall, and so many seconds later.
    Until {
        /// The end of the first occurrence.
        end: Time,
        /// Seconds between the two wall times.
        wall_seconds: i64,
    },
}

impl Length {
    /// More seconds than any occurrence of these lengths lasts, changes of the clock included.
    pub(super) fn at_most(lengths: &[Self]) -> i64 {
        let seconds = lengths.iter().map(Self::about_seconds);
        seconds.max().unwrap_or(0)
    }

    fn about_seconds(&self) -> i64 {
        const SLACK: i64 = 2 * 86_400;
        match self {
            Self::Span(span) => span
                .days
                .saturating_mul(86_400)
                .saturating_add(span.seconds),
            Self::Until { wall_seconds, .. } => wall_seconds.abs(),
        }
        .saturating_add(SLACK)
    }
}

impl Header {
    pub(super) fn of(component: &ICalendarComponent) -> Self {
        let changed = component
            .entries
            .iter()
            .find(|entry| entry.name == ICalendarProperty::RecurrenceId);
        Self {
            line: line_of(component),
            uid: text_of(component, &ICalendarProperty::Uid).map(str::to_owned),
            is_busy: is_busy(component),
            sequence: component
                .entries
                .iter()
                .find(|entry| entry.name == ICalendarProperty::Sequence)
                .map_or(0, |entry| match entry.values.first() {
                    Some(ICalendarValue::Integer(number)) => *number,
                    _ => 0,
                }),
            changes: changed.and_then(|entry| {
                let zone = entry.tz_id().map(str::to_owned);
                Some((zone, entry.values.first()?.clone()))
            }),
            is_range: changed.is_some_and(|entry| {
                entry
                    .parameters(&calcard::icalendar::ICalendarParameterName::Range)
                    .next()
                    .is_some()
            }),
        }
    }
}

/// The line on which a component begins.
pub(super) fn line_of(component: &ICalendarComponent) -> u32 {
    text_of(component, &ICalendarProperty::Other(lines::LINE.to_owned()))
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// Cancelled and transparent events take no time; every other one does, tentative ones too. One that
/// says so in one line and otherwise in another of the same name takes time.
///
/// Outlook's own property, where it has one of its known values, is more exact than TRANSP, also
/// where that is OPAQUE: Exchange writes both lines of one status, and where it publishes
/// availability only, every event is OPAQUE, those that are called "Free" too. MS-OXCICAL
/// (section 2.1.3.1.1.20.25) reads TRANSP only where its own property has no known value.
fn is_busy(component: &ICalendarComponent) -> bool {
    let values = |name: &ICalendarProperty| -> Vec<Option<&ICalendarValue>> {
        let entries = component.entries.iter();
        let named = entries.filter(|entry| entry.name == *name);
        named.map(|entry| entry.values.first()).collect()
    };
    let all_are = |values: &[Option<&ICalendarValue>], free: &ICalendarValue| {
        !values.is_empty() && values.iter().all(|value| *value == Some(free))
    };
    let cancelled = ICalendarValue::Status(ICalendarStatus::Cancelled);
    if all_are(&values(&ICalendarProperty::Status), &cancelled) {
        return false;
    }
    let outlook = ICalendarProperty::Other("X-MICROSOFT-CDO-BUSYSTATUS".to_owned());
    let outlook: Vec<String> = values(&outlook)
        .into_iter()
        .filter_map(|value| Some(value?.as_text()?.to_ascii_uppercase()))
        .collect();
    if outlook.iter().any(|status| OUTLOOK.contains(&&**status)) {
        return outlook.iter().any(|status| status != "FREE");
    }
    let transparent = ICalendarValue::Transparency(ICalendarTransparency::Transparent);
    !all_are(&values(&ICalendarProperty::Transp), &transparent)
}

impl Event {
    /// Reads the times of an event. With `local`, a start in UTC is taken for one in that zone.
    pub(super) fn read(
        component: &ICalendarComponent,
        is_busy: bool,
        zones: &mut Zones,
        local: Option<&Zone>,
    ) -> Result<Self, FeedError> {
        let line = line_of(component);
        let mut read = Parts::default();
        for entry in &component.entries {
            let mut times = |property| Time::all_of(entry, zones, line, property);
            match &entry.name {
                ICalendarProperty::Dtstart => read.start = times("DTSTART")?.pop(),
                ICalendarProperty::Dtend => read.ends.extend(times("DTEND")?),
                ICalendarProperty::RecurrenceId => read.replaces = times("RECURRENCE-ID")?.pop(),
                ICalendarProperty::Exdate => read.excluded.extend(times("EXDATE")?),
                ICalendarProperty::Rdate => read.more.extend(more(entry, zones, line)?),
                ICalendarProperty::Duration => match entry.values.as_slice() {
                    [ICalendarValue::Duration(value)] => read.spans.push(Span::from_parsed(value)),
                    _ => {
                        return Err(FeedError::Value {
                            line,
                            property: "DURATION",
                        });
                    }
                },
                ICalendarProperty::Rrule => match entry.values.as_slice() {
                    [ICalendarValue::RecurrenceRule(rule)] => read.rules.push(rule),
                    _ => {
                        return Err(FeedError::Value {
                            line,
                            property: "RRULE",
                        });
                    }
                },
                _ => {}
            }
        }
        if !is_busy {
            // A cancelled occurrence may be named by its RECURRENCE-ID alone.
            read.start = read.start.or_else(|| read.replaces.clone());
        }
        if let Some(local) = local {
            read.start = read.start.map(|start| start.seen_in(local));
            let ends = read.ends.into_iter();
            read.ends = ends.map(|end| end.seen_in(local)).collect();
        }
        read.finish(line)
    }
}

impl Event {
    /// Whether it repeats at times that are written in UTC.
    pub(super) fn repeats_in_utc(&self) -> bool {
        !self.rules.is_empty() && !self.start.is_date && self.start.zone.is_utc()
    }
}

#[derive(Default)]
struct Parts<'a> {
    start: Option<Time>,
    ends: Vec<Time>,
    spans: Vec<Span>,
    rules: Vec<&'a ICalendarRecurrenceRule>,
    more: Vec<(Time, Option<Length>)>,
    excluded: Vec<Time>,
    replaces: Option<Time>,
}

impl Parts<'_> {
    fn finish(self, line: u32) -> Result<Event, FeedError> {
        let start = self.start.ok_or(FeedError::NoStart { line })?;
        let rules = self
            .rules
            .into_iter()
            .map(|parsed| rule::convert(parsed, &start))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|what| FeedError::Unsupported { line, what })?;
        if self
            .more
            .iter()
            .any(|(time, _)| time.is_date != start.is_date)
        {
            return Err(FeedError::Value {
                line,
                property: "RDATE",
            });
        }
        // A DTEND with a DURATION of nothing is common; of two ends programs believe either.
        let ends = self.ends.into_iter();
        let mut lengths = ends
            .map(|end| until(&start, end, line))
            .collect::<Result<Vec<_>, _>>()?;
        lengths.extend(self.spans.into_iter().map(Length::Span));
        if lengths.is_empty() {
            // RFC 5545 section 3.6.1: a date alone lasts one day, a time alone no time at all.
            lengths.push(Length::Span(Span {
                days: i64::from(start.is_date),
                seconds: 0,
            }));
        }
        Ok(Event {
            line,
            start,
            lengths,
            rules,
            more: self.more,
            excluded: self.excluded,
            replaces: self.replaces,
        })
    }
}

/// The length up to a DTEND. An all-day event that ends on its first day, as some programs
/// write it, lasts that day.
fn until(start: &Time, end: Time, line: u32) -> Result<Length, FeedError> {
    let wall_seconds = (end.wall - start.wall).num_seconds();
    if start.is_date != end.is_date || (start.is_date && wall_seconds < 0) {
        return Err(FeedError::Value {
            line,
            property: "DTEND",
        });
    }
    Ok(if start.is_date && wall_seconds == 0 {
        Length::Span(Span {
            days: 1,
            seconds: 0,
        })
    } else {
        Length::Until { end, wall_seconds }
    })
}

/// RDATE: times of the event's own length, or periods that bring theirs.
fn more(
    entry: &calcard::icalendar::ICalendarEntry,
    zones: &mut Zones,
    line: u32,
) -> Result<Vec<(Time, Option<Length>)>, FeedError> {
    if !matches!(entry.values.first(), Some(ICalendarValue::Period(_))) {
        let times = Time::all_of(entry, zones, line, "RDATE")?;
        return Ok(times.into_iter().map(|time| (time, None)).collect());
    }
    let bad = FeedError::Value {
        line,
        property: "RDATE",
    };
    let (zone, is_floating) = zones.of(entry);
    entry
        .values
        .iter()
        .map(|value| match value {
            ICalendarValue::Period(value) => {
                let (start, length) = period(value, &zone, is_floating).ok_or(bad.clone())?;
                Ok((start, Some(length)))
            }
            _ => Err(bad.clone()),
        })
        .collect()
}

/// A PERIOD whose zone is `zone` unless it is in UTC; `is_floating` when nobody named it.
pub(super) fn period(
    value: &ICalendarPeriod,
    zone: &Zone,
    is_floating: bool,
) -> Option<(Time, Length)> {
    let time = |parsed| Time::from_parsed(parsed, zone, is_floating);
    Some(match value {
        ICalendarPeriod::Range { start, end } => {
            let start = time(start)?;
            let end = time(end)?;
            let wall_seconds = (end.wall - start.wall).num_seconds();
            (start, Length::Until { end, wall_seconds })
        }
        ICalendarPeriod::Duration { start, duration } => {
            (time(start)?, Length::Span(Span::from_parsed(duration)))
        }
    })
}
