//! Sign-up and tokens.

use serde::{Deserialize, Serialize};

use crate::{Region, Stamp, TenantId, ids::TokenId};

/// `POST /v1/tenants`, with the operator's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// The business, as bookers see it.
    pub name: String,
    /// Where its data will live. It cannot be changed later.
    pub region: Region,
}

/// The answer to a sign-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedUp {
    /// The tenant's id.
    pub tenant: TenantId,
    /// Its region.
    pub region: Region,
    /// The owner's first token, with every scope. Shown once.
    pub token: IssuedToken,
}

/// What an owner's token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Read services, hosts, schedules, fields, origins and feeds.
    #[serde(rename = "setup:read")]
    SetupRead,
    /// Change them.
    #[serde(rename = "setup:write")]
    SetupWrite,
    /// Read bookings, with what bookers gave.
    #[serde(rename = "bookings:read")]
    BookingsRead,
    /// Make, cancel and reschedule bookings.
    #[serde(rename = "bookings:write")]
    BookingsWrite,
    /// Issue, list and revoke tokens.
    #[serde(rename = "tokens:write")]
    TokensWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::SetupRead,
        Self::SetupWrite,
        Self::BookingsRead,
        Self::BookingsWrite,
        Self::TokensWrite,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetupRead => "setup:read",
            Self::SetupWrite => "setup:write",
            Self::BookingsRead => "bookings:read",
            Self::BookingsWrite => "bookings:write",
            Self::TokensWrite => "tokens:write",
        }
    }
}

/// `POST /v1/{tenant}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, so that the owner knows it again.
    pub name: String,
    /// What it may do; none of it more than the token that asks.
    pub scopes: Vec<Scope>,
}

/// An owner's token as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenView {
    /// Its id, for revoking it.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was issued.
    pub created_at: Stamp,
}

/// A token just issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedToken {
    /// Its id, for revoking it.
    pub id: TokenId,
    /// The token: `Authorization: Bearer <secret>`. Shown once, stored nowhere.
    pub secret: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}
