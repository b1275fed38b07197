//! Stays in other zones, and what they do to the hours at their edges.

use crate::{
    Interval, Reason, UnixSeconds,
    engine::{
        Availability, Schedule,
        fixtures::{daily, policy, travelling, utc},
    },
};

const NOW: &str = "2027-03-01T00:00:00Z";

/// A day in New York, six hours behind Oslo.
const AWAY: &[(&str, &str, &str)] = &[("2027-03-03", "2027-03-03", "America/New_York")];

/// The starts of hours from `from` on to `to`, as `02T08` for the 2nd at 08:00 UTC.
fn hourly(schedule: &Schedule, from: &str, to: &str) -> Vec<String> {
    let host = Availability::new(
        schedule,
        policy(60, 60),
        utc(NOW),
        i64::MAX,
        &[],
        Vec::new(),
    );
    let text = |at: UnixSeconds| {
        let stamp = crate::engine::stamp(chrono_tz::Tz::UTC, at).unwrap();
        stamp.to_string()[8..13].to_owned()
    };
    let offered = host.offer(Interval::new(utc(from), utc(to)));
    offered.into_iter().map(text).collect()
}

#[test]
fn on_the_dates_of_a_stay_the_wall_times_are_those_of_its_zone() {
    let schedule = travelling("Europe/Oslo", &["09:00-10:00"], &[], AWAY);
    assert_eq!(
        hourly(&schedule, "2027-03-02T00:00:00Z", "2027-03-05T00:00:00Z"),
        ["02T08", "03T14", "04T08"]
    );
    let plain = daily("Europe/Oslo", &["09:00-10:00"], &[]);
    assert_eq!(
        hourly(&plain, "2027-03-02T00:00:00Z", "2027-03-05T00:00:00Z"),
        ["02T08", "03T08", "04T08"]
    );
}

#[test]
fn an_override_of_a_date_of_a_stay_is_wall_time_there() {
    let overrides: [(&str, &[&str]); 1] = [("2027-03-03", &["12:00-13:00"])];
    let schedule = travelling("Europe/Oslo", &["09:00-10:00"], &overrides, AWAY);
    assert_eq!(
        hourly(&schedule, "2027-03-02T00:00:00Z", "2027-03-05T00:00:00Z"),
        ["02T08", "03T17", "04T08"]
    );
}

#[test]
fn a_span_over_midnight_at_the_end_of_a_stay_ends_by_the_clocks_there() {
    let schedule = travelling("Europe/Oslo", &["22:00-02:00"], &[], AWAY);
    assert_eq!(
        hourly(&schedule, "2027-03-02T12:00:00Z", "2027-03-05T12:00:00Z"),
        [
            "02T21", "02T22", "02T23", "03T00", // Oslo
            "04T03", "04T04", "04T05", "04T06", // New York, into the 4th
            "04T21", "04T22", "04T23", "05T00", // Oslo
        ]
    );
}

#[test]
fn spans_of_two_zones_that_meet_at_the_end_of_a_stay_give_each_start_once() {
    let schedule = travelling("Europe/Oslo", &["00:00-24:00"], &[], AWAY);
    let offered = hourly(&schedule, "2027-03-03T22:00:00Z", "2027-03-04T07:00:00Z");
    assert_eq!(
        offered,
        [
            "03T22", "03T23", "04T00", "04T01", "04T02", "04T03", "04T04", "04T05", "04T06"
        ]
    );
}

#[test]
fn steps_count_from_a_start_before_a_repeated_hour_a_day_ago() {
    // The 31st has 25 hours on the Azores: from midnight to one is shown twice.
    let plain = daily("Atlantic/Azores", &["00:30-00:30"], &[]);
    let stay = [("2027-11-10", "2027-11-11", "Europe/Oslo")];
    let with_a_stay = travelling("Atlantic/Azores", &["00:30-00:30"], &[], &stay);
    for schedule in [plain, with_a_stay] {
        let now = utc("2027-10-20T00:00:00Z");
        let policy = policy(10, 40);
        let host = Availability::new(&schedule, policy, now, i64::MAX, &[], Vec::new());
        // 37 steps after half past midnight, the first of the two times.
        let start = utc("2027-10-31T00:30:00Z") + 37 * 2_400;
        assert_eq!(host.judge(start), Ok(()));
        assert_eq!(host.offer(Interval::at(start)), [start]);
    }
}

#[test]
fn the_reason_is_that_of_the_date_on_which_the_stay_s_clocks_show_it() {
    let overrides: [(&str, &[&str]); 1] = [("2027-03-03", &[])];
    let schedule = travelling("Europe/Oslo", &["09:00-10:00"], &overrides, AWAY);
    let host = Availability::new(
        &schedule,
        policy(60, 60),
        utc(NOW),
        i64::MAX,
        &[],
        Vec::new(),
    );
    // The 4th in Oslo, still the 3rd in New York.
    assert_eq!(
        host.judge(utc("2027-03-04T04:00:00Z")),
        Err(Reason::Override)
    );
    assert_eq!(
        host.judge(utc("2027-03-04T05:00:00Z")),
        Err(Reason::OutsideHours)
    );
}
