//! Several hosts and resources: the engine's `Team` against `brute::TeamJudge`.

use slotstead_shared::{
    Interval, Reason,
    engine::{Choice, Claim, ClaimKind, Share},
};

use super::{
    generate::{self, World},
    words,
};
use crate::{
    brute::{Judge, One, TeamJudge, TeamQuestion},
    random::Random,
};

/// What came out at a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Fresh,
    FreshTogether,
    /// Not the resource that comes first.
    SecondChoice,
    Seat,
    SeatTogether,
    /// In a group whose host does not come first in the order.
    SeatBeforeOrder,
    Not(Reason),
}

fn question<'a>(random: &mut Random, world: &'a World) -> (TeamQuestion<'a>, Interval) {
    let zone = generate::zone(random, world);
    let range = generate::range(random, world, zone, 30);
    let mut terms = generate::terms(random, range);
    // A day is too long for a team to have in common.
    terms.duration = terms.duration.min(4 * generate::HOUR);
    let mut now = generate::now(random, range, terms);
    let easy = random.one_in(2);
    if easy {
        // Else a team hardly ever meets.
        terms.minimum_notice = random.one_of(&[0, 0, 0, generate::HOUR]);
        (terms.window_days, terms.dates) = (30, None);
        now = range.start - random.one_of(&[0, 0, generate::DAY]);
    }
    let one = |random: &mut Random| {
        let zone = if random.one_in(4) {
            generate::zone(random, world)
        } else {
            zone
        };
        let mut one = generate::one(random, zone, world, range);
        if easy {
            one.claims.truncate(2);
            one.known_until = i64::MAX;
            if random.one_in(2) {
                at_any_time(&mut one);
            }
        }
        one
    };
    let mut hosts: Vec<_> = (0..random.one_of(&[1, 2, 2, 3]))
        .map(|_| one(random))
        .collect();
    let together = random.one_in(2);
    let mut needs: Vec<Vec<_>> = Vec::new();
    for _ in 0..random.one_of(&[0, 0, 1, 1, 2]) {
        let any_of = 0..random.one_of(&[1, 2]);
        let one = |_| {
            let one = one(random);
            resource(random, one)
        };
        needs.push(any_of.map(one).collect());
    }
    if together {
        for host in &mut hosts[1..] {
            if random.one_in(2) {
                at_any_time(host);
            }
        }
    }
    let limits = generate::limits(random, zone, range);
    let mut question = TeamQuestion {
        terms,
        now,
        together,
        hosts,
        needs,
        limits,
    };
    add_groups(random, &mut question, range);
    (question, range)
}

/// Most resources can be used at any time, have no calendar and no limits.
fn resource<'a>(random: &mut Random, mut one: One<'a>) -> One<'a> {
    if random.one_in(3) {
        return one;
    }
    at_any_time(&mut one);
    one.known_until = i64::MAX;
    one.limits.list.clear();
    one
}

fn at_any_time(one: &mut One<'_>) {
    one.plan.weekly = std::array::from_fn(|_| vec![(0, 1_440)]);
    one.plan.overrides.clear();
    one.plan.stays.clear();
}

