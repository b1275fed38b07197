//! The engine against the minute-by-minute search of [`crate::brute`], on random
//! schedules, services, claims and zones.
//!
//! `SLOTSTEAD_ORACLE_CASES=100000` asks for more cases, `SLOTSTEAD_ORACLE_SEED` for others.

use slotstead_shared::{
    Date, Interval, Reason, UnixSeconds, WallTime,
    engine::{Availability, Claim, ClaimKind, Policy, Schedule, Share, Window},
    wire::{self, AvailabilityRule, DateOverride, ScheduleInput, Weekday, WindowDays},
};

use crate::{
    brute::{Question, Span},
    offsets::{self, Offsets},
    random::Random,
};

const CASES: u64 = 300;
const SEED: u64 = 20_270_328;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Zones with changes of their own kind; half of the cases are theirs.
const ODD_ZONES: [&str; 16] = [
    "Europe/Oslo",
    "America/New_York",
    "Australia/Lord_Howe", // half an hour
    "Asia/Kathmandu",      // 5:45
    "Pacific/Apia",
    "Pacific/Chatham", // 12:45, changes at 2:45
    "Asia/Beirut",     // changes at midnight
    "Africa/Cairo",    // changes at midnight
    "Africa/Casablanca",
    "America/Vancouver", // 2026: no more changes
    "America/Havana",    // changes at midnight
    "America/Nuuk",      // changes on Saturday evening
    "America/Scoresbysund",
    "Antarctica/Troll", // two hours
    "Atlantic/Azores",
    "America/St_Johns",
];

/// A number from the environment, or the default.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")),
        Err(_) => default,
    }
}

#[test]
fn the_engine_agrees_with_a_search_minute_by_minute() {
    let seed = setting("SLOTSTEAD_ORACLE_SEED", SEED);
    let cases = setting("SLOTSTEAD_ORACLE_CASES", CASES);
    println!("seeds {seed} to {}", seed + cases - 1);
    let zones = offsets::all();
    let mut met = std::collections::BTreeMap::new();
    for seed in seed..seed + cases {
        for reason in check(seed, &zones) {
            *met.entry(reason).or_insert(0_u64) += 1;
        }
    }
    println!("verdicts: {met:?}");
    // A generator that never reaches a verdict would prove nothing about it.
    assert_eq!(
        met.len(),
        12,
        "every reason and 'bookable' are met: {met:?}"
    );
}

/// Compares one case; gives the verdicts met.
fn check(seed: u64, zones: &[Offsets]) -> Vec<Option<Reason>> {
    let (question, range) = question(&mut Random::new(seed), zones);
    let schedule = schedule(&question);
    let host = Availability::new(
        &schedule,
        question.policy,
        question.now,
        question.known_until,
        &question.claims,
        Vec::new(),
    );
    let zone = &question.offsets.name;
    let answers = question.answers(range);
    for (minute, answer) in &answers {
        assert_eq!(
            host.judge(*minute),
            *answer,
            "seed {seed}, {zone}, judge {minute}"
        );
    }
    let bookable: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.is_ok())
        .map(|(minute, _)| *minute)
        .collect();
    assert_eq!(
        host.offer(range),
        bookable,
        "seed {seed}, {zone}, offer {range:?}"
    );

    // A part of the range, not on whole minutes, gives the part of the answer.
    let part = Interval::new(range.start + 7 * HOUR + 1, range.end - 5 * HOUR - 59);
    let inside = |minute: &UnixSeconds| part.start <= *minute && *minute < part.end;
    let part_of: Vec<_> = bookable.iter().copied().filter(inside).collect();
    assert_eq!(
        host.offer(part),
        part_of,
        "seed {seed}, {zone}, offer {part:?}"
    );
    for minute in bookable {
        assert_ne!(
            host.judge(minute + 1),
            Ok(()),
            "seed {seed}, {zone}, judge {minute} + 1 s"
        );
    }
    answers
        .into_iter()
        .map(|(_, answer)| answer.err())
        .collect()
}

