//! A question of [`crate::brute`] in the engine's words.

use chrono::NaiveDate;
use slotstead_shared::{
    Date, WallTime,
    engine::{Availability, Policy, Schedule, Team, Window, closed, parse_zone},
    wire::{
        self, AvailabilityRule, DateOverride, HolidayCalendar, ScheduleInput, Weekday, WindowDays,
    },
};

use crate::brute::{Limits, One, Plan, Span, TeamQuestion, Terms};

pub fn policy(terms: Terms) -> Policy {
    let counts = if terms.business {
        WindowDays::Business
    } else {
        WindowDays::Calendar
    };
    let dates = terms.dates;
    Policy {
        duration: terms.duration,
        step: terms.step,
        offset: terms.offset,
        buffer_before: terms.buffer_before,
        buffer_after: terms.buffer_after,
        minimum_notice: terms.minimum_notice,
        window: Window {
            days: terms.window_days,
            counts,
            dates: dates.map(|(first, last)| (naive(first), naive(last))),
        },
    }
}

pub fn schedule(plan: &Plan<'_>) -> Schedule {
    let rules = Weekday::ALL
        .into_iter()
        .zip(&plan.weekly)
        .flat_map(|(weekday, spans)| spans.iter().map(move |span| (weekday, *span)))
        .map(|(weekday, (start, end))| AvailabilityRule {
            weekday,
            start: wall(start),
            end: wall(end),
        });
    let span = |(start, end): &Span| wire::Span {
        start: wall(*start),
        end: wall(*end),
    };
    let overrides = plan.overrides.iter().map(|(date, spans)| DateOverride {
        date: Date(naive(*date)),
        spans: spans.iter().map(span).collect(),
    });
    let stays = plan.stays.iter().map(|stay| wire::Stay {
        first: Date(naive(stay.first)),
        last: Date(naive(stay.last)),
        zone: stay.zone.name.clone(),
    });
    let input = ScheduleInput {
        zone: plan.zone.name.clone(),
        rules: rules.collect(),
        holidays: plan.holidays.map(|_| HolidayCalendar {
            country: "NO".to_owned(),
            region: None,
        }),
        travel: stays.collect(),
    };
    let overrides: Vec<_> = overrides.collect();
    Schedule::new(&input, &overrides).expect("all listed zones are known")
}

pub fn availability<'a>(
    one: &'a One<'_>,
    schedule: &'a Schedule,
    terms: Terms,
    now: i64,
) -> Availability<'a> {
    Availability::new(
        schedule,
        policy(terms),
        now,
        one.known_until,
        &one.claims,
        no_more(&one.limits, terms),
    )
}

/// The schedules of a team, in the order in which [`team`] wants them.
pub fn schedules(question: &TeamQuestion<'_>) -> Vec<Schedule> {
    let all = question.hosts.iter().chain(question.needs.iter().flatten());
    all.map(|one| schedule(&one.plan)).collect()
}

pub fn team<'a>(question: &'a TeamQuestion<'_>, schedules: &'a [Schedule]) -> Team<'a> {
    let mut schedules = schedules.iter();
    let mut ready = |one: &'a One<'_>| {
        let schedule = schedules.next().expect("one for each");
        availability(one, schedule, question.terms, question.now)
    };
    let hosts = question.hosts.iter().map(&mut ready).collect();
    let needs = question.needs.iter();
    let needs = needs.map(|need| need.iter().map(&mut ready).collect());
    Team::new(
        hosts,
        question.together,
        needs.collect(),
        no_more(&question.limits, question.terms),
    )
}

fn no_more(limits: &Limits<'_>, terms: Terms) -> Vec<slotstead_shared::Interval> {
    let zone = parse_zone(&limits.zone.name).expect("all listed zones are known");
    closed(zone, &limits.list, &limits.taken, terms.duration)
}

fn wall(minutes: i64) -> WallTime {
    // The end of a span over midnight is a time of the next day.
    let minutes = if minutes > 1_440 {
        minutes - 1_440
    } else {
        minutes
    };
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
        .parse()
        .expect("a wall time")
}

fn naive(date: i64) -> NaiveDate {
    let days = i32::try_from(date).expect("near");
    NaiveDate::from_epoch_days(days).expect("a date")
}
