//! Who asks, and what they may. The token check here is the only source of a [`TenantScope`], and a
//! scope is the only way to a call into a tenant; what needs no token has its own narrow types.

use slotstead_shared::{TenantId, UnixSeconds, ids::TokenId, wire};
use slotstead_tenant::{Actor, Call, Command};

use crate::{
    config::Config,
    exchange::Incoming,
    keys::same,
    problem::Failure,
    routes::{Inside, May},
    token::{Grant, TokenError},
};

/// Proof that a genuine token of this tenant was presented on a route it may take.
#[derive(Debug, Clone)]
pub struct TenantScope {
    tenant: TenantId,
    actor: Actor,
    session: Option<String>,
    origin: Option<String>,
    may_change_bookings: bool,
}

impl TenantScope {
    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The id of the visitor's session.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The origin of the page that asks, if the token is bound to one.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Whether what is handed out may cancel and reschedule: no token begets a stronger one.
    #[must_use]
    pub const fn may_change_bookings(&self) -> bool {
        self.may_change_bookings
    }

    /// Whether it is the holder of the link to one booking.
    #[must_use]
    pub const fn is_booker(&self) -> bool {
        matches!(self.actor, Actor::Booker { .. })
    }

    /// The owner's token behind this caller: what is handed out ends when it is revoked.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenId> {
        match &self.actor {
            Actor::Owner { token } => Some(token),
            Actor::Booker { token, .. } => token.as_ref(),
            Actor::Operator | Actor::Visitor { .. } | Actor::RegionHost => None,
        }
    }

    /// The command as a call of this caller.
    #[must_use]
    pub fn call(&self, command: Command) -> Call {
        Call {
            tenant: self.tenant.clone(),
            actor: self.actor.clone(),
            command,
        }
    }
}

/// A page that has no session yet. The tenant decides whether its origin is allowed.
#[derive(Debug, Clone)]
pub struct Stranger {
    tenant: TenantId,
    origin: String,
    client: String,
}

impl Stranger {
    /// A request from a page. Without an `Origin` header it is not one.
    pub fn of(
        config: &Config,
        incoming: &Incoming,
        tenant: TenantId,
        now: UnixSeconds,
    ) -> Result<Self, Failure> {
        let origin = incoming.origin().ok_or(Failure::OriginNotAllowed)?;
        Ok(Self {
            tenant,
            origin: origin.to_owned(),
            client: client(config, incoming, now),
        })
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The page's origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks for what a session starts with.
    #[must_use]
    pub fn open_session(&self) -> Call {
        self.call(Command::OpenSession)
    }

    /// Asks whether the origin is allowed.
    #[must_use]
    pub fn check_origin(&self) -> Call {
        self.call(Command::CheckOrigin)
    }

    fn call(&self, command: Command) -> Call {
        let actor = Actor::Visitor {
            origin: self.origin.clone(),
            client: self.client.clone(),
        };
        Call {
            tenant: self.tenant.clone(),
            actor,
            command,
        }
    }
}

/// Proof that the operator's key was presented.
pub struct Operator(());

impl Operator {
    /// Checks the operator's key, in constant time.
    pub fn of(config: &Config, incoming: &Incoming) -> Result<Self, Failure> {
        let presented = bearer(incoming).ok_or(Failure::Unauthenticated)?;
        same(presented, &config.operator_key)
            .then_some(Self(()))
            .ok_or(Failure::Unauthenticated)
    }

