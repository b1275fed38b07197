//! Holding and booking slots.

use serde_json::{Value as Json, json};
use slotstead_shared::{Reason, wire};
use slotstead_tenant::{Answer, Command, Refusal, Reply};

use crate::kit::{
    World, alternatives, at, book_with, booking, consult, is_missing, new_booking, owner, slug,
    visitor, wire, with, wrong,
};

fn is_taken(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::SlotTaken { .. }))
}

fn not_offered(answer: &Answer) -> Option<Reason> {
    match answer {
        Err(Refusal::SlotNotOffered { reason, .. }) => Some(*reason),
        _ => None,
    }
}

#[test]
fn a_booking_has_all_that_its_booker_needs() {
    let mut world = World::demo();
    let wanted = with(
        new_booking("2027-03-01T12:00:00Z", None),
        json!({ "zone": "Europe/London", "name": "  Amal Berg ", "email": " amal@example.com" }),
    );
    let booking = booking(world.ask(&visitor(), book_with("k1", wanted)));
    assert_eq!(booking.status, wire::BookingStatus::Confirmed);
    assert_eq!(booking.service_name, "Consultation");
    assert_eq!(booking.location.as_deref(), Some("Bryggen 5, Bergen"));
    assert_eq!(
        (booking.host.as_str(), booking.host_name.as_str()),
        ("ingrid", "Ingrid")
    );
    assert_eq!(booking.start.to_string(), "2027-03-01T12:00:00+00:00");
    assert_eq!(booking.end.to_string(), "2027-03-01T12:30:00+00:00");
    assert_eq!(
        booking.service_start.to_string(),
        "2027-03-01T13:00:00+01:00"
    );
    assert_eq!(
        (booking.zone.as_str(), booking.service_zone.as_str()),
        ("Europe/London", "Europe/Oslo")
    );
    assert_eq!(
        (booking.name.as_str(), booking.email.as_str()),
        ("Amal Berg", "amal@example.com")
    );
    assert_eq!(booking.sequence, 0);
    assert_eq!(booking.created_at.unix_seconds(), world.now);
    assert!(booking.can_change);
    assert!(!world.offers("consult", "2027-03-01T13:00:00+01:00"));
    assert_eq!(world.bookings(), [booking]);
}

#[test]
fn a_slot_is_booked_once_and_the_next_is_told_the_nearest_free_ones() {
    let mut world = World::demo();
    world.booked("k1", "2027-03-01T14:30:00+01:00");
    let answer = world.book("k2", "2027-03-01T14:30:00+01:00");
    assert!(is_taken(&answer));
    assert_eq!(
        alternatives(answer),
        [
            "2027-03-01T13:00:00+01:00",
            "2027-03-01T13:30:00+01:00",
            "2027-03-01T14:00:00+01:00",
            "2027-03-01T15:00:00+01:00",
            "2027-03-01T15:30:00+01:00",
            "2027-03-01T16:00:00+01:00",
        ]
    );
    assert_eq!(world.bookings().len(), 1);
}

#[test]
fn alternatives_are_found_far_from_a_full_week_and_for_a_start_no_calendar_has() {
    let mut world = World::demo();
    for day in 1..=31 {
        let date = format!("2027-03-{day:02}");
        let value = wire(json!({ "spans": [] }));
        world.own(Command::PutOverride {
            schedule: slug("weekdays"),
            date: slug(&date),
            value,
        });
    }
    let answer = world.book("k1", "2027-03-01T14:30:00+01:00");
    assert_eq!(not_offered(&answer), Some(Reason::Override));
    assert_eq!(alternatives(answer)[0], "2027-04-01T09:00:00+02:00");
    world.start_log();
    let answer = world.book("k2", "9999-12-31T23:59:59Z");
    let log = world.take_log();
    assert!(not_offered(&answer).is_some());
    assert_eq!(alternatives(answer)[5], "2027-04-30T16:30:00+02:00");
    // Those are looked for where the window ends, not in all the time up to the wanted start.
    let searches = log
        .iter()
        .filter(|(sql, _)| sql.contains("padded_start < ?3"));
    assert_eq!(searches.count(), 2, "the slot itself and the nearest week");
    let answer = world.book("k3", "1970-01-01T00:00:00+23:59");
    assert_eq!(not_offered(&answer), Some(Reason::Past));
    assert_eq!(alternatives(answer)[0], "2027-04-01T09:00:00+02:00");
}

#[test]
fn a_start_that_is_not_offered_is_refused_with_its_reason() {
    let mut world = World::demo();
    let service = with(consult(), json!({ "minimum_notice_minutes": 120 }));
    world.put_service("consult", &service);
    for (key, start, reason) in [
        ("k1", "2027-03-01T07:30:00+01:00", Reason::Past),
        ("k2", "2027-03-01T09:30:00+01:00", Reason::TooSoon),
        ("k3", "2027-06-01T09:30:00+02:00", Reason::TooFar),
        ("k4", "2027-03-02T08:30:00+01:00", Reason::OutsideHours),
        ("k5", "2027-03-02T09:15:00+01:00", Reason::OffStep),
        ("k6", "2027-03-02T09:00:01+01:00", Reason::OffStep),
        ("k7", "2027-03-02T17:00:00+01:00", Reason::OutsideHours),
    ] {
        assert_eq!(
            not_offered(&world.book(key, start)),
            Some(reason),
            "{start}"
        );
    }
    assert!(world.bookings().is_empty());
}

