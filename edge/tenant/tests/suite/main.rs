//! The tenant's tests. They know calls, answers and the store's trait, and nothing inside.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod access;
mod bookings;
mod changes;
mod expiry;
mod faults;
mod feeds;
mod history;
mod holds;
mod hostile;
mod keys;
mod kit;
mod moved;
mod offers;
mod promises;
mod resources;
mod restored;
mod rule_input;
mod rules;
mod sealing;
mod setup;
mod stored;
mod turning;
