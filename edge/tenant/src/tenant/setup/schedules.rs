//! Schedules and their date overrides.

use slotstead_shared::{
    Date,
    engine::DaySpan,
    ids::ScheduleId,
    limits::{OVERRIDE_SPANS, SCHEDULE_OVERRIDES, SCHEDULE_RULES, SCHEDULES},
    wire::{DateOverride, OverrideInput, Schedule, ScheduleInput, Span, Weekday},
};

use super::{conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
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
    check.finish()?;
    let known = cx.store.schedule(id)?;
    if known.is_none() {
        room_for_one_more(cx.store.schedules()?.len(), SCHEDULES, "schedules")?;
    }
    let input = ScheduleInput {
        zone: zone.name().to_owned(),
        rules: input.rules.clone(),
    };
    let schedule = Schedule {
        id: id.clone(),
        input,
    };
    cx.store.put_schedule(&schedule)?;
    // In another zone the hosts' calendars say something else: read them again soon.
    if known.is_some_and(|known| known.input.zone != schedule.input.zone) {
        cx.store.hasten_fetches_of_schedule(id, cx.now)?;
    }
    Ok(Reply::Schedule(schedule))
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
    find(cx, id)?;
    let mut check = Check::default();
    check.at_most("spans", input.spans.len(), OVERRIDE_SPANS, "spans");
    check_spans(&mut check, "spans", input.spans.iter().copied().enumerate());
    check.finish()?;
    let overrides = cx.store.overrides(id)?;
    if !overrides.iter().any(|known| known.date == date) {
        room_for_one_more(
            overrides.len(),
            SCHEDULE_OVERRIDES,
            "overrides of this schedule",
        )?;
    }
    let value = DateOverride {
        date,
        spans: input.spans.clone(),
    };
    cx.store.put_override(id, &value)?;
    Ok(Reply::Override(value))
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
