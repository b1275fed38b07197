//! The same cases of access for every route of the table, so that a new route cannot be forgotten.

use serde_json::json;
use slotstead_shared::wire::Scope;
use slotstead_worker::routes::{May, ROWS, Row, Target};

use crate::kit::{NOW, ORIGIN, Owner, Read, World, bearer, from, get, post, request};

/// The path of a row in this tenant.
fn path(row: &Row, tenant: &str) -> String {
    row.path
        .replace("{tenant}", tenant)
        .replace("{token}", "tok_0c1g60r30c1g60r30c1g60r30c")
        .replace("{hold}", "hld_0c1g60r30c1g60r30c1g60r30c")
        .replace("{booking}", "bkg_0c1g60r30c1g60r30c1g60r30c")
        .replace("{date}", "2027-03-11")
        .replace("{service}", "cut")
        .replace("{host}", "ingrid")
        .replace("{resource}", "room-2")
        .replace("{schedule}", "days")
        .replace("{field}", "phone")
        .replace("{feed}", "private")
}

fn inside() -> impl Iterator<Item = (&'static Row, May)> {
    ROWS.iter().filter_map(|row| match row.target {
        Target::Inside(may, _) => Some((row, may)),
        _ => None,
    })
}

fn knock(world: &World, row: &Row, tenant: &str, token: Option<&str>) -> Read {
    let mut knock = request(row.method, &path(row, tenant));
    knock
        .headers
        .push(("content-type".into(), "application/json".into()));
    if let Some(token) = token {
        knock = bearer(knock, token);
    }
    world.send(&from(knock, ORIGIN))
}

#[test]
fn nobody_and_a_forger_get_nothing_anywhere() {
    let world = World::new();
    let owner = world.tenant("eu");
    // The same claims under a signature that is not ours.
    let (claims, signature) = owner.token.rsplit_once('.').unwrap();
    let forged = format!("{claims}.{}", signature.chars().rev().collect::<String>());
    for (row, _) in inside() {
        for token in [None, Some("x"), Some(forged.as_str())] {
            let read = knock(&world, row, &owner.tenant, token).problem(401, "unauthenticated");
            assert_eq!(
                read.header("www-authenticate"),
                Some("Bearer"),
                "{}",
                row.name
            );
            assert_eq!(
                read.header("access-control-allow-origin"),
                None,
                "{}",
                row.name
            );
        }
    }
}

#[test]
fn a_token_of_another_tenant_finds_nothing_anywhere() {
    let world = World::new();
    let (ours, theirs) = (world.tenant("eu"), world.tenant("us"));
    let (page, booked) = (
        theirs.page(),
        theirs
            .page()
            .book("2027-03-02T09:00:00+01:00", "k")
            .expect(201),
    );
    for (row, _) in inside() {
        for token in [&theirs.token, &page.session, &booked.text("capability")] {
            knock(&world, row, &ours.tenant, Some(token)).problem(404, "not-found");
        }
    }
}

#[test]
fn a_forged_tenant_id_is_not_found_before_anything_else_is_said() {
    let world = World::new();
    let owner = world.tenant("eu");
    let moved = owner.tenant.replace("eu_", "us_");
    let changed = format!("{}0", &owner.tenant[..owner.tenant.len() - 1]);
    assert_ne!(changed, owner.tenant);
    for row in ROWS.iter().filter(|row| row.path.contains("{tenant}")) {
        for tenant in [&moved, &changed] {
            let read = knock(&world, row, tenant, Some(&owner.token)).problem(404, "not-found");
            assert!(read.log.contains(r#""route":"none""#), "{}", read.log);
        }
    }
    let wrong_method = request(
        slotstead_worker::exchange::Method::Other,
        &format!("/v1/{moved}/slots"),
    );
    world.send(&wrong_method).problem(404, "not-found");
}

#[test]
fn every_scope_opens_its_own_routes_and_no_other() {
    let world = World::new();
    let owner = world.tenant("eu");
    for scope in Scope::ALL {
        let token = owner
            .post("tokens", &json!({ "name": "one", "scopes": [scope] }))
            .expect(201)
            .text("secret");
        for (row, may) in inside() {
            let needed = match may {
                May::Owner(needed) | May::VisitorOrOwner(needed) | May::BookerOrOwner(needed) => {
                    Some(needed)
                }
                May::Visitor => None,
            };
            let read = knock(&world, row, &owner.tenant, Some(&token));
            let allowed = read.status != 403;
            assert_eq!(
                allowed,
                needed == Some(scope),
                "{} with {scope:?}: {}",
                row.name,
                read.body
            );
        }
    }
}

#[test]
fn a_session_and_a_capability_open_what_is_theirs() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    let booked = page.book("2027-03-02T09:00:00+01:00", "k").expect(201);
    for (row, may) in inside() {
        let session = knock(&world, row, &owner.tenant, Some(&page.session));
        let wanted = matches!(may, May::Visitor | May::VisitorOrOwner(_));
        assert_eq!(
            session.status != 403,
            wanted,
            "{} with a session: {}",
            row.name,
            session.body
        );

        let capability = knock(&world, row, &owner.tenant, Some(&booked.text("capability")));
        // The path names another booking, so even the booker's own routes find nothing.
        let wanted = if matches!(may, May::BookerOrOwner(_)) {
            404
        } else {
            403
        };
        assert_eq!(
            capability.status, wanted,
            "{} with a capability: {}",
            row.name, capability.body
        );
    }
}

#[test]
fn a_session_works_from_its_own_origin_only() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    let slots = owner.path("slots?service=cut&from=2027-03-02&to=2027-03-03&zone=Europe/Oslo");
    world
        .send(&from(bearer(get(&slots), &page.session), ORIGIN))
        .expect(200);
    for origin in [
        "https://evil.example",
        "null",
        "http://fjord-hair.example",
        "https://fjord-hair.example:8443",
    ] {
        let read = world
            .send(&from(bearer(get(&slots), &page.session), origin))
            .problem(403, "origin-not-allowed");
        assert_eq!(read.header("access-control-allow-origin"), None);
    }
    world
        .send(&bearer(get(&slots), &page.session))
        .problem(403, "origin-not-allowed");
}

