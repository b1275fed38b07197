//! Calendar feeds: what they block, when they are fetched, and that they never free time.

use serde_json::json;
use slotstead_shared::wire::{self, FeedStatus};
use slotstead_tenant::{
    Command, Reply,
    effect::{Action, FetchFailure, Outcome},
};

use crate::kit::{
    World, at, calendar, consult, fetched, header, held, owner, response, slug, weekdays, wire,
    with, wrong,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";
const MINUTE: i64 = 60;
/// 11:15 to 11:45 UTC is inside the slot at noon in Oslo, and ends inside the next.
const MEETING: (&str, &str) = ("20270301T111500Z", "20270301T114500Z");

/// A demo world whose host has a feed that was read.
fn world(events: &[(&str, &str)]) -> World {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    world.read_feed(&calendar(events));
    world
}

fn failed() -> Outcome {
    Outcome::Failed(FetchFailure::TimedOut)
}

#[test]
fn a_host_offers_nothing_until_the_calendar_was_read() {
    let mut world = World::demo();
    world.put_service("amal-only", &with(consult(), json!({ "hosts": ["amal"] })));
    world.put_feed("private", "ingrid");
    assert!(world.starts("consult").is_empty());
    assert!(
        !world.starts("amal-only").is_empty(),
        "others are not touched"
    );
    assert_eq!(world.feed("private").status, FeedStatus::Pending);
    assert_eq!(world.next_due(), Some(world.now));
    let effects = world.take();
    let Action::Fetch(request) = &effects[0].action else {
        panic!("not a fetch")
    };
    assert_eq!(request.url, "https://calendar.example/secret/private.ics");
    world
        .settle(&effects[0], fetched(&calendar(&[MEETING])))
        .unwrap();
    assert!(!world.offers("consult", NOON));
    assert!(!world.offers("consult", "2027-03-01T12:30:00+01:00"));
    assert!(world.offers("consult", "2027-03-01T13:00:00+01:00"));
    let feed = world.feed("private");
    assert_eq!(
        (feed.status, feed.busy_blocks, feed.error),
        (FeedStatus::Current, 1, None)
    );
    assert_eq!(feed.source, "calendar.example");
    assert_eq!(feed.synced_at.unwrap().unix_seconds(), world.now);
    assert_eq!(feed.next_fetch_at.unix_seconds(), world.now + MINUTE);
    assert_eq!(feed.freshness_seconds, 80);
    assert_eq!(world.next_due(), Some(world.now + MINUTE));
}

#[test]
fn the_address_and_the_events_words_are_nowhere_in_the_store() {
    let mut world = World::demo();
    let put = world.put_feed("private", "ingrid");
    world.read_feed(&calendar(&[MEETING]));
    let listed = world.own(Command::ListFeeds);
    for reply in [put, listed] {
        assert!(!serde_json::to_string(&reply).unwrap().contains("secret"));
    }
    let dump = world.dump();
    assert!(!dump.contains("CANARY"));
    assert!(!dump.contains("/secret/"));
    world.pass(MINUTE);
    assert!(!format!("{:?}", world.take()).contains("secret"));
}

#[test]
fn a_moved_event_moves_its_block() {
    let mut world = world(&[MEETING]);
    world.pass(MINUTE);
    world.read_feed(&calendar(&[("20270301T131500Z", "20270301T134500Z")]));
    assert!(world.offers("consult", NOON));
    assert!(!world.offers("consult", "2027-03-01T14:00:00+01:00"));
    assert_eq!(world.feed("private").busy_blocks, 1);
}

#[test]
fn more_blocks_than_one_look_reads_are_unknown_and_not_free() {
    let mut world = World::demo();
    let short =
        json!({ "hosts": ["amal", "ingrid"], "duration_minutes": 5, "slot_step_minutes": 5 });
    world.put_service("short", &with(consult(), short));
    let long = with(
        consult(),
        json!({ "hosts": ["ingrid"], "duration_minutes": 5 }),
    );
    world.put_service("ingrid-only", &long);
    // 180 blocks a day, with room for five minutes between them.
    let rule = "RRULE:FREQ=MINUTELY;INTERVAL=8;COUNT=19900";
    let events = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
         DTSTART:20270301T000000Z\r\nDURATION:PT1M\r\n{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    for number in 0..13 {
        let host = if number < 3 { "amal" } else { "ingrid" };
        world.put_feed(&format!("feed-{number}"), host);
        world.read_feed(&events);
        world.pass(1);
    }
    let quarter = |world: &mut World, service: &str| {
        let slots = world.slots(service, "2027-03-01", "2027-06-01", "UTC");
        slots.days.iter().map(|day| day.slots.len()).sum::<usize>()
    };
    assert_eq!(quarter(&mut world, "short"), 0);
    assert_ne!(quarter(&mut world, "ingrid-only"), 0);
    assert!(
        !world.starts("short").is_empty(),
        "of fewer days it is known"
    );
}

#[test]
fn a_feed_with_many_events_is_taken_in_whole() {
    let event = |number: i64| {
        let start = at("2027-03-02T00:00:00Z") + number * 1_800;
        let text = |at| {
            slotstead_shared::Stamp::new(at, 0).unwrap().to_string()[..19].replace(['-', ':'], "")
                + "Z"
        };
        (text(start), text(start + 600))
    };
    let events: Vec<(String, String)> = (0..500).map(event).collect();
    let texts = |range: std::ops::Range<usize>| -> Vec<(&str, &str)> {
        events[range]
            .iter()
            .map(|(start, end)| (start.as_str(), end.as_str()))
            .collect()
    };
    let mut world = world(&texts(0..500));
    assert_eq!(world.feed("private").busy_blocks, 500);
    world.pass(MINUTE);
    world.read_feed(&calendar(&texts(250..400)));
    assert_eq!(world.feed("private").busy_blocks, 150);
}

#[test]
fn a_feed_that_fails_keeps_its_blocks_and_is_tried_less_and_less_often() {
    let mut world = world(&[MEETING]);
    world.pass(MINUTE);
    let synced_at = world.feed("private").synced_at;
    for (number, pause) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        let effects = world.take();
        let outcome = match number % 3 {
            0 => failed(),
            1 => response(503, &[], "down"),
            _ => fetched("<html>Please log in</html>"),
        };
        world.settle(&effects[0], outcome).unwrap();
        let feed = world.feed("private");
        assert_eq!(feed.status, FeedStatus::Failing);
        assert!(feed.error.is_some_and(|sentence| !sentence.is_empty()));
        assert_eq!(feed.synced_at, synced_at);
        assert_eq!(
            feed.next_fetch_at.unix_seconds(),
            world.now + pause * MINUTE
        );
        assert!(!world.offers("consult", NOON));
        assert!(world.offers("consult", "2027-03-02T12:00:00+01:00"));
        assert!(world.take().is_empty());
        world.pass(pause * MINUTE);
    }
    world.read_feed(&calendar(&[]));
    assert_eq!(world.feed("private").status, FeedStatus::Current);
    assert_eq!(
        world.feed("private").next_fetch_at.unix_seconds(),
        world.now + MINUTE
    );
}

#[test]
fn a_feed_that_was_never_read_stays_unknown_when_it_fails() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    let effects = world.take();
    world.settle(&effects[0], failed()).unwrap();
    assert_eq!(world.feed("private").status, FeedStatus::Failing);
    assert!(world.starts("consult").is_empty());
}

