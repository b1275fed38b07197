//! The vocabulary of Slotstead and its availability engine.
//!
//! In scope: ids, the types on the wire, problem types, limits, and (behind the
//! feature `engine`) the pure functions that turn schedules, busy blocks, holds
//! and bookings into slots. Out of scope: storage, HTTP, clocks, randomness. A
//! function here that needs the time takes it as an argument.
#![warn(missing_docs)]

#[cfg(feature = "engine")]
pub mod engine;
pub mod ids;
pub mod interval;
pub mod limits;
pub mod problem;
mod reason;
#[cfg(feature = "schema")]
mod schema;
pub mod stamp;
pub mod wire;

pub use ids::{Region, TenantId};
pub use interval::{Interval, UnixSeconds};
pub use reason::Reason;
pub use stamp::{Date, Stamp, WallTime};
