//! A store that fails: nothing is half-written, nothing acknowledged is lost, nothing reads as free.

use serde_json::json;
use slotstead_tenant::{Actor, Answer, Command, Refusal, Reply};

use crate::kit::{
    Fault, World, book, booker, booking, calendar, consult, fetched, offer, owner, reschedule,
    settings, slug, token_id, visitor, wire, with,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";
const ONE: &str = "2027-03-01T13:00:00+01:00";

/// A world with something of every kind in it.
fn world() -> World {
    let mut world = World::demo();
    world.put_service(
        "consult",
        &with(consult(), json!({ "hosts": ["ingrid", "amal"] })),
    );
    world.put_feed("private", "ingrid");
    world.booked("k1", NOON);
    world.hold("consult", ONE, "s1").unwrap();
    world
}

type Step = (&'static str, fn(&mut World) -> (Actor, Command));

/// The commands that write.
fn writers() -> Vec<Step> {
    vec![
        ("book", |_| {
            (visitor(), book("k2", "2027-03-01T14:00:00+01:00", None))
        }),
        ("book, refused", |_| {
            (visitor(), book("k3", "2027-03-01T12:10:00+01:00", None))
        }),
        ("confirm", |world| {
            let hold = crate::kit::held(world.hold("consult", ONE, "s1")).id;
            (visitor(), book("k4", ONE, Some(&hold)))
        }),
        ("hold", |_| {
            let start = "2027-03-01T15:00:00+01:00";
            let hold = wire(json!({ "service": "consult", "start": start, "zone": "UTC" }));
            (
                visitor(),
                Command::PlaceHold {
                    hold,
                    session: "s2".to_owned(),
                },
            )
        }),
        ("cancel", |world| {
            let id = world.bookings()[0].id.clone();
            (booker(&id), Command::Cancel { id })
        }),
        ("reschedule", |world| {
            let id = world.bookings()[0].id.clone();
            (
                booker(&id),
                reschedule("k5", &id, "2027-03-01T15:00:00+01:00"),
            )
        }),
        ("put service", |_| {
            let service = wire(with(consult(), json!({ "hosts": ["amal"] })));
            (
                owner(),
                Command::PutService {
                    id: slug("consult"),
                    service,
                },
            )
        }),
        ("put origins", |_| {
            let origins = wire(json!({ "origins": ["https://a.example", "https://b.example"] }));
            (owner(), Command::PutOrigins { origins })
        }),
        ("issue token", |_| {
            let token = wire(json!({ "name": "x", "scopes": ["setup:read"] }));
            (
                owner(),
                Command::IssueToken {
                    id: token_id(5),
                    token,
                },
            )
        }),
        ("delete feed", |_| {
            (
                owner(),
                Command::DeleteFeed {
                    id: slug("private"),
                },
            )
        }),
        ("move feed", |_| {
            let feed = wire(json!({ "host": "amal", "url": "https://other.example/a.ics" }));
            (
                owner(),
                Command::PutFeed {
                    id: slug("private"),
                    feed,
                },
            )
        }),
        ("settle", |world| {
            let id = world.take()[0].id;
            let events = [("20270301T091500Z", "20270301T094500Z")];
            (
                Actor::RegionHost,
                Command::SettleEffect {
                    id,
                    outcome: fetched(&calendar(&events)),
                },
            )
        }),
        ("take", |_| {
            (Actor::RegionHost, Command::TakeEffects { at_most: 9 })
        }),
    ]
}

fn is_store_failure(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::Store { .. }))
}

#[test]
fn a_command_that_fails_at_any_step_leaves_nothing_and_succeeds_when_tried_again() {
    for (name, prepare) in writers() {
        let mut healthy = world();
        let (actor, command) = prepare(&mut healthy);
        let expected = healthy.ask(&actor, command);
        let mut step = 1;
        loop {
            let mut world = world();
            let (actor, command) = prepare(&mut world);
            let before = world.dump();
            world.fail(Fault::AtStep(step));
            let answer = world.ask(&actor, command.clone());
            if !world.heal() {
                assert_eq!(answer, expected, "{name}");
                break;
            }
            assert!(is_store_failure(&answer), "{name} step {step}: {answer:?}");
            assert_eq!(world.dump(), before, "{name} step {step}");
            let again = world.ask(&actor, command);
            assert_eq!(
                again.is_ok(),
                expected.is_ok(),
                "{name} step {step}: {again:?}"
            );
            assert_eq!(
                without_ids(&world.dump()),
                without_ids(&healthy.dump()),
                "{name} step {step}"
            );
            step += 1;
        }
        assert!(step > 3, "{name} was never made to fail");
    }
}

