//! What a service asks of a booking: durations, named hosts, round robin, collectives, resources,
//! seats and limits, from the command to the ledger and back.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value as Json, json};
use slotstead_shared::{Reason, limits, wire};
use slotstead_tenant::{Answer, Command, Refusal, Reply};

use crate::kit::{
    World, alternatives, at, book_with, booker, booking, consult, held, is_conflict, new_booking,
    owner, slug, visitor, weekdays, wire, with, wrong,
};

const NINE: &str = "2027-03-02T09:00:00+01:00";
const HALF_PAST: &str = "2027-03-02T09:30:00+01:00";
const TEN: &str = "2027-03-02T10:00:00+01:00";
const ELEVEN: &str = "2027-03-02T11:00:00+01:00";

/// The demo tenant, its service changed.
fn world(service: Json) -> World {
    let mut world = World::demo();
    world.put_service("consult", &with(consult(), service));
    world
}

fn put_resource(world: &mut World, id: &str, schedule: Option<&str>) {
    let resource = wire(json!({ "name": format!("The {id}"), "schedule": schedule }));
    world.own(Command::PutResource {
        id: slug(id),
        resource,
    });
}

/// Books `start` with these members, under a key of its own.
fn try_book(world: &mut World, start: &str, members: Json) -> Answer {
    static KEYS: AtomicU32 = AtomicU32::new(0);
    let key = format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    let booking = with(new_booking(start, None), members);
    world.ask(&visitor(), book_with(&key, booking))
}

fn booked(world: &mut World, start: &str, members: Json) -> wire::Booking {
    booking(try_book(world, start, members))
}

fn is_taken(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::SlotTaken { .. }))
}

fn offered(world: &mut World, members: Json) -> wire::Slots {
    let command = with(
        json!({
            "service": "consult", "from": "2027-03-02", "to": "2027-03-03", "zone": "Europe/Oslo",
        }),
        members,
    );
    let command = wire(json!({ "offer_slots": command }));
    match world.ask(&visitor(), command) {
        Ok(Reply::Slots(slots)) => (*slots).clone(),
        other => panic!("{other:?}"),
    }
}

fn offers(world: &mut World, start: &str) -> bool {
    crate::kit::starts(&offered(world, json!({}))).contains(&start.to_owned())
}

#[test]
fn a_longer_duration_is_offered_where_it_fits_and_takes_its_time() {
    let mut world = world(json!({ "other_durations_minutes": [60, 90] }));
    let long = offered(&mut world, json!({ "duration_minutes": 90 }));
    assert_eq!(
        crate::kit::starts(&long).last().unwrap(),
        "2027-03-02T15:30:00+01:00"
    );
    let made = booked(&mut world, NINE, json!({ "duration_minutes": 60 }));
    assert_eq!(made.end.to_string(), TEN);
    assert!(!offers(&mut world, HALF_PAST) && offers(&mut world, TEN));
    // It keeps its duration when it moves.
    let moved = booking(world.reschedule("move", &made.id, ELEVEN));
    assert_eq!(moved.end.to_string(), "2027-03-02T12:00:00+01:00");
    let answer = try_book(&mut world, TEN, json!({ "duration_minutes": 45 }));
    assert_eq!(wrong(answer), ["duration_minutes"]);
}

#[test]
fn a_named_host_is_the_one_who_comes_and_stays() {
    let mut world = world(json!({ "hosts": ["ingrid", "amal"], "booker_names_host": true }));
    let made = booked(&mut world, NINE, json!({ "host": "amal" }));
    assert_eq!((made.host.as_str(), made.host_named), ("amal", true));
    assert!(is_taken(&try_book(
        &mut world,
        NINE,
        json!({ "host": "amal" })
    )));
    assert_eq!(booked(&mut world, NINE, json!({})).host.as_str(), "ingrid");
    // Amal is taken at ten, so a booking that named Amal cannot move there, although Ingrid is free.
    booked(&mut world, TEN, json!({ "host": "amal" }));
    assert!(is_taken(&world.reschedule("move", &made.id, TEN)));
    let moved = booking(world.reschedule("again", &made.id, ELEVEN));
    assert_eq!((moved.host.as_str(), moved.host_named), ("amal", true));
    let stranger = try_book(&mut world, ELEVEN, json!({ "host": "solveig" }));
    assert_eq!(wrong(stranger), ["host"]);
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "amal"] })),
    );
    let unasked = try_book(&mut world, ELEVEN, json!({ "host": "amal" }));
    assert_eq!(wrong(unasked), ["host"]);
    // Who must not be named any more is preferred, and no longer insisted on.
    let moved = booking(world.reschedule("unnamed", &made.id, TEN));
    assert_eq!((moved.host.as_str(), moved.host_named), ("ingrid", false));
}

