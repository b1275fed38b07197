//! Where a tenant's data is.

use serde::{Deserialize, Serialize};

use crate::Region;

/// What a place is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// Where the data is kept and worked with.
    Store,
    /// Where copies are kept.
    Backup,
    /// Where the keys are kept that open what is sealed.
    Keys,
    /// What requests pass through.
    Edge,
    /// Where it is written down what happened.
    Log,
}

/// A place that holds or processes data of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// What it is for.
    pub kind: PlaceKind,
    /// Where it is.
    pub location: String,
    /// What it is.
    pub system: String,
    /// What of the tenant is there.
    pub holds: String,
    /// What keeps it there, and everything else out.
    pub enforced_by: String,
}

/// `GET /v1/{tenant}/residency`: every place that holds or processes data of the tenant, as the programs
/// that run there are configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Residency {
    /// The tenant's region.
    pub region: Region,
    /// The places. What is not here does not exist.
    pub places: Vec<Place>,
}
