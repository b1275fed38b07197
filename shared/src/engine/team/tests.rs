//! Classes, rooms and hosts who work together.

use crate::{
    Interval, Reason, UnixSeconds,
    engine::{
        Availability, Choice, Claim, Schedule, Share, Team,
        fixtures::{booked, busy, daily, policy, utc},
    },
};

const NINE: &str = "2027-03-02T08:00:00Z";
const TEN: &str = "2027-03-02T09:00:00Z";
const HALF_PAST_TEN: &str = "2027-03-02T09:30:00Z";
const ELEVEN: &str = "2027-03-02T10:00:00Z";
const NOON: &str = "2027-03-02T11:00:00Z";

/// From nine to noon in Oslo.
fn mornings() -> Schedule {
    daily("Europe/Oslo", &["09:00-12:00"], &[])
}

/// Somebody asked for an hour, at each full and half hour.
fn one<'a>(schedule: &'a Schedule, claims: &'a [Claim]) -> Availability<'a> {
    let now = utc("2027-03-01T00:00:00Z");
    Availability::new(schedule, policy(60, 30), now, i64::MAX, claims, Vec::new())
}

/// A booking of a class at ten.
fn of_class(share: Share) -> Claim {
    Claim {
        share,
        ..booked(TEN, ELEVEN)
    }
}

/// What is offered on the 2nd of March.
fn offered(team: &Team<'_>) -> Vec<UnixSeconds> {
    let start = utc("2027-03-02T00:00:00Z");
    team.offer(Interval::new(start, start + 86_400))
}

fn instants(texts: &[&str]) -> Vec<UnixSeconds> {
    texts.iter().map(|text| utc(text)).collect()
}

fn fresh(hosts: &[usize], resources: &[usize]) -> Choice {
    Choice::Fresh {
        hosts: hosts.to_vec(),
        resources: resources.to_vec(),
    }
}

#[test]
fn a_class_of_three_takes_a_third_booking_and_no_fourth() {
    let schedule = mornings();
    let two = [of_class(Share::Open(7)), of_class(Share::Open(7))];
    let team = Team::new(vec![one(&schedule, &two)], false, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Ok(Choice::Seat(7)));
    assert_eq!(team.choose(utc(NINE), &[0]), Ok(fresh(&[0], &[])));
    assert_eq!(offered(&team), instants(&[NINE, TEN, ELEVEN]));

    let three = [of_class(Share::Full); 3];
    let team = Team::new(vec![one(&schedule, &three)], false, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Err(Reason::NoSeat));
    assert_eq!(offered(&team), instants(&[NINE, ELEVEN]));
}

#[test]
fn a_class_between_two_bookings_that_touch_it_takes_another() {
    let schedule = mornings();
    let between = [
        booked(NINE, TEN),
        of_class(Share::Open(7)),
        booked(ELEVEN, NOON),
    ];
    let team = Team::new(vec![one(&schedule, &between)], false, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Ok(Choice::Seat(7)));
    assert_eq!(offered(&team), instants(&[TEN]));
}

#[test]
fn the_window_is_that_of_whoever_can_lead_the_longest() {
    // The last date is the 29th of April in New York, where it is still February, and the 30th in Oslo.
    let (home, away) = (mornings(), daily("America/New_York", &["09:00-12:00"], &[]));
    let window_end = |together| {
        let hosts = vec![one(&away, &[]), one(&home, &[])];
        Team::new(hosts, together, vec![], vec![]).window_end()
    };
    assert_eq!(window_end(false), Some(utc("2027-04-30T22:00:00Z")));
    assert_eq!(window_end(true), Some(utc("2027-04-30T04:00:00Z")));
}

#[test]
fn steps_are_those_of_all_who_can_lead_taken_or_not() {
    let (morning, late) = (mornings(), daily("Europe/Oslo", &["11:30-12:30"], &[]));
    let taken = [booked(NINE, NOON)];
    let steps = |together| {
        let hosts = vec![one(&morning, &taken), one(&late, &[])];
        let team = Team::new(hosts, together, vec![], vec![]);
        team.steps_within(Interval::new(utc(TEN), utc("2027-03-03T00:00:00Z")))
    };
    let (mut first, second) = (
        instants(&[TEN, HALF_PAST_TEN, ELEVEN]),
        "2027-03-02T10:30:00Z",
    );
    assert_eq!(steps(true), first);
    first.push(utc(second));
    assert_eq!(steps(false), first);
}

#[test]
fn a_full_class_is_a_booking_to_the_starts_beside_it() {
    let schedule = mornings();
    let full = [of_class(Share::Full); 3];
    let team = Team::new(vec![one(&schedule, &full)], false, vec![], vec![]);
    assert_eq!(team.choose(utc(HALF_PAST_TEN), &[0]), Err(Reason::Booked));
}

#[test]
fn a_class_whose_host_has_got_busy_takes_no_more_and_names_the_busy_block() {
    let schedule = mornings();
    let claims = [of_class(Share::Open(7)), busy(TEN, HALF_PAST_TEN)];
    let team = Team::new(vec![one(&schedule, &claims)], false, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Err(Reason::Busy));
    assert!(!offered(&team).contains(&utc(TEN)));
}

#[test]
fn the_host_of_an_open_class_comes_before_the_order() {
    let schedule = mornings();
    let claims = [of_class(Share::Open(7))];
    let hosts = vec![one(&schedule, &[]), one(&schedule, &claims)];
    let team = Team::new(hosts, false, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Ok(Choice::Seat(7)));
    assert_eq!(team.choose(utc(NINE), &[1, 0]), Ok(fresh(&[1], &[])));
}

