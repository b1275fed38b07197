//! What happens around a booking: somebody was faster, it is moved, it is cancelled, the calendar
//! changes, the network fails.

use std::time::{Duration, Instant};

use slotstead_shared::wire::{BookingStatus, FeedStatus};
use slotstead_tests::{
    Server,
    browser::{PATIENCE, SIZES, Window},
    feed::{FeedServer, Says, calendar, half_hour},
    stage::{CONSULTATION, Stage, VISITOR_ZONE},
    tenant::{ZONE, booking_at},
    wait::wait_until,
};

async fn up_to_the_form(window: &Window, day: usize, slot: usize) -> String {
    window.reaches("month").await;
    window.choose_day(day).await;
    let slot = window.slots().await[slot].clone();
    window.choose_slot(&slot).await;
    window.reaches("form").await;
    slot
}

async fn booked(window: &Window) -> String {
    let slot = up_to_the_form(window, 2, 1).await;
    window.fill("Your name", "Amal Haddad").await;
    window.fill("E-mail", "amal@example.com").await;
    window.click("Book ").await;
    window.reaches("booked").await;
    slot
}

#[tokio::test]
async fn the_second_visitor_is_told_that_the_time_has_just_gone() {
    let stage = Stage::new().await;
    let (first, second) = (stage.visitor(SIZES[1]).await, stage.visitor(SIZES[0]).await);
    // Both have the same time on screen.
    second.reaches("month").await;
    second.choose_day(2).await;
    let slot = second.slots().await[1].clone();
    let taken = booked(&first).await;
    assert_eq!(taken, slot);

    second.choose_slot(&slot).await;
    // The hold tells it at once, or the form is there and Book tells it.
    wait_until("the form or the news", PATIENCE, || async {
        matches!(second.step().await.as_deref(), Some("form" | "taken"))
    })
    .await;
    second.reaches("taken").await;
    second.says("has just been taken").await;
    second.screenshot("360-6-taken").await;
    assert_eq!(second.accessibility_faults().await, [""; 0]);
    let alternatives = second.slots().await;
    assert!(
        !alternatives.is_empty() && !alternatives.contains(&slot),
        "{alternatives:?}"
    );
    second.choose_slot(&alternatives[0]).await;
    second.reaches("form").await;
    second.fill("Your name", "Kim Ås").await;
    second.fill("E-mail", "kim@example.no").await;
    second.click("Book ").await;
    second.reaches("booked").await;
    assert_eq!(stage.tenant.all_bookings().await.len(), 2);
}

#[tokio::test]
async fn what_was_typed_is_kept_when_the_time_is_lost_at_the_last_moment() {
    // Without holds, so that the time can be lost while the form is filled in.
    let limits = r#"{"holds_per_minute":0,"sessions_per_minute":1000,"bookings_per_minute":1000}"#;
    let server = Server::start("no-holds", |options| options.var("RATE_LIMITS", limits));
    let stage = Stage::on(&server).await;
    let window = stage.visitor(SIZES[1]).await;
    let slot = up_to_the_form(&window, 2, 1).await;
    window.fill("Your name", "Amal Haddad").await;
    window.fill("E-mail", "amal@example.com").await;
    window
        .fill("What should we know?", "A long story, typed on a phone.")
        .await;
    let mut faster = booking_at(slot.parse().expect("a slot is a stamp"));
    faster.service = CONSULTATION.parse().expect("a slug");
    let other = stage.tenant.visitor().await;
    stage
        .tenant
        .book(&other, "faster", &faster)
        .await
        .expect_status(201);
    window.click("Book ").await;
    window.reaches("taken").await;
    window.says("what you wrote is kept").await;
    window.screenshot("1280-6-taken").await;
    let next = window.slots().await[0].clone();
    window.choose_slot(&next).await;
    window.reaches("form").await;
    assert_eq!(window.value("Your name").await, "Amal Haddad");
    assert_eq!(window.value("E-mail").await, "amal@example.com");
    assert_eq!(
        window.value("What should we know?").await,
        "A long story, typed on a phone."
    );
    window.click("Book ").await;
    window.reaches("booked").await;
}

#[tokio::test]
async fn a_booking_is_moved_cancelled_and_forgotten_in_place() {
    for size in SIZES {
        moved_cancelled_and_forgotten_in_place(size).await;
    }
}

async fn moved_cancelled_and_forgotten_in_place(size: (u32, u32)) {
    let stage = Stage::new().await;
    let window = stage.visitor(size).await;
    let picture = |step: &str| format!("{}-{step}", size.0);
    let old = booked(&window).await;
    window.click("Change or cancel").await;
    window.reaches("manage").await;
    window.screenshot(&picture("7-manage")).await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    window.click("Change the time").await;
    window.reaches("month").await;
    window.choose_day(4).await;
    let new = window.slots().await[2].clone();
    window.choose_slot(&new).await;
    window.reaches("confirm").await;
    window.screenshot(&picture("8-confirm")).await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    window.click("Move to").await;
    window.reaches("booked").await;
    window.says("Moved").await;
    let bookings = stage.tenant.all_bookings().await;
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].start.to_string(), new);
    assert_ne!(new, old);

    window.click("Change or cancel").await;
    window.reaches("manage").await;
    window.click("Cancel the booking").await;
    window.click("Yes, cancel it").await;
    window.reaches("cancelled").await;
    window.says("The time is free again").await;
    window.screenshot(&picture("9-cancelled")).await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    assert_eq!(
        stage.tenant.all_bookings().await[0].status,
        BookingStatus::Cancelled
    );

    // And nothing of the booker is left.
    window.click("Delete my data").await;
    window.reaches("manage").await;
    window.says("This cannot be undone").await;
    window.screenshot(&picture("10-delete")).await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    window.click("Yes, delete my data").await;
    window.reaches("erased").await;
    window.screenshot(&picture("11-deleted")).await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    let erased = &stage.tenant.all_bookings().await[0];
    assert!(erased.erased && erased.name.is_empty() && erased.email.is_empty());
}

