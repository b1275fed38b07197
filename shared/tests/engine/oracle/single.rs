//! One host: the engine's `Availability` against `brute::Judge`.

use slotstead_shared::{Interval, Reason, UnixSeconds};

use super::{
    generate::{self, HOUR, World},
    words,
};
use crate::{
    brute::{Judge, One, Terms},
    random::Random,
};

struct Question<'a> {
    one: One<'a>,
    terms: Terms,
    now: UnixSeconds,
    range: Interval,
}

fn question<'a>(random: &mut Random, world: &'a World) -> Question<'a> {
    let zone = generate::zone(random, world);
    let range = generate::range(random, world, zone, 80);
    let terms = generate::terms(random, range);
    let now = generate::now(random, range, terms);
    let mut one = generate::one(random, zone, world, range);
    add_groups(random, &mut one, terms, now, range);
    Question {
        one,
        terms,
        now,
        range,
    }
}

/// Groups at starts that the hours give.
fn add_groups(
    random: &mut Random,
    one: &mut One<'_>,
    terms: Terms,
    now: UnixSeconds,
    range: Interval,
) {
    let mut starts: Vec<_> = {
        let judge = Judge::new(one, terms, now, range);
        let minutes = (range.start..range.end).step_by(60);
        minutes
            .filter(|minute| judge.on_step(*minute).is_ok())
            .collect()
    };
    for number in 0..random.one_of(&[0, 0, 1, 2, 3]) {
        if !starts.is_empty() {
            let start = random.one_of(&starts);
            one.claims
                .extend(generate::group(random, terms, start, number));
            starts.retain(|other| *other != start);
        }
    }
}

/// Compares one case; gives the verdicts met.
pub fn check(seed: u64, world: &World) -> Vec<Option<Reason>> {
    let Question {
        one,
        terms,
        now,
        range,
    } = question(&mut Random::new(seed), world);
    let schedule = words::schedule(&one.plan);
    let host = words::availability(&one, &schedule, terms, now);
    let judge = Judge::new(&one, terms, now, range);
    let case = format!("seed {seed}, {}", one.plan.zone.name);
    let minutes = (range.start..range.end).step_by(60);
    let answers: Vec<_> = minutes.map(|minute| (minute, judge.lead(minute))).collect();
    for (minute, answer) in &answers {
        assert_eq!(host.judge(*minute), *answer, "{case}, judge {minute}");
        if answer.is_ok() {
            let group = judge.group(*minute);
            assert_eq!(host.group_at(*minute), group, "{case}, group at {minute}");
        }
    }
    let bookable: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.is_ok())
        .map(|(minute, _)| *minute)
        .collect();
    assert_eq!(host.offer(range), bookable, "{case}, offer {range:?}");
    let stepping: Vec<_> = answers
        .iter()
        .map(|(minute, _)| *minute)
        .filter(|minute| judge.on_step(*minute).is_ok())
        .collect();
    assert_eq!(host.steps_within(range), stepping, "{case}, steps");

    // A part of the range, not on whole minutes, gives the part of the answer.
    let part = Interval::new(range.start + 7 * HOUR + 1, range.end - 5 * HOUR - 59);
    let inside = |minute: &UnixSeconds| part.start <= *minute && *minute < part.end;
    let part_of: Vec<_> = bookable.iter().copied().filter(inside).collect();
    assert_eq!(host.offer(part), part_of, "{case}, offer {part:?}");
    for minute in bookable {
        assert_ne!(host.judge(minute + 1), Ok(()), "{case}, {minute} + 1 s");
    }
    answers
        .into_iter()
        .map(|(_, answer)| answer.err())
        .collect()
}