#[test]
fn buffers_of_both_bookings_are_kept_between_them() {
    let mut world = World::demo();
    let service = json!({ "buffer_before_minutes": 15, "buffer_after_minutes": 15 });
    world.put_service("consult", &with(consult(), service));
    world.booked("k1", "2027-03-01T12:00:00+01:00");
    assert!(is_taken(&world.book("k2", "2027-03-01T12:30:00+01:00")));
    assert!(is_taken(&world.book("k3", "2027-03-01T11:30:00+01:00")));
    world.booked("k4", "2027-03-01T13:00:00+01:00");
    // A service without buffers still keeps those of the others.
    world.put_service("plain", &consult());
    let plain = |key, start| {
        book_with(
            key,
            with(new_booking(start, None), json!({ "service": "plain" })),
        )
    };
    assert!(is_taken(
        &world.ask(&visitor(), plain("k5", "2027-03-01T11:30:00+01:00"))
    ));
    booking(world.ask(&visitor(), plain("k6", "2027-03-01T11:00:00+01:00")));
}

#[test]
fn the_first_free_host_in_the_services_order_takes_the_booking() {
    let mut world = World::demo();
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "amal"] })),
    );
    let host = |world: &mut World, key| {
        world
            .booked(key, "2027-03-01T12:00:00+01:00")
            .host
            .as_str()
            .to_owned()
    };
    assert_eq!(host(&mut world, "k1"), "ingrid");
    assert!(world.offers("consult", "2027-03-01T12:00:00+01:00"));
    assert_eq!(host(&mut world, "k2"), "amal");
    assert!(is_taken(&world.book("k3", "2027-03-01T12:00:00+01:00")));
    assert!(!world.offers("consult", "2027-03-01T12:00:00+01:00"));
}

/// Who is shown a name must see it, and nothing around it changed.
#[test]
fn names_and_addresses_are_what_they_seem_to_be() {
    let mut world = World::demo();
    let mut tries = 0;
    let mut book = |name: &str, email: &str| {
        tries += 1;
        let start = format!("2027-03-{:02}T12:00:00+01:00", 1 + tries % 5);
        let booking = with(
            new_booking(&start, None),
            json!({ "name": name, "email": email }),
        );
        world.ask(&visitor(), book_with(&format!("k{tries}"), booking))
    };
    let plain = "amal@example.com";
    for name in [
        "\u{200b}",
        "\u{3164} \u{feff}",
        "Amal\u{202e}gro.elpmaxe",
        "Amal\u{2028}Berg",
    ] {
        assert_eq!(wrong(book(name, plain)), ["name"], "{name:?}");
    }
    for email in ["amal\u{200b}@example.com", "\u{202e}lama@example.com"] {
        assert_eq!(wrong(book("Amal", email)), ["email"], "{email:?}");
    }
    // What joins letters and signs is a part of them.
    for name in ["می\u{200c}خواهم", "👩\u{200d}🔬"] {
        assert_eq!(booking(book(name, plain)).name, name);
    }
}

#[test]
fn every_wrong_field_of_a_booking_is_named() {
    let mut world = World::demo();
    let put = |world: &mut World, id: &str, field: Json| {
        world.own(Command::PutField {
            id: slug(id),
            field: wire(field),
        });
    };
    put(
        &mut world,
        "phone",
        json!({ "label": "Telephone", "kind": "phone", "required": true }),
    );
    put(
        &mut world,
        "why",
        json!({ "label": "What is it about?", "kind": "long_text" }),
    );
    put(
        &mut world,
        "first",
        json!({ "label": "First visit?", "kind": "checkbox", "required": true }),
    );
    let options = json!(["Left", "Right"]);
    put(
        &mut world,
        "side",
        json!({ "label": "Side", "kind": "choice", "options": options }),
    );
    let bad = json!({
        "service": "consult", "start": "2027-03-01T12:00:00+01:00", "zone": "Mars/Base",
        "name": " ", "email": "amal example.com", "answers": [
            { "field": "side", "value": "Up" }, { "field": "why", "value": "\u{7}" },
            { "field": "shoe-size", "value": "43" }, { "field": "side", "value": "Left" },
        ],
    });
    let mut fields = wrong(world.ask(&visitor(), book_with("k1", bad)));
    fields.sort();
    assert_eq!(
        fields,
        [
            "answers.first",
            "answers.phone",
            "answers.shoe-size",
            "answers.side",
            "answers.side",
            "answers.why",
            "email",
            "name",
            "zone",
        ]
    );
    let good = with(
        new_booking("2027-03-01T12:00:00+01:00", None),
        json!({ "answers": [
            { "field": "first", "value": "yes" }, { "field": "why", "value": "Knee.\nLeft one." },
            { "field": "phone", "value": " +47 22 12 34 56 " }, { "field": "side", "value": "" },
        ]}),
    );
    let booking = booking(world.ask(&visitor(), book_with("k1", good)));
    let answers: Vec<(&str, &str)> = booking
        .answers
        .iter()
        .map(|a| (a.field.as_str(), a.value.as_str()))
        .collect();
    assert_eq!(
        answers,
        [
            ("first", "yes"),
            ("phone", "+47 22 12 34 56"),
            ("why", "Knee.\nLeft one.")
        ]
    );
    assert_eq!(world.bookings(), [booking]);
}

