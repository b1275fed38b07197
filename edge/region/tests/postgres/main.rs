//! The driver for PostgreSQL against a real server: what it accepts, who may write, what is lost and what is
//! not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod copy;
mod kit;
mod network;
mod outages;
mod overlap;
mod program;
mod start;
mod statements;
mod store;
mod tls;
mod writers;
