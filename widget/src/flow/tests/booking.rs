//! The hold, and one booking for any number of clicks and tries.

use super::support::*;
use crate::{
    api::Call,
    flow::{Event, Fault, Focus, Keeping, Sending, Step},
    form::Key,
};
use slotstead_shared::{problem::ProblemKind, wire::BookingStatus};

fn is_book(call: &Call) -> bool {
    matches!(call, Call::Book { .. })
}

fn is_keep(call: &Call) -> bool {
    matches!(call, Call::Keep(_))
}

fn is_release(call: &Call) -> bool {
    matches!(call, Call::Release(_))
}

fn keeping(desk: &Desk) -> &Keeping {
    &desk.flow.pick().unwrap().keeping
}

#[test]
fn picking_a_time_keeps_it_and_going_back_lets_it_go() {
    let mut desk = Desk::in_month();
    desk.pick(ELEVENTH);
    desk.pick(ELEVENTH);
    assert_eq!(desk.open_count(is_keep), 1, "a double click keeps once");
    desk.answer_keep(held(ELEVENTH));
    assert!(matches!(keeping(&desk), Keeping::Kept { .. }));
    desk.on(Event::Back);
    assert_eq!(desk.flow.step(), Step::Month);
    assert_eq!(desk.open_count(is_release), 1);
    assert_eq!(desk.focus.last(), Some(&Focus::Times));
}

#[test]
fn the_next_hold_waits_until_the_one_before_is_gone() {
    let mut desk = Desk::in_form();
    desk.on(Event::Back);
    desk.pick(ELEVENTH);
    assert_eq!(
        (keeping(&desk), desk.open_count(is_keep)),
        (&Keeping::Queued, 0)
    );
    desk.answer(is_release, LOST);
    assert_eq!(desk.open_count(is_keep), 1);
}

#[test]
fn a_hold_that_comes_too_late_is_released() {
    let mut desk = Desk::in_month();
    desk.pick(ELEVENTH);
    desk.on(Event::Back);
    assert_eq!(desk.open_count(is_release), 0);
    desk.answer_keep(held(ELEVENTH));
    assert_eq!(desk.open_count(is_release), 1);
}

#[test]
fn without_a_hold_one_can_still_book() {
    for outcome in [LOST, limited(9), refused(ProblemKind::Conflict)] {
        let mut desk = Desk::in_month();
        desk.pick(ELEVENTH);
        desk.fill();
        desk.answer_keep(outcome);
        assert_eq!(keeping(&desk), &Keeping::Without);
        desk.submit("k1");
        assert_eq!(desk.open_count(is_book), 1);
    }
}

#[test]
fn a_time_gone_at_the_hold_shows_the_nearest_ones() {
    let mut desk = Desk::in_month();
    desk.pick(ELEVENTH);
    desk.fill();
    desk.answer_keep(taken(&[ELEVENTH_LATER, TWELFTH]));
    assert_eq!(desk.flow.step(), Step::Taken);
    assert_eq!(desk.said.last().unwrap(), "13:30 has just been taken");
    desk.pick(TWELFTH);
    assert_eq!(desk.flow.step(), Step::Form);
    assert_eq!(desk.typed(), ["Amal", "amal@example.com", "hello"]);
}

#[test]
fn a_lapsed_hold_asks_whether_the_time_is_still_free() {
    let mut desk = Desk::in_form();
    desk.later(599_000);
    assert!(matches!(keeping(&desk), Keeping::Kept { .. }));
    desk.later(2_000);
    assert_eq!(keeping(&desk), &Keeping::Lapsed { still_free: None });
    desk.answer_slots(&[ELEVENTH]);
    assert_eq!(
        keeping(&desk),
        &Keeping::Lapsed {
            still_free: Some(true)
        }
    );
    desk.on(Event::KeepAgain);
    desk.answer_keep(held(ELEVENTH));
    assert!(matches!(keeping(&desk), Keeping::Kept { .. }));
}

