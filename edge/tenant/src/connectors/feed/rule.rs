//! Recurrence rules as the parser hands them over, made fit for [`super::recur`].
//!
//! A rule that engines read in different ways is widened to all their readings, so that none
//! of them finds busy time free here. Where widening cannot be right (a count or a position
//! counts other things then) the rule is refused.

use calcard::icalendar::{ICalendarFrequency, ICalendarRecurrenceRule};
use chrono::{NaiveDateTime, TimeDelta};

use super::{
    recur::{Frequency, Rule},
    time::Time,
    zone::Zone,
};

/// Why a rule is not expanded, in words that fit "The event … uses {0}".
pub(super) type Unsupported = &'static str;

const MIXED: Unsupported = "a repeat rule with parts that exclude each other";
const SEVERAL_READINGS: Unsupported = "a repeat rule that calendars read in different ways";

/// The rule for occurrences that start like `start`.
pub(super) fn convert(rule: &ICalendarRecurrenceRule, start: &Time) -> Result<Rule, Unsupported> {
    let frequency = frequency_of(rule.freq);
    let last = match &rule.until {
        Some(until) => Some(last_wall(
            &Time::from_parsed(until, &start.zone, true).ok_or(MIXED)?,
            start,
        )),
        None => None,
    };
    let mut converted = Rule {
        frequency,
        interval: rule.interval.unwrap_or(1).into(),
        count: rule.count,
        last,
        by_month: rule
            .bymonth
            .iter()
            .map(|month| month.month().into())
            .collect(),
        by_week: rule.byweekno.iter().map(|week| (*week).into()).collect(),
        by_year_day: rule.byyearday.iter().map(|day| (*day).into()).collect(),
        by_month_day: rule.bymonthday.iter().map(|day| (*day).into()).collect(),
        by_day: rule
            .byday
            .iter()
            .map(|day| (day.ordwk.unwrap_or(0).into(), day.weekday.into()))
            .collect(),
        by_hour: rule.byhour.iter().map(|hour| (*hour).into()).collect(),
        by_minute: rule
            .byminute
            .iter()
            .map(|minute| (*minute).into())
            .collect(),
        by_second: rule
            .bysecond
            .iter()
            .map(|second| (*second).into())
            .collect(),
        by_position: rule
            .bysetpos
            .iter()
            .map(|position| (*position).into())
            .collect(),
        week_start: rule.wkst.map_or(chrono::Weekday::Mon, Into::into),
    };
    // A line may name one day a million times, and each step of the expansion looks at all of them.
    distinct(&mut converted.by_month);
    distinct(&mut converted.by_week);
    distinct(&mut converted.by_year_day);
    distinct(&mut converted.by_month_day);
    distinct(&mut converted.by_hour);
    distinct(&mut converted.by_minute);
    distinct(&mut converted.by_second);
    distinct(&mut converted.by_position);
    let by_number =
        |(ordinal, day): &(i64, chrono::Weekday)| (day.num_days_from_monday(), *ordinal);
    converted.by_day.sort_unstable_by_key(by_number);
    converted.by_day.dedup();
    check(&converted)?;
    Ok(converted)
}

fn distinct<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// What RFC 5545 section 3.3.10 forbids, and what it leaves open.
fn check(rule: &Rule) -> Result<(), Unsupported> {
    let yearly = rule.frequency == Frequency::Yearly;
    let has_ordinal = rule.by_day.iter().any(|(ordinal, _)| *ordinal != 0);
    let is_finer = rule.frequency > Frequency::Daily;
    let mixed = (has_ordinal && !yearly && rule.frequency != Frequency::Monthly)
        || (has_ordinal && !rule.by_week.is_empty())
        || (!rule.by_week.is_empty() && !yearly)
        || (!rule.by_month_day.is_empty() && rule.frequency == Frequency::Weekly)
        || (!rule.by_year_day.is_empty() && !yearly && !is_finer)
        || (!rule.by_position.is_empty() && !names_anything(rule))
        || (rule.count.is_some() && rule.last.is_some());
    if mixed {
        return Err(MIXED);
    }
    // `BYWEEKNO` alone: the whole week, or the weekday of the start? `BYMONTHDAY` alone: in every
    // month, or in the month of the start? The expansion takes the larger set of each.
    let days_open = yearly
        && rule.by_day.is_empty()
        && rule.by_year_day.is_empty()
        && !rule.by_week.is_empty()
        && rule.by_month_day.is_empty();
    let month_open = yearly
        && !rule.by_month_day.is_empty()
        && rule.by_month.is_empty()
        && rule.by_year_day.is_empty()
        && rule.by_week.is_empty();
    if (days_open || month_open) && (rule.count.is_some() || !rule.by_position.is_empty()) {
        return Err(SEVERAL_READINGS);
    }
    Ok(())
}

fn names_anything(rule: &Rule) -> bool {
    !(rule.by_month.is_empty()
        && rule.by_week.is_empty()
        && rule.by_year_day.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_day.is_empty()
        && rule.by_hour.is_empty()
        && rule.by_minute.is_empty()
        && rule.by_second.is_empty())
}

/// UNTIL as the last wall time in the start's zone. A date means all of that day; where the
/// value types of start and UNTIL differ, the later reading counts.
fn last_wall(until: &Time, start: &Time) -> NaiveDateTime {
    let wall = if until.is_date || until.is_floating {
        until.wall
    } else {
        let instant = until.wall.and_utc().timestamp();
        // In a zone that is not known the last occurrence may be 14 hours later on the wall.
        start
            .zone
            .wall_at(instant)
            .unwrap_or(until.wall + TimeDelta::hours(14))
    };
    if until.is_date || start.is_date {
        let last_second = TimeDelta::seconds(86_399);
        wall.max(until.wall).date().and_time(chrono::NaiveTime::MIN) + last_second
    } else {
        wall
    }
}

const fn frequency_of(frequency: ICalendarFrequency) -> Frequency {
    match frequency {
        ICalendarFrequency::Yearly => Frequency::Yearly,
        ICalendarFrequency::Monthly => Frequency::Monthly,
        ICalendarFrequency::Weekly => Frequency::Weekly,
        ICalendarFrequency::Daily => Frequency::Daily,
        ICalendarFrequency::Hourly => Frequency::Hourly,
        ICalendarFrequency::Minutely => Frequency::Minutely,
        ICalendarFrequency::Secondly => Frequency::Secondly,
    }
}

/// A rule in UTC, for time zone definitions.
pub(super) fn convert_onset(
    rule: &ICalendarRecurrenceRule,
    start: NaiveDateTime,
    offset: i32,
) -> Option<Rule> {
    let start = Time {
        wall: start,
        is_date: false,
        is_floating: false,
        zone: Zone::fixed(offset),
    };
    convert(rule, &start).ok()
}
