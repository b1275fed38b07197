//! Everybody who could ask for something of a tenant, and how the document says that each fares.

use slotstead_shared::wire::{BookedView, Scope};

use crate::{
    Furnished, ProblemKind, Raw,
    document::Operation,
    forge::Forger,
    routes::{ROUTES, Route},
};

/// Operations that do not lead into a tenant, or lead there without a token.
pub const OUTSIDE: [&str; 8] = [
    "index",
    "health",
    "openapi",
    "loader",
    "asset",
    "manage",
    "signUp",
    "openSession",
];

/// What a token is worth, by which its answer is worked out.
#[derive(Debug, Clone)]
pub enum Worth {
    /// None at all, or made by somebody else.
    Nothing,
    /// Ours, and over.
    Expired,
    /// Of another tenant.
    Foreign,
    /// An owner's, with these scopes.
    Owner(Vec<Scope>),
    /// An owner's that was revoked.
    Revoked,
    /// A session's, sent from its own page.
    Session,
    /// A session's, sent from elsewhere.
    Strayed,
    /// The capability of the booking in the path, or of one that has no right to change it.
    Capability { change: bool },
    /// The capability of another booking of the tenant.
    OtherCapability,
    /// The capability that an owner asked for whose token was revoked.
    RevokedCapability,
}

/// How the document says that this token fares with this operation; `None` when it gets through.
#[must_use]
pub fn expected(operation: &Operation, worth: &Worth) -> Option<(u16, ProblemKind)> {
    const NOT_ALLOWED: Option<(u16, ProblemKind)> = Some((403, ProblemKind::NotAllowed));
    const UNKNOWN: Option<(u16, ProblemKind)> = Some((401, ProblemKind::Unauthenticated));
    let if_for = |admitted: bool, outcome| if admitted { outcome } else { NOT_ALLOWED };
    match worth {
        Worth::Nothing => UNKNOWN,
        Worth::Expired => Some((401, ProblemKind::TokenExpired)),
        Worth::Foreign => Some((404, ProblemKind::NotFound)),
        Worth::Owner(scopes) => {
            let has = operation
                .scope()
                .is_some_and(|scope| scopes.contains(&scope));
            if_for(has, None)
        }
        Worth::Revoked => if_for(operation.scope().is_some(), UNKNOWN),
        Worth::Session => if_for(operation.session(), None),
        Worth::Strayed => if_for(
            operation.session(),
            Some((403, ProblemKind::OriginNotAllowed)),
        ),
        Worth::Capability { change } => {
            let may = *change || operation.scope() == Some(Scope::BookingsRead);
            if_for(operation.capability() && may, None)
        }
        Worth::OtherCapability => {
            if_for(operation.capability(), Some((404, ProblemKind::NotFound)))
        }
        Worth::RevokedCapability => if_for(operation.capability(), UNKNOWN),
    }
}

/// Somebody who asks.
pub struct Caller {
    /// What to call it when it fared otherwise.
    pub name: String,
    /// What it sends.
    pub who: Raw,
    /// By which its answer is worked out.
    pub worth: Worth,
}

/// Whoever sends this token from this origin.
#[must_use]
pub fn caller(name: impl Into<String>, token: &str, origin: Option<&str>, worth: Worth) -> Caller {
    let mut who = Raw::bearer(token);
    who.0
        .extend(origin.map(|origin| ("origin", origin.to_owned())));
    let name = name.into();
    Caller { name, who, worth }
}

/// Everybody who could ask for something of `home`.
pub async fn everybody(home: &Furnished, others: &[&Furnished], forger: &Forger) -> Vec<Caller> {
    let page = Some(home.tenant.origin.as_str());
    let (owner, session) = (&home.tenant.owner.token, &home.visitor.token);
    let capability = &home.booked.capability;
    let mut callers = strangers(home);
    for (kind, token, origin) in [
        ("owner", owner, None),
        ("session", session, page),
        ("capability", capability, page),
    ] {
        for (how, forged) in forger.forgeries(token) {
            let name = format!("{kind}: {how}");
            callers.push(caller(name, &forged, origin, Worth::Nothing));
        }
        let expired = forger.expired(token);
        callers.push(caller(
            format!("{kind}: expired"),
            &expired,
            origin,
            Worth::Expired,
        ));
    }
    for other in others {
        for token in [
            &other.tenant.owner.token,
            &other.visitor.token,
            &other.booked.capability,
        ] {
            callers.push(caller("of another tenant", token, page, Worth::Foreign));
        }
    }
    callers.push(caller("the session", session, page, Worth::Session));
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let name = format!("the session from {origin:?}");
        callers.push(caller(name, session, origin, Worth::Strayed));
    }
    let whole = Worth::Capability { change: true };
    callers.push(caller("the booker", capability, page, whole));
    callers.extend(owners(home).await);
    callers.extend(bookers(home).await);
    callers
}

