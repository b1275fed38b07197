//! Effects: what must reach the outside. The tenant writes them into its outbox; the
//! region host carries them out and reports each outcome as a command.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::keyring::KeyTask;

/// An effect's number, rising. Each time the effect is taken it gets a new one.
pub type EffectId = i64;

/// Something for the region host to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Its number; the outcome is reported under it.
    pub id: EffectId,
    /// What to do.
    pub action: Action,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An HTTP request. The region host sends it as it is, follows redirects itself up to the limit,
    /// checks every address it is sent to, and stops at the limits.
    Fetch(FetchRequest),
    /// A task in the tenant's vault of keys.
    Keys(KeyTask),
}

/// A request to be sent. Its `Debug` leaves the URL out, which is often a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// An http or https URL.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Redirects to follow at most.
    pub redirects: u32,
    /// Bytes of the body to read at most; a longer one is `FetchFailure::TooLarge`.
    pub max_bytes: usize,
    /// Seconds for all of it.
    pub timeout_seconds: u32,
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").finish_non_exhaustive()
    }
}

/// What became of an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There was a response, of whatever status.
    Fetched(FetchResponse),
    /// There was none.
    Failed(FetchFailure),
    /// The task in the vault is done.
    KeysDone,
    /// It could not be done now.
    KeysFailed,
}

/// A response. Its `Debug` leaves headers and body out, which are somebody's calendar.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchResponse {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body. It is handed over inside the region host and never serialised to the edge.
    pub body: Vec<u8>,
}

impl fmt::Debug for FetchResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why there was no response: a sentence for the owner that carries nothing from the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FetchFailure {
    /// The address is not http(s), or not a public one.
    #[error("The address does not lead to a public server")]
    AddressRefused,
    /// More redirects than allowed.
    #[error("The address redirects too often")]
    TooManyRedirects,
    /// The body is longer than allowed.
    #[error("The calendar is larger than 5 MB")]
    TooLarge,
    /// It took too long.
    #[error("The calendar's server did not answer in time")]
    TimedOut,
    /// No connection, or one that broke.
    #[error("The calendar's server could not be reached")]
    Unreachable,
}
