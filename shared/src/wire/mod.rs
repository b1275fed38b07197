//! The types on the wire: what the API's requests and answers look like as JSON.
//!
//! Types only; the rules live in the tenant. Times are [`Stamp`](crate::Stamp)s (an instant with
//! the offset it is seen at), durations carry their unit in their name. Request
//! types refuse unknown members, so that a misspelt one is an error and not silence.

mod bookings;
mod erasures;
mod export;
mod feeds;
mod page;
mod residency;
mod schedules;
mod services;
mod slots;
mod tokens;

use serde::{Deserialize, Serialize};

pub use self::{
    bookings::*, erasures::*, export::*, feeds::*, page::*, residency::*, schedules::*,
    services::*, slots::*, tokens::*,
};

/// A list of things of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "{T}List"))]
pub struct Items<T> {
    /// The things, in the order of their ids unless said otherwise.
    pub items: Vec<T>,
}

/// Whether serde can leave a member out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