#[test]
fn an_effect_is_leased_and_taken_again_when_nobody_reports() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    let first = world.take();
    assert_eq!(first.len(), 1);
    assert!(world.take().is_empty());
    let due = world.next_due().unwrap();
    assert!(
        due >= world.now + 20,
        "the lease is longer than the fetch may take"
    );
    world.now = due;
    let second = world.take();
    assert_eq!(second.len(), 1);
    assert_ne!(first[0].id, second[0].id);
    // The first taker comes too late: the second's outcome counts.
    world
        .settle(&second[0], fetched(&calendar(&[MEETING])))
        .unwrap();
    world.settle(&first[0], fetched(&calendar(&[]))).unwrap();
    assert_eq!(world.feed("private").busy_blocks, 1);
    // And each outcome counts once.
    world.settle(&second[0], fetched(&calendar(&[]))).unwrap();
    assert_eq!(world.feed("private").busy_blocks, 1);
}

#[test]
fn an_outcome_after_its_lease_changes_nothing_though_nobody_else_took_it() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    let effects = world.take();
    let due = world.next_due().unwrap();
    world.now = due;
    let late = fetched(&calendar(&[MEETING]));
    world.settle(&effects[0], late.clone()).unwrap();
    assert_eq!(world.feed("private").status, FeedStatus::Pending);
    assert_eq!(world.next_due(), Some(due));
    // One second sooner it counts.
    let effects = world.take();
    world.now = world.next_due().unwrap() - 1;
    world.settle(&effects[0], late).unwrap();
    assert_eq!(world.feed("private").status, FeedStatus::Current);
}

