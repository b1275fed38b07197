//! The region server: the region host for regions that no platform keeps for us, Canberra first.
//!
//! In scope: mutual TLS, the protocol of [`slotstead_tenant::host`] over it, one store per tenant with
//! one writer, the timer that carries out effects, limits, health and figures, a graceful stop. Out of
//! scope: every rule about bookings, which is the tenant's, and everything about visitors and tokens,
//! which is the edge's.
//!
//! What it keeps true: nobody without a certificate of the edge gets a byte of HTTP; a tenant of another
//! region is refused; an acknowledged command is on the disk; a panic ends one command and nothing else.
#![warn(missing_docs)]

pub mod backup;
pub mod certificates;
pub mod commands;
pub mod config;
pub mod control;
mod disk;
mod fetch;
pub mod log;
pub mod look;
mod metrics;
mod moment;
pub mod mounted;
pub mod open_files;
pub mod places;
pub mod postgres;
pub mod region;
mod resolve;
pub mod server;
mod service;
pub mod stores;
mod timer;
pub mod tls;
pub mod vault;

pub use fetch::Fetcher;

// A panic has to be caught: a command that panics must not take every tenant's server down. The
// release profile aborts (the Worker wants that), so this is built with `--profile region`.
#[cfg(panic = "abort")]
compile_error!("slotstead-region needs `panic = \"unwind\"`: build it with `--profile region`");
