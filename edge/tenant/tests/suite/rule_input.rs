//! Bad rules are refused with the name of the field, and several overrides go in together or not
//! at all. Travel moves the hours, and what a calendar means by them.

use serde_json::{Value as Json, json};
use slotstead_tenant::Command;

use crate::kit::{World, calendar, consult, is_missing, owner, slug, weekdays, wire, with, wrong};

fn service_wrong(world: &mut World, members: Json) -> Vec<String> {
    let service = wire(with(consult(), members));
    wrong(world.ask(
        &owner(),
        Command::PutService {
            id: slug("consult"),
            service,
        },
    ))
}

fn schedule_wrong(world: &mut World, members: Json) -> Vec<String> {
    let schedule = wire(with(weekdays("Europe/Oslo"), members));
    wrong(world.ask(
        &owner(),
        Command::PutSchedule {
            id: slug("weekdays"),
            schedule,
        },
    ))
}

#[test]
fn each_wrong_rule_of_a_service_is_named() {
    let mut world = World::demo();
    let limit = |bookings: u32| json!({ "per": "day", "bookings": bookings });
    for (members, field) in [
        (
            json!({ "other_durations_minutes": [30] }),
            "other_durations_minutes[0]",
        ),
        (
            json!({ "other_durations_minutes": [60, 60] }),
            "other_durations_minutes[1]",
        ),
        (
            json!({ "other_durations_minutes": [4] }),
            "other_durations_minutes[0]",
        ),
        (
            json!({ "other_durations_minutes": (1..12).map(|n| 30 + n * 5).collect::<Vec<_>>() }),
            "other_durations_minutes",
        ),
        (json!({ "slot_offset_minutes": 30 }), "slot_offset_minutes"),
        (json!({ "slot_step_minutes": 0 }), "slot_step_minutes"),
        (
            json!({ "booking_window_days": 251, "booking_window_counts": "business" }),
            "booking_window_days",
        ),
        (
            json!({ "bookable_dates": { "first": "2027-03-02", "last": "2027-03-01" } }),
            "bookable_dates.last",
        ),
        (json!({ "limits": [{ "per": "day" }] }), "limits[0]"),
        (json!({ "limits": [limit(0)] }), "limits[0].bookings"),
        (json!({ "limits": [limit(10_001)] }), "limits[0].bookings"),
        (
            json!({ "limits": [{ "per": "week", "minutes": 4 }] }),
            "limits[0].minutes",
        ),
        (json!({ "limits": vec![limit(1); 7] }), "limits"),
        (
            json!({ "booker_limits": [limit(0)] }),
            "booker_limits[0].bookings",
        ),
        (json!({ "booker_upcoming": 0 }), "booker_upcoming"),
        (json!({ "seats": 0 }), "seats"),
        (json!({ "seats": 1_001 }), "seats"),
        (json!({ "host_weights": { "ingrid": 1 } }), "host_weights"),
        (
            json!({ "host_choice": "round_robin", "host_weights": { "amal": 1 } }),
            "host_weights.amal",
        ),
        (
            json!({ "host_choice": "round_robin", "host_weights": { "ingrid": 0 } }),
            "host_weights.ingrid",
        ),
        (
            json!({ "host_choice": "collective", "booker_names_host": true }),
            "booker_names_host",
        ),
        (
            json!({ "resources": [{ "any_of": [] }] }),
            "resources[0].any_of",
        ),
        (
            json!({ "resources": [{ "any_of": ["room"] }] }),
            "resources[0].any_of[0]",
        ),
    ] {
        assert_eq!(service_wrong(&mut world, members), [field]);
    }
    let resource = wire(json!({ "name": "Room" }));
    world.own(Command::PutResource {
        id: slug("room"),
        resource,
    });
    let twice = json!({ "resources": [{ "any_of": ["room"] }, { "any_of": ["room"] }] });
    assert_eq!(service_wrong(&mut world, twice), ["resources[1].any_of[0]"]);
    let many: Vec<Json> = (0..6).map(|_| json!({ "any_of": ["room"] })).collect();
    assert!(
        service_wrong(&mut world, json!({ "resources": many })).contains(&"resources".to_owned())
    );
    let resource = wire(json!({ "name": "", "schedule": "gone" }));
    let answer = world.ask(
        &owner(),
        Command::PutResource {
            id: slug("room"),
            resource,
        },
    );
    assert_eq!(wrong(answer), ["name", "schedule"]);
}