/// A retried command makes its ids and its salts from other random bytes.
fn without_ids(dump: &str) -> String {
    let mut text = String::new();
    let mut rest = dump;
    let random = |text: &str| {
        let ids = ["bkg_", "hld_"].map(|prefix| (text.find(prefix), 4));
        // A sealed value: a form, a salt of 22 characters, and the rest up to the quote.
        let sealed = (text.find("Text(\"1."), 8);
        let all = ids.into_iter().chain([sealed]);
        all.filter_map(|(at, len)| Some(at? + len)).min()
    };
    while let Some(at) = random(rest) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_random = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        rest = rest.trim_start_matches(is_random);
    }
    text + rest
}

#[test]
fn a_booking_whose_commit_was_kept_and_reported_as_failed_is_told_to_the_retry() {
    let mut world = world();
    world.fail(Fault::AfterCommit);
    let command = book("k2", "2027-03-01T14:00:00+01:00", None);
    assert!(is_store_failure(&world.ask(&visitor(), command.clone())));
    assert!(world.heal());
    match world.ask(&visitor(), command) {
        Ok(Reply::Booking {
            booking,
            replayed: true,
            ..
        }) => {
            assert!(world.bookings().contains(&booking));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.bookings().len(), 2);
}

#[test]
fn a_retry_after_a_kept_commit_does_nothing_twice() {
    for (name, prepare) in writers() {
        let mut healthy = world();
        let (actor, command) = prepare(&mut healthy);
        let expected = healthy.ask(&actor, command);
        let mut world = world();
        let (actor, command) = prepare(&mut world);
        world.fail(Fault::AfterCommit);
        assert!(
            is_store_failure(&world.ask(&actor, command.clone())),
            "{name}"
        );
        assert!(world.heal());
        let again = world.ask(&actor, command);
        match name {
            // A token's id is taken now, and a feed is gone: both say so.
            "issue token" => assert!(crate::kit::is_conflict(&again)),
            "delete feed" => assert!(crate::kit::is_missing(&again)),
            // The effects are leased to the call that failed, and due again when the lease ends.
            "take" => assert_eq!(again, Ok(Reply::Effects(Vec::new()))),
            _ => assert_eq!(again.is_ok(), expected.is_ok(), "{name}: {again:?}"),
        }
        assert_eq!(
            without_ids(&world.dump()),
            without_ids(&healthy.dump()),
            "{name}"
        );
    }
}

#[test]
fn a_store_that_fails_never_reads_as_free() {
    let mut world = world();
    let command = offer("consult", "2027-03-01", "2027-04-01", "Europe/Oslo");
    let expected = world.ask(&visitor(), command.clone());
    let mut step = 1;
    loop {
        // Opened anew, so that nothing is remembered.
        world.reopen(settings());
        world.fail(Fault::AtStep(step));
        let answer = world.ask(&visitor(), command.clone());
        if !world.heal() {
            assert_eq!(answer, expected);
            break;
        }
        assert!(is_store_failure(&answer), "step {step}: {answer:?}");
        step += 1;
    }
    assert!(step > 6);
}

#[test]
fn what_was_acknowledged_is_there_when_the_tenant_is_opened_again() {
    let mut world = world();
    let kept = world.booked("k2", "2027-03-01T14:00:00+01:00");
    let before = world.dump();
    world.reopen(settings());
    assert_eq!(world.dump(), before, "opening again migrates nothing twice");
    assert!(world.bookings().contains(&kept));
    assert_eq!(booking(world.book("k2", "2027-03-01T14:00:00+01:00")), kept);
}
