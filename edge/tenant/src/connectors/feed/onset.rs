//! Time zone definitions (RFC 5545 section 3.6.5): when each offset begins.

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use slotstead_shared::UnixSeconds;

use super::{recur::Budget, rule, time::Time, zone::Onsets, zone::Zone};

/// One STANDARD or DAYLIGHT part.
struct Observance {
    from: i32,
    to: i32,
    /// Wall times, seen with the offset `from`.
    walls: Vec<NaiveDateTime>,
}

/// The offsets of a definition up to `until`; `None` when any part of it cannot be read, since
/// half a definition is an hour off for half of the year.
pub(super) fn onsets(
    calendar: &ICalendar,
    zone: &ICalendarComponent,
    until: UnixSeconds,
    budget: &mut Budget,
) -> Option<Onsets> {
    let until = DateTime::from_timestamp(until, 0)?.naive_utc() + TimeDelta::days(2);
    let mut all = Vec::new();
    for id in &zone.component_ids {
        let part = calendar.components.get(usize::try_from(*id).ok()?)?;
        if matches!(
            part.component_type,
            ICalendarComponentType::Standard | ICalendarComponentType::Daylight
        ) {
            all.push(observance(part, until, budget)?);
        }
    }
    let mut onsets: Vec<(UnixSeconds, i32, i32)> = all
        .iter()
        .flat_map(|part| {
            part.walls.iter().map(|wall| {
                (
                    wall.and_utc().timestamp() - i64::from(part.from),
                    part.to,
                    part.from,
                )
            })
        })
        .collect();
    onsets.sort_unstable();
    let before = onsets.first()?.2;
    Some(Onsets {
        before,
        onsets: onsets.into_iter().map(|(at, to, _)| (at, to)).collect(),
    })
}

fn observance(
    part: &ICalendarComponent,
    until: NaiveDateTime,
    budget: &mut Budget,
) -> Option<Observance> {
    let (mut from, mut to, mut start) = (None, None, None);
    let mut rules = Vec::new();
    let mut walls = Vec::new();
    for entry in &part.entries {
        match (&entry.name, entry.values.as_slice()) {
            (ICalendarProperty::Tzoffsetfrom, [ICalendarValue::PartialDateTime(value)]) => {
                from = Some(offset(value.tz_hour?, value.tz_minute?, value.tz_minus)?);
            }
            (ICalendarProperty::Tzoffsetto, [ICalendarValue::PartialDateTime(value)]) => {
                to = Some(offset(value.tz_hour?, value.tz_minute?, value.tz_minus)?);
            }
            (ICalendarProperty::Dtstart, [ICalendarValue::PartialDateTime(value)]) => {
                start = Some(Time::from_parsed(value, &Zone::Unknown, true)?.wall);
            }
            (ICalendarProperty::Rrule, [ICalendarValue::RecurrenceRule(value)]) => {
                rules.push(value);
            }
            (ICalendarProperty::Rdate, values) => {
                for value in values {
                    let ICalendarValue::PartialDateTime(value) = value else {
                        return None;
                    };
                    walls.push(Time::from_parsed(value, &Zone::Unknown, true)?.wall);
                }
            }
            (
                ICalendarProperty::Tzoffsetfrom
                | ICalendarProperty::Tzoffsetto
                | ICalendarProperty::Dtstart
                | ICalendarProperty::Rrule,
                _,
            ) => return None,
            _ => {}
        }
    }
    let (from, to, start) = (from?, to?, start?);
    walls.push(start);
    for parsed in rules {
        let rule = rule::convert_onset(parsed, start, from)?;
        rule.expand(start, start, until, budget, &mut walls).ok()?;
    }
    Some(Observance { from, to, walls })
}

fn offset(hours: u8, minutes: u8, is_minus: bool) -> Option<i32> {
    let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
    (hours < 24 && minutes < 60).then_some(if is_minus { -seconds } else { seconds })
}
