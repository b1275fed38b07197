//! Calendar feeds: their busy times close slots, their words are stored nowhere, and no
//! failure frees time.

use std::{fs, path::Path};

use slotstead_shared::wire::FeedStatus;
use slotstead_tests::{
    Region, Server, TestTenant,
    feed::{FeedServer, SOON, Says, calendar, half_hour},
    wait::wait_until,
};

#[tokio::test]
async fn an_event_closes_its_time_and_moving_it_gives_the_time_back() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let (before, after) = (free[4].start, free[14].start);
    let feed = FeedServer::start(Says::Calendar(calendar(&[half_hour(before)], "Lunch"))).await;
    let followed = tenant.follow(&feed).await;
    assert_eq!(followed.busy_blocks, 1);
    assert_eq!(followed.source, "127.0.0.1");
    assert!(followed.freshness_seconds <= 120, "{followed:?}");
    assert!(followed.error.is_none() && followed.synced_at.is_some());
    assert!(!tenant.is_free(&visitor, before).await);
    assert!(tenant.is_free(&visitor, after).await);

    feed.say(Says::Calendar(calendar(&[half_hour(after)], "Lunch")));
    tenant.sync_feed().await;
    wait_until("the moved event is seen", SOON, || async {
        tenant.is_free(&visitor, before).await && !tenant.is_free(&visitor, after).await
    })
    .await;

    let refused = tenant
        .book(
            &visitor,
            "busy",
            &slotstead_tests::tenant::booking_at(after),
        )
        .await;
    assert_eq!(refused.status, 409, "offered and bookable are the same");
    assert!(!refused.problem().alternatives.is_empty());
}

#[tokio::test]
async fn an_unchanged_feed_is_asked_conditionally_and_stays() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Us).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[4].start;
    let feed = FeedServer::start(Says::Calendar(calendar(&[half_hour(start)], "Lunch"))).await;
    tenant.follow(&feed).await;
    tenant.sync_and_wait(&feed).await;
    let requests = feed.requests();
    let last = requests.last().unwrap().to_ascii_lowercase();
    assert!(last.contains("if-none-match:"), "{last}");
    assert!(!requests[0].to_ascii_lowercase().contains("if-none-match:"));
    assert_eq!(
        tenant.feed_becomes(FeedStatus::Current).await.busy_blocks,
        1
    );
    assert!(!tenant.is_free(&visitor, start).await);
}

#[tokio::test]
async fn a_feed_that_fails_keeps_its_blocks_and_says_why() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[4].start;
    let good = calendar(&[half_hour(start)], "Lunch");
    let feed = FeedServer::start(Says::Calendar(good.clone())).await;
    tenant.follow(&feed).await;

    let html = "<!doctype html><title>Sign in</title>".as_bytes().to_vec();
    let cut = good[..good.len() / 2].to_owned();
    let failures = [
        (
            "status 500",
            Says::Status(500, "text/plain", b"no".to_vec()),
        ),
        (
            "status 404",
            Says::Status(404, "text/plain", b"no".to_vec()),
        ),
        ("a sign-in page", Says::Status(200, "text/html", html)),
        ("nothing", Says::Status(200, "text/calendar", Vec::new())),
        (
            "garbage",
            Says::Status(200, "text/calendar", vec![0xff, 0x00, 0x9f, b'\n']),
        ),
        (
            "half a calendar",
            Says::Status(200, "text/calendar", cut.clone().into_bytes()),
        ),
        ("a broken connection", Says::Truncated(good.clone())),
        ("a redirect to itself", Says::Redirect(feed.url())),
        (
            "a redirect to a file",
            Says::Redirect("file:///etc/passwd".to_owned()),
        ),
    ];
    for (what, says) in failures {
        feed.say(says);
        tenant.sync_feed().await;
        let failing = tenant.feed_becomes(FeedStatus::Failing).await;
        let error = failing.error.unwrap_or_default();
        assert!(
            error.len() > 10 && error.ends_with(|end: char| end.is_alphanumeric() || end == '.'),
            "{what}: {error:?}"
        );
        assert!(
            !error.contains("secret-path") && !error.contains("Lunch"),
            "{what}: {error:?}"
        );
        assert_eq!(failing.busy_blocks, 1, "{what} threw the known blocks away");
        assert!(
            !tenant.is_free(&visitor, start).await,
            "{what} freed the time"
        );

        feed.say(Says::Calendar(good.clone()));
        tenant.sync_feed().await;
        let current = tenant.feed_becomes(FeedStatus::Current).await;
        assert!(current.error.is_none(), "{what}: {current:?}");
    }
}

