//! The main story in Chromium: from the clinic's page to a booking, by mouse and by keyboard
//! alone, looked at in every step.

use std::time::{Duration, Instant};

use slotstead_shared::wire::BookingStatus;
use slotstead_tests::{
    browser::{PATIENCE, SIZES},
    stage::{Faults, Stage},
    wait::wait_until,
};
use thirtyfour::Key;

#[tokio::test]
async fn by_mouse_from_navigation_to_booked_at_both_sizes() {
    let (stage, mut faults) = (Stage::new().await, Faults::default());
    for (round, size) in SIZES.into_iter().enumerate() {
        let width = size.0;
        let window = stage.visitor(size).await;
        window.reaches("month").await;
        wait_until("free days", PATIENCE, || async {
            !window.free_days().await.is_empty() || window.has_button("Show it").await
        })
        .await;
        faults
            .look(&stage, &window, &format!("{width}-1-month"))
            .await;

        let date = window.choose_day(2).await;
        faults
            .look(&stage, &window, &format!("{width}-2-times"))
            .await;
        let slot = window.slots().await[1].clone();
        assert!(slot.starts_with(&date), "{slot} is not on {date}");
        window.choose_slot(&slot).await;
        window.reaches("form").await;
        window.says("kept for you").await;
        faults
            .look(&stage, &window, &format!("{width}-3-form"))
            .await;

        window.fill("Your name", "Amal Haddad").await;
        window.fill("E-mail", "amal@example").await;
        window.click("Book ").await;
        window
            .says("This address has no ending, such as .com or .no")
            .await;
        faults
            .look(&stage, &window, &format!("{width}-4-wrong"))
            .await;
        assert_eq!(window.value("Your name").await, "Amal Haddad");
        window.fill_more("E-mail", ".com").await;
        window.fill("What should we know?", "My left knee.").await;
        window.click("Book ").await;
        window.reaches("booked").await;
        window.says("First consultation").await;
        window.says("Storgata 12, Oslo").await;
        faults
            .look(&stage, &window, &format!("{width}-5-booked"))
            .await;

        let bookings = stage.tenant.all_bookings().await;
        assert_eq!(bookings.len(), round + 1);
        let booking = bookings
            .iter()
            .find(|booking| booking.start.to_string() == slot);
        let booking = booking.unwrap_or_else(|| panic!("{slot} is not among {bookings:?}"));
        assert_eq!(booking.status, BookingStatus::Confirmed);
        assert_eq!(
            (booking.name.as_str(), booking.email.as_str()),
            ("Amal Haddad", "amal@example.com")
        );
        assert_eq!(booking.zone, slotstead_tests::stage::VISITOR_ZONE);
        assert_eq!(booking.answers.len(), 1);
    }
}

#[tokio::test]
async fn by_keyboard_alone_from_navigation_to_booked() {
    let stage = Stage::new().await;
    let window = stage.visitor(SIZES[1]).await;
    window.reaches("month").await;
    wait_until("free days", PATIENCE, || async {
        !window.free_days().await.is_empty()
    })
    .await;

    // One stop for the whole month; arrows move inside it.
    let first = window.tab_to("a day", |focus| focus.date.is_some()).await;
    window.press(Key::Down).await;
    let second = window.focus().await;
    assert!(
        second.date.is_some() && second.date != first.date,
        "{first:?} then {second:?}"
    );
    window.press(Key::Up).await;
    wait_until("the focus is back", PATIENCE, || async {
        window.focus().await.date == first.date
    })
    .await;
    // The last free day of the month: the notice cannot have eaten its times.
    let free = window.free_days().await;
    let goal = free.last().cloned().expect("there are free days");
    for _ in 0..40 {
        if window.focus().await.date.as_ref() == Some(&goal) {
            break;
        }
        window.press(Key::Right).await;
    }
    let day = window.focus().await;
    assert_eq!(day.date.as_ref(), Some(&goal));
    assert!(day.name.contains("free"), "{day:?}");
    window.press(Key::Enter).await;
    wait_until("its times", PATIENCE, || async {
        !window.slots().await.is_empty()
    })
    .await;

    let time = window.tab_to("a time", |focus| focus.slot.is_some()).await;
    window.press(Key::Enter).await;
    window.reaches("form").await;
    assert!(
        window.focus().await.inside,
        "the focus was lost on the way to the form"
    );
    window
        .tab_to("the name", |focus| focus.name.starts_with("Your name"))
        .await;
    window.type_text("Kim Ås").await;
    window
        .tab_to("the address", |focus| focus.name.starts_with("E-mail"))
        .await;
    window.type_text("kim@example.no").await;
    window
        .tab_to("the button", |focus| focus.name.starts_with("Book "))
        .await;
    window.press(Key::Enter).await;
    window.reaches("booked").await;
    assert!(
        window.focus().await.inside,
        "the focus was lost on the way to the confirmation"
    );

    let bookings = stage.tenant.all_bookings().await;
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].name, "Kim Ås");
    assert_eq!(Some(bookings[0].start.to_string()), time.slot);
    assert_eq!(window.accessibility_faults().await, [""; 0]);
}

