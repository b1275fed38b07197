use super::*;
use crate::engine::{
    closed,
    fixtures::{DAY, booked, busy, daily, policy, utc, walls},
};
use crate::wire::{BookingLimit, Period};

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
        Err(Reason::OutsideHours)
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
fn what_is_taken_stays_taken_where_a_span_over_midnight_meets_the_next_one() {
    let schedule = daily("Europe/Oslo", &["00:00-03:00", "22:00-02:00"], &[]);
    // 00:30 to 01:00 in Oslo, in both spans.
    let claims = [busy("2027-03-02T23:30:00Z", "2027-03-03T00:00:00Z")];
    let starts = walls(
        &schedule,
        policy(30, 30),
        "2027-03-01T12:00:00Z",
        "2027-03-03",
        &claims,
    );
    assert_eq!(
        starts[..3],
        ["00:00:00+01:00", "01:00:00+01:00", "01:30:00+01:00"]
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
fn at_the_edge_of_what_is_open_the_obstacle_is_named() {
    let schedule = daily("Europe/Oslo", &["09:00-11:00"], &[]);
    let claims = [booked("2027-03-02T08:00:00Z", "2027-03-02T09:00:00Z")];
    let start = claims[0].core.start;
    let judge = |policy, now, known_until, claims| {
        Availability::new(&schedule, policy, now, known_until, claims, Vec::new()).judge(start)
    };
    let hour = policy(60, 60);
    assert_eq!(judge(hour, start, i64::MAX, &[]), Ok(()));
    assert_eq!(judge(hour, start + 1, i64::MAX, &[]), Err(Reason::Past));
    let mut noticed = hour;
    noticed.minimum_notice = 3_600;
    let before = start - 3_600;
    let taken = Err(Reason::Booked);
    assert_eq!(judge(noticed, before, i64::MAX, &claims), taken);
    assert_eq!(
        judge(noticed, before + 1, i64::MAX, &claims),
        Err(Reason::TooSoon)
    );
    assert_eq!(judge(hour, before, start + 3_600, &claims), taken);
    for claims in [&claims[..], &[]] {
        let known_too_short = judge(hour, before, start + 3_599, claims);
        assert_eq!(known_too_short, Err(Reason::Unknown));
    }
    // The first midnight past the window, where a day's first start is one.
    let nights = daily("Europe/Oslo", &["00:00-01:00"], &[]);
    let mut tomorrow = hour;
    tomorrow.window.days = 1;
    let host = Availability::new(&nights, tomorrow, start, i64::MAX, &[], Vec::new());
    assert_eq!(host.judge(host.window_end()), Err(Reason::TooFar));
    assert_eq!(host.judge(host.window_end() - DAY), Ok(()));
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

#[test]
fn a_start_whose_end_does_not_fit_is_outside_the_hours_whatever_set_them() {
    let closed: &[&str] = &[];
    let schedule = daily(
        "Europe/Oslo",
        &["09:00-12:00", "12:00-15:00", "22:00-02:00"],
        &[
            ("2027-03-03", closed),
            ("2027-03-05", &["09:00-10:00"]),
            ("2027-03-08", &["00:00-24:00"]),
            ("2027-03-09", &["00:00-24:00"]),
        ],
    );
    let now = utc("2027-03-01T00:00:00Z");
    let host = Availability::new(&schedule, policy(60, 30), now, i64::MAX, &[], vec![]);
    let judge = |start| host.judge(utc(start));
    assert_eq!(judge("2027-03-02T13:00:00Z"), Ok(()));
    assert_eq!(judge("2027-03-02T13:10:00Z"), Err(Reason::OutsideHours));
    assert_eq!(judge("2027-03-02T13:30:00Z"), Err(Reason::OutsideHours));
    assert_eq!(judge("2027-03-02T12:40:00Z"), Err(Reason::OffStep));
    // Spans that touch hold it, and the steps of neither give it.
    assert_eq!(judge("2027-03-02T10:30:00Z"), Err(Reason::OffStep));
    assert_eq!(judge("2027-03-08T22:30:00Z"), Err(Reason::OffStep));
    // From the day before into a closed one.
    assert_eq!(judge("2027-03-03T00:00:00Z"), Ok(()));
    assert_eq!(judge("2027-03-03T00:30:00Z"), Err(Reason::OutsideHours));
    assert_eq!(judge("2027-03-03T01:00:00Z"), Err(Reason::Override));
    // An override's own.
    assert_eq!(judge("2027-03-05T08:30:00Z"), Err(Reason::OutsideHours));
    assert_eq!(judge("2027-03-05T09:00:00Z"), Err(Reason::Override));
}

#[test]
fn an_offset_moves_the_first_start_and_those_that_follow() {
    let schedule = daily("Europe/Oslo", &["09:00-11:00"], &[]);
    let mut quarter_past = policy(30, 30);
    quarter_past.offset = 15 * 60;
    let now = "2027-03-01T00:00:00Z";
    assert_eq!(
        walls(&schedule, quarter_past, now, "2027-03-02", &[]),
        ["09:15:00+01:00", "09:45:00+01:00", "10:15:00+01:00"]
    );
    let host = Availability::new(&schedule, quarter_past, utc(now), i64::MAX, &[], vec![]);
    let judge = |start| host.judge(utc(start));
    assert_eq!(judge("2027-03-02T08:00:00Z"), Err(Reason::OffStep));
    assert_eq!(judge("2027-03-02T09:45:00Z"), Err(Reason::OutsideHours));
}

#[test]
fn bookable_dates_bound_the_window_on_both_sides() {
    let schedule = daily("Europe/Oslo", &["09:00-10:00"], &[]);
    let date = |text: &str| text.parse::<crate::Date>().unwrap().0;
    let mut in_march = policy(60, 60);
    in_march.window.dates = Some((date("2027-03-04"), date("2027-03-05")));
    let now = utc("2027-03-01T00:00:00Z");
    let host = Availability::new(&schedule, in_march, now, i64::MAX, &[], vec![]);
    assert_eq!(
        host.offer(Interval::new(now, now + 30 * DAY)),
        [utc("2027-03-04T08:00:00Z"), utc("2027-03-05T08:00:00Z")]
    );
    let judge = |text| host.judge(utc(text));
    assert_eq!(judge("2027-03-03T08:00:00Z"), Err(Reason::TooSoon));
    assert_eq!(judge("2027-03-06T08:00:00Z"), Err(Reason::TooFar));
}

#[test]
fn a_full_day_is_named_as_the_limit_and_a_booking_there_as_the_booking() {
    let schedule = daily("Europe/Oslo", &["09:00-12:00"], &[]);
    let claims = [booked("2027-03-02T08:00:00Z", "2027-03-02T09:00:00Z")];
    let one_a_day = BookingLimit {
        per: Period::Day,
        bookings: Some(1),
        minutes: None,
    };
    let closed = closed(schedule.zone(), &[one_a_day], &[claims[0].core], 3_600);
    let now = utc("2027-03-01T00:00:00Z");
    let host = Availability::new(&schedule, policy(60, 60), now, i64::MAX, &claims, closed);
    let judge = |text| host.judge(utc(text));
    assert_eq!(judge("2027-03-02T08:00:00Z"), Err(Reason::Booked));
    assert_eq!(judge("2027-03-02T10:00:00Z"), Err(Reason::Limit));
    assert_eq!(judge("2027-03-03T08:00:00Z"), Ok(()));
}