#[tokio::test]
async fn a_feed_that_was_never_read_offers_nothing() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let feed = FeedServer::start(Says::Status(503, "text/plain", b"later".to_vec())).await;
    let pending = tenant.connect_feed(&feed.url()).await;
    assert_eq!(pending.status, FeedStatus::Pending);
    assert!(tenant.free(&visitor).await.is_empty(), "unknown means busy");
    tenant.feed_becomes(FeedStatus::Failing).await;
    assert!(tenant.free(&visitor).await.is_empty(), "unknown means busy");
    let refused = tenant
        .book(
            &visitor,
            "unknown",
            &slotstead_tests::tenant::booking_at(start),
        )
        .await;
    assert_eq!(refused.status, 409);

    feed.say(Says::Calendar(calendar(&[], "Nobody")));
    tenant.sync_feed().await;
    tenant.feed_becomes(FeedStatus::Current).await;
    assert!(tenant.is_free(&visitor, start).await);
    // A feed that is taken away takes its blocks along.
    feed.say(Says::Calendar(calendar(&[half_hour(start)], "Lunch")));
    tenant.sync_feed().await;
    wait_until("the event is seen", SOON, || async {
        !tenant.is_free(&visitor, start).await
    })
    .await;
    tenant
        .client
        .delete(&tenant.owner, &tenant.path("feeds/private"))
        .await
        .expect_status(204);
    assert!(tenant.is_free(&visitor, start).await);
}

#[tokio::test]
async fn the_demo_calendar_is_read_as_people_read_it() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let path = xtask::paths::root().join("www/demo/ingrid.ics");
    let text = fs::read_to_string(path).expect("it is in the checkout");
    let feed = FeedServer::start(Says::Calendar(text)).await;
    tenant.follow(&feed).await;
    // Every working day has lunch from 11:30 to 12:15, so 11:30 and 12:00 are gone and 12:30
    // is not; a day off (Christmas) offers neither.
    let slots = tenant.slots_between(&visitor, 1, 30).await;
    let mut lunches = 0;
    for day in &slots.days {
        use chrono::Datelike;
        let weekday = day.date.0.weekday().num_days_from_monday() < 5;
        let at = |hour, minute| {
            day.slots
                .iter()
                .any(|slot| slot.start.hour_minute() == (hour, minute))
        };
        assert_eq!(at(11, 30), !weekday, "{}", day.date);
        assert_eq!(at(12, 0), !weekday, "{}", day.date);
        assert!(at(12, 30), "{}", day.date);
        lunches += usize::from(weekday);
    }
    assert!(lunches >= 10, "only {lunches} working days in a month");
}

#[tokio::test]
async fn the_words_of_a_calendar_are_stored_and_logged_nowhere() {
    let server = Server::start("canary", |options| options);
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[4].start;
    let canary = "Quixotic7Marmalade";
    let feed = FeedServer::start(Says::Calendar(calendar(&[half_hour(start)], canary))).await;
    tenant.follow(&feed).await;
    assert!(!tenant.is_free(&visitor, start).await);
    // Failing halves of it must not reach a log either.
    let text = calendar(&[half_hour(start)], canary);
    feed.say(Says::Status(
        200,
        "text/calendar",
        text[..text.len() / 2].into(),
    ));
    tenant.sync_feed().await;
    tenant.feed_becomes(FeedStatus::Failing).await;
    // The control: that somebody booked is found by the same search, and who it was is not.
    let other = tenant.free(&visitor).await[0].start;
    let booked = tenant.booked(&visitor, "control", other).await;

    let state = server.stack.state().to_owned();
    assert!(
        contains(&state, booked.booking.id.as_str().as_bytes()),
        "the search does not find what is there"
    );
    for sealed in ["Amal Haddad", "amal@example.com", "secret-path"] {
        assert!(!contains(&state, sealed.as_bytes()), "{sealed} was kept");
    }
    assert!(
        !contains(&state, canary.as_bytes()),
        "a calendar's words were kept"
    );
    assert!(!contains(&state, canary.to_lowercase().as_bytes()));
    let log = server.stack.log();
    assert!(
        !log.contains("Amal") && !log.contains("amal@example.com"),
        "{log}"
    );
    assert!(!log.contains("secret-path"), "{log}");
}

/// Whether any file below `dir` holds `needle`.
fn contains(dir: &Path, needle: &[u8]) -> bool {
    fs::read_dir(dir).expect("the state is there").any(|entry| {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            return contains(&path, needle);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[tokio::test]
async fn what_is_no_address_of_a_calendar_is_refused_and_changes_nothing() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    for url in [
        "ftp://example.com/a.ics",
        "file:///etc/passwd",
        "nonsense",
        "http://",
        "",
    ] {
        let body = serde_json::json!({ "host": "ingrid", "url": url });
        let path = tenant.path("feeds/private");
        let refused = tenant.client.put(&tenant.owner, &path, &body).await;
        assert_eq!(refused.wrong_fields(), ["url"], "{url}");
    }
    // A feed that was half-written would keep its host from offering anything.
    let visitor = tenant.visitor().await;
    assert!(!tenant.free(&visitor).await.is_empty());
}
