//! Changing and cancelling.

use super::support::*;
use crate::{
    api::{Call, Outcome, Reply},
    flow::{Event, Fault, Grave, How, Sending, Setup, Step, Ticket},
};
use slotstead_shared::{problem::ProblemKind, wire::BookingStatus};

fn is_look(call: &Call) -> bool {
    matches!(call, Call::Look(_))
}

fn is_cancel(call: &Call) -> bool {
    matches!(call, Call::Cancel(_))
}

fn is_move(call: &Call) -> bool {
    matches!(call, Call::Move { .. })
}

fn opened() -> Desk {
    let mut desk = Desk::new(link());
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer(is_look, booked(BookingStatus::Confirmed, ELEVENTH));
    desk
}

#[test]
fn a_link_opens_its_booking_with_its_own_token() {
    let mut desk = Desk::new(link());
    assert_eq!(
        desk.asked[0].2.bearer.as_deref(),
        Some("link"),
        "without waiting for the session"
    );
    desk.answer(is_look, booked(BookingStatus::Confirmed, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Opening);
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    assert_eq!(
        (desk.flow.step(), desk.flow.how()),
        (Step::Manage, How::Opened)
    );
}

#[test]
fn a_link_that_opens_nothing_says_so() {
    let mut desk = Desk::new(Setup {
        manage: Some(None),
        ..setup()
    });
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    assert_eq!(desk.flow.fault(), Some(&Fault::BadLink));
    for (kind, fault) in [
        (ProblemKind::TokenExpired, Fault::LinkOver),
        (ProblemKind::Unauthenticated, Fault::BadLink),
        (ProblemKind::NotFound, Fault::BadLink),
    ] {
        let mut desk = Desk::new(link());
        desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
        desk.answer(is_look, refused(kind));
        assert_eq!(desk.flow.fault(), Some(&fault));
        assert_eq!(
            desk.open_count(|call| *call == Call::Open),
            0,
            "a session cannot renew a capability"
        );
    }
}

#[test]
fn a_booking_that_cannot_be_read_now_is_asked_for_again() {
    let mut desk = Desk::new(link());
    desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
    desk.answer(is_look, LOST);
    assert_eq!(desk.flow.fault(), Some(&Fault::Unreachable));
    desk.on(Event::Retry);
    desk.answer(is_look, booked(BookingStatus::Confirmed, ELEVENTH));
    assert_eq!((desk.flow.step(), desk.flow.fault()), (Step::Manage, None));
}

#[test]
fn cancelling_is_asked_first_and_done_once() {
    let mut desk = opened();
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_cancel), 0, "not without asking");
    desk.on(Event::Ask(Grave::Cancel));
    desk.on(Event::DropAsked);
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_cancel), 0);
    desk.on(Event::Ask(Grave::Cancel));
    desk.on(Event::ConfirmAsked);
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_cancel), 1);
    assert_eq!(
        desk.history.last().unwrap().1.bearer.as_deref(),
        Some("cap")
    );
    desk.answer(is_cancel, booked(BookingStatus::Cancelled, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Cancelled);
    desk.on(Event::BookAnother);
    assert_eq!(desk.flow.step(), Step::Month);
}

#[test]
fn a_lost_answer_to_a_cancellation_ends_in_the_truth() {
    let mut desk = opened();
    desk.on(Event::Ask(Grave::Cancel));
    desk.on(Event::ConfirmAsked);
    desk.answer(is_cancel, LOST);
    desk.later(1_000);
    desk.answer(is_cancel, refused(ProblemKind::BookingClosed));
    desk.answer(is_look, booked(BookingStatus::Cancelled, ELEVENTH));
    assert_eq!(desk.flow.step(), Step::Cancelled);
}

#[test]
fn moving_asks_first_keeps_no_hold_and_is_done_once() {
    let mut desk = Desk::booked();
    desk.on(Event::Manage);
    desk.on(Event::BeginMove);
    desk.answer_slots(&[ELEVENTH_LATER, TWELFTH]);
    let holds = desk
        .history
        .iter()
        .filter(|(call, _)| matches!(call, Call::Keep(_)))
        .count();
    desk.pick(TWELFTH);
    assert_eq!(desk.flow.step(), Step::Confirm);
    assert_eq!(
        desk.history
            .iter()
            .filter(|(call, _)| matches!(call, Call::Keep(_)))
            .count(),
        holds
    );
    desk.submit("m1");
    desk.submit("m2");
    desk.answer(is_move, LOST);
    desk.later(1_000);
    assert_eq!(desk.keys(), ["k1", "m1", "m1"]);
    desk.answer(is_move, booked(BookingStatus::Confirmed, TWELFTH));
    assert_eq!(
        (desk.flow.step(), desk.flow.how()),
        (Step::Booked, How::Moved)
    );
}