/// Groups at starts that a leading host's hours give, with all that they took; and now and then
/// something that came in their way afterwards.
fn add_groups(random: &mut Random, question: &mut TeamQuestion<'_>, range: Interval) {
    let TeamQuestion {
        terms,
        now,
        together,
        hosts,
        needs,
        ..
    } = question;
    let mut used = Vec::new();
    for number in 0..random.one_of(&[0, 2, 4, 6]) {
        let leads = if *together { 1 } else { hosts.len() };
        let lead = usize::try_from(random.within(0, i64::try_from(leads).expect("few")))
            .expect("not negative");
        let mut starts = {
            let judge = Judge::new(&hosts[lead], *terms, *now, range);
            let minutes = (range.start..range.end).step_by(60);
            minutes
                .filter(|minute| judge.on_step(*minute).is_ok() && !used.contains(minute))
                .collect::<Vec<_>>()
        };
        if random.one_in(2) {
            let wanted = generate::DAY.min(range.end - range.start) / 2 + range.start;
            starts.retain(|start| *start < wanted);
        }
        if starts.is_empty() {
            continue;
        }
        let start = random.one_of(&starts);
        used.push(start);
        let claims = generate::group(random, *terms, start, number);
        let mut members = Vec::new();
        if *together {
            // Some have come to the service after the group was made.
            let since = random.one_in(6);
            members.extend(
                hosts
                    .iter_mut()
                    .enumerate()
                    .filter(|(place, _)| *place == 0 || !since)
                    .map(|(_, host)| host),
            );
        } else {
            members.push(&mut hosts[lead]);
        }
        for need in needs.iter_mut() {
            let place = random.within(0, i64::try_from(need.len()).expect("few"));
            members.push(&mut need[usize::try_from(place).expect("not negative")]);
        }
        for member in members {
            // What the group took was free then.
            if !random.one_in(4) {
                member.claims.retain(|claim| {
                    claim.share != Share::Apart || !claim.core.overlaps(claims[0].padded)
                });
            }
            member.claims.extend(claims.iter().copied());
            if random.one_in(6) {
                let busy = Interval::new(start + 60, start + 120);
                member.claims.push(Claim {
                    kind: ClaimKind::Busy,
                    share: Share::Apart,
                    core: busy,
                    padded: busy,
                });
            }
        }
    }
}

/// Compares one case; gives what came out.
pub fn check(seed: u64, world: &World) -> Vec<Outcome> {
    let mut random = Random::new(seed);
    let (question, range) = question(&mut random, world);
    let schedules = words::schedules(&question);
    let team = words::team(&question, &schedules);
    let judge = TeamJudge::new(&question, range);
    let case = format!("seed {seed}, {}", question.hosts[0].plan.zone.name);
    let mut order: Vec<_> = (0..question.hosts.len()).collect();
    let mut offered = Vec::new();
    let mut outcomes = Vec::new();
    for minute in (range.start..range.end).step_by(60) {
        if !question.together {
            let turn = random.within(0, i64::try_from(order.len()).expect("few"));
            order.rotate_left(usize::try_from(turn).expect("not negative"));
        }
        for place in &order {
            assert_eq!(
                team.judge_host(*place, minute),
                judge.host(*place, minute),
                "{case}, host {place} at {minute}"
            );
        }
        let answer = judge.choose(minute, &order);
        assert_eq!(
            team.choose(minute, &order),
            answer,
            "{case}, choose {minute} of {order:?}"
        );
        if answer.is_ok() {
            offered.push(minute);
        }
        outcomes.push(outcome(&question, &judge, &answer, (minute, order[0])));
        if !question.together && random.one_in(8) {
            // A booker who names a host asks about that one alone.
            let named = &order[..1];
            assert_eq!(
                team.choose(minute, named),
                judge.choose(minute, named),
                "{case}, choose {minute} of {named:?}"
            );
        }
    }
    assert_eq!(team.offer(range), offered, "{case}, offer {range:?}");
    outcomes
}

fn outcome(
    question: &TeamQuestion<'_>,
    judge: &TeamJudge<'_>,
    answer: &Result<Choice, Reason>,
    (minute, first): (i64, usize),
) -> Outcome {
    match answer {
        Ok(Choice::Fresh { resources, .. }) if resources.iter().any(|place| *place > 0) => {
            Outcome::SecondChoice
        }
        Ok(Choice::Fresh { hosts, .. }) if hosts.len() > 1 => Outcome::FreshTogether,
        Ok(Choice::Fresh { .. }) => Outcome::Fresh,
        Ok(Choice::Seat(_)) if question.together && question.hosts.len() > 1 => {
            Outcome::SeatTogether
        }
        Ok(Choice::Seat(_)) if judge.hosts[first].group(minute).is_none() => {
            Outcome::SeatBeforeOrder
        }
        Ok(Choice::Seat(_)) => Outcome::Seat,
        Err(reason) => Outcome::Not(*reason),
    }
}