#[tokio::test]
async fn a_double_click_on_book_makes_one_booking() {
    let stage = Stage::new().await;
    let window = stage.visitor(SIZES[1]).await;
    window.reaches("month").await;
    window.choose_day(2).await;
    let slot = window.slots().await[0].clone();
    window.choose_slot(&slot).await;
    window.reaches("form").await;
    window.fill("Your name", "Amal Haddad").await;
    window.fill("E-mail", "amal@example.com").await;
    window.double_click("Book ").await;
    window.reaches("booked").await;
    assert_eq!(stage.tenant.all_bookings().await.len(), 1);
}

#[tokio::test]
async fn both_clocks_are_shown_and_the_zone_can_be_changed() {
    let stage = Stage::new().await;
    let window = stage.visitor(SIZES[1]).await;
    window.reaches("month").await;
    window.choose_day(2).await;
    window.says("Times in London").await;
    let here = window.slots().await;
    window.click("Change").await;
    window.choose_zone("Asia/Tokyo").await;
    wait_until("times on another clock", PATIENCE, || async {
        window
            .slots()
            .await
            .first()
            .is_some_and(|slot| slot.ends_with("+09:00"))
    })
    .await;
    let there = window.slots().await;
    let instant = |slot: &String| {
        slot.parse::<slotstead_shared::Stamp>()
            .unwrap()
            .unix_seconds()
    };
    let common = there
        .iter()
        .any(|slot| here.iter().any(|other| instant(other) == instant(slot)));
    assert!(common, "{here:?} became {there:?}");
    window.choose_slot(&there[0]).await;
    window.reaches("form").await;
    window.says("Oslo").await;
}

#[tokio::test]
async fn without_a_service_in_the_tag_the_visitor_chooses_one_on_a_dark_page() {
    let (stage, mut faults) = (Stage::new().await, Faults::default());
    for size in SIZES {
        let window = stage
            .driver
            .open(size, slotstead_tests::stage::VISITOR_ZONE)
            .await;
        window.goto(&stage.page("demo-us.html")).await;
        window.reaches("service").await;
        faults
            .look(&stage, &window, &format!("{}-0-service-dark", size.0))
            .await;
        window.click("First consultation").await;
        window.reaches("month").await;
        window.choose_day(2).await;
        faults
            .look(&stage, &window, &format!("{}-2-times-dark", size.0))
            .await;
    }
}

#[tokio::test]
async fn the_style_sheet_of_a_careless_page_does_not_reach_the_widget() {
    let stage = Stage::new().await;
    let (edge, tenant) = (&stage.tenant.client.base, &stage.tenant.id);
    let bare = format!(
        "<!doctype html><html lang=en><title>Bare</title><body style='font-size: 17px'><script async \
         src=\"{edge}/embed.js\" data-tenant=\"{tenant}\" data-service=\"first-consultation\"></script>"
    );
    stage
        .site
        .put("/bare.html", bare, "text/html; charset=utf-8");
    let (hostile, plain) = (stage.visitor(SIZES[1]).await, stage.visitor(SIZES[1]).await);
    plain.goto(&stage.page("bare.html")).await;
    for window in [&hostile, &plain] {
        window.reaches("month").await;
        window.choose_day(2).await;
    }
    // A colour may still be on its way to what it will be.
    let mut found = vec![String::new()];
    let settled = Instant::now() + Duration::from_secs(5);
    while !found.is_empty() && Instant::now() < settled {
        found = differences(&hostile.looks().await, &plain.looks().await);
    }
    assert_eq!(found, [""; 0]);

    // One after the other: only one visitor can hold the time.
    let mut forms = Vec::new();
    for window in [&hostile, &plain] {
        let slot = window.slots().await[1].clone();
        window.choose_slot(&slot).await;
        window.reaches("form").await;
        window.says("kept for you").await;
        window.fill("Your name", "Amal").await;
        let mut looks = window.looks().await;
        // The minutes that are left may differ.
        looks.retain(|look| !look.contains("kept for you"));
        forms.push(looks);
        window.click("Change").await;
        window.reaches("month").await;
    }
    assert!(forms[0].len() > 10, "{forms:?}");
    assert_eq!(differences(&forms[0], &forms[1]), [""; 0]);
}

fn differences(left: &[String], right: &[String]) -> Vec<String> {
    if left.len() != right.len() {
        return vec![format!("{} parts against {}", left.len(), right.len())];
    }
    let pairs = left.iter().zip(right).filter(|(left, right)| left != right);
    pairs
        .map(|(left, right)| format!("{left}\n  is elsewhere\n{right}"))
        .collect()
}