#[test]
fn effects_are_handed_out_as_many_as_asked() {
    let mut world = World::demo();
    for number in 0..5 {
        world.put_feed(&format!("f{number}"), "ingrid");
    }
    let take = Command::TakeEffects { at_most: 2 };
    let Ok(Reply::Effects(effects)) = world.ask(&slotstead_tenant::Actor::RegionHost, take) else {
        panic!()
    };
    assert_eq!(effects.len(), 2);
    assert_eq!(world.take().len(), 3);
}

#[test]
fn an_outcome_for_a_deleted_or_replaced_feed_changes_nothing() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    let effects = world.take();
    world.own(Command::DeleteFeed {
        id: slug("private"),
    });
    world
        .settle(&effects[0], fetched(&calendar(&[MEETING])))
        .unwrap();
    assert!(world.offers("consult", NOON));

    world.put_feed("private", "ingrid");
    let effects = world.take();
    let feed = wire(json!({ "host": "ingrid", "url": "https://other.example/b.ics" }));
    world.own(Command::PutFeed {
        id: slug("private"),
        feed,
    });
    world.settle(&effects[0], fetched(&calendar(&[]))).unwrap();
    assert_eq!(world.feed("private").status, FeedStatus::Pending);
    assert!(world.starts("consult").is_empty());
    assert_eq!(world.take().len(), 1, "the new address is fetched at once");
}

#[test]
fn a_new_address_or_host_starts_anew_and_the_same_one_changes_nothing() {
    let mut world = world(&[MEETING]);
    let before = world.dump();
    world.put_feed("private", "ingrid");
    assert_eq!(world.dump(), before);
    world.put_feed("private", "amal");
    let feed = world.feed("private");
    assert_eq!((feed.status, feed.busy_blocks), (FeedStatus::Pending, 0));
    assert!(
        world.offers("consult", NOON),
        "the owner took the calendar off this host"
    );
    world.put_service("consult", &with(consult(), json!({ "hosts": ["amal"] })));
    assert!(world.starts("consult").is_empty());
}

#[test]
fn a_deleted_feed_frees_its_time_and_is_fetched_no_more() {
    let mut world = world(&[MEETING]);
    world.own(Command::DeleteFeed {
        id: slug("private"),
    });
    assert!(world.offers("consult", NOON));
    assert!(world.take().is_empty());
    assert_eq!(world.next_due(), None, "its key was destroyed too");
    assert!(world.sql("SELECT 1 FROM busy_blocks").is_empty());
}

#[test]
fn several_feeds_of_a_host_all_count() {
    let mut world = world(&[MEETING]);
    world.put_feed("work", "ingrid");
    assert!(world.starts("consult").is_empty(), "one of them is unknown");
    world.read_feed(&calendar(&[("20270301T131500Z", "20270301T134500Z")]));
    assert!(!world.offers("consult", NOON));
    assert!(!world.offers("consult", "2027-03-01T14:00:00+01:00"));
    assert!(world.offers("consult", "2027-03-01T15:00:00+01:00"));
}

#[test]
fn a_sync_makes_the_fetch_due_now_also_while_one_is_under_way() {
    let mut world = world(&[]);
    let sync = Command::SyncFeed {
        id: slug("private"),
    };
    world.own(sync.clone());
    assert_eq!(world.next_due(), Some(world.now));
    let effects = world.take();
    world.pass(5);
    world.own(sync);
    assert!(world.take().is_empty());
    world.settle(&effects[0], fetched(&calendar(&[]))).unwrap();
    assert_eq!(world.next_due(), Some(world.now));
    assert_eq!(world.take().len(), 1);
}

#[test]
fn an_unchanged_calendar_is_not_sent_again_as_long_as_enough_is_known() {
    let mut world = world(&[MEETING]);
    world.pass(MINUTE);
    let effects = world.take();
    assert_eq!(header(&effects[0], "if-none-match"), Some("\"1\""));
    world.settle(&effects[0], response(304, &[], "")).unwrap();
    let feed = world.feed("private");
    assert_eq!((feed.status, feed.busy_blocks), (FeedStatus::Current, 1));
    assert_eq!(feed.synced_at.unwrap().unix_seconds(), world.now);
    assert!(!world.offers("consult", NOON));
    // After a month of "not modified" the horizon has to move.
    world.pass(35 * 86_400);
    let effects = world.take();
    assert_eq!(header(&effects[0], "if-none-match"), None);
    // Nobody asked on a condition, so "not modified" is no answer.
    world.settle(&effects[0], response(304, &[], "")).unwrap();
    assert_eq!(world.feed("private").status, FeedStatus::Failing);
    world.pass(MINUTE);
    world.read_feed(&calendar(&[MEETING]));
    world.pass(MINUTE);
    let effects = world.take();
    assert_eq!(header(&effects[0], "if-none-match"), Some("\"1\""));
}

