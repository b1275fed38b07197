//! Why a tenant says no. It knows no HTTP: one file of the edge turns these into status codes.

use serde::{Deserialize, Serialize};
use slotstead_shared::{Reason, problem::FieldError, wire::Slot};

use crate::store::StoreError;

/// Why a call was refused. Nothing was changed, unless the variant says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No tenant was ever created here, or this store belongs to another one.
    #[error("there is no such tenant")]
    NoTenant,
    /// The tenant exists already.
    #[error("the tenant exists already")]
    TenantExists,
    /// The owner's token was revoked or is unknown.
    #[error("the token was revoked")]
    TokenRevoked,
    /// The actor may not do this.
    #[error("not allowed")]
    NotAllowed,
    /// The visitor's page is not on an origin that the tenant allows.
    #[error("this origin is not allowed")]
    OriginNotAllowed,
    /// Too many calls of this kind.
    #[error("too many requests; try again in {retry_after_seconds} s")]
    RateLimited {
        /// When another try makes sense.
        retry_after_seconds: u32,
    },
    /// Fields are wrong, each named.
    #[error("{} field(s) are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// There is no such thing.
    #[error("there is no such {what}")]
    NotFound {
        /// In words: "service", "hold".
        what: String,
        /// The field of the request that names it; none when it is the request's address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// Something else still uses it, or a limit of the tenant is reached.
    #[error("{detail}")]
    Conflict {
        /// A sentence.
        detail: String,
    },
    /// The slot is taken.
    #[error("the slot is taken")]
    SlotTaken {
        /// The nearest free slots.
        alternatives: Vec<Slot>,
    },
    /// The start is not offered at all.
    #[error("the slot is not offered: {reason:?}")]
    SlotNotOffered {
        /// Why.
        reason: Reason,
        /// The nearest free slots.
        alternatives: Vec<Slot>,
    },
    /// The booking is cancelled or has started.
    #[error("the booking can no longer be changed")]
    BookingClosed,
    /// The idempotency key came before with a different request.
    #[error("the idempotency key was used with a different request")]
    IdempotencyKeyReused,
    /// A key is needed that is not at hand. The region host brings it and executes the call again; where it
    /// cannot, this is the answer.
    #[error("the keys cannot be reached")]
    Keys,
    /// The store failed. What was written in this call was rolled back.
    #[error("the store failed: {detail}")]
    Store {
        /// For the log. It holds no data of the tenant.
        detail: String,
    },
}

impl Refusal {
    /// Whether the tenant decided about a booking, so that this is its key's answer. Where nothing
    /// was decided, as with a mistake in the form, the next try may go otherwise.
    #[must_use]
    pub const fn is_decision(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::SlotTaken { .. }
            | Self::SlotNotOffered { .. }
            | Self::BookingClosed => true,
            Self::NoTenant
            | Self::TenantExists
            | Self::TokenRevoked
            | Self::NotAllowed
            | Self::OriginNotAllowed
            | Self::RateLimited { .. }
            | Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::IdempotencyKeyReused
            | Self::Keys
            | Self::Store { .. } => false,
        }
    }

    /// There is no such `what` at this address.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::NotFound {
            what: what.to_owned(),
            field: None,
        }
    }

    /// There is no such `what`, which the request names in its field `field`.
    #[must_use]
    pub fn not_found_in(field: &str, what: &str) -> Self {
        Self::NotFound {
            what: what.to_owned(),
            field: Some(field.to_owned()),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store { detail: error.0 }
    }
}
