//! How long, and with whom.

use slotstead_shared::{
    problem::ProblemKind,
    wire::{BookingStatus, Named, OfferedService},
};

use super::support::*;
use crate::{
    api::{Call, Outcome, Reply},
    flow::{Event, Flow, Keeping, Step, Ticket},
    summary,
    wish::{Wish, durations, hosts},
};

fn is_slots(call: &Call) -> bool {
    matches!(call, Call::Slots { .. })
}

fn is_look(call: &Call) -> bool {
    matches!(call, Call::Look(_))
}

fn named<I: std::str::FromStr<Err: std::fmt::Debug>>(id: &str, name: &str) -> Named<I> {
    Named {
        id: id.parse().unwrap(),
        name: name.to_owned(),
    }
}

/// A service of 30, 45 or 60 minutes, with Ingrid or Amal.
fn open_service() -> OfferedService {
    OfferedService {
        other_durations_minutes: vec![30, 60],
        host_choices: vec![named("ingrid", "Ingrid"), named("amal", "Amal")],
        ..service("first")
    }
}

fn in_month(service: OfferedService) -> Desk {
    let mut desk = Desk::new(setup());
    let session = session_of(vec![service], "t1");
    desk.on(Event::Answered(Ticket::FIRST, session));
    desk.answer_slots(&[ELEVENTH, ELEVENTH_LATER, TWELFTH]);
    desk
}

fn wish(minutes: u32, host: Option<&str>) -> Wish {
    Wish {
        duration_minutes: Some(minutes),
        host: host.map(|host| host.parse().unwrap()),
    }
}

/// The wishes of all open questions for slots.
fn asked(desk: &Desk) -> Vec<Wish> {
    let calls = desk.asked.iter().map(|(_, call, _)| call);
    calls
        .filter_map(|call| match call {
            Call::Slots { wish, .. } => Some(wish.clone()),
            _ => None,
        })
        .collect()
}

fn choose(desk: &mut Desk, minutes: u32, host: &str) {
    desk.on(Event::ChooseDuration(minutes));
    desk.on(Event::ChooseHost(host.parse().ok()));
}

#[test]
fn where_there_is_nothing_to_choose_nothing_is_wished_and_nothing_is_sent() {
    let mut one_host = service("first");
    one_host.host_choices = vec![named("ingrid", "Ingrid")];
    for service in [service("first"), one_host] {
        assert_eq!((durations(&service).len(), hosts(&service).len()), (0, 0));
        let mut desk = in_month(service);
        desk.on(Event::ChooseDuration(45));
        desk.on(Event::ChooseDuration(30));
        desk.on(Event::ChooseHost("amal".parse().ok()));
        desk.on(Event::ChooseHost(None));
        assert_eq!((asked(&desk), desk.flow.wish()), (vec![], &Wish::default()));
        assert_eq!(summary::of_wish(&desk.flow), "");
        desk.pick(ELEVENTH);
        let (call, _) = desk.history.last().unwrap();
        assert!(
            matches!(call, Call::Keep(hold) if hold.duration_minutes.is_none() && hold.host.is_none())
        );
    }
}

#[test]
fn the_usual_duration_stands_among_the_others_in_order() {
    assert_eq!(durations(&open_service()), [30, 45, 60]);
    let desk = in_month(open_service());
    assert_eq!(desk.flow.wish(), &wish(45, None));
    assert_eq!(summary::of_wish(&desk.flow), "45 min");
}

#[test]
fn another_duration_or_host_asks_for_its_own_times_and_old_answers_are_dropped() {
    let mut desk = in_month(open_service());
    desk.on(Event::ChooseDay(date("2027-03-12")));
    desk.on(Event::ChooseDuration(60));
    assert!(desk.flow.diary().loading());
    assert_eq!(asked(&desk), [wish(60, None)]);
    desk.on(Event::ChooseHost("amal".parse().ok()));
    assert_eq!(asked(&desk), [wish(60, None), wish(60, Some("amal"))]);
    // The first answer is about anyone, which is no longer the question.
    let (ticket, call, _) = desk.asked.remove(0);
    desk.on(Event::Answered(ticket, slots_of(&call, &[ELEVENTH])));
    assert!(desk.flow.diary().loading());
    desk.answer_slots(&[TWELFTH]);
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
    assert_eq!(summary::of_wish(&desk.flow), "1 h · With Amal");
    // The same again asks nothing; neither does what is not offered.
    choose(&mut desk, 60, "amal");
    choose(&mut desk, 50, "jonas");
    assert_eq!(asked(&desk), []);
    desk.on(Event::ChooseHost(None));
    assert_eq!(asked(&desk), [wish(60, None)]);
}