#[test]
fn each_wrong_rule_of_a_schedule_is_named() {
    let mut world = World::demo();
    let stay =
        |first: &str, last: &str, zone: &str| json!({ "first": first, "last": last, "zone": zone });
    let many: Vec<Json> = (1..=21)
        .map(|day| {
            stay(
                &format!("2027-05-{day:02}"),
                &format!("2027-05-{day:02}"),
                "Asia/Tokyo",
            )
        })
        .collect();
    let zones = [
        "Asia/Tokyo",
        "Asia/Seoul",
        "Asia/Dhaka",
        "Asia/Dubai",
        "Asia/Kabul",
    ];
    let far: Vec<Json> = zones
        .iter()
        .zip(1..)
        .map(|(zone, day)| {
            stay(
                &format!("2027-05-{day:02}"),
                &format!("2027-05-{day:02}"),
                zone,
            )
        })
        .collect();
    for (members, field) in [
        (
            json!({ "holidays": { "country": "XX" } }),
            "holidays.country",
        ),
        (
            json!({ "holidays": { "country": "DE", "region": "XX" } }),
            "holidays.region",
        ),
        (
            json!({ "travel": [stay("2027-05-02", "2027-05-01", "Asia/Tokyo")] }),
            "travel[0].last",
        ),
        (
            json!({ "travel": [stay("2027-05-01", "2027-05-02", "Mars/Base")] }),
            "travel[0].zone",
        ),
        (
            json!({ "travel": [
                stay("2027-05-03", "2027-05-05", "Asia/Tokyo"),
                stay("2027-05-01", "2027-05-03", "Asia/Seoul"),
            ] }),
            "travel[0].first",
        ),
        (
            json!({ "travel": [stay("2027-05-01", "2028-05-31", "Asia/Tokyo")] }),
            "travel",
        ),
        (json!({ "travel": many }), "travel"),
        (json!({ "travel": far }), "travel"),
    ] {
        assert_eq!(schedule_wrong(&mut world, members), [field]);
    }
}

#[test]
fn several_dates_are_closed_at_once_or_not_at_all() {
    let mut world = World::demo();
    let put = |dates: Json, spans: Json| Command::PutOverrides {
        schedule: slug("weekdays"),
        value: wire(json!({ "dates": dates, "spans": spans })),
    };
    world.own(put(json!(["2027-03-02", "2027-03-04"]), json!([])));
    let days = |world: &mut World| {
        let slots = world.slots("consult", "2027-03-01", "2027-03-06", "Europe/Oslo");
        slots
            .days
            .iter()
            .map(|day| day.date.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(days(&mut world), ["2027-03-01", "2027-03-03", "2027-03-05"]);
    for (dates, field) in [
        (json!([]), "dates"),
        (json!(["2027-03-05", "2027-03-05"]), "dates[1]"),
    ] {
        assert_eq!(wrong(world.ask(&owner(), put(dates, json!([])))), [field]);
    }
    let overlap =
        json!([{ "start": "09:00", "end": "11:00" }, { "start": "10:00", "end": "12:00" }]);
    let refused = world.ask(&owner(), put(json!(["2027-03-05"]), overlap));
    assert_eq!(wrong(refused), ["spans[1].start"]);
    assert_eq!(days(&mut world).len(), 3);
    let nowhere = Command::PutOverrides {
        schedule: slug("gone"),
        value: wire(json!({ "dates": ["2027-03-05"], "spans": [] })),
    };
    assert!(is_missing(&world.ask(&owner(), nowhere)));
}

/// A calendar with an event on the date of 4 March 2027, wherever one is.
fn all_day() -> String {
    calendar(&[]).replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;VALUE=DATE:20270304\r\n\
         DTEND;VALUE=DATE:20270305\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )
}

#[test]
fn a_stay_elsewhere_moves_the_hours_and_what_an_all_day_event_takes() {
    let mut world = World::demo();
    let travel = json!([{ "first": "2027-03-03", "last": "2027-03-04", "zone": "Asia/Tokyo" }]);
    let schedule = with(weekdays("Europe/Oslo"), json!({ "travel": travel }));
    world.put_schedule("weekdays", &schedule);
    let on = |world: &mut World, date: &str, next: &str| {
        crate::kit::starts(&world.slots("consult", date, next, "Asia/Tokyo"))
    };
    let there = on(&mut world, "2027-03-03", "2027-03-04");
    // Until 17:00 of the day before in Oslo, which is 01:00 in Tokyo; then the hours there.
    let expected = ["2027-03-03T00:00:00+09:00", "2027-03-03T00:30:00+09:00"];
    assert_eq!(there[..2], expected);
    assert_eq!(there[2], "2027-03-03T09:00:00+09:00");
    assert_eq!(there.last().unwrap(), "2027-03-03T16:30:00+09:00");
    // An all-day event of 4 March is that day in Tokyo; the home clock's day is busy as well.
    world.put_feed("private", "ingrid");
    let all_day = all_day();
    world.read_feed(&all_day);
    assert!(!on(&mut world, "2027-03-03", "2027-03-04").is_empty());
    assert!(on(&mut world, "2027-03-04", "2027-03-05").is_empty());
    // Another journey: what was read by other clocks says nothing any more, until it is read again.
    world.put_schedule("weekdays", &weekdays("Europe/Oslo"));
    assert!(world.starts("consult").is_empty());
    world.read_feed(&all_day);
    assert!(!world.starts("consult").is_empty());
}

#[test]
fn a_date_in_a_calendar_is_that_date_where_the_host_is() {
    let mut world = World::demo();
    let travel = json!([
        { "first": "2027-03-03", "last": "2027-03-04", "zone": "America/Los_Angeles" },
    ]);
    let schedule = with(weekdays("Europe/Oslo"), json!({ "travel": travel }));
    world.put_schedule("weekdays", &schedule);
    world.put_feed("private", "ingrid");
    world.read_feed(&all_day());
    let zone = "America/Los_Angeles";
    let slots = world.slots("consult", "2027-03-04", "2027-03-05", zone);
    // In Oslo that date is over at 15:00, when two hours of work are left in Los Angeles.
    assert_eq!(crate::kit::starts(&slots), Vec::<String>::new());
}