#[test]
fn a_lapsed_hold_whose_time_is_gone_shows_the_nearest_ones() {
    let mut desk = Desk::in_form();
    desk.later(601_000);
    desk.answer_slots(&[ELEVENTH_LATER, TWELFTH]);
    assert_eq!(desk.flow.step(), Step::Taken);
    let starts: Vec<_> = desk
        .flow
        .lost()
        .unwrap()
        .alternatives
        .iter()
        .map(|slot| slot.start)
        .collect();
    assert_eq!(starts, [stamp(ELEVENTH_LATER), stamp(TWELFTH)]);
}

#[test]
fn the_countdown_wakes_when_a_minute_is_over_and_when_it_lapses() {
    let mut desk = Desk::in_form();
    assert_eq!(desk.flow.next_wake(), Some(desk.now + 60_000));
    desk.later(30_000);
    assert_eq!(desk.flow.next_wake(), Some(desk.now + 30_000));
    desk.later(569_500);
    assert_eq!(desk.flow.next_wake(), Some(desk.now + 500));
}

#[test]
fn a_double_click_sends_one_booking_with_the_hold() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.submit("k2");
    desk.submit("k3");
    assert_eq!(desk.keys(), ["k1"]);
    let Call::Book { booking, .. } = &desk.history.last().unwrap().0 else {
        panic!("a booking")
    };
    assert_eq!(booking.hold, Some(hold_id()));
    desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Booked);
    assert_eq!(
        desk.open_count(is_release),
        0,
        "a hold that became a booking is not released"
    );
    desk.submit("k4");
    assert_eq!(desk.keys(), ["k1"]);
}

#[test]
fn sending_waits_for_the_hold_so_that_our_own_hold_is_not_in_the_way() {
    let mut desk = Desk::in_month();
    desk.pick(ELEVENTH);
    desk.fill();
    desk.submit("k1");
    desk.submit("k2");
    assert_eq!(desk.open_count(is_book), 0);
    desk.answer_keep(held(ELEVENTH));
    assert_eq!(desk.keys(), ["k1"]);
}

#[test]
fn a_form_with_errors_is_not_sent_and_the_first_is_focused() {
    let mut desk = Desk::in_form();
    desk.on(Event::Edit(Key::Email, "amal@example".to_owned()));
    desk.submit("k1");
    assert!(desk.keys().is_empty());
    assert_eq!(desk.focus.last(), Some(&Focus::Question(Key::Email)));
    assert_eq!(desk.said.last().unwrap(), "One answer needs another look.");
}

#[test]
fn the_servers_errors_are_shown_and_the_next_try_has_a_new_key() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.answer_book(wrong(&["email", "answers.note"]));
    assert_eq!(desk.flow.form().marked(), 2);
    assert_eq!(desk.focus.last(), Some(&Focus::Question(Key::Email)));
    desk.on(Event::Edit(Key::Email, "amal@example.no".to_owned()));
    desk.submit("k2");
    assert_eq!(desk.keys(), ["k1", "k2"]);
}

#[test]
fn an_error_that_belongs_to_no_question_is_said_in_a_note() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.answer_book(wrong(&["start"]));
    assert_eq!(
        desk.flow.sending(),
        &Sending::Failed(Fault::Refused("Not right".to_owned()))
    );
    assert_eq!(desk.focus.last(), Some(&Focus::Note));
    desk.submit("k2");
    assert_eq!(desk.keys(), ["k1", "k2"]);
}

#[test]
fn a_lost_answer_is_looked_for_with_the_same_request_until_it_is_found() {
    for silent in [
        LOST,
        refused(ProblemKind::RegionUnavailable),
        refused(ProblemKind::Internal),
    ] {
        let mut desk = Desk::in_form();
        desk.submit("k1");
        let first = desk.history.last().unwrap().1.clone();
        for pause in [1_000, 2_000, 4_000] {
            desk.answer_book(silent.clone());
            assert!(matches!(desk.flow.sending(), Sending::Checking { .. }));
            assert_eq!(
                desk.flow.next_wake().unwrap().min(desk.now + pause),
                desk.now + pause
            );
            desk.later(pause - 1);
            assert_eq!(desk.open_count(is_book), 0, "not before its time");
            desk.submit("k2");
            desk.on(Event::Back);
            assert_eq!(
                (desk.flow.step(), desk.open_count(is_book)),
                (Step::Form, 0),
                "nothing can be changed"
            );
            desk.later(1);
            assert_eq!(desk.history.last().unwrap().1, first, "to the byte");
        }
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
        assert_eq!(desk.flow.step(), Step::Booked);
        assert!(desk.keys().iter().all(|key| *key == "k1"));
    }
}

