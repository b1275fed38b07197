//! Schedules, policies and claims for the engine's tests, in few words.

use super::{Availability, Claim, ClaimKind, Policy, Schedule, Share, Window, date_start, stamp};
use crate::{
    Interval, Stamp, UnixSeconds,
    wire::{AvailabilityRule, DateOverride, ScheduleInput, Span, Stay, Weekday, WindowDays},
};

/// Seconds.
pub const DAY: i64 = 86_400;

/// The instant of a stamp.
pub fn utc(text: &str) -> UnixSeconds {
    text.parse::<Stamp>().unwrap().unix_seconds()
}

/// `09:00-17:00`.
pub fn span(text: &str) -> Span {
    let (start, end) = text.split_once('-').unwrap();
    Span {
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    }
}

/// `spans` on every day, in `zone`.
pub fn daily(zone: &str, spans: &[&str], overrides: &[(&str, &[&str])]) -> Schedule {
    Schedule::new(&input(zone, spans), &of_dates(overrides)).unwrap()
}

/// The same, but on the dates of stays: first, last, zone.
pub fn travelling(
    zone: &str,
    spans: &[&str],
    overrides: &[(&str, &[&str])],
    stays: &[(&str, &str, &str)],
) -> Schedule {
    let mut input = input(zone, spans);
    let stays = stays.iter().map(|(first, last, zone)| Stay {
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
        zone: (*zone).to_owned(),
    });
    input.travel = stays.collect();
    Schedule::new(&input, &of_dates(overrides)).unwrap()
}

/// The input of [`daily`].
pub fn input(zone: &str, spans: &[&str]) -> ScheduleInput {
    let rule = |weekday, text| {
        let Span { start, end } = span(text);
        AvailabilityRule {
            weekday,
            start,
            end,
        }
    };
    let rules = Weekday::ALL
        .into_iter()
        .flat_map(|weekday| spans.iter().map(move |text| rule(weekday, text)));
    ScheduleInput {
        zone: zone.to_owned(),
        rules: rules.collect(),
        holidays: None,
        travel: Vec::new(),
    }
}

fn of_dates(overrides: &[(&str, &[&str])]) -> Vec<DateOverride> {
    let overrides = overrides.iter().map(|(date, spans)| DateOverride {
        date: date.parse().unwrap(),
        spans: spans.iter().map(|text| span(text)).collect(),
    });
    overrides.collect()
}

/// A policy of so many minutes, open for 60 days.
pub fn policy(duration: i64, step: i64) -> Policy {
    Policy {
        duration: duration * 60,
        step: step * 60,
        buffer_before: 0,
        buffer_after: 0,
        minimum_notice: 0,
        offset: 0,
        window: Window {
            days: 60,
            counts: WindowDays::Calendar,
            dates: None,
        },
    }
}

/// A busy block.
pub fn busy(start: &str, end: &str) -> Claim {
    let core = Interval::new(utc(start), utc(end));
    Claim {
        kind: ClaimKind::Busy,
        share: Share::Apart,
        core,
        padded: core,
    }
}

/// The wall times of the slots of one date of the schedule's zone.
pub fn walls(
    schedule: &Schedule,
    policy: Policy,
    now: &str,
    date: &str,
    claims: &[Claim],
) -> Vec<String> {
    let zone = schedule.zone();
    let start = date_start(zone, date.parse::<crate::Date>().unwrap().0);
    Availability::new(schedule, policy, utc(now), i64::MAX, claims, Vec::new())
        .offer(Interval::new(start, start + DAY))
        .into_iter()
        .map(|at| stamp(zone, at).unwrap().to_string()[11..].to_owned())
        .collect()
}

/// A booking without buffers.
pub fn booked(start: &str, end: &str) -> Claim {
    Claim {
        kind: ClaimKind::Booking,
        ..busy(start, end)
    }
}
