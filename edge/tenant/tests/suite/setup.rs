//! What the owner sets up: what is stored, what is refused, and what is still in use.

use serde_json::{Value as Json, json};
use slotstead_shared::{limits, wire};
use slotstead_tenant::{Answer, Command, Reply};

use crate::kit::{
    World, consult, is_conflict, is_missing, owner, slug, visitor, weekdays, wire, with, wrong,
};

fn put_schedule(id: &str, schedule: Json) -> Command {
    Command::PutSchedule {
        id: slug(id),
        schedule: wire(schedule),
    }
}

fn put_service(id: &str, service: Json) -> Command {
    Command::PutService {
        id: slug(id),
        service: wire(service),
    }
}

fn put_field(id: &str, field: Json) -> Command {
    Command::PutField {
        id: slug(id),
        field: wire(field),
    }
}

fn put_host(id: &str, name: &str, schedule: &str) -> Command {
    Command::PutHost {
        id: slug(id),
        host: wire(json!({ "name": name, "schedule": schedule })),
    }
}

fn put_override(date: &str, spans: &Json) -> Command {
    let value = wire(json!({ "spans": spans }));
    Command::PutOverride {
        schedule: slug("weekdays"),
        date: slug(date),
        value,
    }
}

#[test]
fn what_was_put_is_listed_in_order() {
    let mut world = World::demo();
    world.put_service(
        "another",
        &with(consult(), json!({ "description": " ", "location": null })),
    );
    let Reply::Services(services) = world.own(Command::ListServices) else {
        panic!()
    };
    assert_eq!(
        services
            .iter()
            .map(|one| one.id.as_str())
            .collect::<Vec<_>>(),
        ["another", "consult"]
    );
    assert_eq!(services[0].input.description, None);
    let Reply::Hosts(hosts) = world.own(Command::ListHosts) else {
        panic!()
    };
    assert_eq!(
        hosts
            .iter()
            .map(|one| one.input.name.as_str())
            .collect::<Vec<_>>(),
        ["Amal", "Ingrid"]
    );
    let Reply::Schedules(schedules) = world.own(Command::ListSchedules) else {
        panic!()
    };
    assert_eq!((schedules.len(), schedules[0].input.rules.len()), (1, 5));
    world.own(put_override("2027-12-31", &json!([])));
    world.own(put_override(
        "2027-05-17",
        &json!([{ "start": "10:00", "end": "12:00" }]),
    ));
    world.own(put_override(
        "2027-12-31",
        &json!([{ "start": "09:00", "end": "12:00" }]),
    ));
    let Reply::Overrides(overrides) = world.own(Command::ListOverrides {
        schedule: slug("weekdays"),
    }) else {
        panic!()
    };
    let dates: Vec<String> = overrides.iter().map(|one| one.date.to_string()).collect();
    assert_eq!(dates, ["2027-05-17", "2027-12-31"]);
    assert_eq!(overrides[1].spans.len(), 1);
}

#[test]
fn the_profile_and_the_origins_are_replaced_as_a_whole() {
    let mut world = World::demo();
    let profile = wire(json!({ "name": " Fjord ", "accent": "#0A7F5C" }));
    let Reply::Profile(profile) = world.own(Command::PutProfile { profile }) else {
        panic!()
    };
    assert_eq!(
        (profile.name.as_str(), profile.accent.as_deref()),
        ("Fjord", Some("#0a7f5c"))
    );
    assert_eq!(world.own(Command::GetProfile), Reply::Profile(profile));
    let bad = wire(json!({ "name": "a\u{1}b", "accent": "green" }));
    let answer = world.ask(&owner(), Command::PutProfile { profile: bad });
    assert_eq!(wrong(answer), ["name", "accent"]);

    let origins =
        json!({ "origins": ["https://b.example", "https://a.example", "http://localhost:80"] });
    let answer = world.ask(
        &owner(),
        Command::PutOrigins {
            origins: wire(origins),
        },
    );
    assert_eq!(wrong(answer), ["origins[2]"]);
    let origins: wire::Origins =
        wire(json!({ "origins": ["https://b.example", "https://a.example"] }));
    world.own(Command::PutOrigins {
        origins: origins.clone(),
    });
    assert_eq!(world.own(Command::GetOrigins), Reply::Origins(origins));
    let twice = json!({ "origins": ["https://a.example", "https://a.example"] });
    let answer = world.ask(
        &owner(),
        Command::PutOrigins {
            origins: wire(twice),
        },
    );
    assert_eq!(wrong(answer), ["origins[1]"]);
    let many: Vec<String> = (0..51)
        .map(|number| format!("https://{number}.example"))
        .collect();
    let many = wire(json!({ "origins": many }));
    assert_eq!(
        wrong(world.ask(&owner(), Command::PutOrigins { origins: many })),
        ["origins"]
    );
}

