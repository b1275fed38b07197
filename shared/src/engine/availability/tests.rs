use super::*;
use crate::{
    Stamp,
    engine::{Window, stamp},
    wire::{AvailabilityRule, DateOverride, ScheduleInput, Span, Weekday, WindowDays},
};

const DAY: i64 = 86_400;

fn utc(text: &str) -> UnixSeconds {
    text.parse::<Stamp>().unwrap().unix_seconds()
}

fn span(text: &str) -> Span {
    let (start, end) = text.split_once('-').unwrap();
    Span {
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    }
}

/// `spans` on every day, in `zone`.
fn daily(zone: &str, spans: &[&str], overrides: &[(&str, &[&str])]) -> Schedule {
    let rules = Weekday::ALL
        .into_iter()
        .flat_map(|weekday| {
            spans.iter().map(move |text| {
                let Span { start, end } = span(text);
                AvailabilityRule {
                    weekday,
                    start,
                    end,
                }
            })
        })
        .collect();
    let overrides: Vec<_> = overrides
        .iter()
        .map(|(date, spans)| DateOverride {
            date: date.parse().unwrap(),
            spans: spans.iter().map(|text| span(text)).collect(),
        })
        .collect();
    let input = ScheduleInput {
        zone: zone.to_owned(),
        rules,
        holidays: None,
        travel: Vec::new(),
    };
    Schedule::new(&input, &overrides).unwrap()
}

