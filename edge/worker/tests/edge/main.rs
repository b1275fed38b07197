//! The whole edge, natively, over real tenants.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod answers;
mod booking;
mod kit;
mod pages;
