//! Tokens: JWTs (RFC 7519) under HMAC-SHA256 (`HS256`, RFC 7518 section 3.2), checked against a clock that is
//! passed in. Whoever checks them is who made them, so there is nobody for a public key.
//!
//! jwt-simple reads a clock of its own unless told otherwise, and tolerates 15 minutes of drift.
//! Here it only checks signature and form; times are compared in [`TokenKey::check`].

use std::{cell::RefCell, collections::BTreeMap};

use jwt_simple::{
    algorithms::{HS256Key, MACLike},
    claims::JWTClaims,
    common::VerificationOptions,
    prelude::UnixTimeStamp,
};
use serde::{Deserialize, Serialize};
use slotstead_shared::{
    TenantId, UnixSeconds,
    ids::{BookingId, TokenId},
    wire::Scope,
};

use crate::keys::same;

/// Bytes of a token at most. Ours stay under 700.
const TOKEN_BYTES: usize = 2_048;

/// What a token grants. Stored in tokens that live for years: add variants, do not change them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Grant {
    /// A visitor of a page.
    Session {
        /// The tenant.
        tenant: TenantId,
        /// The page's origin.
        origin: String,
        /// The session's own random id.
        session: String,
    },
    /// An owner. It does not expire; the tenant knows whether it was revoked.
    Owner {
        /// The tenant.
        tenant: TenantId,
        /// The token's id.
        token: TokenId,
        /// What it may do.
        scopes: Vec<Scope>,
    },
    /// The holder of the link to one booking.
    Capability {
        /// The tenant.
        tenant: TenantId,
        /// The booking.
        booking: BookingId,
        /// Whether it may cancel and reschedule, or only read.
        change: bool,
        /// The origin of the page it was made on, if it was made on one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<String>,
        /// The owner's token that asked for it, if one did: they are revoked together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<TokenId>,
    },
}

impl Grant {
    /// The tenant it is for.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        match self {
            Self::Session { tenant, .. }
            | Self::Owner { tenant, .. }
            | Self::Capability { tenant, .. } => tenant,
        }
    }

    /// The origin it is bound to.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        match self {
            Self::Session { origin, .. } => Some(origin),
            Self::Owner { .. } => None,
            Self::Capability { origin, .. } => origin.as_deref(),
        }
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not one of ours.
    #[error("the token is not genuine")]
    Forged,
    /// It is one of ours, and its time is over.
    #[error("the token has expired")]
    Expired(Box<Grant>),
}

/// Tokens remembered at most, of up to 4 KB each.
const REMEMBERED: usize = 500;

/// The key behind every token. It remembers tokens that it found genuine: a page shows the same one again and
/// again, and checking one anew costs as much as all that the Worker does with a question for slots besides.
#[derive(Clone)]
pub struct TokenKey {
    key: HS256Key,
    /// By what is signed.
    genuine: RefCell<BTreeMap<String, Genuine>>,
}

/// A token that was found genuine.
#[derive(Clone)]
struct Genuine {
    signature: String,
    grant: Grant,
    expires_at: Option<UnixTimeStamp>,
}

impl TokenKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            key: HS256Key::from_bytes(key),
            genuine: RefCell::default(),
        }
    }

    /// Signs a grant made now, which ends at `expires_at`.
    #[must_use]
    pub fn sign(&self, grant: Grant, now: UnixSeconds, expires_at: Option<UnixSeconds>) -> String {
        let claims = JWTClaims {
            issued_at: Some(timestamp(now)),
            expires_at: expires_at.map(timestamp),
            invalid_before: None,
            issuer: None,
            subject: None,
            audiences: None,
            jwt_id: None,
            nonce: None,
            custom: grant,
        };
        self.key
            .authenticate(claims)
            .expect("a grant has text keys and no failing serialisers")
    }

    /// Checks a token. Who presents it where is the business of [`crate::auth`].
    pub fn check(&self, token: &str, now: UnixSeconds) -> Result<Grant, TokenError> {
        let (grant, expires_at) = self.genuine(token)?;
        let expired = match (&grant, expires_at) {
            (Grant::Owner { .. }, None) => false,
            (_, Some(expires_at)) => timestamp(now) >= expires_at,
            (Grant::Session { .. } | Grant::Capability { .. }, None) => {
                return Err(TokenError::Forged);
            }
        };
        if expired {
            Err(TokenError::Expired(Box::new(grant)))
        } else {
            Ok(grant)
        }
    }

    /// What a genuine token says, and when it ends.
    fn genuine(&self, token: &str) -> Result<(Grant, Option<UnixTimeStamp>), TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Forged)?;
        if let Some(known) = self.genuine.borrow().get(signed)
            && same(&known.signature, signature)
        {
            return Ok((known.grant.clone(), known.expires_at));
        }
        let claims = self.verify(token)?;
        let mut genuine = self.genuine.borrow_mut();
        if genuine.len() == REMEMBERED {
            genuine.clear();
        }
        let known = Genuine {
            signature: signature.to_owned(),
            grant: claims.custom.clone(),
            expires_at: claims.expires_at,
        };
        genuine.insert(signed.to_owned(), known);
        Ok((claims.custom, claims.expires_at))
    }

    fn verify(&self, token: &str) -> Result<JWTClaims<Grant>, TokenError> {
        let options = VerificationOptions {
            accept_future: true,
            time_tolerance: None,
            max_token_length: Some(TOKEN_BYTES),
            // At this time nothing has expired yet, so that the caller's comparison is the only one.
            artificial_time: Some(timestamp(0)),
            ..VerificationOptions::default()
        };
        self.key
            .verify_token::<Grant>(token, Some(options))
            .map_err(|_| TokenError::Forged)
    }
}

