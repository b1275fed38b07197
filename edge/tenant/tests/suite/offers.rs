//! What visitors are offered.

use serde_json::json;
use slotstead_shared::wire::Slots;
use slotstead_tenant::{Actor, Command, Refusal, Reply, written::Written};

use crate::kit::{
    Fault, OWN_ORIGIN, World, at, consult, is_missing, offer, slug, visitor, weekdays, wire, with,
    wrong,
};

#[test]
fn a_session_starts_with_what_the_first_view_needs() {
    let mut world = World::demo();
    let service = json!({ "hosts": ["amal", "ingrid"], "description": "We look at it." });
    world.put_service("consult", &with(consult(), service));
    world.own(Command::PutField {
        id: slug("b"),
        field: wire(json!({ "label": "Second", "kind": "text", "position": 2 })),
    });
    world.own(Command::PutField {
        id: slug("c"),
        field: wire(json!({ "label": "First", "kind": "text", "position": 1 })),
    });
    let Ok(Reply::Session {
        profile,
        services,
        fields,
    }) = world.ask(&visitor(), Command::OpenSession)
    else {
        panic!()
    };
    assert_eq!(profile.name, "Fjord Physio");
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].hosts, ["Amal", "Ingrid"]);
    assert_eq!(services[0].zone, "Europe/Oslo");
    let labels: Vec<&str> = fields
        .iter()
        .map(|field| field.input.label.as_str())
        .collect();
    assert_eq!(labels, ["First", "Second"]);
}

#[test]
fn a_session_names_the_hosts_only_where_the_booker_may_choose_one() {
    let mut world = World::demo();
    let hosts = json!({ "hosts": ["amal", "ingrid"] });
    let choices = |world: &mut World, members| {
        world.put_service("consult", &with(with(consult(), hosts.clone()), members));
        let Ok(Reply::Session { services, .. }) = world.ask(&visitor(), Command::OpenSession)
        else {
            panic!()
        };
        let choices = services[0].host_choices.iter();
        choices
            .map(|host| format!("{} {}", host.id, host.name))
            .collect::<Vec<_>>()
    };
    assert!(choices(&mut world, json!({})).is_empty());
    assert_eq!(
        choices(&mut world, json!({ "booker_names_host": true })),
        ["amal Amal", "ingrid Ingrid"]
    );
}

#[test]
fn the_last_date_is_the_last_of_the_window() {
    let mut world = World::demo();
    let slots = world.slots("consult", "2027-03-01", "2027-03-02", "Europe/Oslo");
    assert_eq!(slots.last_date.to_string(), "2027-04-30");
}

#[test]
fn slots_are_grouped_by_the_bookers_date_and_show_the_services_time_where_it_differs() {
    let mut world = World::demo();
    let slots = world.slots("consult", "2027-03-01", "2027-03-03", "America/Los_Angeles");
    assert_eq!(
        (slots.zone.as_str(), slots.service_zone.as_str()),
        ("America/Los_Angeles", "Europe/Oslo")
    );
    assert_eq!(slots.today.to_string(), "2027-02-28");
    assert_eq!(slots.now.to_string(), "2027-02-28T23:00:00-08:00");
    assert_eq!(slots.last_date.to_string(), "2027-04-30");
    // 09:00 in Oslo is midnight in Los Angeles.
    let dates: Vec<String> = slots.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2027-03-01", "2027-03-02"]);
    let first = &slots.days[0].slots[0];
    assert_eq!(first.start.to_string(), "2027-03-01T00:00:00-08:00");
    assert_eq!(
        first.service_start.unwrap().to_string(),
        "2027-03-01T09:00:00+01:00"
    );
    assert_eq!(slots.days[0].slots.len(), 16);
    assert_eq!(slots.next_free, None);

    let slots = world.slots("consult", "2027-03-01", "2027-03-02", "Europe/Paris");
    assert_eq!(
        slots.days[0].slots[0].service_start, None,
        "Paris has the time of Oslo"
    );
}

#[test]
fn the_month_with_the_clock_change_has_the_right_offsets() {
    let mut world = World::demo();
    let starts = world.starts("consult");
    assert_eq!(starts.len(), 23 * 16);
    assert!(starts.contains(&"2027-03-26T09:00:00+01:00".to_owned()));
    assert!(starts.contains(&"2027-03-29T09:00:00+02:00".to_owned()));
}

