//! Schedules and their date overrides.

use std::collections::BTreeSet;

use slotstead_shared::{
    Date,
    engine::{DaySpan, Holidays, UnknownHolidays},
    ids::ScheduleId,
    limits::{
        OVERRIDE_SPANS, SCHEDULE_OVERRIDES, SCHEDULE_RULES, SCHEDULE_STAYS, SCHEDULES, STAY_DAYS,
        STAY_ZONES,
    },
    wire::{
        DateOverride, HolidayCalendar, OverrideInput, OverridesInput, Schedule, ScheduleInput,
        Span, Stay, Weekday,
    },
};

use super::{conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tables::corrupt,
    tenant::{Context, check::Check},
};

pub fn list(cx: &Context<'_>) -> Answer {
    Ok(Reply::Schedules(cx.store.schedules()?))
}

pub fn put(cx: &Context<'_>, id: &ScheduleId, input: &ScheduleInput) -> Answer {
    let mut check = Check::default();
    let zone = check.zone("zone", &input.zone);
    check.at_most("rules", input.rules.len(), SCHEDULE_RULES, "rules");
    for weekday in Weekday::ALL {
        let spans = input
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.weekday == weekday);
        let spans = spans.map(|(at, rule)| {
            (
                at,
                Span {
                    start: rule.start,
                    end: rule.end,
                },
            )
        });
        check_spans(&mut check, "rules", spans);
    }
    check_holidays(&mut check, input.holidays.as_ref());
    let travel = check_travel(&mut check, &input.travel);
    check.finish()?;
    let known = cx.store.schedule(id)?;
    if known.is_none() {
        room_for_one_more(cx.store.schedules()?.len(), SCHEDULES, "schedules")?;
    }
    let input = ScheduleInput {
        zone: zone.name().to_owned(),
        travel,
        ..input.clone()
    };
    let schedule = Schedule {
        id: id.clone(),
        input,
    };
    cx.store.put_schedule(&schedule)?;
    // By other clocks the hosts' calendars say something else: read them again soon.
    let clocks = (&schedule.input.zone, &schedule.input.travel);
    if known.is_some_and(|known| (&known.input.zone, &known.input.travel) != clocks) {
        cx.store.hasten_fetches_of_schedule(id, cx.now)?;
    }
    Ok(Reply::Schedule(schedule))
}

fn check_holidays(check: &mut Check, holidays: Option<&HolidayCalendar>) {
    let Some(of) = holidays else { return };
    match Holidays::find(&of.country, of.region.as_deref()) {
        Ok(_) => {}
        Err(UnknownHolidays::Country) => check.wrong(
            "holidays.country",
            "This is not a country whose holidays are known, by two letters such as NO",
        ),
        Err(UnknownHolidays::Region) => check.wrong(
            "holidays.region",
            "This is not a region of the country whose holidays are known, such as BY of DE",
        ),
    }
}

/// Names what is wrong with the stays; returns them with their zones' own names, by date.
fn check_travel(check: &mut Check, travel: &[Stay]) -> Vec<Stay> {
    check.at_most("travel", travel.len(), SCHEDULE_STAYS, "stays");
    let mut stays: Vec<(usize, Stay)> = Vec::new();
    let mut days = 0;
    for (at, stay) in travel.iter().enumerate() {
        let zone = check.zone(&format!("travel[{at}].zone"), &stay.zone);
        let length = (stay.last.0 - stay.first.0).num_days() + 1;
        if length < 1 {
            let detail = "The last date of a stay must not be before its first";
            check.wrong(format!("travel[{at}].last"), detail);
        }
        days += length.max(0);
        let zone = zone.name().to_owned();
        stays.push((
            at,
            Stay {
                zone,
                ..stay.clone()
            },
        ));
    }
    stays.sort_by_key(|(_, stay)| stay.first);
    for pair in stays.windows(2) {
        if pair[1].1.first <= pair[0].1.last {
            let detail = "This overlaps another stay";
            check.wrong(format!("travel[{}].first", pair[1].0), detail);
        }
    }
    if days > STAY_DAYS {
        check.wrong(
            "travel",
            format!("These are {days} days; {STAY_DAYS} are the most"),
        );
    }
    let zones: BTreeSet<&String> = stays.iter().map(|(_, stay)| &stay.zone).collect();
    check.at_most("travel", zones.len(), STAY_ZONES, "zones");
    stays.into_iter().map(|(_, stay)| stay).collect()
}

