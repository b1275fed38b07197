//! From nothing to the first view.

use super::support::*;
use crate::{
    api::Call,
    flow::{Event, Fault, Setup, Step, Ticket},
};
use slotstead_shared::problem::ProblemKind;

fn opened(setup: Setup, services: &[&str]) -> Desk {
    let mut desk = Desk::new(setup);
    desk.on(Event::Answered(Ticket::FIRST, session(services, "t1")));
    desk
}

#[test]
fn one_service_leads_straight_to_its_month() {
    let desk = opened(setup(), &["first"]);
    assert_eq!(desk.flow.step(), Step::Month);
    let (_, _, request) = &desk.asked[0];
    assert_eq!(
        request.url,
        "https://edge.example/v1/us_x/slots?service=first&from=2027-03-01&to=2027-04-01&zone=Europe%2FLondon"
    );
    assert_eq!(request.bearer.as_deref(), Some("t1"));
    assert!(
        desk.focus.is_empty(),
        "opening must not take the page's focus"
    );
}

#[test]
fn several_services_are_a_choice_and_can_be_gone_back_to() {
    let mut desk = opened(setup(), &["first", "second"]);
    assert_eq!(desk.flow.step(), Step::Service);
    desk.on(Event::ChooseService("second".parse().unwrap()));
    assert_eq!(desk.flow.step(), Step::Month);
    assert_eq!(desk.flow.service().unwrap().id.as_str(), "second");
    desk.on(Event::Back);
    assert_eq!(desk.flow.step(), Step::Service);
}

#[test]
fn a_service_named_by_the_page_is_taken_or_missing() {
    let named = |id: &str| Setup {
        service: Some(id.to_owned()),
        ..setup()
    };
    let desk = opened(named("second"), &["first", "second"]);
    assert_eq!(
        (desk.flow.step(), desk.flow.service().unwrap().id.as_str()),
        (Step::Month, "second")
    );
    let desk = opened(named("gone"), &["first", "second"]);
    assert_eq!(
        (desk.flow.step(), desk.flow.fault()),
        (Step::Opening, Some(&Fault::Missing))
    );
    let desk = opened(setup(), &[]);
    assert_eq!(desk.flow.fault(), Some(&Fault::NoServices));
}

#[test]
fn a_session_that_fails_says_why_and_can_be_asked_for_again() {
    for (outcome, fault, retry) in [
        (refused(ProblemKind::OriginNotAllowed), Fault::Origin, false),
        (refused(ProblemKind::NotFound), Fault::Missing, false),
        (
            refused(ProblemKind::RegionUnavailable),
            Fault::Unreachable,
            true,
        ),
        (LOST, Fault::Unreachable, true),
        (limited(7), Fault::Limited { until: 8_000 }, true),
    ] {
        let mut desk = Desk::new(setup());
        desk.on(Event::Answered(Ticket::FIRST, outcome));
        assert_eq!(desk.flow.fault(), Some(&fault));
        assert_eq!(fault.can_retry(), retry);
        desk.on(Event::Retry);
        desk.on(Event::Retry);
        assert_eq!(
            desk.open_count(|call| *call == Call::Open),
            1,
            "asked once however often it is clicked"
        );
        desk.answer(|call| *call == Call::Open, session(&["first"], "t2"));
        assert_eq!(desk.flow.step(), Step::Month);
    }
}

#[test]
fn being_back_online_opens_by_itself() {
    let mut desk = Desk::new(setup());
    desk.on(Event::Answered(Ticket::FIRST, OFFLINE));
    assert_eq!(desk.flow.fault(), Some(&Fault::Offline));
    desk.on(Event::Online);
    desk.answer(|call| *call == Call::Open, session(&["first"], "t1"));
    assert_eq!(desk.flow.step(), Step::Month);
}

#[test]
fn an_expired_session_is_renewed_silently_and_the_request_repeated_once() {
    let mut desk = opened(setup(), &["first"]);
    desk.answer(
        |call| matches!(call, Call::Slots { .. }),
        refused(ProblemKind::TokenExpired),
    );
    assert_eq!(desk.flow.step(), Step::Month);
    assert!(desk.flow.diary().loading(), "nothing of it is seen");
    desk.answer(|call| *call == Call::Open, session(&["first"], "t2"));
    let (_, _, request) = desk.asked.last().unwrap();
    assert_eq!(request.bearer.as_deref(), Some("t2"));
    desk.answer(
        |call| matches!(call, Call::Slots { .. }),
        refused(ProblemKind::TokenExpired),
    );
    assert_eq!(
        desk.open_count(|call| *call == Call::Open),
        0,
        "not for ever"
    );
    assert!(desk.flow.diary().fault().is_some());
}

#[test]
fn a_session_that_cannot_be_renewed_fails_what_waited_for_it() {
    let mut desk = opened(setup(), &["first"]);
    desk.answer(
        |call| matches!(call, Call::Slots { .. }),
        refused(ProblemKind::TokenExpired),
    );
    desk.answer(
        |call| *call == Call::Open,
        refused(ProblemKind::RegionUnavailable),
    );
    assert_eq!(desk.flow.diary().fault(), Some(&Fault::Unreachable));
    desk.on(Event::Retry);
    desk.answer_slots(&[ELEVENTH]);
    assert!(desk.flow.diary().answer().is_some());
}
