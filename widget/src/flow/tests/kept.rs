//! Nothing that was typed is ever lost: every event in every state, every answer to
//! every open question.

use super::support::*;
use crate::{
    api::{Call, Outcome},
    flow::{Event, Grave, Ticket},
    form::Key,
    month::{self, MonthId},
};
use slotstead_shared::{problem::ProblemKind, wire::BookingStatus};

const TYPED: [&str; 3] = ["Amal", "amal@example.com", "hello"];

/// The way to a state from a form that is filled in and whose time is kept.
type Way = fn(&mut Desk);

/// Every state by name.
const STATES: &[(&str, Way)] = &[
    ("form, kept", |_| {}),
    ("form, being kept", |desk| {
        desk.on(Event::Back);
        desk.pick(TWELFTH);
    }),
    ("form, lapsed", |desk| desk.later(601_000)),
    ("month", |desk| desk.on(Event::Back)),
    ("month, zones", |desk| {
        desk.on(Event::Back);
        desk.on(Event::ToggleZones);
    }),
    ("sending", |desk| desk.submit("k1")),
    ("session expired", |desk| {
        desk.submit("k1");
        desk.answer_book(refused(ProblemKind::TokenExpired));
    }),
    ("checking", |desk| {
        desk.submit("k1");
        desk.answer_book(LOST);
    }),
    ("offline", |desk| {
        desk.submit("k1");
        desk.answer_book(OFFLINE);
    }),
    ("limited", |desk| {
        desk.submit("k1");
        desk.answer_book(limited(30));
    }),
    ("failed", |desk| {
        desk.submit("k1");
        desk.answer_book(refused(ProblemKind::Conflict));
    }),
    ("marked", |desk| {
        desk.submit("k1");
        desk.answer_book(wrong(&["email", "start"]));
    }),
    ("taken", |desk| {
        desk.submit("k1");
        desk.answer_book(taken(&[TWELFTH]));
    }),
    ("booked", |desk| {
        desk.submit("k1");
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
    }),
    ("manage", |desk| {
        desk.submit("k1");
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
        desk.on(Event::Manage);
    }),
    ("moving", |desk| {
        desk.submit("k1");
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
        desk.on(Event::Manage);
        desk.on(Event::BeginMove);
        desk.answer_slots(&[ELEVENTH, TWELFTH]);
        desk.pick(TWELFTH);
    }),
    ("cancelling", |desk| {
        desk.submit("k1");
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
        desk.on(Event::Manage);
        desk.on(Event::Ask(Grave::Cancel));
        desk.on(Event::ConfirmAsked);
    }),
];

fn desk(way: Way) -> Desk {
    let mut desk = Desk::in_form();
    way(&mut desk);
    desk
}

fn events() -> Vec<Event> {
    vec![
        Event::Tick,
        Event::Online,
        Event::Returned,
        Event::Leaving,
        Event::ChooseService("first".parse().unwrap()),
        Event::ChooseDuration(30),
        Event::ChooseHost(Some("amal".parse().unwrap())),
        Event::ShowMonth(MonthId::of(date("2027-04-01"))),
        Event::MoveFrom(date("2027-03-31"), month::Step::DayOn),
        Event::ChooseDay(date("2027-03-12")),
        Event::PickTime(stamp(TWELFTH)),
        Event::PickTime(stamp("2027-03-30T03:00:00+00:00")),
        Event::ToggleZones,
        Event::ChooseZone("Asia/Tokyo".to_owned()),
        Event::Leave(Key::Email),
        Event::Leave(Key::Answer("unknown".parse().unwrap())),
        Event::Edit(Key::Answer("unknown".parse().unwrap()), "x".to_owned()),
        Event::Submit("k9".to_owned()),
        Event::KeepAgain,
        Event::Retry,
        Event::Back,
        Event::Manage,
        Event::BeginMove,
        Event::Ask(Grave::Cancel),
        Event::DropAsked,
        Event::ConfirmAsked,
        Event::BookAnother,
        Event::Answered(Ticket::FIRST, session(&["first"], "t9")),
    ]
}

fn outcomes(call: &Call) -> Vec<Outcome> {
    let kinds = [
        ProblemKind::InvalidRequest,
        ProblemKind::Unauthenticated,
        ProblemKind::TokenExpired,
        ProblemKind::NotAllowed,
        ProblemKind::OriginNotAllowed,
        ProblemKind::NotFound,
        ProblemKind::SlotTaken,
        ProblemKind::SlotNotOffered,
        ProblemKind::BookingClosed,
        ProblemKind::IdempotencyKeyReused,
        ProblemKind::Conflict,
        ProblemKind::RateLimited,
        ProblemKind::RegionUnavailable,
        ProblemKind::Misconfigured,
        ProblemKind::Internal,
    ];
    let mut outcomes: Vec<Outcome> = kinds.into_iter().map(refused).collect();
    outcomes.extend([
        LOST,
        OFFLINE,
        wrong(&["name", "email", "answers.note", "zone"]),
        taken(&[]),
    ]);
    outcomes.push(match call {
        Call::Open => session(&[], "t9"),
        Call::Slots { .. } => slots_of(call, &[]),
        Call::Keep(_) => held(TWELFTH),
        _ => booked(BookingStatus::Confirmed, TWELFTH),
    });
    outcomes
}

#[test]
fn every_event_in_every_state_keeps_what_was_typed() {
    for (name, way) in STATES {
        for event in events() {
            let mut desk = desk(*way);
            desk.on(event.clone());
            desk.later(700_000);
            assert_eq!(desk.typed(), TYPED, "{name}: {event:?}");
        }
    }
}

#[test]
fn every_answer_in_every_state_keeps_what_was_typed() {
    for (name, way) in STATES {
        let open = desk(*way).asked;
        for (place, (_, call, _)) in open.iter().enumerate() {
            for outcome in outcomes(call) {
                let mut desk = desk(*way);
                let ticket = desk.asked[place].0;
                desk.on(Event::Answered(ticket, outcome.clone()));
                desk.on(Event::Answered(ticket, outcome.clone()));
                desk.later(2_000);
                assert_eq!(desk.typed(), TYPED, "{name}: {outcome:?}");
            }
        }
    }
}

/// While the outcome of one booking is unknown, no event starts another.
#[test]
fn no_event_makes_a_second_booking_while_the_first_is_undecided() {
    let undecided = |desk: &Desk| desk.flow.undecided() && desk.keys() == ["k1"];
    let mut seen = 0;
    for (name, way) in STATES.iter().filter(|(_, way)| undecided(&desk(*way))) {
        seen += 1;
        for first in events() {
            for second in [Event::Submit("k2".to_owned()), Event::Retry, Event::Online] {
                let mut desk = desk(*way);
                desk.on(first.clone());
                desk.on(second.clone());
                desk.later(60_000);
                assert!(
                    desk.keys().iter().all(|key| *key == "k1"),
                    "{name}: {first:?}, {second:?}"
                );
            }
        }
    }
    assert_eq!(
        seen, 5,
        "sending, session expired, checking, offline, cancelling"
    );
}
