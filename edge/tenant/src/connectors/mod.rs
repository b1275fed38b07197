//! Connectors: builders of requests and readers of responses, for what lies outside.
//!
//! Pure: no I/O, no clock. What a connector is given of somebody's calendar stays inside it;
//! only starts and ends leave (R1, R2).

pub mod address;
pub mod feed;