#[test]
fn the_round_robin_goes_by_bookings_of_the_month_and_weight() {
    let mut world = world(json!({
        "hosts": ["ingrid", "amal"], "host_choice": "round_robin", "host_weights": { "amal": 2 },
    }));
    let starts = [
        "2027-03-02T09:00:00+01:00",
        "2027-03-02T10:00:00+01:00",
        "2027-03-02T11:00:00+01:00",
        "2027-03-02T12:00:00+01:00",
        "2027-03-02T13:00:00+01:00",
        "2027-03-02T14:00:00+01:00",
    ];
    let mut hosts = Vec::new();
    for start in starts {
        hosts.push(booked(&mut world, start, json!({})).host.to_string());
    }
    assert_eq!(hosts, ["ingrid", "amal", "amal", "ingrid", "amal", "amal"]);
    // Another month starts anew.
    let april = booked(&mut world, "2027-04-01T09:00:00+02:00", json!({}));
    assert_eq!(april.host.as_str(), "ingrid");
}

#[test]
fn whoever_has_fewer_for_their_weight_is_next_whatever_the_order_of_the_hosts() {
    let mut world = world(json!({
        "hosts": ["ingrid", "amal"], "booker_names_host": true,
        "host_choice": "round_robin", "host_weights": { "ingrid": 3 },
    }));
    for (start, host) in [(NINE, "ingrid"), (TEN, "ingrid"), (ELEVEN, "amal")] {
        booked(&mut world, start, json!({ "host": host }));
    }
    // Two thirds are less than one.
    let next = booked(&mut world, "2027-03-02T12:00:00+01:00", json!({}));
    assert_eq!(next.host.as_str(), "ingrid");
}

#[test]
fn a_collective_takes_all_of_its_hosts_or_nobody() {
    let mut world = world(json!({ "hosts": ["ingrid", "amal"], "host_choice": "collective" }));
    world.put_service("alone", &with(consult(), json!({ "hosts": ["amal"] })));
    booked(&mut world, NINE, json!({ "service": "alone" }));
    assert!(!offers(&mut world, NINE));
    assert!(is_taken(&try_book(&mut world, NINE, json!({}))));
    let made = booked(&mut world, TEN, json!({}));
    assert_eq!(made.host.as_str(), "ingrid");
    assert_eq!(made.co_hosts[0].id.as_str(), "amal");
    assert!(is_taken(&try_book(
        &mut world,
        TEN,
        json!({ "service": "alone" })
    )));
    world
        .ask(
            &booker(&made.id),
            Command::Cancel {
                id: made.id.clone(),
            },
        )
        .unwrap();
    booked(&mut world, TEN, json!({ "service": "alone" }));
}

#[test]
fn a_resource_is_taken_with_its_host_and_refuses_when_it_is_gone() {
    let mut world = World::demo();
    put_resource(&mut world, "room", None);
    put_resource(&mut world, "hall", None);
    world.put_schedule(
        "mornings",
        &json!({ "zone": "Europe/Oslo", "rules": [
        { "weekday": "tuesday", "start": "09:00", "end": "11:00" },
    ] }),
    );
    put_resource(&mut world, "laser", Some("mornings"));
    let needs = json!([{ "any_of": ["room", "hall"] }, { "any_of": ["laser"] }]);
    let hosts = json!(["ingrid", "amal"]);
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": hosts, "resources": needs })),
    );
    let made = booked(&mut world, NINE, json!({}));
    let names: Vec<&str> = made.resources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["The room", "The laser"]);
    // Amal and the hall are free, the laser is not.
    assert!(!offers(&mut world, NINE));
    assert!(is_taken(&try_book(&mut world, NINE, json!({}))));
    assert_eq!(reason(&mut world, "09:00").0, Some(Reason::Resource));
    // The laser is there until eleven.
    assert!(offers(&mut world, "2027-03-02T10:30:00+01:00") && !offers(&mut world, ELEVEN));
    let delete = Command::DeleteResource { id: slug("room") };
    assert!(is_conflict(&world.ask(&owner(), delete.clone())));
    world.put_service("consult", &consult());
    assert!(
        is_conflict(&world.ask(&owner(), delete.clone())),
        "a booking to come has it"
    );
    world
        .ask(
            &booker(&made.id),
            Command::Cancel {
                id: made.id.clone(),
            },
        )
        .unwrap();
    world.own(delete);
}

