//! The region server as the edge and others meet it: over TLS on loopback, over real files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod commands;
mod drill;
mod faults;
mod feeds;
mod kit;
mod machine;
mod mounted;
mod process;
mod replaced;
mod rotation;
mod stores;
mod tls;