fn question<'a>(random: &mut Random, zones: &'a [Offsets]) -> (Question<'a>, Interval) {
    let odd = random.one_of(&ODD_ZONES);
    let any = usize::try_from(random.within(0, 598)).expect("not negative");
    let offsets = if random.one_in(2) {
        zones
            .iter()
            .find(|zone| zone.name == odd)
            .expect("all are listed")
    } else {
        &zones[any]
    };
    // Around a change of the zone's clocks, if it has one.
    let changes: Vec<_> = offsets.pairs.iter().map(|pair| pair.0).skip(1).collect();
    let middle = if changes.is_empty() || random.one_in(8) {
        random.within(offsets::START + 60 * DAY, offsets::END - 60 * DAY)
    } else {
        let change = random.one_of(&changes);
        change.clamp(offsets::START + 60 * DAY, offsets::END - 60 * DAY)
    };
    let start = (middle - random.within(4 * HOUR, 3 * DAY)).div_euclid(60) * 60;
    let range = Interval::new(start, start + random.within(20, 80) * HOUR);
    let policy = policy(random);
    let now = match random.within(0, 4) {
        0 => start + random.within(0, DAY),
        1 => start - policy.minimum_notice + random.within(0, DAY),
        2 => start - i64::from(policy.window.days) * DAY,
        _ => start - random.within(0, 3 * DAY),
    };
    let now = now.max(offsets::START);
    let known_until = match random.within(0, 8) {
        0 => i64::MIN,
        1 | 2 => random.within(range.start, range.end),
        _ => i64::MAX,
    };
    let mut weekly: [Vec<Span>; 7] = Default::default();
    for spans in &mut weekly {
        *spans = day(random);
    }
    let today = start.div_euclid(DAY);
    let mut overrides: Vec<(i64, Vec<Span>)> = Vec::new();
    for date in today - 1..today + 5 {
        if random.one_in(5) {
            overrides.push((date, day(random)));
        }
    }
    let claims = (0..random.within(0, 12))
        .map(|_| claim(random, range))
        .collect();
    (
        Question {
            offsets,
            weekly,
            overrides,
            policy,
            now,
            known_until,
            claims,
        },
        range,
    )
}

fn policy(random: &mut Random) -> Policy {
    let minutes = |random: &mut Random, choices: &[i64]| random.one_of(choices) * 60;
    Policy {
        duration: minutes(random, &[5, 15, 20, 30, 45, 60, 90, 240, 1_440]),
        step: minutes(random, &[5, 7, 15, 15, 30, 45, 60, 90, 1_440]),
        buffer_before: minutes(random, &[0, 0, 0, 5, 15, 60]),
        buffer_after: minutes(random, &[0, 0, 0, 10, 30, 120]),
        minimum_notice: minutes(random, &[0, 0, 1, 60, 600, 2_880]),
        offset: 0,
        window: Window {
            days: random.one_of(&[1, 2, 3, 7, 30, 365]),
            counts: WindowDays::Calendar,
            dates: None,
        },
    }
}

/// The spans of one day: none, some, one over midnight, or all of it.
fn day(random: &mut Random) -> Vec<Span> {
    if random.one_in(20) {
        return vec![(0, 1_440)];
    }
    let mut spans = Vec::new();
    let mut from = 0;
    for _ in 0..random.one_of(&[0, 1, 1, 2, 2, 3]) {
        let grid = random.one_of(&[1, 5, 15, 30, 60]);
        let start = (from + random.within(0, 600)) / grid * grid;
        let end = (start + random.within(20, 900)) / grid * grid + grid;
        if start < from || start >= 1_440 {
            break;
        }
        // Past midnight it ends before the time at which it started.
        spans.push((start, end.min(start + 1_440)));
        from = end;
    }
    spans
}

fn claim(random: &mut Random, range: Interval) -> Claim {
    let grid = random.one_of(&[1, 60, 300, 900]);
    let start = random.within(range.start - DAY, range.end) / grid * grid;
    let core = Interval::new(start, start + random.within(0, 5 * HOUR) / grid * grid);
    let kind = random.one_of(&[ClaimKind::Busy, ClaimKind::Hold, ClaimKind::Booking]);
    let (before, after) = match kind {
        ClaimKind::Busy => (0, 0),
        ClaimKind::Hold | ClaimKind::Booking => (
            random.one_of(&[0, 300, 900]),
            random.one_of(&[0, 600, 3_600]),
        ),
    };
    Claim {
        kind,
        share: Share::Apart,
        core,
        padded: Interval::new(core.start - before, core.end + after),
    }
}

/// The same schedule in the words of the wire.
fn schedule(question: &Question<'_>) -> Schedule {
    let wall = |minutes: i64| -> WallTime {
        // The end of a span over midnight is a time of the next day.
        let minutes = if minutes > 1_440 {
            minutes - 1_440
        } else {
            minutes
        };
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
            .parse()
            .expect("a wall time")
    };
    let rules = Weekday::ALL
        .into_iter()
        .zip(&question.weekly)
        .flat_map(|(weekday, spans)| spans.iter().map(move |span| (weekday, *span)))
        .map(|(weekday, (start, end))| AvailabilityRule {
            weekday,
            start: wall(start),
            end: wall(end),
        })
        .collect();
    let overrides: Vec<_> = question
        .overrides
        .iter()
        .map(|(date, spans)| DateOverride {
            date: Date(
                chrono::NaiveDate::from_epoch_days(i32::try_from(*date).expect("near"))
                    .expect("a date"),
            ),
            spans: spans
                .iter()
                .map(|(start, end)| wire::Span {
                    start: wall(*start),
                    end: wall(*end),
                })
                .collect(),
        })
        .collect();
    let zone = question.offsets.name.clone();
    let input = ScheduleInput {
        zone,
        rules,
        holidays: None,
        travel: Vec::new(),
    };
    Schedule::new(&input, &overrides).expect("all listed zones are known")
}