#[test]
fn a_class_is_shared_until_its_seats_are_gone() {
    let mut world = world(json!({ "seats": 3, "hosts": ["ingrid"] }));
    let left = |world: &mut World| {
        let slots = offered(world, json!({}));
        let mut all = slots.days.iter().flat_map(|day| &day.slots);
        all.find(|slot| slot.start.to_string() == NINE)
            .and_then(|slot| slot.seats_left)
    };
    assert_eq!(left(&mut world), Some(3));
    let first = booked(&mut world, NINE, json!({}));
    let hold = held(world.hold("consult", NINE, "session"));
    assert_eq!(left(&mut world), Some(1));
    booked(&mut world, NINE, json!({}));
    assert_eq!(left(&mut world), None);
    assert_eq!(reason(&mut world, "09:00").0, Some(Reason::NoSeat));
    assert!(is_taken(&try_book(&mut world, NINE, json!({}))));
    // The hold's seat is the holder's; the first who came can leave, and the class goes on.
    let mine = with(new_booking(NINE, Some(&hold.id)), json!({}));
    booking(world.ask(&visitor(), book_with("mine", mine)));
    let moved = booking(world.reschedule("move", &first.id, ELEVEN));
    assert_eq!(left(&mut world), Some(1));
    // Back into the class it left: it joins it again.
    booking(world.reschedule("back", &moved.id, NINE));
    assert_eq!(left(&mut world), None);
    // Another start that overlaps is not a seat.
    world.put_service(
        "other",
        &with(consult(), json!({ "slot_step_minutes": 15 })),
    );
    assert!(is_taken(&try_book(
        &mut world,
        "2027-03-02T09:15:00+01:00",
        json!({ "service": "other" })
    )));
}

#[test]
fn fewer_seats_than_are_sold_sell_no_more_and_lose_none() {
    let mut world = world(json!({ "seats": 3 }));
    booked(&mut world, NINE, json!({}));
    let hold = held(world.hold("consult", NINE, "session"));
    for seats in [1, 2] {
        world.put_service("consult", &with(consult(), json!({ "seats": seats })));
        assert!(!offers(&mut world, NINE), "{seats}");
    }
    // One of two is booked, and the other one is held.
    let mine = new_booking(NINE, Some(&hold.id));
    booking(world.ask(&visitor(), book_with("mine", mine)));
    assert_eq!(world.bookings().len(), 2);
    world.put_service("consult", &with(consult(), json!({ "seats": 3 })));
    let hold = held(world.hold("consult", NINE, "another"));
    world.put_service("consult", &consult());
    let refused = new_booking(NINE, Some(&hold.id));
    assert!(is_taken(&world.ask(&visitor(), book_with("late", refused))));
}