#[test]
fn the_hold_and_the_booking_are_for_what_was_chosen() {
    let mut desk = in_month(open_service());
    choose(&mut desk, 30, "amal");
    desk.answer_slots(&[ELEVENTH, TWELFTH]);
    desk.pick(ELEVENTH);
    desk.answer_keep(held(ELEVENTH));
    desk.fill();
    desk.submit("k1");
    let wishes: Vec<Wish> = desk
        .history
        .iter()
        .filter_map(|(call, _)| match call {
            Call::Keep(hold) => Some((hold.duration_minutes, hold.host.clone())),
            Call::Book { booking, .. } => Some((booking.duration_minutes, booking.host.clone())),
            _ => None,
        })
        .map(|(duration_minutes, host)| Wish {
            duration_minutes,
            host,
        })
        .collect();
    assert_eq!(wishes, [wish(30, Some("amal")), wish(30, Some("amal"))]);
}

#[test]
fn another_wish_lets_the_picked_time_go_and_keeps_what_was_typed() {
    let mut desk = in_month(open_service());
    desk.pick(TWELFTH);
    desk.answer_keep(held(TWELFTH));
    desk.fill();
    let typed = desk.typed();
    desk.on(Event::ChooseDuration(30));
    let released = Call::Release(hold_id());
    assert_eq!(desk.open_count(|call| *call == released), 1);
    assert_eq!((desk.flow.step(), desk.flow.pick()), (Step::Month, None));
    assert_eq!(asked(&desk), [wish(30, None)]);
    desk.answer_slots(&[ELEVENTH, TWELFTH]);
    assert_eq!(desk.flow.diary().chosen(), Some(date("2027-03-12")));
    assert_eq!(desk.typed(), typed);
    // A hold that is answered only after the wish has changed is released as well.
    desk.answer(|call| *call == released, Outcome::Done(Reply::Released));
    desk.answer_slots(&[ELEVENTH, TWELFTH]);
    desk.pick(ELEVENTH);
    desk.on(Event::ChooseHost("ingrid".parse().ok()));
    desk.answer_keep(held(ELEVENTH));
    assert_eq!(desk.open_count(|call| *call == released), 1);
}

#[test]
fn what_is_under_way_cannot_be_changed_into_something_else() {
    let mut desk = in_month(open_service());
    desk.pick(ELEVENTH);
    desk.answer_keep(held(ELEVENTH));
    desk.fill();
    desk.submit("k1");
    choose(&mut desk, 30, "amal");
    assert_eq!(desk.flow.wish(), &wish(45, None));
    assert!(matches!(
        desk.flow.pick().map(|pick| &pick.keeping),
        Some(Keeping::Kept { .. })
    ));
}

#[test]
fn a_lost_time_leaves_the_wish_and_the_alternatives_are_kept_for_it() {
    let mut desk = in_month(open_service());
    choose(&mut desk, 30, "amal");
    desk.answer_slots(&[ELEVENTH, TWELFTH]);
    desk.pick(ELEVENTH);
    desk.answer_keep(taken(&[TWELFTH]));
    assert_eq!(desk.flow.step(), Step::Taken);
    assert_eq!(desk.flow.wish(), &wish(30, Some("amal")));
    desk.pick(TWELFTH);
    let (call, _) = desk.history.last().unwrap();
    assert!(
        matches!(call, Call::Keep(hold) if hold.duration_minutes == Some(30) && hold.host == "amal".parse().ok()),
        "{call:?}"
    );
    desk.answer_keep(refused(ProblemKind::SlotTaken));
    desk.on(Event::Back);
    assert_eq!(asked(&desk), [wish(30, Some("amal"))]);
}

