//! The tenant: one synchronous, deterministic state machine over one SQL store.
//!
//! In scope: commands, rules, SQL and migrations, effects, and connectors as
//! builders of requests and parsers of responses. Out of scope: HTTP, tokens, I/O,
//! clocks, randomness. A host (a Durable Object, the region server, a test) opens
//! a [`Tenant`] over its [`store::Store`], passes it [`call::Call`]s one at a time,
//! and carries out the effects it finds due.
#![warn(missing_docs)]

pub mod call;
pub mod effect;
pub mod refusal;
pub mod store;

pub use call::{Actor, Call, Command, Moment, Reply};
pub use effect::{Effect, EffectId, Outcome};
pub use refusal::Refusal;