#[test]
fn limits_count_the_service_and_the_host_apart() {
    let mut world = world(json!({
        "hosts": ["ingrid", "amal"], "limits": [{ "per": "day", "bookings": 3 }],
    }));
    let host = json!({
        "name": "Ingrid", "schedule": "weekdays", "limits": [{ "per": "week", "minutes": 30 }],
    });
    world.own(Command::PutHost {
        id: slug("ingrid"),
        host: wire(host),
    });
    assert_eq!(booked(&mut world, NINE, json!({})).host.as_str(), "ingrid");
    // Her week is full; a hold counts as well.
    assert_eq!(booked(&mut world, TEN, json!({})).host.as_str(), "amal");
    assert_eq!(reason(&mut world, "11:00").1[0], Some(Reason::Limit));
    held(world.hold("consult", ELEVEN, "session"));
    // Now the day of the service is full, and no host helps.
    let refused = try_book(&mut world, "2027-03-02T14:00:00+01:00", json!({}));
    assert!(is_taken(&refused));
    assert!(
        alternatives(refused)[0].starts_with("2027-03-01"),
        "another day is free"
    );
    assert!(crate::kit::starts(&offered(&mut world, json!({}))).is_empty());
    // A booking moves within its full day.
    let id = world.bookings()[0].id.clone();
    booking(world.reschedule("move", &id, "2027-03-02T14:00:00+01:00"));
    world.pass(601);
    booked(&mut world, "2027-03-02T15:00:00+01:00", json!({}));
}

#[test]
fn a_booking_that_starts_now_is_none_to_come() {
    let mut world = world(json!({ "booker_upcoming": 1 }));
    booked(&mut world, NINE, json!({}));
    let next = "2027-03-03T09:00:00+01:00";
    world.now = at(NINE) - 1;
    assert!(is_conflict(&try_book(&mut world, next, json!({}))));
    world.now = at(NINE);
    booked(&mut world, next, json!({}));
}

#[test]
fn a_start_that_no_clock_face_would_suggest_is_explained_too() {
    let mut world = world(json!({ "slot_offset_minutes": 10 }));
    let asked = json!({ "service": "consult", "date": "2027-03-02" });
    let Reply::Reasons(reasons) = world.own(wire(json!({ "explain": asked }))) else {
        panic!()
    };
    let free = reasons.times.iter().filter(|time| time.reason.is_none());
    let free: Vec<String> = free.map(|time| time.time.to_string()).collect();
    assert_eq!(free.first().map(String::as_str), Some("09:10"));
}

#[test]
fn the_minutes_of_one_booker_count_what_they_are_about_to_book() {
    let mut world = world(json!({ "booker_limits": [{ "per": "day", "minutes": 45 }] }));
    booked(&mut world, NINE, json!({}));
    assert!(is_conflict(&try_book(&mut world, TEN, json!({}))));
}

#[test]
fn one_booker_has_no_more_than_the_service_says_whatever_the_case_of_the_address() {
    let mut world = world(json!({
        "booker_upcoming": 2, "booker_limits": [{ "per": "day", "bookings": 1 }],
    }));
    let first = booked(&mut world, NINE, json!({ "email": "amal@example.com" }));
    let same_day = try_book(&mut world, TEN, json!({ "email": "AMAL@example.com" }));
    assert!(is_conflict(&same_day));
    booked(&mut world, TEN, json!({ "email": "nora@example.com" }));
    let next = "2027-03-03T09:00:00+01:00";
    booked(&mut world, next, json!({}));
    let third = "2027-03-04T09:00:00+01:00";
    assert!(is_conflict(&try_book(&mut world, third, json!({}))));
    // Moving is not one more, but not into a day that has one.
    assert!(is_conflict(&world.reschedule(
        "a",
        &first.id,
        "2027-03-03T10:00:00+01:00"
    )));
    booking(world.reschedule("b", &first.id, third));
    world
        .ask(
            &booker(&first.id),
            Command::Cancel {
                id: first.id.clone(),
            },
        )
        .unwrap();
    booked(&mut world, third, json!({}));
}

/// The reason at a time of 2 March for everybody, and for each host.
fn reason(world: &mut World, time: &str) -> (Option<Reason>, Vec<Option<Reason>>) {
    let explain = json!({ "service": "consult", "date": "2027-03-02", "time": time });
    let command = wire(json!({ "explain": explain }));
    let Reply::Reasons(mut reasons) = world.own(command) else {
        panic!()
    };
    assert_eq!(reasons.times.len(), 1);
    let time = reasons.times.remove(0);
    let hosts = time.hosts.into_iter().map(|host| host.reason);
    (time.reason, hosts.collect())
}

