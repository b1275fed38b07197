//! The edge: a stateless Cloudflare Worker, and the Durable Object that hosts a tenant.
//!
//! In scope: HTTPS, configuration, tokens, routes, request bodies, problem documents,
//! CORS, rendering; and, for wasm only, the thin shell in `runtime` that talks to the
//! platform. Out of scope: every rule about bookings, which is the tenant's. All
//! outside `runtime` is pure and natively tested: time, randomness and the way to a
//! region come in through [`platform::Platform`].
#![warn(missing_docs)]

pub mod assets;
pub mod auth;
pub mod body;
pub mod calendar;
pub mod config;
pub mod cors;
pub mod csv;
pub mod edge;
pub mod exchange;
mod handlers;
pub mod https;
pub mod log;
pub mod openapi;
pub mod pages;
pub mod places;
pub mod platform;
pub mod problem;
pub mod query;
pub mod region;
pub mod routes;
pub mod token;

#[cfg(target_arch = "wasm32")]
mod runtime;

pub use slotstead_tenant::host::keys;