#[test]
fn an_answer_is_checked_by_the_kind_of_its_question() {
    let mut world = World::demo();
    for (id, field) in [
        ("phone", json!({ "label": "Telephone", "kind": "phone" })),
        ("title", json!({ "label": "Title", "kind": "text" })),
        (
            "first",
            json!({ "label": "First visit?", "kind": "checkbox" }),
        ),
        (
            "side",
            json!({ "label": "Side", "kind": "choice", "options": ["Left"], "required": true }),
        ),
    ] {
        let (id, field) = (slug(id), wire(field));
        world.own(Command::PutField { id, field });
    }
    let start = "2027-03-01T12:00:00+01:00";
    let mut book = |answers: &[(&str, &str)]| {
        let answers = answers.iter();
        let answers = answers.map(|(field, value)| json!({ "field": field, "value": value }));
        let answers: Vec<Json> = answers.collect();
        let booking = with(new_booking(start, None), json!({ "answers": answers }));
        world.ask(&visitor(), book_with("k1", booking))
    };
    let mut fields = wrong(book(&[
        ("phone", "call me"),
        ("title", "two\nlines"),
        ("first", "no"),
    ]));
    fields.sort();
    assert_eq!(
        fields,
        [
            "answers.first",
            "answers.phone",
            "answers.side",
            "answers.title"
        ]
    );
    let given = [
        ("phone", "110 22"),
        ("title", "Dr"),
        ("first", "yes"),
        ("side", "Left"),
    ];
    assert_eq!(booking(book(&given)).answers.len(), 4);
}

#[test]
fn what_does_not_exist_is_not_found() {
    let mut world = World::demo();
    let start = "2027-03-01T12:00:00+01:00";
    let none = with(new_booking(start, None), json!({ "service": "none" }));
    assert!(is_missing(&world.ask(&visitor(), book_with("k1", none))));
    assert!(is_missing(&world.hold("none", start, "s1")));
}

#[test]
fn bookings_are_listed_by_start_a_page_at_a_time() {
    let mut world = World::demo();
    let step = json!({ "slot_step_minutes": 5, "duration_minutes": 5 });
    world.put_service("consult", &with(consult(), step));
    let first = at("2027-03-02T09:00:00+01:00");
    let stamp = |slot: i64| {
        slotstead_shared::Stamp::new(first + slot * 300, 3_600)
            .unwrap()
            .to_string()
    };
    for slot in (0..96).rev() {
        world.booked(&format!("a{slot}"), &stamp(slot));
    }
    // The same starts on the next day, for a second page.
    for slot in 0..10 {
        world.booked(&format!("b{slot}"), &stamp(288 + slot));
    }
    let list = |world: &mut World, from: Option<&str>, to: Option<&str>, after: Option<String>| {
        let parse = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        world.ask(
            &owner(),
            Command::ListBookings {
                from: parse(from),
                to: parse(to),
                after,
            },
        )
    };
    let Ok(Reply::Bookings(page)) = list(&mut world, None, None, None) else {
        panic!()
    };
    assert_eq!(page.items.len(), 100);
    let Ok(Reply::Bookings(rest)) = list(&mut world, None, None, page.next) else {
        panic!()
    };
    assert_eq!((rest.items.len(), rest.next), (6, None));
    let all: Vec<i64> = page
        .items
        .iter()
        .chain(&rest.items)
        .map(|booking| booking.start.unix_seconds())
        .collect();
    assert!(all.is_sorted());
    let (from, to) = ("2027-03-02T10:00:00+01:00", "2027-03-02T11:00:00+01:00");
    let Ok(Reply::Bookings(page)) = list(&mut world, Some(from), Some(to), None) else {
        panic!()
    };
    assert_eq!(page.items.len(), 12);
    for range in [(Some(from), Some(from)), (Some(to), Some(from))] {
        assert_eq!(wrong(list(&mut world, range.0, range.1, None)), ["to"]);
    }
    for bad in [
        "",
        "x",
        "1.x",
        "99999999999999999.bkg_00000000000000000000000000",
    ] {
        assert_eq!(
            wrong(list(&mut world, None, None, Some(bad.to_owned()))),
            ["after"]
        );
    }
}
