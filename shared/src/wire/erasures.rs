//! Erasures: people who are not known any more.

use serde::{Deserialize, Serialize};

use crate::{Stamp, ids::ErasureId};

/// Asks for everybody to be erased who booked under an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// The e-mail address, in whatever capitals.
    pub email: String,
}

/// An erasure. It says nothing of who it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// When it was asked for.
    pub asked_at: Stamp,
    /// Bookings whose booker was erased. Those to come were cancelled.
    pub bookings: u32,
    /// Keys that are not destroyed yet. Until they are, an old backup can be read by who has the keys.
    pub keys_left: u32,
    /// When the last key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Stamp>,
}

/// A page of erasures, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasurePage {
    /// The erasures.
    pub items: Vec<Erasure>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