fn policy(duration: i64, step: i64) -> Policy {
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

fn busy(start: &str, end: &str) -> Claim {
    let core = Interval::new(utc(start), utc(end));
    Claim {
        kind: ClaimKind::Busy,
        share: Share::Apart,
        core,
        padded: core,
    }
}

/// The wall times of the slots of one date of the schedule's zone.
fn walls(
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

#[test]
fn a_slot_must_end_within_the_hours() {
    let schedule = daily("Europe/Oslo", &["09:00-10:50"], &[]);
    let slots = walls(
        &schedule,
        policy(45, 30),
        "2027-03-01T00:00:00Z",
        "2027-03-02",
        &[],
    );
    assert_eq!(
        slots,
        ["09:00:00+01:00", "09:30:00+01:00", "10:00:00+01:00"]
    );
}

#[test]
fn buffers_keep_a_distance_on_both_sides_and_touching_is_free() {
    let schedule = daily("Europe/Oslo", &["09:00-12:00"], &[]);
    let mut with_buffers = policy(30, 30);
    with_buffers.buffer_before = 600;
    with_buffers.buffer_after = 300;
    let claims = [busy("2027-03-02T09:00:00Z", "2027-03-02T09:30:00Z")]; // 10:00-10:30 in Oslo
    let now = "2027-03-01T00:00:00Z";
    assert_eq!(
        walls(&schedule, policy(30, 30), now, "2027-03-02", &claims),
        [
            "09:00:00+01:00",
            "09:30:00+01:00",
            "10:30:00+01:00",
            "11:00:00+01:00",
            "11:30:00+01:00"
        ]
    );
    assert_eq!(
        walls(&schedule, with_buffers, now, "2027-03-02", &claims),
        ["09:00:00+01:00", "11:00:00+01:00", "11:30:00+01:00"]
    );
    let availability = Availability::new(
        &schedule,
        with_buffers,
        utc(now),
        i64::MAX,
        &claims,
        Vec::new(),
    );
    assert_eq!(
        availability.judge(utc("2027-03-02T08:30:00Z")),
        Err(Reason::Buffer)
    );
    assert_eq!(
        availability.judge(utc("2027-03-02T09:00:00Z")),
        Err(Reason::Busy)
    );
}

#[test]
fn an_override_replaces_the_rules_of_its_date() {
    let schedule = daily(
        "Europe/Oslo",
        &["09:00-10:00"],
        &[("2027-03-02", &[]), ("2027-03-03", &["14:00-15:00"])],
    );
    let now = "2027-03-01T00:00:00Z";
    assert!(walls(&schedule, policy(60, 60), now, "2027-03-02", &[]).is_empty());
    assert_eq!(
        walls(&schedule, policy(60, 60), now, "2027-03-03", &[]),
        ["14:00:00+01:00"]
    );
    let availability = Availability::new(
        &schedule,
        policy(60, 60),
        utc(now),
        i64::MAX,
        &[],
        Vec::new(),
    );
    assert_eq!(
        availability.judge(utc("2027-03-02T08:00:00Z")),
        Err(Reason::Override)
    );
    assert_eq!(
        availability.judge(utc("2027-03-04T12:00:00Z")),
        Err(Reason::OutsideHours)
    );
    assert_eq!(
        availability.judge(utc("2027-03-04T08:30:00Z")),
        Err(Reason::OffStep)
    );
}

#[test]
fn summer_time_keeps_the_wall_time_and_moves_the_instant() {
    let schedule = daily("Europe/Oslo", &["09:00-10:00"], &[]);
    let now = "2027-03-01T00:00:00Z";
    assert_eq!(
        walls(&schedule, policy(60, 60), now, "2027-03-27", &[]),
        ["09:00:00+01:00"]
    );
    assert_eq!(
        walls(&schedule, policy(60, 60), now, "2027-03-28", &[]),
        ["09:00:00+02:00"]
    );
}

#[test]
fn a_night_shift_loses_the_skipped_hour_and_gains_the_repeated_one() {
    let schedule = daily("Europe/Oslo", &["01:00-04:00"], &[]);
    assert_eq!(
        walls(
            &schedule,
            policy(60, 60),
            "2027-03-01T00:00:00Z",
            "2027-03-28",
            &[]
        ),
        ["01:00:00+01:00", "03:00:00+02:00"]
    );
    assert_eq!(
        walls(
            &schedule,
            policy(60, 60),
            "2027-10-01T00:00:00Z",
            "2027-10-31",
            &[]
        ),
        [
            "01:00:00+02:00",
            "02:00:00+02:00",
            "02:00:00+01:00",
            "03:00:00+01:00"
        ]
    );
}

#[test]
fn a_rule_inside_the_skipped_hour_offers_nothing() {
    let schedule = daily("Europe/Oslo", &["02:00-03:00"], &[]);
    assert!(
        walls(
            &schedule,
            policy(15, 15),
            "2027-03-01T00:00:00Z",
            "2027-03-28",
            &[]
        )
        .is_empty()
    );
}

#[test]
fn a_span_may_cross_midnight() {
    let schedule = daily("Europe/Oslo", &["23:00-01:00"], &[]);
    assert_eq!(
        walls(
            &schedule,
            policy(60, 60),
            "2027-03-01T12:00:00Z",
            "2027-03-03",
            &[]
        ),
        ["00:00:00+01:00", "23:00:00+01:00"]
    );
}

#[test]
fn notice_window_and_past_bound_what_is_offered() {
    let schedule = daily("Europe/Oslo", &["09:00-11:00"], &[]);
    let mut policy = policy(60, 60);
    policy.minimum_notice = 3_600;
    policy.window.days = 1;
    let now = "2027-03-02T07:30:00Z"; // 08:30 in Oslo
    let availability = Availability::new(&schedule, policy, utc(now), i64::MAX, &[], Vec::new());
    assert_eq!(
        availability.judge(utc("2027-03-01T08:00:00Z")),
        Err(Reason::Past)
    );
    assert_eq!(
        availability.judge(utc("2027-03-02T08:00:00Z")),
        Err(Reason::TooSoon)
    );
    assert_eq!(availability.judge(utc("2027-03-02T09:00:00Z")), Ok(()));
    assert_eq!(availability.judge(utc("2027-03-03T09:00:00Z")), Ok(()));
    assert_eq!(
        availability.judge(utc("2027-03-04T08:00:00Z")),
        Err(Reason::TooFar)
    );
}

#[test]
fn what_is_unknown_is_never_offered() {
    let schedule = daily("Europe/Oslo", &["09:00-11:00"], &[]);
    let now = utc("2027-03-01T00:00:00Z");
    let whole = Interval::new(now, now + 30 * DAY);
    let never_read = Availability::new(&schedule, policy(60, 60), now, i64::MIN, &[], Vec::new());
    assert!(never_read.offer(whole).is_empty());
    let until = utc("2027-03-02T09:00:00Z");
    let known = Availability::new(&schedule, policy(60, 60), now, until, &[], Vec::new());
    assert_eq!(
        known.offer(whole),
        [
            utc("2027-03-01T08:00:00Z"),
            utc("2027-03-01T09:00:00Z"),
            utc("2027-03-02T08:00:00Z")
        ]
    );
    assert_eq!(known.judge(until), Err(Reason::Unknown));
}

#[test]
fn the_weightiest_obstacle_is_named() {
    let schedule = daily("Europe/Oslo", &["09:00-11:00"], &[]);
    let core = Interval::new(utc("2027-03-02T08:00:00Z"), utc("2027-03-02T09:00:00Z"));
    let claim = |kind| Claim {
        kind,
        share: Share::Apart,
        core,
        padded: core,
    };
    let now = utc("2027-03-01T00:00:00Z");
    for (claims, reason) in [
        (
            vec![claim(ClaimKind::Hold), claim(ClaimKind::Busy)],
            Reason::Held,
        ),
        (
            vec![claim(ClaimKind::Hold), claim(ClaimKind::Booking)],
            Reason::Booked,
        ),
    ] {
        let availability = Availability::new(
            &schedule,
            policy(60, 60),
            now,
            i64::MAX,
            &claims,
            Vec::new(),
        );
        assert_eq!(availability.judge(core.start), Err(reason));
    }
}