#[test]
fn a_taken_room_keeps_a_free_host_from_it_and_another_room_does_not() {
    let (schedule, always) = (mornings(), Schedule::always());
    let taken = [booked(TEN, ELEVEN)];
    let room = || one(&always, &taken);
    let team = Team::new(vec![one(&schedule, &[])], false, vec![vec![room()]], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Err(Reason::Resource));
    assert_eq!(team.judge_host(0, utc(TEN)), Ok(()));
    assert_eq!(offered(&team), instants(&[NINE, ELEVEN]));

    let rooms = vec![room(), one(&always, &[])];
    let team = Team::new(vec![one(&schedule, &[])], false, vec![rooms], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0]), Ok(fresh(&[0], &[1])));
    assert_eq!(team.choose(utc(NINE), &[0]), Ok(fresh(&[0], &[0])));
}

#[test]
fn several_starts_are_chosen_as_each_alone() {
    let (schedule, always) = (mornings(), Schedule::always());
    let taken = [booked(TEN, ELEVEN)];
    let class = [of_class(Share::Open(7))];
    let rooms = vec![one(&always, &taken), one(&always, &[])];
    let hosts = vec![one(&schedule, &taken), one(&schedule, &class)];
    let team = Team::new(hosts, false, vec![rooms], vec![]);
    let starts = instants(&[NINE, TEN, HALF_PAST_TEN, ELEVEN, NOON]);
    let alone = starts.iter().map(|start| team.choose(*start, &[1, 0]));
    let alone: Vec<_> = alone.collect();
    assert_eq!(alone[1], Ok(Choice::Seat(7)));
    assert_eq!(team.choose_each(&starts, &[1, 0]), alone);
    assert_eq!(team.choose_each(&[], &[1, 0]), []);
}

#[test]
fn a_collective_is_bound_by_the_shorter_day() {
    let (long, short) = (mornings(), daily("Europe/Oslo", &["09:45-11:15"], &[]));
    let hosts = vec![one(&long, &[]), one(&short, &[])];
    let team = Team::new(hosts, true, vec![], vec![]);
    // The steps are the first one's: 09:45 is none.
    assert_eq!(offered(&team), instants(&[TEN]));
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Ok(fresh(&[0, 1], &[])));
    let reason = |start| team.choose(utc(start), &[0, 1]);
    assert_eq!(reason(NINE), Err(Reason::OutsideHours));
    assert_eq!(reason(NOON), Err(Reason::OutsideHours));
}

#[test]
fn a_booking_that_would_outlast_the_day_of_one_of_a_collective_is_outside_its_hours() {
    let (long, short) = (mornings(), daily("Europe/Oslo", &["09:00-11:00"], &[]));
    let hosts = vec![one(&long, &[]), one(&short, &[])];
    let team = Team::new(hosts, true, vec![], vec![]);
    let start = utc(HALF_PAST_TEN);
    assert_eq!(team.judge_host(1, start), Err(Reason::OutsideHours));
    assert_eq!(team.choose(start, &[0, 1]), Err(Reason::OutsideHours));
}

#[test]
fn a_seat_needs_the_hours_of_all_who_come_along() {
    let (long, short) = (mornings(), daily("Europe/Oslo", &["09:00-10:00"], &[]));
    let claims = [of_class(Share::Open(7))];
    let hosts = vec![one(&long, &claims), one(&short, &claims)];
    let team = Team::new(hosts, true, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Err(Reason::OutsideHours));
    assert!(!offered(&team).contains(&utc(TEN)));
}

#[test]
fn a_seat_needs_a_known_calendar_of_all_who_come_along() {
    let schedule = mornings();
    let claims = [of_class(Share::Open(7))];
    let never_read = Availability::new(
        &schedule,
        policy(60, 30),
        utc("2027-03-01T00:00:00Z"),
        i64::MIN,
        &claims,
        Vec::new(),
    );
    let hosts = vec![one(&schedule, &claims), never_read];
    let team = Team::new(hosts, true, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Err(Reason::Unknown));
    assert!(!offered(&team).contains(&utc(TEN)));
}

#[test]
fn a_host_who_came_after_the_class_was_made_is_not_asked_for_a_seat() {
    let schedule = mornings();
    let class = [of_class(Share::Open(7))];
    let elsewhere = [booked(TEN, ELEVEN)];
    let hosts = vec![one(&schedule, &class), one(&schedule, &elsewhere)];
    let team = Team::new(hosts, true, vec![], vec![]);
    assert_eq!(team.judge_host(1, utc(TEN)), Ok(()));
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Ok(Choice::Seat(7)));
}

#[test]
fn a_class_that_one_of_a_collective_holds_alone_is_a_booking_to_the_others() {
    let schedule = mornings();
    let class = [of_class(Share::Open(7))];
    let hosts = vec![one(&schedule, &[]), one(&schedule, &class)];
    let team = Team::new(hosts, true, vec![], vec![]);
    assert_eq!(team.choose(utc(TEN), &[0, 1]), Err(Reason::Booked));
}

#[test]
fn a_limit_of_the_service_closes_what_a_host_could_take_and_seats_as_well() {
    let schedule = mornings();
    let class = [of_class(Share::Open(7))];
    let closed = vec![Interval::new(utc(TEN), utc(NOON))];
    let team = Team::new(vec![one(&schedule, &class)], false, vec![], closed);
    assert_eq!(team.choose(utc(TEN), &[0]), Err(Reason::Limit));
    assert_eq!(offered(&team), instants(&[NINE]));
}