/// Names the spans of one day that begin at its very end or overlap an earlier one.
fn check_spans(check: &mut Check, list: &str, spans: impl Iterator<Item = (usize, Span)>) {
    let mut spans: Vec<(DaySpan, usize)> =
        spans.map(|(at, span)| (DaySpan::from(span), at)).collect();
    spans.sort_unstable();
    let mut reached = 0;
    for (span, at) in spans {
        if span.start >= 1_440 {
            check.wrong(format!("{list}[{at}].start"), "A span starts before 24:00");
        }
        if span.start < reached {
            check.wrong(
                format!("{list}[{at}].start"),
                "This overlaps another span of the day",
            );
        }
        reached = reached.max(span.end);
    }
}

pub fn delete(cx: &Context<'_>, id: &ScheduleId) -> Answer {
    find(cx, id)?;
    if cx
        .store
        .hosts()?
        .iter()
        .any(|host| host.input.schedule == *id)
    {
        return Err(conflict(
            "A host still has this schedule. Give the host another one first.",
        ));
    }
    if cx
        .store
        .resources()?
        .iter()
        .any(|resource| resource.input.schedule.as_ref() == Some(id))
    {
        return Err(conflict(
            "A resource still has this schedule. Give the resource another one first.",
        ));
    }
    cx.store.delete_schedule(id)?;
    Ok(Reply::Done)
}

fn find(cx: &Context<'_>, id: &ScheduleId) -> Result<Schedule, Refusal> {
    cx.store
        .schedule(id)?
        .ok_or_else(|| Refusal::not_found("schedule"))
}

pub fn list_overrides(cx: &Context<'_>, id: &ScheduleId) -> Answer {
    find(cx, id)?;
    Ok(Reply::Overrides(cx.store.overrides(id)?))
}

pub fn put_override(
    cx: &Context<'_>,
    id: &ScheduleId,
    date: Date,
    input: &OverrideInput,
) -> Answer {
    let mut written = write_overrides(cx, id, &[date], &input.spans)?;
    let value = written.pop().ok_or_else(corrupt)?;
    Ok(Reply::Override(value))
}

/// The same spans for several dates.
pub fn put_overrides(cx: &Context<'_>, id: &ScheduleId, input: &OverridesInput) -> Answer {
    let mut check = Check::default();
    let mut seen = BTreeSet::new();
    for (at, date) in input.dates.iter().enumerate() {
        if !seen.insert(date) {
            check.wrong(format!("dates[{at}]"), "This date is here twice");
        }
    }
    if input.dates.is_empty() {
        check.wrong("dates", "There is no date here");
    }
    check.at_most("dates", input.dates.len(), SCHEDULE_OVERRIDES, "dates");
    check.finish()?;
    write_overrides(cx, id, &input.dates, &input.spans).map(Reply::Overrides)
}

fn write_overrides(
    cx: &Context<'_>,
    id: &ScheduleId,
    dates: &[Date],
    spans: &[Span],
) -> Result<Vec<DateOverride>, Refusal> {
    find(cx, id)?;
    let mut check = Check::default();
    check.at_most("spans", spans.len(), OVERRIDE_SPANS, "spans");
    check_spans(&mut check, "spans", spans.iter().copied().enumerate());
    check.finish()?;
    let mut known: BTreeSet<Date> = BTreeSet::new();
    known.extend(cx.store.overrides(id)?.iter().map(|known| known.date));
    let mut written = Vec::new();
    for date in dates {
        if known.insert(*date) {
            let others = known.len() - 1;
            room_for_one_more(others, SCHEDULE_OVERRIDES, "overrides of this schedule")?;
        }
        let value = DateOverride {
            date: *date,
            spans: spans.to_vec(),
        };
        cx.store.put_override(id, &value)?;
        written.push(value);
    }
    Ok(written)
}

pub fn delete_override(cx: &Context<'_>, id: &ScheduleId, date: Date) -> Answer {
    find(cx, id)?;
    if !cx
        .store
        .overrides(id)?
        .iter()
        .any(|known| known.date == date)
    {
        return Err(Refusal::not_found("override"));
    }
    cx.store.delete_override(id, date)?;
    Ok(Reply::Done)
}
