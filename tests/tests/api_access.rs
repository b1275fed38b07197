//! Who may what: every operation of the running server's document, asked by everybody, in three regions.
//!
//! The document says which operations there are and who may take each; what each identity gets is worked out
//! from that alone. An operation without a case in [`ROUTES`] or [`OUTSIDE`] fails, so a new one cannot be
//! forgotten.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use slotstead_shared::wire::Scope;
use slotstead_tests::{
    Furnished, Raw, Region, Reply, Server,
    callers::{OUTSIDE, everybody, expected, inside},
    document::{Admits, operations},
    forge::Forger,
    furnished,
    routes::{ROUTES, Route},
};

#[tokio::test]
async fn every_operation_has_a_case_and_every_case_an_operation() {
    let server = Server::shared();
    let operations = operations(&server.client()).await;
    assert_eq!(inside(&operations).len(), ROUTES.len());
    let outside: BTreeSet<_> = operations
        .iter()
        .map(|operation| &operation.name[..])
        .collect();
    assert!(
        OUTSIDE.iter().all(|name| outside.contains(name)),
        "{outside:?}"
    );
    for operation in &operations {
        let needs = match operation.name.as_str() {
            "signUp" => operation.admits == [Admits::Operator],
            name if OUTSIDE.contains(&name) => operation.admits.is_empty(),
            _ => !operation.admits.is_empty() && !operation.admits.contains(&Admits::Operator),
        };
        assert!(needs, "{operation:?}");
    }
}

#[tokio::test]
async fn whoever_may_not_is_refused_on_every_operation_and_changes_nothing() {
    let server = Server::shared();
    let operations = operations(&server.client()).await;
    let forger = Forger::of(&server);
    let mut refusals = 0;
    // One of each region at home, and a neighbour of each: those of the same region and those abroad.
    let mut neighbours = Vec::new();
    for region in Region::ALL {
        neighbours.push(furnished(&server, region).await);
    }
    for region in Region::ALL {
        let home = furnished(&server, region).await;
        let others: Vec<&Furnished> = neighbours.iter().collect();
        let callers = everybody(&home, &others, &forger).await;
        let before = home.everything().await;
        for (operation, route) in inside(&operations) {
            let asked = callers.iter().filter_map(|caller| {
                let (status, kind) = expected(operation, &caller.worth)?;
                let reply = home.send(&caller.who, route, "refused");
                Some(async move { (caller, status, kind, reply.await) })
            });
            for (caller, status, kind, reply) in join_all(asked).await {
                let told = format!("{} as {}: {}", operation.name, caller.name, reply.text());
                let problem = reply.problem();
                assert_eq!((reply.status, problem.kind), (status, kind), "{told}");
                assert!(
                    operation.statuses.contains(&status),
                    "not documented: {told}"
                );
                hardened(&reply, &home.tenant.origin, &told);
                let challenge = reply.header("www-authenticate").unwrap_or_default();
                let lacks_scope = told.contains("does not have the scope");
                assert_eq!(
                    (
                        challenge.is_empty(),
                        challenge.contains("insufficient_scope")
                    ),
                    (status != 401 && !lacks_scope, lacks_scope),
                    "{told}"
                );
                refusals += 1;
            }
        }
        assert_eq!(
            home.everything().await,
            before,
            "a refused request changed something"
        );
        let held = home.hold.start;
        assert!(
            !home.tenant.is_free(&home.visitor, held).await,
            "a stranger let the hold go"
        );
    }
    println!("{refusals} refusals");
    assert!(refusals > 5_000, "{refusals}");
}

/// What every answer from a tenant has: it is not stored, tells nothing of the server, and is
/// readable for no page but the tenant's.
fn hardened(reply: &Reply, origin: &str, told: &str) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Origin"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}: {told}");
    }
    for name in [
        "server",
        "x-powered-by",
        "set-cookie",
        "access-control-allow-credentials",
    ] {
        assert_eq!(reply.header(name), None, "{name}: {told}");
    }
    let readable = reply.header("access-control-allow-origin");
    assert!(
        readable.is_none_or(|by| by == origin),
        "readable by {readable:?}: {told}"
    );
}

#[tokio::test]
async fn whoever_may_gets_through_on_every_operation() {
    let server = Server::shared();
    let operations = operations(&server.client()).await;
    let through = |reply: &Reply, name: &str, home: &Furnished| {
        let told = format!("{name}: {}", reply.text());
        assert!(
            (200..300).contains(&reply.status),
            "{} {told}",
            reply.status
        );
        hardened(reply, &home.tenant.origin, &told);
    };
    for region in Region::ALL {
        let home = furnished(&server, region).await;
        let mut tokens = BTreeMap::new();
        for scope in Scope::ALL {
            tokens.insert(scope, home.tenant.token(&[scope]).await.secret);
        }
        // In the order of the table, in which what is deleted was put before.
        let inside = inside(&operations);
        let of = |route: &Route| inside.iter().find(|(_, case)| case.name == route.name);
        for route in ROUTES {
            if let Some(scope) = of(route).and_then(|(operation, _)| operation.scope()) {
                // The one scope that the document names is enough.
                let key = format!("o-{}", route.name);
                let narrow = Raw::bearer(&tokens[&scope]);
                let owner = Raw::bearer(&home.tenant.owner.token);
                // A token can neither give away nor take away what it does not have itself.
                let who = match route.name {
                    "issueToken" | "revokeToken" => owner,
                    _ => narrow,
                };
                through(&home.send(&who, route, &key).await, route.name, &home);
            }
        }
        let home = furnished(&server, region).await;
        for (operation, route) in &inside {
            let key = format!("v-{}", route.name);
            let page = Some(home.tenant.origin.as_str());
            if operation.session() {
                let reply = home.send(&home.visitor, route, &key).await;
                through(&reply, route.name, &home);
                assert_eq!(reply.header("access-control-allow-origin"), page, "{key}");
            }
        }
        for route in ROUTES {
            if of(route).is_some_and(|(operation, _)| operation.capability()) {
                let key = format!("b-{}", route.name);
                through(
                    &home.send(&home.booker(), route, &key).await,
                    route.name,
                    &home,
                );
            }
        }
    }
}
