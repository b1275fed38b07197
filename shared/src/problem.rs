//! Problem documents (RFC 9457): what went wrong, in a form that programs and people can use.

use serde::{Deserialize, Serialize};

use crate::wire::Slot;

/// The stable types of problem. On the wire: `urn:slotstead:problem:` + the kebab-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ProblemKind {
    /// The request as such cannot be read: malformed JSON, a missing or malformed header.
    #[serde(rename = "urn:slotstead:problem:invalid-request")]
    InvalidRequest,
    /// Fields are wrong; `errors` names each one.
    #[serde(rename = "urn:slotstead:problem:invalid-field")]
    InvalidField,
    /// No token, or one that is not genuine.
    #[serde(rename = "urn:slotstead:problem:unauthenticated")]
    Unauthenticated,
    /// The token was genuine and has expired. The widget gets a new session and tries again.
    #[serde(rename = "urn:slotstead:problem:token-expired")]
    TokenExpired,
    /// The token does not allow this.
    #[serde(rename = "urn:slotstead:problem:not-allowed")]
    NotAllowed,
    /// The page's origin is not one that the tenant allows.
    #[serde(rename = "urn:slotstead:problem:origin-not-allowed")]
    OriginNotAllowed,
    /// There is no such thing, or it is not yours.
    #[serde(rename = "urn:slotstead:problem:not-found")]
    NotFound,
    /// The path exists, not with this method.
    #[serde(rename = "urn:slotstead:problem:method-not-allowed")]
    MethodNotAllowed,
    /// The slot is no longer free; `alternatives` lists the nearest free ones.
    #[serde(rename = "urn:slotstead:problem:slot-taken")]
    SlotTaken,
    /// The start is not offered at all (outside hours, too soon, too far, not on the slot step).
    #[serde(rename = "urn:slotstead:problem:slot-not-offered")]
    SlotNotOffered,
    /// The booking is cancelled or over, so it cannot be changed.
    #[serde(rename = "urn:slotstead:problem:booking-closed")]
    BookingClosed,
    /// The idempotency key was used with a different request.
    #[serde(rename = "urn:slotstead:problem:idempotency-key-reused")]
    IdempotencyKeyReused,
    /// Something else still uses this, or a limit of the tenant is reached.
    #[serde(rename = "urn:slotstead:problem:conflict")]
    Conflict,
    /// The body is larger than allowed.
    #[serde(rename = "urn:slotstead:problem:too-large")]
    TooLarge,
    /// The body is not `application/json`.
    #[serde(rename = "urn:slotstead:problem:unsupported-media-type")]
    UnsupportedMediaType,
    /// Too many requests; `retry_after_seconds` says when to try again.
    #[serde(rename = "urn:slotstead:problem:rate-limited")]
    RateLimited,
    /// The request came over plain HTTP.
    #[serde(rename = "urn:slotstead:problem:https-required")]
    HttpsRequired,
    /// The tenant's region cannot be reached now. Nothing was tried elsewhere.
    #[serde(rename = "urn:slotstead:problem:region-unavailable")]
    RegionUnavailable,
    /// The server is configured wrongly and refuses to work.
    #[serde(rename = "urn:slotstead:problem:misconfigured")]
    Misconfigured,
    /// Something failed on our side.
    #[serde(rename = "urn:slotstead:problem:internal")]
    Internal,
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Where: a JSON path such as `answers.phone` or `rules[2].end`, a query parameter or a header.
    pub field: String,
    /// What would be right, as a sentence: "This address has no ending, such as .com or .no".
    pub detail: String,
}

impl FieldError {
    /// A wrong field.
    #[must_use]
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }
}

/// A problem document, `application/problem+json` (RFC 9457 section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The type.
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// The type in words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What happened here, what was kept, what to do next.
    pub detail: String,
    /// Each wrong field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The nearest free slots, at most [`crate::limits::ALTERNATIVES`], ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Slot>,
    /// Seconds after which another try makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// The id of this request in the logs; also in the header `x-request-id`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}