#[test]
fn an_empty_range_names_the_next_free_slot() {
    let mut world = World::demo();
    let weekend = world.slots("consult", "2027-03-06", "2027-03-08", "Europe/Oslo");
    assert!(weekend.days.is_empty());
    let next = weekend.next_free.unwrap();
    assert_eq!(next.start.to_string(), "2027-03-08T09:00:00+01:00");
    // Past the window nothing is free; before today, the next is the first there is.
    let after = world.slots("consult", "2027-05-03", "2027-05-10", "Europe/Oslo");
    assert_eq!((after.days.len(), after.next_free), (0, None));
    let before = world.slots("consult", "2027-02-01", "2027-02-08", "Europe/Oslo");
    assert_eq!(
        before.next_free.unwrap().start.to_string(),
        "2027-03-01T09:00:00+01:00"
    );
    // Further away than one search reaches.
    world.put_service(
        "consult",
        &with(consult(), json!({ "booking_window_days": 365 })),
    );
    world.put_schedule("weekdays", &json!({ "zone": "Europe/Oslo", "rules": [] }));
    let value = wire(json!({ "spans": [{ "start": "10:00", "end": "11:00" }] }));
    world.own(Command::PutOverride {
        schedule: slug("weekdays"),
        date: slug("2028-02-20"),
        value,
    });
    let empty = world.slots("consult", "2027-03-01", "2027-03-08", "Europe/Oslo");
    assert_eq!(
        empty.next_free.unwrap().start.to_string(),
        "2028-02-20T10:00:00+01:00"
    );
}

#[test]
fn hosts_of_one_service_may_be_in_different_zones() {
    let mut world = World::demo();
    world.put_schedule("perth", &weekdays("Australia/Perth"));
    world.put_host("mia", "perth");
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "mia"] })),
    );
    let slots = world.slots("consult", "2027-03-02", "2027-03-03", "UTC");
    let starts = crate::kit::starts(&slots);
    // Perth is free from 01:00 to 09:00 UTC, Oslo from 08:00 to 16:00.
    assert_eq!(starts.len(), 30);
    assert_eq!(
        (starts[0].as_str(), starts[29].as_str()),
        ("2027-03-02T01:00:00+00:00", "2027-03-02T15:30:00+00:00")
    );
    assert_eq!(slots.service_zone, "Europe/Oslo");
    assert_eq!(
        world.booked("k1", "2027-03-02T01:00:00Z").host.as_str(),
        "mia"
    );
}

#[test]
fn every_offered_slot_can_be_booked_and_no_other() {
    let mut world = World::demo();
    let service =
        json!({ "duration_minutes": 50, "slot_step_minutes": 25, "buffer_after_minutes": 10 });
    world.put_service("consult", &with(consult(), service));
    let day = at("2027-03-02T00:00:00+01:00");
    let slots = world.slots("consult", "2027-03-02", "2027-03-03", "Europe/Oslo");
    let offered: Vec<i64> = slots.days[0]
        .slots
        .iter()
        .map(|slot| slot.start.unix_seconds())
        .collect();
    for minute in 0..1_440 {
        let start = day + minute * 60;
        let stamp = slotstead_shared::Stamp::new(start, 3_600)
            .unwrap()
            .to_string();
        let answer = world.book(&format!("k{minute}"), &stamp);
        assert_eq!(answer.is_ok(), offered.contains(&start), "{stamp}");
        if let Ok(Reply::Booking { booking, .. }) = answer {
            world.cancel(&booking.id).unwrap();
        }
    }
}

#[test]
fn wrong_ranges_and_zones_are_named() {
    let mut world = World::demo();
    let mut ask = |from: &str, to: &str, zone: &str| {
        wrong(world.ask(&visitor(), offer("consult", from, to, zone)))
    };
    assert_eq!(ask("2027-03-02", "2027-03-02", "Europe/Oslo"), ["to"]);
    assert_eq!(ask("2027-03-02", "2027-03-01", "Europe/Oslo"), ["to"]);
    assert_eq!(ask("2027-03-01", "2027-06-02", "Europe/Oslo"), ["to"]);
    assert_eq!(
        ask("1970-01-01", "9999-12-31", "Nowhere"),
        ["zone", "to", "from"]
    );
    assert!(is_missing(&world.ask(
        &visitor(),
        offer("none", "2027-03-01", "2027-03-02", "UTC")
    )));
}

