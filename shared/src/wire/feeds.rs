//! Calendar feeds.

use serde::{Deserialize, Serialize};

use crate::{
    Stamp,
    ids::{FeedId, HostId},
};

/// `PUT /v1/{tenant}/feeds/{feed}`: a calendar whose busy times block a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeedInput {
    /// The host whose time it takes.
    pub host: HostId,
    /// The address of an .ics file, `https://…` or `webcal://…`. It often holds a secret, so it is never shown again.
    pub url: String,
}

/// How a feed fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeedStatus {
    /// Never read yet. Its host offers nothing until it is: unknown means busy.
    Pending,
    /// The last fetch worked.
    Current,
    /// The last fetch failed; the last known busy blocks stay in place.
    Failing,
}

/// A calendar feed as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// The host whose time it takes.
    pub host: HostId,
    /// The host name in its address; the path may be a secret.
    pub source: String,
    /// How it fares.
    pub status: FeedStatus,
    /// Why the last fetch failed, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was last read with success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<Stamp>,
    /// When it will be fetched next.
    pub next_fetch_at: Stamp,
    /// Busy blocks known.
    pub busy_blocks: u32,
    /// A change at the source is seen within this time while the feed is current.
    pub freshness_seconds: u32,
}