#[tokio::test]
async fn the_link_opens_the_booking_and_changes_nothing_by_itself() {
    let stage = Stage::new().await;
    let visitor = stage.tenant.visitor().await;
    let slots = stage
        .tenant
        .slots_of(&visitor, "first-consultation", 3, 6)
        .await;
    let start = slots.days[0].slots[0].start;
    let mut booking = booking_at(start);
    booking.service = CONSULTATION.parse().expect("a slug");
    let made: slotstead_shared::wire::BookedView = stage
        .tenant
        .book(&visitor, "link", &booking)
        .await
        .expect(201);

    for size in SIZES {
        let window = stage.driver.open(size, VISITOR_ZONE).await;
        window.goto(&made.manage_url).await;
        window.reaches("manage").await;
        window.says("First consultation").await;
        window
            .screenshot(&format!("{}-7-manage-link", size.0))
            .await;
        assert_eq!(window.accessibility_faults().await, [""; 0]);
        assert_eq!(window.layout_shifts().await, [""; 0]);
        assert_eq!(window.complaints().await, [""; 0]);
    }
    let standing = &stage.tenant.all_bookings().await[0];
    assert_eq!(
        (standing.status, standing.sequence),
        (BookingStatus::Confirmed, 0)
    );

    let window = stage.driver.open(SIZES[0], VISITOR_ZONE).await;
    window.goto(&made.manage_url).await;
    window.reaches("manage").await;
    window.click("Cancel the booking").await;
    window.click("Yes, cancel it").await;
    window.reaches("cancelled").await;
    let cancelled = &stage.tenant.all_bookings().await[0];
    assert_eq!(cancelled.status, BookingStatus::Cancelled);
}

#[tokio::test]
async fn a_moved_event_is_seen_on_the_page_within_the_freshness_bound() {
    let stage = Stage::new().await;
    let window = stage.visitor(SIZES[1]).await;
    window.reaches("month").await;
    let date = window.choose_day(3).await;
    let slots = window.slots().await;
    let (before, after) = (slots[1].clone(), slots[5].clone());
    let event = |slot: &str| {
        let start = slot.parse().expect("a slot is a stamp");
        Says::Calendar(calendar(&[half_hour(start)], "Lunch"))
    };
    let feed = FeedServer::start(event(&before)).await;
    let followed = stage.tenant.follow(&feed).await;
    assert_eq!(followed.status, FeedStatus::Current);

    window.goto(&stage.page("demo.html")).await;
    window.reaches("month").await;
    window.go_to_date(&date).await;
    let shown = window.slots().await;
    assert!(
        !shown.contains(&before) && shown.contains(&after),
        "{shown:?}"
    );

    // Nobody makes the next fetch due: the bound is what the API states, and the rest of the
    // time is for loading the page.
    feed.say(event(&after));
    let bound = Duration::from_secs(u64::from(followed.freshness_seconds)) + PATIENCE;
    wait_until("the moved event is seen on the page", bound, || async {
        window.goto(&stage.page("demo.html")).await;
        window.reaches("month").await;
        window.go_to_date(&date).await;
        let shown = window.slots().await;
        shown.contains(&before) && !shown.contains(&after)
    })
    .await;
}

#[tokio::test]
async fn a_dead_edge_is_said_and_what_was_typed_survives_until_it_is_back() {
    let mut server = Server::start("browser-dead", |options| options);
    let stage = Stage::on(&server).await;
    let window = stage.visitor(SIZES[0]).await;
    let slot = up_to_the_form(&window, 2, 1).await;
    window.fill("Your name", "Amal Haddad").await;
    window.fill("E-mail", "amal@example.com").await;
    server.stack.kill_hard();
    window.click("Book ").await;
    wait_until(
        "the widget says that something is wrong",
        PATIENCE,
        || async {
            let text = window.text().await;
            [
                "checking",
                "cannot be reached",
                "could not find out",
                "offline",
            ]
            .iter()
            .any(|words| text.to_lowercase().contains(words))
        },
    )
    .await;
    window.screenshot("360-10-dead").await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    server
        .stack
        .start_again()
        .expect("it starts on the same state");
    // It tries again by itself, or offers to.
    let deadline = Instant::now() + 2 * PATIENCE;
    while window.step().await.as_deref() != Some("booked") {
        let _ = window.try_click("Check again").await || window.try_click("Try again").await;
        let shown = window.text().await;
        assert!(Instant::now() < deadline, "not booked after all:\n{shown}");
    }
    let bookings = stage.tenant.all_bookings().await;
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].start.to_string(), slot);
    assert_eq!(bookings[0].name, "Amal Haddad");
    assert_eq!(bookings[0].service_zone, ZONE);
}

#[tokio::test]
async fn offline_is_said_and_sending_goes_on_when_the_network_is_back() {
    let stage = Stage::new().await;
    let window = stage.visitor(SIZES[0]).await;
    up_to_the_form(&window, 2, 1).await;
    window.fill("Your name", "Amal Haddad").await;
    window.fill("E-mail", "amal@example.com").await;
    window.network(false).await;
    window.click("Book ").await;
    window.says("You are offline").await;
    window.says("What you wrote is kept").await;
    window.screenshot("360-10-offline").await;
    assert_eq!(window.accessibility_faults().await, [""; 0]);
    assert_eq!(window.value("Your name").await, "Amal Haddad");
    window.network(true).await;
    window.reaches("booked").await;
    assert_eq!(stage.tenant.all_bookings().await.len(), 1);
}
