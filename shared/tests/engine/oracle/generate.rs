//! Random schedules, services and claims.

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::{Claim, ClaimKind, Share},
    wire::{BookingLimit, Period},
};

use crate::{
    brute::{Limits, One, Plan, Span, Stay, Terms, holidays, holidays_known_from},
    offsets::{self, Offsets},
    random::Random,
};

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

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

/// What the cases are made of.
pub struct World {
    pub zones: Vec<Offsets>,
    pub holidays: Vec<i64>,
}

impl World {
    pub fn read() -> Self {
        Self {
            zones: offsets::all(),
            holidays: holidays(),
        }
    }
}

pub fn zone<'a>(random: &mut Random, world: &'a World) -> &'a Offsets {
    let zones = &world.zones;
    let odd = random.one_of(&ODD_ZONES);
    let any = usize::try_from(random.within(0, 598)).expect("not negative");
    if random.one_in(2) {
        let mut zones = zones.iter();
        zones.find(|zone| zone.name == odd).expect("all are listed")
    } else {
        &zones[any]
    }
}

/// Some hours around a change of the zone's clocks, if it has one, or around a holiday.
pub fn range(random: &mut Random, world: &World, zone: &Offsets, most_hours: i64) -> Interval {
    let (first, last) = (offsets::START + 80 * DAY, offsets::END - 80 * DAY);
    let changes: Vec<_> = zone.pairs.iter().map(|pair| pair.0).skip(1).collect();
    let middle = if random.one_in(6) {
        let holiday = random.one_of(&world.holidays);
        (holiday * DAY + 6 * HOUR).clamp(first, last)
    } else if changes.is_empty() || random.one_in(8) {
        random.within(first, last)
    } else {
        random.one_of(&changes).clamp(first, last)
    };
    let hours = random.within(most_hours / 4, most_hours);
    let before = random.within(HOUR, hours * HOUR + DAY);
    let start = (middle - before).div_euclid(60) * 60;
    Interval::new(start, start + hours * HOUR)
}

pub fn terms(random: &mut Random, range: Interval) -> Terms {
    let minutes = |random: &mut Random, choices: &[i64]| random.one_of(choices) * 60;
    let step = minutes(random, &[5, 7, 15, 15, 30, 45, 60, 90, 1_440]);
    let today = range.start.div_euclid(DAY);
    let first = today + random.one_of(&[-9, -1, 0, 1, 2]);
    Terms {
        duration: minutes(random, &[5, 15, 20, 30, 45, 60, 90, 240, 1_440]),
        step,
        offset: if random.one_in(3) {
            random.within(0, step / 60) * 60
        } else {
            0
        },
        buffer_before: minutes(random, &[0, 0, 0, 5, 15, 60]),
        buffer_after: minutes(random, &[0, 0, 0, 10, 30, 120]),
        minimum_notice: minutes(random, &[0, 0, 1, 60, 600, 2_880]),
        window_days: random.one_of(&[0, 1, 2, 3, 7, 30, 365]),
        business: random.one_in(3),
        dates: random
            .one_in(5)
            .then(|| (first, first + random.one_of(&[0, 1, 2, 30]))),
    }
}

pub fn now(random: &mut Random, range: Interval, terms: Terms) -> UnixSeconds {
    let days = i64::from(terms.window_days);
    // Five of a week's days are business days.
    let days = if terms.business { days * 7 / 5 } else { days };
    let now = match random.within(0, 4) {
        0 => range.start + random.within(0, DAY),
        1 => range.start - terms.minimum_notice + random.within(0, DAY),
        2 => range.start - days * DAY,
        _ => range.start - random.within(0, 3 * DAY),
    };
    now.max(offsets::START + DAY)
}

/// A host, or a resource with a schedule of its own.
pub fn one<'a>(
    random: &mut Random,
    zone: &'a Offsets,
    world: &'a World,
    range: Interval,
) -> One<'a> {
    let known_until = match random.within(0, 10) {
        0 => i64::MIN,
        1 | 2 => random.within(range.start, range.end),
        _ => i64::MAX,
    };
    One {
        plan: plan(random, zone, world, range),
        known_until,
        claims: (0..random.within(0, 8))
            .map(|_| claim(random, range))
            .collect(),
        limits: limits(random, zone, range),
    }
}

fn plan<'a>(random: &mut Random, zone: &'a Offsets, world: &'a World, range: Interval) -> Plan<'a> {
    let mut weekly: [Vec<Span>; 7] = Default::default();
    for spans in &mut weekly {
        *spans = day(random);
    }
    let (first, last) = (range.start.div_euclid(DAY), range.end.div_euclid(DAY));
    let mut overrides: Vec<(i64, Vec<Span>)> = Vec::new();
    for date in first - 2..last + 3 {
        if random.one_in(5) {
            overrides.push((date, day(random)));
        }
    }
    let mut stays = Vec::new();
    let mut date = first - 3;
    while random.one_in(2) && date < last + 2 {
        let first = date + random.within(0, 4);
        let last = first + random.one_of(&[0, 0, 1, 2, 9]);
        stays.push(Stay {
            first,
            last,
            zone: self::zone(random, world),
        });
        date = last + 1;
    }
    // Of earlier dates nothing is known, and business days are not looked for without an end.
    let is_known = range.start.div_euclid(DAY) > holidays_known_from() - 15;
    let holidays = (random.one_in(2) && is_known).then_some(world.holidays.as_slice());
    Plan {
        zone,
        weekly,
        overrides,
        stays,
        holidays,
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

/// What those who sit together at `start` take of each of them: open, or full.
pub fn group(random: &mut Random, terms: Terms, start: UnixSeconds, number: u32) -> Vec<Claim> {
    let core = Interval::new(start, start + terms.duration);
    // The service's buffers may have been others when the group was made.
    let (before, after) = if random.one_in(4) {
        (random.one_of(&[0, 300]), random.one_of(&[0, 3_600]))
    } else {
        (terms.buffer_before, terms.buffer_after)
    };
    let share = if random.one_in(3) {
        Share::Full
    } else {
        Share::Open(number)
    };
    let seats = 0..random.within(1, 4);
    seats
        .map(|_| Claim {
            kind: random.one_of(&[ClaimKind::Hold, ClaimKind::Booking]),
            share,
            core,
            padded: Interval::new(core.start - before, core.end + after),
        })
        .collect()
}

pub fn limits<'a>(random: &mut Random, zone: &'a Offsets, range: Interval) -> Limits<'a> {
    let count = random.one_of(&[0, 0, 0, 1, 2]);
    let limits = (0..count).map(|_| {
        let bookings = random.one_of(&[1, 2, 3, 5]);
        let minutes = random.one_of(&[30, 90, 240, 600, 1_500]);
        let both = random.one_in(4);
        let by_count = random.one_in(2);
        BookingLimit {
            per: random.one_of(&[Period::Day, Period::Week, Period::Month]),
            bookings: (both || by_count).then_some(bookings),
            minutes: (both || !by_count).then_some(minutes),
        }
    });
    let list = limits.collect();
    let taken = (0..random.within(0, 6)).map(|_| {
        let near = random.one_of(&[2, 8, 33]) * DAY;
        let start = random.within(range.start - near, range.end + near);
        Interval::new(start, start + random.one_of(&[900, 1_800, 3_600, 7_200]))
    });
    let taken = taken.collect();
    Limits { zone, list, taken }
}