#[test]
fn a_page_that_is_no_longer_allowed_gets_nothing() {
    let mut world = World::demo();
    world.ask(&visitor(), Command::CheckOrigin).unwrap();
    world.own(Command::PutOrigins {
        origins: wire(json!({ "origins": [] })),
    });
    for command in [
        Command::CheckOrigin,
        Command::OpenSession,
        offer("consult", "2027-03-01", "2027-03-02", "UTC"),
    ] {
        assert_eq!(
            world.ask(&visitor(), command),
            Err(Refusal::OriginNotAllowed)
        );
    }
    let own = slotstead_tenant::Actor::Visitor {
        origin: OWN_ORIGIN.to_owned(),
        client: "client".to_owned(),
    };
    world.ask(&own, Command::OpenSession).unwrap();
}

#[test]
fn a_range_of_exactly_the_limit_is_answered_and_one_day_more_is_not() {
    let mut world = World::demo();
    let ask = |to| offer("consult", "2027-03-01", to, "Europe/Oslo");
    assert!(world.ask(&visitor(), ask("2027-06-01")).is_ok());
    assert_eq!(wrong(world.ask(&visitor(), ask("2027-06-02"))), ["to"]);
}

#[test]
fn a_session_says_which_services_are_given_by_all_hosts_together() {
    let mut world = World::demo();
    let hosts = json!({ "hosts": ["ingrid", "amal"], "host_choice": "collective" });
    world.put_service("both", &with(consult(), hosts));
    let Ok(Reply::Session { services, .. }) = world.ask(&visitor(), Command::OpenSession) else {
        panic!()
    };
    let together: Vec<_> = services
        .iter()
        .map(|service| (service.id.as_str(), service.together))
        .collect();
    assert_eq!(together, [("both", true), ("consult", false)]);
}

/// The answer of a visitor to whom the first week of March is offered.
fn week(world: &mut World) -> Written<Slots> {
    let command = offer("consult", "2027-03-01", "2027-03-08", "Europe/Oslo");
    match world.ask(&visitor(), command) {
        Ok(Reply::Slots(slots)) => slots,
        other => panic!("{other:?}"),
    }
}

/// Whether the second is the first again, and not only like it.
fn is_same(one: &Written<Slots>, other: &Written<Slots>) -> bool {
    one.json().as_ptr() == other.json().as_ptr()
}

#[test]
fn the_same_question_in_the_same_second_is_worked_out_once_until_something_is_written() {
    let mut world = World::demo();
    let first = week(&mut world);
    assert!(is_same(&first, &week(&mut world)));
    let other = world.slots("consult", "2027-03-08", "2027-03-15", "Europe/Oslo");
    assert_ne!(other, *first);
    assert!(is_same(&first, &week(&mut world)), "two questions are kept");

    let start = "2027-03-01T09:00:00+01:00";
    let booking = world.booked("k", start);
    let booked = week(&mut world);
    let offers = |slots: &Slots| {
        let slots = slots.days.iter().flat_map(|day| &day.slots);
        slots
            .into_iter()
            .any(|slot| slot.start.to_string() == start)
    };
    assert!(offers(&first) && !offers(&booked));
    world.cancel(&booking.id).unwrap();
    assert!(offers(&week(&mut world)));

    // Nobody knows what became of it, so nothing is known here either.
    world.fail(Fault::AfterCommit);
    assert!(world.book("lost", start).is_err());
    assert!(!offers(&week(&mut world)));

    let before = week(&mut world);
    world.pass(1);
    let after = week(&mut world);
    assert_eq!(
        (
            before.now.to_string().as_str(),
            after.now.to_string().as_str()
        ),
        ("2027-03-01T08:00:00+01:00", "2027-03-01T08:00:01+01:00")
    );
}

#[test]
fn who_asks_is_looked_at_every_time() {
    let mut world = World::demo();
    let known = week(&mut world);
    assert!(is_same(&known, &week(&mut world)));
    let Actor::Visitor { client, .. } = visitor() else {
        panic!()
    };
    let elsewhere = Actor::Visitor {
        origin: "https://elsewhere.example".to_owned(),
        client,
    };
    let command = offer("consult", "2027-03-01", "2027-03-08", "Europe/Oslo");
    assert_eq!(
        world.ask(&elsewhere, command),
        Err(Refusal::OriginNotAllowed)
    );
}