/// Whoever has no token, or has one in the wrong place.
#[must_use]
pub fn strangers(home: &Furnished) -> Vec<Caller> {
    let good = &home.tenant.owner.token;
    let raw = |name: &str, headers: Vec<(&'static str, String)>| Caller {
        name: name.to_owned(),
        who: Raw(headers),
        worth: Worth::Nothing,
    };
    vec![
        raw("nobody", Vec::new()),
        raw("a page", vec![("origin", home.tenant.origin.clone())]),
        raw(
            "nonsense",
            vec![("authorization", "Bearer a.b.c".to_owned())],
        ),
        raw(
            "the operator",
            vec![(
                "authorization",
                format!("Bearer {}", home.tenant.client.operator_key),
            )],
        ),
        raw(
            "another scheme",
            vec![("authorization", format!("Basic {good}"))],
        ),
        raw("no scheme", vec![("authorization", good.clone())]),
        raw("a cookie", vec![("cookie", format!("token={good}"))]),
        raw(
            "two tokens",
            vec![("authorization", format!("Bearer {good}, Bearer {good}"))],
        ),
        raw(
            "a name",
            vec![("x-slotstead-tenant", home.tenant.id.clone())],
        ),
    ]
}

/// Tokens with one scope, with all but one, and a revoked one.
async fn owners(home: &Furnished) -> Vec<Caller> {
    let mut callers = Vec::new();
    for scope in Scope::ALL {
        let others: Vec<_> = Scope::ALL.into_iter().filter(|has| *has != scope).collect();
        for scopes in [vec![scope], others] {
            let token = home.tenant.token(&scopes).await;
            let name = format!("an owner with {scopes:?}");
            callers.push(caller(name, &token.secret, None, Worth::Owner(scopes)));
        }
    }
    let revoked = home.tenant.token(&Scope::ALL).await;
    home.revoke(&revoked).await;
    callers.push(caller(
        "a revoked owner",
        &revoked.secret,
        None,
        Worth::Revoked,
    ));
    callers
}

/// Capabilities of another booking, without the right to change, and of a revoked token.
async fn bookers(home: &Furnished) -> Vec<Caller> {
    let page = Some(home.tenant.origin.as_str());
    let start = home.tenant.free(&home.visitor).await[40].start;
    let other = home.tenant.booked(&home.visitor, "another", start).await;
    let reader = home.tenant.token(&[Scope::BookingsRead]).await;
    let revoked = home.tenant.token(&Scope::ALL).await;
    let path = home
        .tenant
        .path(&format!("bookings/{}", home.booked.booking.id));
    let (mut reads, client) = (Vec::new(), &home.tenant.client);
    for token in [&reader, &revoked] {
        let view: BookedView = client
            .get(&Raw::bearer(&token.secret), &path)
            .await
            .expect(200);
        reads.push(view.capability);
    }
    home.revoke(&revoked).await;
    let read_only = Worth::Capability { change: false };
    vec![
        caller(
            "another's booker",
            &other.capability,
            page,
            Worth::OtherCapability,
        ),
        caller("a reader's link", &reads[0], None, read_only),
        caller("a revoked link", &reads[1], None, Worth::RevokedCapability),
    ]
}

/// The operations that lead into a tenant, each with its case.
#[must_use]
pub fn inside(operations: &[Operation]) -> Vec<(&Operation, &'static Route)> {
    let case = |operation: &Operation| {
        ROUTES.iter().find(|route| {
            (route.method, route.path, route.name)
                == (
                    operation.method.as_str(),
                    operation.path.as_str(),
                    operation.name.as_str(),
                )
        })
    };
    operations
        .iter()
        .filter(|operation| !OUTSIDE.contains(&operation.name.as_str()))
        .map(|operation| {
            let route = case(operation)
                .unwrap_or_else(|| panic!("{} has no case: add it to ROUTES", operation.name));
            (operation, route)
        })
        .collect()
}
