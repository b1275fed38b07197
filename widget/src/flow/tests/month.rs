//! The month: what is asked, kept, dropped and shown.

use super::support::*;
use crate::{
    api::Call,
    flow::{Event, Fault, Focus, Setup, Step, Ticket},
    month::{self, MonthId},
    times::{self, Shown},
};
use slotstead_shared::problem::ProblemKind;

fn april() -> MonthId {
    MonthId::of(date("2027-04-01"))
}

fn is_slots(call: &Call) -> bool {
    matches!(call, Call::Slots { .. })
}

#[test]
fn the_first_free_day_is_in_hand_and_the_next_month_is_fetched_ahead() {
    let mut desk = Desk::in_month();
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-11")));
    let asked: Vec<String> = desk
        .history
        .iter()
        .map(|(_, request)| request.url.clone())
        .collect();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].contains("from=2027-04-01&to=2027-05-01"),
        "{asked:?}"
    );
    assert_eq!(desk.said, ["March 2027: 2 days free"]);
    desk.on(Event::ShowMonth(april()));
    let again = desk
        .history
        .iter()
        .filter(|(_, request)| request.url.contains("from=2027-04-01"))
        .count();
    assert_eq!(again, 1, "April is answered from memory");
}

#[test]
fn an_empty_month_names_the_next_free_time_and_shows_it() {
    let mut desk = Desk::new(setup());
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer_slots(&["2027-04-06T09:00:00+01:00"]);
    let Shown::Empty {
        month,
        day,
        time,
        show,
    } = times::shown(&desk.flow)
    else {
        panic!("an empty month")
    };
    assert_eq!(
        (month.as_str(), day.as_str(), time.as_str()),
        ("March", "Tuesday 6 April", "09:00")
    );
    desk.on(Event::ShowMonth(show));
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-04-06")));
}

#[test]
fn nothing_at_all_and_nothing_later_are_told_apart() {
    let mut desk = Desk::new(setup());
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer_slots(&[]);
    assert_eq!(times::shown(&desk.flow), Shown::Nothing);
    let mut desk = Desk::in_month();
    desk.on(Event::ShowMonth(april()));
    assert!(matches!(
        times::shown(&desk.flow),
        Shown::NothingLater { .. }
    ));
}

#[test]
fn months_outside_today_and_the_window_are_not_shown() {
    let mut desk = Desk::in_month();
    for outside in ["2027-02-01", "2027-06-01"] {
        desk.on(Event::ShowMonth(MonthId::of(date(outside))));
        assert_eq!(
            desk.flow.diary().shown(),
            MonthId::of(date("2027-03-01")),
            "{outside}"
        );
    }
    desk.on(Event::MoveFrom(date("2027-03-01"), month::Step::DayBack));
    assert_eq!(desk.flow.diary().shown(), MonthId::of(date("2027-03-01")));
}

#[test]
fn the_keyboard_crosses_into_the_next_month() {
    let mut desk = Desk::in_month();
    desk.on(Event::MoveFrom(date("2027-03-31"), month::Step::WeekOn));
    assert_eq!(desk.flow.diary().shown(), april());
    assert_eq!(desk.focus.last(), Some(&Focus::Day(date("2027-04-07"))));
}

#[test]
fn a_chosen_day_moves_the_focus_to_its_times_and_a_day_without_any_does_not() {
    let mut desk = Desk::in_month();
    desk.on(Event::ChooseDay(date("2027-03-12")));
    assert_eq!(desk.focus.last(), Some(&Focus::Times));
    assert_eq!(desk.said.last().unwrap(), "Friday 12 March, 1 time free");
    desk.on(Event::ChooseDay(date("2027-03-13")));
    assert_eq!(desk.said.last().unwrap(), "Saturday 13 March, nothing free");
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
}

#[test]
fn an_answer_for_a_zone_no_longer_wanted_is_dropped() {
    let mut desk = Desk::in_month();
    desk.on(Event::ChooseZone("Asia/Tokyo".to_owned()));
    desk.on(Event::ChooseZone("America/Chicago".to_owned()));
    assert_eq!(desk.open_count(is_slots), 2);
    let (_, tokyo, _) = desk.asked[0].clone();
    let (_, chicago, _) = desk.asked[1].clone();
    desk.answer(
        |call| *call == chicago,
        slots_of(&chicago, &["2027-03-20T08:00:00-05:00"]),
    );
    desk.answer(
        |call| *call == tokyo,
        slots_of(&tokyo, &["2027-03-25T22:00:00+09:00"]),
    );
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-20")));
    assert_eq!(desk.flow.diary().answer().unwrap().zone, "America/Chicago");
}

#[test]
fn of_two_questions_for_one_month_only_the_later_answer_counts() {
    let mut desk = Desk::in_month();
    desk.later(61_000);
    desk.on(Event::Returned);
    desk.on(Event::Retry);
    let (first, second) = (desk.asked[0].clone(), desk.asked[1].clone());
    desk.on(Event::Answered(second.0, slots_of(&second.1, &[TWELFTH])));
    desk.on(Event::Answered(first.0, slots_of(&first.1, &[ELEVENTH])));
    assert!(desk.flow.diary().slot(stamp(ELEVENTH)).is_none());
    assert_eq!(
        desk.flow.diary().chosen(),
        Some(date("2027-03-12")),
        "its day has no times left"
    );
}

/// Looks at the page again after a while, when these times are free.
fn refresh(desk: &mut Desk, starts: &[&str]) {
    desk.later(61_000);
    desk.on(Event::Returned);
    desk.answer_slots(starts);
}