#[test]
fn every_time_of_a_day_has_its_reason_for_every_host() {
    let mut world = world(json!({ "hosts": ["ingrid", "amal"] }));
    booked(&mut world, NINE, json!({}));
    assert_eq!(
        reason(&mut world, "09:00"),
        (None, vec![Some(Reason::Booked), None])
    );
    assert_eq!(reason(&mut world, "09:10").0, Some(Reason::OffStep));
    assert_eq!(reason(&mut world, "08:00").0, Some(Reason::OutsideHours));
    let explain = |date: &str| json!({ "explain": { "service": "consult", "date": date } });
    let all = |world: &mut World, date: &str| match world.own(wire(explain(date))) {
        Reply::Reasons(reasons) => reasons.times,
        other => panic!("{other:?}"),
    };
    // What is offered has no reason, and what has none is offered.
    let free: Vec<String> = all(&mut world, "2027-03-02")
        .into_iter()
        .filter(|time| time.reason.is_none())
        .map(|time| time.start.unwrap().to_string())
        .collect();
    assert_eq!(free, crate::kit::starts(&offered(&mut world, json!({}))));
    // The clock skips an hour on 28 March and shows one twice on 31 October.
    let spring = all(&mut world, "2027-03-28");
    let skipped: Vec<_> = spring.iter().filter(|time| time.start.is_none()).collect();
    assert_eq!(skipped.len(), 2);
    assert!(skipped.iter().all(|time| {
        time.reason == Some(Reason::InGap)
            && time
                .hosts
                .iter()
                .all(|host| host.reason == Some(Reason::InGap))
    }));
    assert_eq!(spring.len(), 48);
    assert_eq!(all(&mut world, "2027-10-31").len(), 50);
    world.put_schedule(
        "weekdays",
        &with(
            weekdays("Europe/Oslo"),
            json!({ "holidays": { "country": "NO" } }),
        ),
    );
    // Maundy Thursday.
    let holiday = all(&mut world, "2027-03-25");
    assert!(
        holiday
            .iter()
            .all(|time| time.reason == Some(Reason::Holiday))
    );
}

#[test]
fn the_largest_service_can_be_offered_booked_moved_and_explained() {
    let mut world = World::demo();
    let hosts: Vec<String> = (0..limits::SERVICE_HOSTS)
        .map(|number| format!("host-{number}"))
        .collect();
    for host in &hosts {
        world.put_host(host, "weekdays");
    }
    let mut needs = Vec::new();
    for need in 0..limits::SERVICE_NEEDS {
        let rooms = (0..limits::NEED_RESOURCES).map(|number| format!("room-{need}-{number}"));
        let rooms: Vec<String> = rooms.collect();
        for room in &rooms {
            world.put_schedule(room, &weekdays("Europe/Oslo"));
            put_resource(&mut world, room, Some(room));
        }
        needs.push(json!({ "any_of": rooms }));
    }
    let service = json!({ "hosts": hosts, "host_choice": "collective", "resources": needs });
    world.put_service("consult", &with(consult(), service));
    assert!(!offered(&mut world, json!({})).days.is_empty());
    let made = booked(&mut world, TEN, json!({}));
    assert_eq!(made.co_hosts.len(), limits::SERVICE_HOSTS - 1);
    assert_eq!(made.resources.len(), limits::SERVICE_NEEDS);
    booking(world.reschedule("move", &made.id, ELEVEN));
    let explain = json!({ "explain": { "service": "consult", "date": "2027-03-02" } });
    let Reply::Reasons(reasons) = world.own(wire(explain)) else {
        panic!()
    };
    assert_eq!(reasons.times[0].hosts.len(), limits::SERVICE_HOSTS);
}

#[test]
fn the_past_and_a_date_too_far_away_are_named() {
    let mut world = World::demo();
    let explain = |date: &str| wire(json!({ "explain": { "service": "consult", "date": date } }));
    let Reply::Reasons(past) = world.own(explain("2027-02-26")) else {
        panic!()
    };
    assert!(
        past.times
            .iter()
            .all(|time| time.reason == Some(Reason::Past))
    );
    let Reply::Reasons(far) = world.own(explain("2027-08-02")) else {
        panic!()
    };
    assert!(
        far.times
            .iter()
            .any(|time| time.reason == Some(Reason::TooFar))
    );
    assert_eq!(wrong(world.ask(&owner(), explain("2099-01-01"))), ["date"]);
}
