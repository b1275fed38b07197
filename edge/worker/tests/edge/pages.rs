//! Pages and CORS: exactly as wide as the tenant's origins.

use serde_json::json;
use slotstead_worker::exchange::Method;

use crate::kit::{ORIGIN, OWN_ORIGIN, World, bearer, from, get, request};

#[test]
fn a_preflight_is_answered_for_allowed_origins_and_no_others() {
    let world = World::new();
    let owner = world.tenant("eu");
    let preflight = |rest: &str, origin: &str| {
        world.send(&from(request(Method::Options, &owner.path(rest)), origin))
    };
    for rest in [
        "sessions",
        "slots",
        "holds",
        "bookings",
        "bookings/bkg_0c1g60r30c1g60r30c1g60r30c/cancel",
    ] {
        let allowed = preflight(rest, ORIGIN).expect(204);
        assert_eq!(allowed.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(allowed.header("access-control-max-age"), Some("600"));
        assert_eq!(allowed.header("access-control-allow-credentials"), None);
        assert_eq!(allowed.header("vary"), Some("Origin"));
        for origin in [
            "https://evil.example",
            "null",
            "https://fjord-hair.example.evil.example",
        ] {
            let refused = preflight(rest, origin).problem(403, "origin-not-allowed");
            assert_eq!(refused.header("access-control-allow-origin"), None);
        }
    }
    for rest in ["services", "tokens", "services/cut", "origins"] {
        let none = preflight(rest, ORIGIN).expect(204);
        assert_eq!(none.header("access-control-allow-origin"), None, "{rest}");
        assert!(none.header("allow").is_some());
    }
}

#[test]
fn an_owners_answer_is_for_no_page() {
    let world = World::new();
    let owner = world.tenant("eu");
    let read = world
        .send(&from(
            bearer(get(&owner.path("services")), &owner.token),
            ORIGIN,
        ))
        .expect(200);
    assert_eq!(read.header("access-control-allow-origin"), None);
}

#[test]
fn a_session_is_for_allowed_origins_and_the_edges_own() {
    let world = World::new();
    let owner = world.tenant("eu");
    let session = |origin: Option<&str>| {
        let request = request(Method::Post, &owner.path("sessions"));
        world.send(&match origin {
            Some(origin) => from(request, origin),
            None => request,
        })
    };
    let allowed = session(Some(ORIGIN)).expect(201);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        allowed.header("access-control-expose-headers"),
        Some("x-request-id, retry-after, idempotency-replayed")
    );
    for origin in [None, Some("https://evil.example"), Some("null"), Some("")] {
        let refused = session(origin).problem(403, "origin-not-allowed");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let own = session(Some(OWN_ORIGIN)).expect(201).text("token");
    // Inside one origin a browser sends no Origin with a GET.
    let slots = owner.path("slots?service=cut&from=2027-03-02&to=2027-03-03&zone=UTC");
    world.send(&bearer(get(&slots), &own)).expect(200);
}

#[test]
fn an_origin_taken_off_the_list_is_refused_at_once() {
    let world = World::new();
    let owner = world.tenant("eu");
    let page = owner.page();
    owner.put("origins", &json!({ "origins": [] })).expect(200);
    let refused = page
        .get("slots?service=cut&from=2027-03-02&to=2027-03-03&zone=UTC")
        .problem(403, "origin-not-allowed");
    assert_eq!(refused.header("access-control-allow-origin"), None);
}

#[test]
fn the_manage_page_tells_nothing_about_the_tenant() {
    let world = World::new();
    let owner = world.tenant("eu");
    let nobody = world
        .edge
        .config
        .id_key
        .new_tenant(slotstead_shared::Region::Eu, [9; 16]);
    let page = |tenant: &str| world.send(&get(&format!("/manage/{tenant}"))).expect(200);
    let (ours, nobodys) = (page(&owner.tenant), page(nobody.as_str()));
    let text =
        |read: &crate::kit::Read| String::from_utf8(read.raw.content.as_slice().to_vec()).unwrap();
    assert_eq!(
        text(&ours).replace(&owner.tenant, ""),
        text(&nobodys).replace(nobody.as_str(), "")
    );
    world
        .send(&get(
            "/manage/eu_0000000000000000000000000000000000000000000",
        ))
        .problem(404, "not-found");
}