#[test]
fn an_outcome_that_stays_unknown_is_called_unknown_and_can_be_checked_again() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    for pause in [1_000, 2_000, 4_000, 8_000] {
        desk.answer_book(LOST);
        desk.later(pause);
    }
    desk.answer_book(LOST);
    assert_eq!(desk.flow.sending(), &Sending::Unknown);
    assert_eq!(desk.focus.last(), Some(&Focus::Note));
    desk.submit("k2");
    desk.on(Event::Back);
    assert_eq!(desk.flow.step(), Step::Form);
    desk.on(Event::Retry);
    desk.on(Event::Retry);
    assert_eq!(desk.open_count(is_book), 1);
    desk.answer_book(taken(&[TWELFTH]));
    assert_eq!(
        desk.flow.step(),
        Step::Taken,
        "now it is known that nothing was booked"
    );
    assert!(desk.keys().iter().all(|key| *key == "k1"));
}

#[test]
fn offline_waits_and_sends_the_same_request_when_the_network_is_back() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.answer_book(OFFLINE);
    assert_eq!(desk.flow.sending(), &Sending::Offline);
    desk.submit("k2");
    desk.on(Event::Online);
    desk.on(Event::Online);
    assert_eq!(desk.keys(), ["k1", "k1"]);
    desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Booked);
}

#[test]
fn a_rate_limit_counts_down_and_keeps_the_key_of_the_same_content() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.answer_book(limited(3));
    desk.submit("k2");
    desk.on(Event::Retry);
    assert_eq!(desk.keys(), ["k1"], "not before its time");
    assert_eq!(desk.flow.next_wake(), Some(desk.now + 1_000));
    desk.later(3_000);
    desk.submit("k3");
    assert_eq!(desk.keys(), ["k1", "k1"]);
    desk.answer_book(limited(1));
    desk.later(1_000);
    desk.on(Event::Edit(Key::Name, "Amal Haddad".to_owned()));
    desk.submit("k4");
    assert_eq!(desk.keys(), ["k1", "k1", "k4"], "other content, other key");
}

#[test]
fn an_expired_session_does_not_make_a_second_booking() {
    let mut desk = Desk::in_form();
    desk.submit("k1");
    desk.answer_book(refused(ProblemKind::TokenExpired));
    desk.submit("k2");
    desk.answer(|call| *call == Call::Open, session(&["first"], "t2"));
    assert_eq!(desk.keys(), ["k1", "k1"]);
    assert_eq!(desk.history.last().unwrap().1.bearer.as_deref(), Some("t2"));
    desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Booked);
    assert_eq!(desk.typed(), ["Amal", "amal@example.com", "hello"]);
}

#[test]
fn a_definite_no_is_said_and_can_be_tried_anew() {
    for kind in [
        ProblemKind::IdempotencyKeyReused,
        ProblemKind::Conflict,
        ProblemKind::NotAllowed,
    ] {
        let mut desk = Desk::in_form();
        desk.submit("k1");
        desk.answer_book(refused(kind));
        assert_eq!(
            desk.flow.sending(),
            &Sending::Failed(Fault::Refused("What the server said.".to_owned()))
        );
        desk.submit("k2");
        assert_eq!(desk.keys(), ["k1", "k2"]);
    }
}

#[test]
fn leaving_the_page_lets_the_time_go_and_coming_back_keeps_it_again() {
    let mut desk = Desk::in_form();
    desk.on(Event::Leaving);
    assert_eq!(desk.open_count(is_release), 1);
    desk.on(Event::Returned);
    desk.answer(is_release, LOST);
    assert_eq!(desk.open_count(is_keep), 1);
    desk.answer_keep(held(ELEVENTH));
    desk.submit("k1");
    desk.on(Event::Leaving);
    assert_eq!(
        desk.open_count(is_release),
        0,
        "not while a booking with it is under way"
    );
}
