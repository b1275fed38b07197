//! Tokens: JWTs (RFC 7519) signed with Ed25519, checked against a clock that is passed in.
//!
//! jwt-simple reads a clock of its own unless told otherwise, and tolerates 15 minutes of drift.
//! Here it only checks signature and form; times are compared in [`TokenKey::check`].

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use jwt_simple::{
    algorithms::{Ed25519KeyPair, Ed25519PublicKey, EdDSAKeyPairLike, EdDSAPublicKeyLike},
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

/// The key pair behind every token.
#[derive(Clone)]
pub struct TokenKey {
    pair: Ed25519KeyPair,
    public: Ed25519PublicKey,
    genuine: Rc<RefCell<Genuine>>,
}

/// Tokens whose signatures were checked, by hash, with what they say. A page sends one token with
/// every request, and checking a signature in wasm takes longer than all the rest of a request.
/// It remembers what never changes: times are compared anew, and revoking is the tenant's.
type Genuine = HashMap<[u8; 32], (Grant, Option<UnixTimeStamp>)>;

/// Tokens remembered at most: 1,000 of about 500 bytes are half a megabyte.
const REMEMBERED: usize = 1_000;

impl TokenKey {
    /// The key pair of this seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        // PKCS #8 (RFC 8410 section 7) is the one way in that takes a bare seed.
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend_from_slice(seed);
        let pair = Ed25519KeyPair::from_der(&der).expect("every 32 bytes are a seed");
        let public = pair.public_key();
        Self {
            pair,
            public,
            genuine: Rc::default(),
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
        self.pair
            .sign(claims)
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
        let hash = hmac_sha256::Hash::hash(token.as_bytes());
        if let Some(known) = self.genuine.borrow().get(&hash) {
            return Ok(known.clone());
        }
        let options = VerificationOptions {
            accept_future: true,
            time_tolerance: None,
            max_token_length: Some(TOKEN_BYTES),
            // At this time nothing has expired yet, so that the caller's comparison is the only one.
            artificial_time: Some(timestamp(0)),
            ..VerificationOptions::default()
        };
        let claims = self
            .public
            .verify_token::<Grant>(token, Some(options))
            .map_err(|_| TokenError::Forged)?;
        let said = (claims.custom, claims.expires_at);
        let mut genuine = self.genuine.borrow_mut();
        if genuine.len() >= REMEMBERED {
            genuine.clear();
        }
        genuine.insert(hash, said.clone());
        Ok(said)
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
        let key = TokenKey::from_seed(&[5; 32]);
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
        let key = TokenKey::from_seed(&[5; 32]);
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
        let key = TokenKey::from_seed(&[5; 32]);
        let token = key.sign(grants()[1].clone(), NOW, None);
        assert_eq!(
            TokenKey::from_seed(&[6; 32]).check(&token, NOW),
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
    fn what_is_remembered_is_bounded_and_only_genuine() {
        let key = TokenKey::from_seed(&[5; 32]);
        assert_eq!(key.check("a.b.c", NOW), Err(TokenError::Forged));
        assert!(key.genuine.borrow().is_empty());
        let [session, ..] = grants();
        for number in 0..REMEMBERED {
            let hash = hmac_sha256::Hash::hash(&number.to_be_bytes());
            key.genuine
                .borrow_mut()
                .insert(hash, (session.clone(), None));
        }
        let token = key.sign(session.clone(), NOW, Some(NOW + 900));
        assert_eq!(key.check(&token, NOW), Ok(session));
        assert_eq!(key.genuine.borrow().len(), 1);
    }

    /// Owners keep tokens for years: a token as the first release made it is still read. It was signed
    /// with another implementation (OpenSSL's) from the seed, so form, claims and signature are pinned.
    #[test]
    fn a_token_of_the_first_release_is_still_read() {
        const TOKEN: &str = "\
             eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.\
             eyJpYXQiOjE4MDAwMDAwMDAsImtpbmQiOiJvd25lciIsInRlbmFudCI6InVzXzBnNDEwNDBnMjBnNDEwNDBnMjBn\
             NDEwNDBnZjd2d3Q1ZTB2ZGo1bTN5dCIsInRva2VuIjoidG9rXzBjMWc2MHIzMGMxZzYwcjMwYzFnNjByMzBjIiwi\
             c2NvcGVzIjpbInNldHVwOnJlYWQiLCJ0b2tlbnM6d3JpdGUiXX0\
             .sb1KsqAQqUUJ2tR1Hz1EtS7PdwBStYp86s9Zjj8HB1V3pIZbuppMF-WCExCmaaz886sVaS01qbANn_cMM8ajBg";
        let key = TokenKey::from_seed(&[5; 32]);
        let wanted = Grant::Owner {
            tenant: "us_0g41040g20g41040g20g41040gf7vwt5e0vdj5m3yt"
                .parse()
                .unwrap(),
            token: "tok_0c1g60r30c1g60r30c1g60r30c".parse().unwrap(),
            scopes: vec![Scope::SetupRead, Scope::TokensWrite],
        };
        assert_eq!(key.check(TOKEN, NOW), Ok(wanted.clone()));
        // And it is still written alike; the library's signatures have noise in them.
        let said = |token: &str| token.rsplit_once('.').unwrap().0.to_owned();
        assert_eq!(said(&key.sign(wanted, NOW, None)), said(TOKEN));
    }
}