#[test]
fn an_expired_session_is_told_so_and_its_page_may_read_it() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    world.regions.now.set(NOW + 15 * 60);
    let read = page.get("slots").problem(401, "token-expired");
    assert_eq!(read.header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn a_revoked_token_is_refused_at_once() {
    let world = World::new();
    let owner = world.tenant("eu");
    let issued = owner
        .post(
            "tokens",
            &json!({ "name": "temporary", "scopes": ["setup:read"] }),
        )
        .expect(201);
    let temporary = Owner {
        world: &world,
        tenant: owner.tenant.clone(),
        token: issued.text("secret"),
    };
    temporary.get("services").expect(200);
    owner
        .delete(&format!("tokens/{}", issued.text("id")))
        .expect(204);
    temporary.get("services").problem(401, "unauthenticated");
}

#[test]
fn a_token_that_only_reads_begets_no_capability_that_changes() {
    let world = World::new();
    let owner = world.tenant("eu");
    let id = owner
        .page()
        .book("2027-03-02T09:00:00+01:00", "k")
        .expect(201)
        .text("id");
    let reader = owner
        .post(
            "tokens",
            &json!({ "name": "reader", "scopes": ["bookings:read"] }),
        )
        .expect(201);
    let reader = Owner {
        world: &world,
        tenant: owner.tenant.clone(),
        token: reader.text("secret"),
    };
    let capability = reader
        .get(&format!("bookings/{id}"))
        .expect(200)
        .text("capability");
    let booker = Owner {
        world: &world,
        tenant: owner.tenant.clone(),
        token: capability,
    };
    booker.get(&format!("bookings/{id}")).expect(200);
    booker
        .post(&format!("bookings/{id}/cancel"), &json!({}))
        .problem(403, "not-allowed");
}

#[test]
fn a_capability_that_an_owner_asked_for_ends_with_the_owners_token() {
    let world = World::new();
    let owner = world.tenant("eu");
    let booked = owner
        .page()
        .book("2027-03-02T09:00:00+01:00", "k")
        .expect(201);
    let path = format!("bookings/{}", booked.text("id"));
    let holder = |token: String| Owner {
        world: &world,
        tenant: owner.tenant.clone(),
        token,
    };
    let issued = owner
        .post(
            "tokens",
            &json!({ "name": "assistant", "scopes": ["bookings:read", "bookings:write"] }),
        )
        .expect(201);
    let capability = holder(issued.text("secret"))
        .get(&path)
        .expect(200)
        .text("capability");
    // A capability that was asked for with that one hangs on the same token.
    let second = holder(capability.clone())
        .get(&path)
        .expect(200)
        .text("capability");
    owner
        .delete(&format!("tokens/{}", issued.text("id")))
        .expect(204);
    for capability in [capability, second] {
        let holder = holder(capability);
        holder.get(&path).problem(401, "unauthenticated");
        holder
            .post(&format!("{path}/cancel"), &json!({}))
            .problem(401, "unauthenticated");
    }
    // The visitor's own hangs on nothing of the owner's.
    holder(booked.text("capability")).get(&path).expect(200);
}

#[test]
fn sign_up_needs_the_operators_key() {
    let world = World::new();
    let sign_up = post("/v1/tenants", &json!({ "name": "A", "region": "eu" }));
    world.send(&sign_up).problem(401, "unauthenticated");
    let owner = world.tenant("eu");
    for key in ["", "x", &owner.token] {
        world
            .send(&bearer(sign_up.clone(), key))
            .problem(401, "unauthenticated");
    }
}