#[test]
fn a_new_time_that_is_gone_leaves_the_booking_and_offers_others() {
    let mut desk = opened();
    desk.on(Event::BeginMove);
    desk.answer_slots(&[ELEVENTH_LATER, TWELFTH]);
    desk.pick(TWELFTH);
    desk.submit("m1");
    desk.answer(is_move, taken(&[ELEVENTH_LATER]));
    assert_eq!((desk.flow.step(), desk.flow.moving()), (Step::Taken, true));
    desk.pick(ELEVENTH_LATER);
    assert_eq!(desk.flow.step(), Step::Confirm);
    desk.on(Event::Back);
    assert_eq!(desk.flow.step(), Step::Month);
    desk.on(Event::Back);
    assert_eq!(
        (desk.flow.step(), desk.flow.moving()),
        (Step::Manage, false)
    );
}

#[test]
fn a_booking_whose_service_is_gone_cannot_be_moved_but_cancelled() {
    let mut desk = Desk::new(link());
    desk.on(Event::Answered(Ticket::FIRST, session(&["other"], "t1")));
    desk.answer(is_look, booked(BookingStatus::Confirmed, ELEVENTH));
    desk.on(Event::BeginMove);
    assert_eq!(desk.flow.sending(), &Sending::Failed(Fault::ServiceGone));
    desk.on(Event::Ask(Grave::Cancel));
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_cancel), 1);
}

#[test]
fn from_a_fresh_booking_one_can_go_to_change_it_and_back() {
    let mut desk = Desk::booked();
    desk.on(Event::Manage);
    assert_eq!(desk.flow.step(), Step::Manage);
    desk.on(Event::Back);
    assert_eq!(desk.flow.step(), Step::Booked);
}

fn is_erase(call: &Call) -> bool {
    matches!(call, Call::Erase(_))
}

#[test]
fn deleting_is_asked_first_and_leaves_nothing_here() {
    let mut desk = Desk::booked();
    desk.on(Event::Manage);
    desk.on(Event::Ask(Grave::Erase));
    desk.on(Event::DropAsked);
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_erase), 0, "not without asking");
    desk.on(Event::Ask(Grave::Erase));
    desk.on(Event::ConfirmAsked);
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_erase), 1);
    desk.answer(is_erase, Outcome::Done(Reply::Erased));
    assert_eq!(desk.flow.step(), Step::Erased);
    assert!(desk.flow.booked().is_none());
    let typed = desk.flow.form().questions().iter();
    let typed = typed.map(|question| desk.flow.form().value(&question.key));
    assert!(typed.into_iter().all(str::is_empty));
    desk.on(Event::BookAnother);
    assert_eq!(desk.flow.step(), Step::Month);
}

#[test]
fn a_lost_answer_to_a_deletion_ends_in_the_truth() {
    let mut desk = opened();
    desk.on(Event::Ask(Grave::Erase));
    desk.on(Event::ConfirmAsked);
    desk.answer(is_erase, LOST);
    desk.later(1_000);
    desk.answer(is_erase, refused(ProblemKind::NotFound));
    assert_eq!(desk.flow.step(), Step::Erased);
}

#[test]
fn a_cancelled_bookings_data_can_be_deleted_too() {
    let mut desk = opened();
    desk.on(Event::Ask(Grave::Cancel));
    desk.on(Event::ConfirmAsked);
    desk.answer(is_cancel, booked(BookingStatus::Cancelled, ELEVENTH));
    desk.on(Event::Ask(Grave::Cancel));
    assert_eq!(desk.flow.step(), Step::Cancelled);
    desk.on(Event::Ask(Grave::Erase));
    assert_eq!(desk.flow.step(), Step::Manage);
    desk.on(Event::DropAsked);
    assert_eq!(desk.flow.step(), Step::Cancelled);
    desk.on(Event::Ask(Grave::Erase));
    desk.on(Event::ConfirmAsked);
    assert_eq!(desk.open_count(is_erase), 1);
}