fn timestamp(at: UnixSeconds) -> UnixTimeStamp {
    UnixTimeStamp::from_secs(u64::try_from(at).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use slotstead_shared::Region;

    use super::*;
    use crate::keys::IdKey;

    const NOW: UnixSeconds = 1_800_000_000;

    fn grants() -> [Grant; 3] {
        let tenant = IdKey::new([1; 32]).new_tenant(Region::Us, [2; 16]);
        [
            Grant::Session {
                tenant: tenant.clone(),
                origin: "https://shop.example".into(),
                session: "s".into(),
            },
            Grant::Owner {
                tenant: tenant.clone(),
                token: TokenId::from_random([3; 16]),
                scopes: Scope::ALL.to_vec(),
            },
            Grant::Capability {
                tenant,
                booking: BookingId::from_random([4; 16]),
                change: true,
                origin: None,
                token: Some(TokenId::from_random([3; 16])),
            },
        ]
    }

    #[test]
    fn a_token_gives_back_its_grant_until_it_expires() {
        let key = TokenKey::new(&[5; 32]);
        for grant in grants() {
            let token = key.sign(grant.clone(), NOW, Some(NOW + 900));
            assert!(token.len() < 700, "{} bytes", token.len());
            assert_eq!(key.check(&token, NOW), Ok(grant.clone()));
            assert_eq!(key.check(&token, NOW + 899), Ok(grant.clone()));
            assert_eq!(
                key.check(&token, NOW + 900),
                Err(TokenError::Expired(Box::new(grant)))
            );
        }
    }

    #[test]
    fn only_an_owners_token_may_live_for_ever() {
        let key = TokenKey::new(&[5; 32]);
        for grant in grants() {
            let token = key.sign(grant.clone(), NOW, None);
            let wanted = if matches!(grant, Grant::Owner { .. }) {
                Ok(grant)
            } else {
                Err(TokenError::Forged)
            };
            assert_eq!(key.check(&token, NOW + 1_000_000_000), wanted);
        }
    }

    #[test]
    fn another_key_a_changed_byte_and_another_algorithm_are_forgeries() {
        let key = TokenKey::new(&[5; 32]);
        let token = key.sign(grants()[1].clone(), NOW, None);
        assert_eq!(
            TokenKey::new(&[6; 32]).check(&token, NOW),
            Err(TokenError::Forged)
        );
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                key.check(&changed, NOW),
                Err(TokenError::Forged),
                "byte {at}"
            );
        }
        let body = token.split('.').nth(1).unwrap();
        // {"alg":"none","typ":"JWT"}
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
        for bad in ["", "a.b.c", unsigned.as_str(), &"A".repeat(TOKEN_BYTES + 1)] {
            assert_eq!(key.check(bad, NOW), Err(TokenError::Forged), "{bad}");
        }
    }

    #[test]
    fn a_token_that_is_remembered_lets_no_other_in_and_expires_all_the_same() {
        let key = TokenKey::new(&[5; 32]);
        let [session, ..] = grants();
        let token = key.sign(session.clone(), NOW, Some(NOW + 900));
        assert_eq!(key.check(&token, NOW), Ok(session.clone()));
        assert_eq!(key.genuine.borrow().len(), 1);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        for at in 0..signature.len() {
            let mut bytes = signature.to_owned().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = format!("{signed}.{}", String::from_utf8(bytes).unwrap());
            assert_eq!(key.check(&forged, NOW), Err(TokenError::Forged), "{at}");
        }
        for forged in [format!("{signed}."), signed.to_owned(), "x.".to_owned()] {
            assert_eq!(key.check(&forged, NOW), Err(TokenError::Forged), "{forged}");
        }
        let expired = Err(TokenError::Expired(Box::new(session)));
        assert_eq!(key.check(&token, NOW + 900), expired);
        assert_eq!(key.genuine.borrow().len(), 1, "no forgery is remembered");
    }

    #[test]
    fn tokens_are_remembered_up_to_a_limit() {
        let key = TokenKey::new(&[5; 32]);
        for second in 0..1_200 {
            let token = key.sign(grants()[1].clone(), NOW + second, None);
            assert_eq!(key.check(&token, NOW), Ok(grants()[1].clone()));
            assert!((1..=REMEMBERED).contains(&key.genuine.borrow().len()));
        }
    }

    /// Owners keep tokens for years: a token as the first release made it is still read. It was signed
    /// with another implementation (Python's `hmac`), so form, claims and signature are pinned.
    #[test]
    fn a_token_of_the_first_release_is_still_read() {
        const TOKEN: &str = "\
             eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
             eyJpYXQiOjE4MDAwMDAwMDAsImtpbmQiOiJvd25lciIsInRlbmFudCI6InVzXzBnNDEwNDBnMjBnNDEwNDBnMjBn\
             NDEwNDBnZjd2d3Q1ZTB2ZGo1bTN5dCIsInRva2VuIjoidG9rXzBjMWc2MHIzMGMxZzYwcjMwYzFnNjByMzBjIiwi\
             c2NvcGVzIjpbInNldHVwOnJlYWQiLCJ0b2tlbnM6d3JpdGUiXX0\
             .CeY_ALqMom7KfPlbfCrD9VuhJBsUF_Tm4gqUSFDvxRg";
        let key = TokenKey::new(&[5; 32]);
        let wanted = Grant::Owner {
            tenant: "us_0g41040g20g41040g20g41040gf7vwt5e0vdj5m3yt"
                .parse()
                .unwrap(),
            token: "tok_0c1g60r30c1g60r30c1g60r30c".parse().unwrap(),
            scopes: vec![Scope::SetupRead, Scope::TokensWrite],
        };
        assert_eq!(key.check(TOKEN, NOW), Ok(wanted.clone()));
        assert_eq!(key.sign(wanted, NOW, None), TOKEN);
    }
}
