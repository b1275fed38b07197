//! The tenant: one synchronous, deterministic state machine over one SQL store.
//!
//! In scope: commands, rules, SQL and migrations, effects, and connectors as
//! builders of requests and parsers of responses. Out of scope: HTTP, tokens, I/O,
//! clocks, randomness. A region host (a Durable Object, the region server, a test) opens
//! a [`Tenant`] over its [`store::Store`], passes it [`call::Call`]s one at a time,
//! and carries out the effects it finds due.
#![warn(missing_docs)]

pub mod call;
pub mod connectors;
pub mod effect;
pub mod host;
pub mod keyring;
pub mod refusal;
pub mod settings;
pub mod store;
mod tables;
mod tenant;
pub mod written;

pub use call::{Actor, Answer, Call, Command, Moment, Reply};
pub use effect::{Effect, EffectId, Outcome};
pub use refusal::Refusal;
pub use settings::{RateLimits, Settings};
pub use store::{Store, StoreError};
pub use tables::migrations::migrate;
pub use tenant::Tenant;