#[test]
fn a_host_in_another_zone_is_unknown_until_the_calendar_was_read_again() {
    let all_day = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kit//EN\r\nBEGIN:VEVENT\r\n\
        UID:1@kit\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;VALUE=DATE:20270302\r\n\
        DTEND;VALUE=DATE:20270303\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    world.read_feed(all_day);
    assert!(!world.offers("consult", "2027-03-02T16:30:00+01:00"));
    assert!(world.offers("consult", "2027-03-03T09:00:00+01:00"));
    world.pass(MINUTE);
    let under_way = world.take();
    assert!(header(&under_way[0], "if-none-match").is_some());

    world.put_schedule("weekdays", &weekdays("America/Vancouver"));
    assert!(world.starts("consult").is_empty());
    assert_eq!(world.feed("private").status, FeedStatus::Pending);
    // The answer to a question that was asked before the move.
    world.settle(&under_way[0], response(304, &[], "")).unwrap();
    assert!(world.starts("consult").is_empty());
    let effects = world.take();
    assert_eq!(header(&effects[0], "if-none-match"), None);
    world.settle(&effects[0], fetched(all_day)).unwrap();
    // 2 March in Vancouver, 09:00 to 17:00 there.
    assert!(!world.offers("consult", "2027-03-02T17:00:00Z"));
    assert!(world.offers("consult", "2027-03-03T17:00:00Z"));

    world.put_schedule("oslo", &weekdays("Europe/Oslo"));
    world.put_host("ingrid", "oslo");
    assert!(world.starts("consult").is_empty());
    assert_eq!(world.next_due(), Some(world.now));
}

#[test]
fn a_calendar_that_was_not_read_for_a_day_is_unknown_until_it_is_read() {
    let mut world = world(&[MEETING]);
    let tuesday = "2027-03-03T12:00:00+01:00";
    world.pass(MINUTE);
    let effects = world.take();
    world.settle(&effects[0], failed()).unwrap();
    world.pass(86_400 - MINUTE);
    assert!(world.offers("consult", tuesday));
    let within = world.feed("private").error.unwrap();
    world.pass(1);
    assert!(world.starts("consult").is_empty());
    let feed = world.feed("private");
    let beyond = feed.error.unwrap();
    assert_eq!(feed.status, FeedStatus::Failing);
    assert!(
        beyond.starts_with(&within) && beyond.contains("24 hours"),
        "{beyond}"
    );
    assert!(world.book("k1", tuesday).is_err());
    // That nothing changed is a reading too.
    let effects = world.take();
    world.settle(&effects[0], response(304, &[], "")).unwrap();
    assert!(world.offers("consult", tuesday));
    let feed = world.feed("private");
    assert_eq!((feed.status, feed.error), (FeedStatus::Current, None));
    // A region host that stopped fetching is no better than a server that stopped answering.
    world.pass(86_401);
    assert!(world.starts("consult").is_empty());
    assert_eq!(world.feed("private").status, FeedStatus::Failing);
}

#[test]
fn the_pause_is_counted_from_when_the_fetch_began() {
    let mut world = world(&[]);
    world.pass(MINUTE);
    let began = world.now;
    let effects = world.take();
    world.pass(20);
    world.settle(&effects[0], fetched(&calendar(&[]))).unwrap();
    assert_eq!(world.next_due(), Some(began + MINUTE));
}

#[test]
fn wrong_feeds_are_named() {
    let mut world = World::demo();
    let mut put = |host: &str, url: &str| {
        let feed: wire::FeedInput = wire(json!({ "host": host, "url": url }));
        world.ask(
            &owner(),
            Command::PutFeed {
                id: slug("private"),
                feed,
            },
        )
    };
    assert_eq!(wrong(put("nobody", "nonsense")), ["url", "host"]);
    for url in [
        "ftp://calendar.example/a.ics",
        "http://127.0.0.1/a.ics",
        "https://10.0.0.1/a.ics",
    ] {
        assert_eq!(wrong(put("ingrid", url)), ["url"], "{url}");
    }
    put("ingrid", " webcal://calendar.example/a.ics ").unwrap();
}

#[test]
fn a_busy_block_that_comes_in_takes_a_held_slot_from_its_visitor() {
    let mut world = world(&[]);
    let hold = held(world.hold("consult", NOON, "s1"));
    world.pass(MINUTE);
    world.read_feed(&calendar(&[MEETING]));
    let command = crate::kit::book("k1", NOON, Some(&hold.id));
    assert!(world.ask(&crate::kit::visitor(), command).is_err());
}
