//! The booking widget: what a booker meets inside somebody else's page.
//!
//! In scope: the flow, the month, the form, the words, the requests (plain Rust,
//! tested natively), and, compiled for the browser only, thin components that show
//! them and the few places that touch the browser. Out of scope: what is free and
//! what an offset is. The region says both; the widget never works them out.
#![warn(missing_docs)]

pub mod accent;
pub mod api;
pub mod capability;
pub mod dates;
pub mod decode;
pub mod flow;
pub mod form;
pub mod json;
pub mod month;
pub mod notes;
pub mod summary;
pub mod times;
pub mod wish;
pub mod words;
pub mod zones;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod view;
