//! What a service leaves to the booker, in Chromium: how long and with whom, a seat in a class, and
//! who and what is named once it is booked.

use serde_json::json;
use slotstead_shared::wire::{BookedView, Booking};
use slotstead_tests::{
    browser::{PATIENCE, SIZES, Window},
    stage::{Faults, Stage, VISITOR_ZONE},
    tenant::{ZONE, booking_at},
    wait::wait_until,
};
use thirtyfour::Key;

/// A follow-up of 30 or 60 minutes with Ingrid or Amal, who comes at noon; a class of three in a
/// room; and an assessment by both.
async fn furnish(stage: &Stage) {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rules: Vec<_> = days
        .iter()
        .map(|day| json!({ "weekday": day, "start": "12:00", "end": "17:00" }))
        .collect();
    let from_noon = json!({ "zone": ZONE, "rules": rules });
    let service = |name: &str, rest: serde_json::Value| {
        let mut body = json!({
            "name": name, "location": "Storgata 12, Oslo", "duration_minutes": 30,
            "slot_step_minutes": 60, "minimum_notice_minutes": 60, "booking_window_days": 60,
            "hosts": ["ingrid", "amal"],
        });
        let body_members = body.as_object_mut().expect("it is one");
        body_members.extend(rest.as_object().cloned().unwrap_or_default());
        body
    };
    let room = json!([{ "any_of": ["room-2"] }]);
    for (path, body) in [
        ("schedules/from-noon", from_noon),
        (
            "hosts/amal",
            json!({ "name": "Amal Haddad", "schedule": "from-noon" }),
        ),
        ("resources/room-2", json!({ "name": "Room 2" })),
        (
            "services/follow-up",
            service(
                "Follow-up",
                json!({
                    "description": "We look at what has changed and take the plan further.",
                    "other_durations_minutes": [60], "booker_names_host": true,
                }),
            ),
        ),
        (
            "services/class",
            service(
                "Back class",
                json!({ "seats": 3, "hosts": ["ingrid"], "resources": room }),
            ),
        ),
        (
            "services/assessment",
            service(
                "Assessment",
                json!({ "host_choice": "collective", "resources": room }),
            ),
        ),
    ] {
        stage.tenant.set_up(path, &body).await;
    }
}

async fn stage() -> Stage {
    let stage = Stage::new().await;
    furnish(&stage).await;
    stage
}

/// The hour in Oslo, an hour ahead of the visitor.
fn hour_in_oslo(slot: &str) -> u32 {
    slot[11..13].parse::<u32>().expect("a stamp has an hour") + 1
}

async fn only_booking(stage: &Stage) -> Booking {
    let bookings = stage.tenant.all_bookings().await;
    assert_eq!(bookings.len(), 1, "{bookings:?}");
    bookings[0].clone()
}

async fn fill_and_book(window: &Window) {
    window.fill("Your name", "Kim Ås").await;
    window.fill("E-mail", "kim@example.no").await;
    window.click("Book ").await;
    window.reaches("booked").await;
}

#[tokio::test]
async fn an_hour_with_amal_is_booked_by_keyboard_alone() {
    let (stage, mut faults) = (stage().await, Faults::default());
    let window = stage.driver.open(SIZES[1], VISITOR_ZONE).await;
    window.goto(&stage.bare_page("follow-up", "light")).await;
    window.reaches("month").await;
    window.choose_day(2).await;
    let anyone = window.slots().await;
    assert!(
        anyone.iter().any(|slot| hour_in_oslo(slot) < 12),
        "{anyone:?}"
    );

    window.goto(&stage.bare_page("follow-up", "light")).await;
    window.reaches("month").await;
    // The group is one stop; the arrow takes the other duration and stays on it.
    window
        .tab_to("the duration", |focus| focus.name == "30 min")
        .await;
    window.press(Key::Right).await;
    wait_until("the other duration has the focus", PATIENCE, || async {
        window.focus().await.name == "1 h"
    })
    .await;
    window
        .tab_to("the host", |focus| focus.name.starts_with("With"))
        .await;
    window.type_text("Amal").await;
    wait_until("times from noon on", PATIENCE, || async {
        let slots = window.slots().await;
        !slots.is_empty() && slots.iter().all(|slot| hour_in_oslo(slot) >= 12)
    })
    .await;
    assert!(window.focus().await.name.starts_with("With"));
    faults.look(&stage, &window, "1280-11-choice").await;

    window.tab_to("a day", |focus| focus.date.is_some()).await;
    window.press(Key::End).await;
    for _ in 0..7 {
        let day = window.focus().await;
        if day.name.contains("free") && !day.name.contains("nothing") {
            break;
        }
        window.press(Key::Left).await;
    }
    window.press(Key::Enter).await;
    let time = window.tab_to("a time", |focus| focus.slot.is_some()).await;
    window.press(Key::Enter).await;
    window.reaches("form").await;
    window.says("1 hour").await;
    window.says("With Amal Haddad").await;
    window.says("kept for you").await;
    faults.look(&stage, &window, "1280-12-choice-form").await;
    window
        .tab_to("the name", |focus| focus.name.starts_with("Your name"))
        .await;
    window.type_text("Kim Ås").await;
    window
        .tab_to("the address", |focus| focus.name.starts_with("E-mail"))
        .await;
    window.type_text("kim@example.no").await;
    window.press(Key::Enter).await;
    window.reaches("booked").await;

    let booking = only_booking(&stage).await;
    let seconds = booking.end.unix_seconds() - booking.start.unix_seconds();
    assert_eq!(
        (seconds, booking.host.as_str(), booking.host_named),
        (3_600, "amal", true)
    );
    assert_eq!(Some(booking.start.to_string()), time.slot);

    // Moving it asks for its own duration and host, and leaves nothing to choose.
    window.click("Change or cancel").await;
    window.click("Change the time").await;
    window.reaches("month").await;
    window.choose_day(1).await;
    let slots = window.slots().await;
    assert!(
        slots.iter().all(|slot| hour_in_oslo(slot) >= 12),
        "{slots:?}"
    );
    let text = window.text().await;
    assert!(
        text.contains("1 hour") && text.contains("With Amal Haddad") && !text.contains("Anyone"),
        "{text}"
    );
    window.choose_slot(&slots[1]).await;
    window.reaches("confirm").await;
    window.click("Move to").await;
    window.reaches("booked").await;
    let moved = only_booking(&stage).await;
    let lasts = moved.end.unix_seconds() - moved.start.unix_seconds();
    assert_eq!((lasts, moved.host.as_str()), (3_600, "amal"));
}