#[test]
fn every_wrong_field_of_a_service_is_named() {
    let mut world = World::demo();
    let bad = json!({
        "name": "", "description": "x".repeat(2_001), "location": "a\u{0}b",
        "duration_minutes": 4, "slot_step_minutes": 1_441, "buffer_before_minutes": 721,
        "buffer_after_minutes": 721, "minimum_notice_minutes": 129_601,
        "booking_window_days": 0, "hosts": ["ingrid", "nobody", "ingrid"],
    });
    assert_eq!(
        wrong(world.ask(&owner(), put_service("new", bad))),
        [
            "name",
            "description",
            "location",
            "duration_minutes",
            "slot_step_minutes",
            "buffer_before_minutes",
            "buffer_after_minutes",
            "minimum_notice_minutes",
            "booking_window_days",
            "hosts[1]",
            "hosts[2]",
        ]
    );
    let nobody = with(consult(), json!({ "hosts": [] }));
    assert_eq!(
        wrong(world.ask(&owner(), put_service("new", nobody))),
        ["hosts"]
    );
    assert!(is_missing(
        &world.ask(&owner(), Command::DeleteService { id: slug("new") })
    ));
}

#[test]
fn wrong_spans_are_named() {
    let mut world = World::demo();
    let rule =
        |day: &str, start: &str, end: &str| json!({ "weekday": day, "start": start, "end": end });
    let rules = json!([
        rule("monday", "09:00", "12:00"),
        rule("monday", "11:59", "13:00"),
        rule("tuesday", "24:00", "01:00"),
        rule("wednesday", "22:00", "02:00"),
        rule("wednesday", "23:00", "24:00"),
    ]);
    let bad = json!({ "zone": "Europe/Atlantis", "rules": rules });
    assert_eq!(
        wrong(world.ask(&owner(), put_schedule("new", bad))),
        ["zone", "rules[1].start", "rules[2].start", "rules[4].start"]
    );
    let good = json!([
        rule("monday", "12:00", "17:00"),
        rule("monday", "09:00", "12:00"),
        rule("tuesday", "22:00", "02:00"),
        rule("wednesday", "00:00", "24:00"),
    ]);
    world.own(put_schedule("new", json!({ "zone": "UTC", "rules": good })));
    let spans = json!([{ "start": "09:00", "end": "12:00" }, { "start": "11:00", "end": "13:00" }]);
    let answer = world.ask(&owner(), put_override("2027-03-02", &spans));
    assert_eq!(wrong(answer), ["spans[1].start"]);
    let many: Vec<Json> = (0..9)
        .map(|hour| json!({ "start": format!("0{hour}:00"), "end": format!("0{hour}:30") }))
        .collect();
    let answer = world.ask(&owner(), put_override("2027-03-02", &json!(many)));
    assert_eq!(wrong(answer), ["spans"]);
}

#[test]
fn wrong_fields_and_hosts_are_named() {
    let mut world = World::demo();
    let options = json!(["Left", " Left ", ""]);
    let bad = json!({ "label": " ", "kind": "choice", "options": options });
    assert_eq!(
        wrong(world.ask(&owner(), put_field("side", bad))),
        ["label", "options[1]", "options[2]"]
    );
    let none = json!({ "label": "Side", "kind": "choice" });
    assert_eq!(
        wrong(world.ask(&owner(), put_field("side", none))),
        ["options"]
    );
    let some = json!({ "label": "Side", "kind": "text", "options": ["Left"] });
    assert_eq!(
        wrong(world.ask(&owner(), put_field("side", some))),
        ["options"]
    );
    assert_eq!(
        wrong(world.ask(&owner(), put_host("zoe", "\t", "none"))),
        ["name", "schedule"]
    );
}

#[test]
fn what_is_in_use_stays() {
    let mut world = World::demo();
    let refused = |answer: Answer| assert!(is_conflict(&answer), "{answer:?}");
    refused(world.ask(
        &owner(),
        Command::DeleteSchedule {
            id: slug("weekdays"),
        },
    ));
    refused(world.ask(&owner(), Command::DeleteHost { id: slug("ingrid") }));
    let first = world.booked("k1", "2027-03-01T12:00:00+01:00");
    refused(world.ask(
        &owner(),
        Command::DeleteService {
            id: slug("consult"),
        },
    ));
    // Off the service, the host still has a booking to come.
    world.put_service("consult", &with(consult(), json!({ "hosts": ["amal"] })));
    refused(world.ask(&owner(), Command::DeleteHost { id: slug("ingrid") }));
    world.cancel(&first.id).unwrap();
    world.put_feed("private", "ingrid");
    refused(world.ask(&owner(), Command::DeleteHost { id: slug("ingrid") }));
    world.own(Command::DeleteFeed {
        id: slug("private"),
    });
    world.own(Command::DeleteHost { id: slug("ingrid") });
    world.own(Command::DeleteService {
        id: slug("consult"),
    });
    world.own(Command::DeleteHost { id: slug("amal") });
    world.own(Command::DeleteSchedule {
        id: slug("weekdays"),
    });
    for command in [
        Command::DeleteSchedule {
            id: slug("weekdays"),
        },
        Command::DeleteHost { id: slug("amal") },
        Command::DeleteService {
            id: slug("consult"),
        },
        Command::DeleteField { id: slug("none") },
        Command::DeleteFeed {
            id: slug("private"),
        },
        Command::SyncFeed {
            id: slug("private"),
        },
        Command::ListOverrides {
            schedule: slug("weekdays"),
        },
        Command::DeleteOverride {
            schedule: slug("weekdays"),
            date: slug("2027-03-01"),
        },
    ] {
        assert!(is_missing(&world.ask(&owner(), command)));
    }
    // What was booked is still told with its names.
    assert_eq!(world.bookings()[0].host_name, "Ingrid");
    assert_eq!(world.bookings()[0].service_name, "Consultation");
}