    /// Creates a tenant with its first owner's token.
    #[must_use]
    pub fn create_tenant(&self, tenant: TenantId, sign_up: wire::SignUp, token: TokenId) -> Call {
        Call {
            tenant,
            actor: Actor::Operator,
            command: Command::CreateTenant { sign_up, token },
        }
    }
}

/// A token that was presented, before it is known whether it may.
#[derive(Debug)]
pub struct Presented(Result<Grant, Failure>, Option<String>);

impl Presented {
    /// Reads the token of a request.
    #[must_use]
    pub fn of(config: &Config, incoming: &Incoming, now: UnixSeconds) -> Self {
        let Some(token) = bearer(incoming) else {
            return Self(Err(Failure::Unauthenticated), None);
        };
        match config.token_key.check(token, now) {
            Ok(grant) => {
                let origin = grant.origin().map(str::to_owned);
                Self(Ok(grant), origin)
            }
            Err(TokenError::Expired(grant)) => Self(
                Err(Failure::TokenExpired),
                grant.origin().map(str::to_owned),
            ),
            Err(TokenError::Forged) => Self(Err(Failure::Unauthenticated), None),
        }
    }

    /// The origin that the token vouches for, even when it has expired: the page may read the
    /// answer that tells it so.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.1.as_deref()
    }

    /// Checks the token against the route. A token of another tenant finds nothing here (R21).
    pub fn check(
        self,
        config: &Config,
        incoming: &Incoming,
        tenant: &TenantId,
        (may, inside): (May, &Inside),
        now: UnixSeconds,
    ) -> Result<TenantScope, Failure> {
        let grant = self.0?;
        if grant.tenant() != tenant {
            return Err(Failure::NotFound);
        }
        let origin = grant.origin().map(str::to_owned);
        let scope = |actor, session, may_change_bookings| TenantScope {
            tenant: tenant.clone(),
            actor,
            session,
            origin,
            may_change_bookings,
        };
        match (grant, may) {
            (
                Grant::Session {
                    origin, session, ..
                },
                May::Visitor | May::VisitorOrOwner(_),
            ) => {
                if !is_from(config, incoming, &origin) {
                    return Err(Failure::OriginNotAllowed);
                }
                let actor = Actor::Visitor {
                    origin,
                    client: client(config, incoming, now),
                };
                Ok(scope(actor, Some(session), true))
            }
            (
                Grant::Owner { token, scopes, .. },
                May::Owner(needed) | May::VisitorOrOwner(needed) | May::BookerOrOwner(needed),
            ) => {
                if !scopes.contains(&needed) {
                    return Err(Failure::ScopeMissing(needed));
                }
                let may_change = scopes.contains(&wire::Scope::BookingsWrite);
                Ok(scope(Actor::Owner { token }, None, may_change))
            }
            (
                Grant::Capability {
                    booking,
                    change,
                    token,
                    ..
                },
                May::BookerOrOwner(needed),
            ) => {
                if inside.booking() != Some(&booking) {
                    return Err(Failure::NotFound);
                }
                if needed == wire::Scope::BookingsWrite && !change {
                    return Err(Failure::NotAllowed);
                }
                let actor = Actor::Booker {
                    booking,
                    client: client(config, incoming, now),
                    token,
                };
                Ok(scope(actor, None, change))
            }
            (Grant::Session { .. }, May::Owner(_) | May::BookerOrOwner(_))
            | (Grant::Owner { .. }, May::Visitor)
            | (Grant::Capability { .. }, May::Owner(_) | May::Visitor | May::VisitorOrOwner(_)) => {
                Err(Failure::NotAllowed)
            }
        }
    }
}

/// Whether a request comes from a page of `origin`. Browsers send no `Origin` with a GET inside
/// one origin, so for the edge's own pages its absence is right too.
fn is_from(config: &Config, incoming: &Incoming, origin: &str) -> bool {
    match incoming.origin() {
        Some(sent) => sent == origin,
        None => origin == config.public_origin,
    }
}

/// A pseudonym of the client. The platform sets the header and strips it from what clients send.
fn client(config: &Config, incoming: &Incoming, now: UnixSeconds) -> String {
    config
        .id_key
        .client(incoming.header("cf-connecting-ip"), now)
}

/// The token in `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(incoming: &Incoming) -> Option<&str> {
    let (scheme, token) = incoming.header("authorization")?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