#[tokio::test]
async fn a_seat_in_a_class_says_how_many_are_left_and_names_the_room() {
    let (stage, mut faults) = (stage().await, Faults::default());
    let visitor = stage.tenant.visitor().await;
    let slots = stage.tenant.slots_of(&visitor, "class", 3, 4).await;
    let start = slots.days[0].slots[1].start;
    let mut first = booking_at(start);
    first.service = "class".parse().expect("a slug");
    stage
        .tenant
        .book(&visitor, "first", &first)
        .await
        .expect_status(201);

    let window = stage.driver.open(SIZES[0], VISITOR_ZONE).await;
    window.goto(&stage.bare_page("class", "light")).await;
    window.reaches("month").await;
    window.go_to_date(&start.date().to_string()).await;
    let names = window.slot_names().await;
    assert!(
        names[0].ends_with(", 3 left") && names[1].ends_with(", 2 left"),
        "{names:?}"
    );
    let text = window.text().await;
    assert!(!text.contains("Anyone"), "nothing to choose: {text}");
    faults.look(&stage, &window, "360-11-seats").await;
    let slot = window.slots().await[1].clone();
    window.choose_slot(&slot).await;
    window.reaches("form").await;
    fill_and_book(&window).await;
    window.says("Room 2").await;
    faults.look(&stage, &window, "360-12-seat-booked").await;

    let bookings = stage.tenant.all_bookings().await;
    assert_eq!(bookings.len(), 2);
    assert!(bookings.iter().all(|booking| {
        booking.start.unix_seconds() == start.unix_seconds() && booking.resources.len() == 1
    }));
}

#[tokio::test]
async fn choices_fit_at_both_sizes_and_follow_a_dark_system() {
    let (stage, mut faults) = (stage().await, Faults::default());
    for size in SIZES {
        let window = stage.driver.open(size, VISITOR_ZONE).await;
        let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        window.devtools("Emulation.setEmulatedMedia", dark).await;
        window.goto(&stage.bare_page("follow-up", "auto")).await;
        window.reaches("month").await;
        window.choose_day(2).await;
        faults
            .look(&stage, &window, &format!("{}-11-choice-dark", size.0))
            .await;
        // The frame has the height that the loader gave it before anything was known.
        let first_paint = if size.0 < 720 { 960.0 } else { 500.0 };
        assert_eq!(window.frame().await, (first_paint, vec![]));
        let slot = window.slots().await[1].clone();
        window.choose_slot(&slot).await;
        window.reaches("form").await;
        window.says("30 min").await;
        window.says("kept for you").await;
        faults
            .look(&stage, &window, &format!("{}-12-choice-form-dark", size.0))
            .await;
        window.click("Change").await;
        window.reaches("month").await;
    }
    let window = stage.driver.open(SIZES[0], VISITOR_ZONE).await;
    window.goto(&stage.bare_page("follow-up", "light")).await;
    window.reaches("month").await;
    window.choose_day(2).await;
    faults.look(&stage, &window, "360-11-choice").await;
    // The narrowest column there is.
    window.resize(280 + 32, 1000).await;
    window.screenshot("280-11-choice").await;
    assert_eq!(window.frame().await.1, [""; 0]);
}

#[tokio::test]
async fn all_hosts_who_come_together_are_named() {
    let stage = stage().await;
    let visitor = stage.tenant.visitor().await;
    let slots = stage.tenant.slots_of(&visitor, "assessment", 3, 6).await;
    let mut booking = booking_at(slots.days[0].slots[0].start);
    booking.service = "assessment".parse().expect("a slug");
    let made: BookedView = stage
        .tenant
        .book(&visitor, "both", &booking)
        .await
        .expect(201);
    let window = stage.driver.open(SIZES[0], VISITOR_ZONE).await;
    window.goto(&made.manage_url).await;
    window.reaches("manage").await;
    window.says("Ingrid and Amal Haddad").await;
    window.says("Room 2").await;
    window.screenshot("360-13-together").await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    assert_eq!(window.layout_shifts().await, [""; 0]);
}
