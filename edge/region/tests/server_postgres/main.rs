//! The region server over PostgreSQL: the calls, the timer and the stop of `tests/server`, once more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../server/calls.rs"]
mod calls;
#[path = "../server/feeds.rs"]
mod feeds;
#[allow(
    dead_code,
    reason = "some of it is for the tests of certificates, which no store changes"
)]
#[path = "../server/kit.rs"]
mod kit;
mod stores;