#[test]
fn another_service_starts_with_what_is_usual_for_it() {
    let mut desk = Desk::new(setup());
    let session = session_of(vec![open_service(), service("second")], "t1");
    desk.on(Event::Answered(Ticket::FIRST, session));
    desk.on(Event::ChooseService("first".parse().unwrap()));
    choose(&mut desk, 30, "amal");
    desk.on(Event::Back);
    desk.on(Event::ChooseService("second".parse().unwrap()));
    assert_eq!(desk.flow.wish(), &Wish::default());
    assert_eq!(asked(&desk).last(), Some(&Wish::default()));
    desk.on(Event::Back);
    desk.on(Event::ChooseService("first".parse().unwrap()));
    assert_eq!(desk.flow.wish(), &wish(45, None));
}

/// A booking of so many minutes with Amal, opened by its link and about to be moved.
fn moving(minutes: i64, named: bool) -> Desk {
    let mut desk = Desk::new(link());
    let session = session_of(vec![open_service()], "t1");
    desk.on(Event::Answered(Ticket::FIRST, session));
    let Outcome::Done(Reply::Booked(mut view)) = booked(BookingStatus::Confirmed, ELEVENTH) else {
        unreachable!("it is a booking")
    };
    let start = view.booking.start;
    view.booking.end =
        slotstead_shared::Stamp::new(start.unix_seconds() + minutes * 60, 0).unwrap();
    view.booking.host = "amal".parse().unwrap();
    view.booking.host_named = named;
    desk.answer(is_look, Outcome::Done(Reply::Booked(view)));
    desk.on(Event::BeginMove);
    desk
}

#[test]
fn moving_keeps_the_duration_and_the_named_host_and_offers_no_choice() {
    for (minutes, named, expected) in [
        (30, true, wish(30, Some("amal"))),
        (60, false, wish(60, None)),
        // No longer offered: the region moves it with the usual duration.
        (50, false, Wish::default()),
    ] {
        let mut desk = moving(minutes, named);
        // Its own time is not in its way, so the question is the booker's and not any visitor's.
        let (_, call, request) = desk.asked.last().unwrap();
        assert!(is_slots(call) && call.needs_capability(), "{call:?}");
        assert!(request.url.contains("/bookings/"), "{}", request.url);
        assert_eq!(asked(&desk), std::slice::from_ref(&expected));
        assert!(!desk.flow.choosing_wish());
        desk.answer_slots(&[ELEVENTH, TWELFTH]);
        choose(&mut desk, 45, "ingrid");
        assert_eq!(
            (desk.flow.wish(), desk.open_count(is_slots)),
            (&expected, 0)
        );
    }
}

#[test]
fn after_a_move_a_new_booking_starts_with_what_is_usual() {
    let mut desk = moving(30, true);
    desk.answer_slots(&[ELEVENTH, TWELFTH]);
    desk.pick(TWELFTH);
    desk.submit("k1");
    desk.answer(
        |call| matches!(call, Call::Move { .. }),
        booked(BookingStatus::Confirmed, TWELFTH),
    );
    desk.on(Event::BookAnother);
    assert_eq!(desk.flow.step(), Step::Month);
    assert_eq!(desk.flow.wish(), &wish(45, None));
    assert!(desk.flow.choosing_wish());
}

#[test]
fn all_hosts_and_resources_of_a_booking_are_named() {
    let say = |hosts: &[&str], resources: &[&str], flow: &Flow| {
        let mut booking = flow.booked().unwrap().booking.clone();
        let other = |name: &&str| named("x", name);
        booking.co_hosts = hosts.iter().map(other).collect();
        booking.resources = resources.iter().map(|name| named("y", name)).collect();
        (
            summary::hosts_of(flow, &booking),
            summary::resources_of(flow, &booking),
        )
    };
    let desk = Desk::booked();
    let flow = &desk.flow;
    assert_eq!(say(&[], &[], flow), ("Ingrid".to_owned(), None));
    assert_eq!(
        say(&["Amal"], &["Room 2"], flow),
        ("Ingrid and Amal".to_owned(), Some("Room 2".to_owned()))
    );
    assert_eq!(
        say(&["Amal", "Jonas"], &["Room 2", "Bike"], flow),
        (
            "Ingrid, Amal and Jonas".to_owned(),
            Some("Room 2 and Bike".to_owned())
        )
    );
}
