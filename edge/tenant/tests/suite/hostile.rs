//! Hostile feeds at the tenant: each is an error in words, and the known blocks stay.

#[path = "../feeds/bodies.rs"]
mod bodies;

use slotstead_shared::wire::FeedStatus;
use slotstead_tenant::{
    Command,
    effect::{FetchFailure, FetchResponse, Outcome},
};

use crate::kit::{World, calendar, slug};

const NOON: &str = "2027-03-01T12:00:00+01:00";
const MEETING: (&str, &str) = ("20270301T111500Z", "20270301T114500Z");

fn fetched(body: Vec<u8>) -> Outcome {
    Outcome::Fetched(FetchResponse {
        status: 200,
        headers: vec![("content-type".into(), "text/calendar".into())],
        body,
    })
}

#[test]
fn no_hostile_feed_frees_a_known_block() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    world.read_feed(&calendar(&[MEETING]));
    let synced_at = world.feed("private").synced_at;
    let bodies = bodies::hostile()
        .into_iter()
        .map(|(name, body, error)| (name, fetched(body), error.to_string()));
    let failures = [
        FetchFailure::AddressRefused,
        FetchFailure::TooManyRedirects,
        FetchFailure::TooLarge,
        FetchFailure::TimedOut,
        FetchFailure::Unreachable,
    ]
    .map(|failure| {
        let sentence = failure.to_string();
        ("a failed fetch", Outcome::Failed(failure), sentence)
    });
    for (name, outcome, sentence) in bodies.chain(failures) {
        // Asking for it right away keeps the pause of a failing feed out of this.
        world.own(Command::SyncFeed {
            id: slug("private"),
        });
        let effects = world.take();
        assert_eq!(effects.len(), 1, "{name}");
        world.settle(&effects[0], outcome).unwrap();
        let feed = world.feed("private");
        assert_eq!(feed.status, FeedStatus::Failing, "{name}");
        assert_eq!(feed.error, Some(sentence), "{name}");
        assert_eq!((feed.busy_blocks, feed.synced_at), (1, synced_at), "{name}");
        assert!(!world.offers("consult", NOON), "{name} freed the meeting");
        assert!(
            world.offers("consult", "2027-03-01T13:00:00+01:00"),
            "{name}"
        );
    }
    world.own(Command::SyncFeed {
        id: slug("private"),
    });
    world.read_feed(&calendar(&[MEETING]));
    assert_eq!(world.feed("private").error, None);
}
