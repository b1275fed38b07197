//! The kit of the suites that cross crates.
//!
//! The suites in `tests/` run against the real runtime: workerd with the built Worker
//! (`cargo xtask build` makes it), and Chromium for the widget. What the kit keeps true:
//! who asks is a type ([`identity`]), every test makes its own tenant through the public
//! API ([`tenant`]), nothing waits by sleeping for a guessed time ([`wait`]), and every
//! process is stopped by its id when its owner is dropped.
#![allow(clippy::missing_panics_doc, reason = "panicking is how a test says no")]

pub mod browser;
pub mod callers;
pub mod client;
pub mod conformance;
pub mod document;
pub mod feed;
pub mod forge;
pub mod furnished;
pub mod identity;
pub mod kill;
pub mod leaver;
pub mod marked;
pub mod proxy;
pub mod recorder;
pub mod routes;
pub mod search;
pub mod server;
pub mod size;
pub mod stage;
pub mod tenant;
pub mod wait;
pub mod widget;
pub mod wire_bytes;

pub use client::{Client, Reply};
pub use furnished::{Furnished, furnished};
pub use identity::{Anonymous, Booker, Identity, Operator, Owner, Raw, Visitor};
pub use server::Server;
pub use slotstead_shared::{Region, problem::ProblemKind, wire};
pub use tenant::TestTenant;