#[test]
fn a_chosen_day_that_loses_its_times_stays_and_says_so_once() {
    let mut desk = Desk::in_month();
    desk.on(Event::ChooseDay(date("2027-03-12")));
    desk.said.clear();
    refresh(&mut desk, &[ELEVENTH]);
    refresh(&mut desk, &[ELEVENTH]);
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
    assert_eq!(
        times::shown(&desk.flow),
        Shown::Day {
            title: "Nothing free on Friday 12 March.".to_owned(),
            groups: Vec::new(),
        }
    );
    refresh(&mut desk, &[ELEVENTH, TWELFTH]);
    assert_eq!(
        desk.said,
        [
            "Friday 12 March, nothing free",
            "Friday 12 March, 1 time free"
        ]
    );
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
}

#[test]
fn a_day_that_nobody_chose_gives_way_and_the_next_is_said() {
    let mut desk = Desk::in_month();
    desk.said.clear();
    refresh(&mut desk, &[ELEVENTH, TWELFTH]);
    assert!(desk.said.is_empty(), "{:?}", desk.said);
    refresh(&mut desk, &[TWELFTH]);
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
    refresh(&mut desk, &[]);
    assert_eq!(
        desk.said,
        ["Friday 12 March, 1 time free", "March 2027: nothing free"]
    );
}

#[test]
fn the_day_of_a_picked_time_stays_when_its_times_are_gone() {
    let mut desk = Desk::in_month();
    desk.pick(TWELFTH);
    desk.answer_keep(taken(&[ELEVENTH]));
    desk.on(Event::Back);
    desk.answer_slots(&[ELEVENTH]);
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
    assert_eq!(desk.said.last().unwrap(), "Friday 12 March, nothing free");
}

#[test]
fn a_return_refreshes_only_what_is_older_than_a_minute() {
    let mut desk = Desk::in_month();
    desk.later(59_000);
    desk.on(Event::Returned);
    assert_eq!(desk.open_count(is_slots), 0);
    desk.later(2_000);
    desk.on(Event::Returned);
    desk.on(Event::Returned);
    assert_eq!(desk.open_count(is_slots), 1);
    desk.answer(is_slots, LOST);
    assert!(
        desk.flow.diary().answer().is_some(),
        "the older answer stands"
    );
    assert_eq!(desk.flow.diary().fault(), None);
}

#[test]
fn a_zone_that_the_server_does_not_know_gives_way_to_the_services_own() {
    let mut desk = Desk::new(Setup {
        zone: "Mars/Base".to_owned(),
        ..setup()
    });
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer(is_slots, wrong(&["zone"]));
    assert_eq!(
        (desk.flow.zone(), desk.flow.zone_refused()),
        ("Europe/Oslo", Some("Mars/Base"))
    );
    desk.answer(is_slots, wrong(&["zone"]));
    assert!(
        matches!(desk.flow.diary().fault(), Some(Fault::Refused(_))),
        "not for ever"
    );
}

#[test]
fn a_browser_clock_that_is_behind_is_corrected_by_the_region() {
    let mut desk = Desk::new(Setup {
        today: date("2026-12-31"),
        ..setup()
    });
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer_slots(&[ELEVENTH]);
    assert_eq!(desk.flow.diary().shown(), MonthId::of(date("2027-03-01")));
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-11")));
}

#[test]
fn a_month_that_cannot_be_had_says_so_and_comes_back() {
    for (outcome, fault) in [
        (refused(ProblemKind::RegionUnavailable), Fault::Unreachable),
        (OFFLINE, Fault::Offline),
        (limited(30), Fault::Limited { until: 31_000 }),
    ] {
        let mut desk = Desk::new(setup());
        desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
        desk.answer(is_slots, outcome);
        assert_eq!(desk.flow.diary().fault(), Some(&fault));
        assert_eq!(
            desk.flow.next_wake().is_some(),
            matches!(fault, Fault::Limited { .. })
        );
        desk.on(if fault == Fault::Offline {
            Event::Online
        } else {
            Event::Retry
        });
        desk.answer_slots(&[ELEVENTH]);
        assert!(matches!(times::shown(&desk.flow), Shown::Day { .. }));
        assert_eq!(desk.flow.step(), Step::Month);
    }
}

#[test]
fn the_list_of_zones_stays_open_while_zones_are_tried_out() {
    let mut desk = Desk::in_month();
    desk.on(Event::ToggleZones);
    assert_eq!(desk.focus.last(), Some(&Focus::Zones));
    desk.on(Event::ChooseZone("Asia/Tokyo".to_owned()));
    desk.on(Event::ChooseZone("Asia/Tokyo".to_owned()));
    assert!(desk.flow.choosing_zone());
    assert_eq!(
        desk.open_count(is_slots),
        1,
        "the same zone is not asked for twice"
    );
    desk.on(Event::ToggleZones);
    assert!(!desk.flow.choosing_zone());
}

#[test]
fn the_day_in_hand_stays_when_the_zone_changes_and_it_still_has_times() {
    let mut desk = Desk::in_month();
    desk.on(Event::ChooseDay(date("2027-03-12")));
    desk.on(Event::ChooseZone("Asia/Tokyo".to_owned()));
    let (_, tokyo, _) = desk.asked[0].clone();
    let times = ["2027-03-10T22:00:00+09:00", "2027-03-12T18:00:00+09:00"];
    desk.answer(|call| *call == tokyo, slots_of(&tokyo, &times));
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
}