#[test]
fn a_deleted_override_gives_the_day_its_rules_back() {
    let mut world = World::demo();
    let start = "2027-03-02T12:00:00+01:00";
    world.own(put_override("2027-03-02", &json!([])));
    assert!(!world.offers("consult", start));
    let date = slug("2027-03-02");
    world.own(Command::DeleteOverride {
        schedule: slug("weekdays"),
        date,
    });
    assert!(world.offers("consult", start));
    let again = Command::DeleteOverride {
        schedule: slug("weekdays"),
        date,
    };
    assert!(is_missing(&world.ask(&owner(), again)));
}

#[test]
fn a_changed_service_leaves_its_bookings_as_they_were_made() {
    let mut world = World::demo();
    let first = world.booked("k1", "2027-03-01T12:00:00+01:00");
    let service = json!({ "name": "Other", "duration_minutes": 60, "hosts": ["ingrid"] });
    world.put_service("consult", &with(consult(), service));
    assert_eq!(world.bookings(), [first]);
    assert!(!world.offers("consult", "2027-03-01T11:30:00+01:00"));
    assert!(world.offers("consult", "2027-03-01T12:30:00+01:00"));
}

#[test]
fn a_deleted_field_is_no_longer_asked_for() {
    let mut world = World::demo();
    let field = json!({ "label": "Why?", "kind": "text", "required": true });
    world.own(put_field("why", field));
    assert_eq!(
        wrong(world.book("k1", "2027-03-01T12:00:00+01:00")),
        ["answers.why"]
    );
    world.own(Command::DeleteField { id: slug("why") });
    world.booked("k1", "2027-03-01T12:00:00+01:00");
}

#[test]
fn every_kind_of_thing_has_a_limit() {
    let mut world = World::demo();
    for number in 1..limits::SCHEDULES {
        world.put_schedule(&format!("s{number}"), &weekdays("UTC"));
    }
    assert!(is_conflict(
        &world.ask(&owner(), put_schedule("more", weekdays("UTC")))
    ));
    world.put_schedule("s1", &weekdays("Europe/Oslo"));
    for number in 2..limits::HOSTS {
        world.put_host(&format!("h{number}"), "weekdays");
    }
    assert!(is_conflict(
        &world.ask(&owner(), put_host("more", "More", "weekdays"))
    ));
    for number in 1..limits::SERVICES {
        world.put_service(&format!("s{number}"), &consult());
    }
    assert!(is_conflict(
        &world.ask(&owner(), put_service("more", consult()))
    ));
    for number in 0..limits::FIELDS {
        world.own(put_field(
            &format!("f{number}"),
            json!({ "label": "x", "kind": "text" }),
        ));
    }
    let field = json!({ "label": "x", "kind": "text" });
    assert!(is_conflict(&world.ask(&owner(), put_field("more", field))));
    for number in 0..limits::HOST_FEEDS {
        world.put_feed(&format!("f{number}"), "ingrid");
    }
    let feed = wire(json!({ "host": "ingrid", "url": "https://calendar.example/x.ics" }));
    assert!(is_conflict(&world.ask(
        &owner(),
        Command::PutFeed {
            id: slug("more"),
            feed
        }
    )));
    let hosts: Vec<String> = (2..53).map(|number| format!("h{number}")).collect();
    let many = with(consult(), json!({ "hosts": hosts }));
    assert_eq!(
        wrong(world.ask(&owner(), put_service("s1", many))),
        ["hosts"]
    );
    world.ask(&visitor(), Command::OpenSession).unwrap();
}

#[test]
fn a_schedule_has_a_limit_of_overrides() {
    let mut world = World::demo();
    let first = chrono::NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    for date in first.iter_days().take(limits::SCHEDULE_OVERRIDES) {
        world.own(put_override(&date.to_string(), &json!([])));
    }
    let more = put_override("2026-01-01", &json!([]));
    assert!(is_conflict(&world.ask(&owner(), more)));
    world.own(put_override(
        "2027-01-01",
        &json!([{ "start": "09:00", "end": "10:00" }]),
    ));
}
