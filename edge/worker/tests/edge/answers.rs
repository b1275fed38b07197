//! What every answer has in common, and requests that are not right.

use serde_json::json;
use slotstead_worker::{
    edge::misconfigured,
    exchange::{BodyError, Content, Method},
};

use crate::kit::{OPERATOR_KEY, ORIGIN, World, bearer, from, get, post, request, with_body};

#[test]
fn every_answer_carries_its_headers() {
    let world = World::new();
    let owner = world.tenant("eu");
    for read in [
        world.send(&get("/")),
        world.send(&get("/healthz")),
        world.send(&get("/openapi.json")),
        world.send(&get("/nowhere")),
        owner.get("services"),
        owner.get("slots"),
        owner.delete("services/cut"),
    ] {
        assert!(read.header("x-request-id").is_some_and(|id| id.len() == 26));
        assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(read.header("referrer-policy"), Some("no-referrer"));
        assert!(read.header("strict-transport-security").is_some());
        assert!(
            read.header("content-security-policy")
                .is_some_and(|policy| policy.contains("frame-ancestors 'none'"))
        );
        let mut names: Vec<_> = read.raw.headers.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(
            names.len(),
            all,
            "a header came twice: {:?}",
            read.raw.headers
        );
    }
    assert_eq!(
        owner.get("services").header("cache-control"),
        Some("no-store")
    );
}

#[test]
fn head_is_get_without_a_body() {
    let world = World::new();
    for path in ["/", "/openapi.json", "/nowhere"] {
        let (head, get) = (
            world.send(&request(Method::Head, path)),
            world.send(&get(path)),
        );
        assert_eq!(
            (head.status, &head.raw.content),
            (get.status, &Content::Empty)
        );
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[test]
fn another_method_is_told_what_is_allowed() {
    let world = World::new();
    let owner = world.tenant("eu");
    let read = owner
        .post("services", &json!({}))
        .problem(405, "method-not-allowed");
    assert_eq!(read.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[test]
fn a_wrong_body_names_its_field_and_changes_nothing() {
    let world = World::new();
    let owner = world.tenant("eu");
    let before = owner.get("services").body;
    let wrong = owner
        .put("services/cut", &json!({ "name": "Cut" }))
        .problem(422, "invalid-field");
    assert_eq!(wrong.body["errors"][0]["field"], "duration_minutes");
    let too_short = json!({
        "name": "", "duration_minutes": 1, "slot_step_minutes": 30, "booking_window_days": 1, "hosts": ["nobody"]
    });
    let wrong = owner
        .put("services/cut", &too_short)
        .problem(422, "invalid-field");
    assert!(
        wrong.body["errors"].as_array().unwrap().len() >= 3,
        "{}",
        wrong.body
    );
    assert_eq!(owner.get("services").body, before);

    let mut large = bearer(
        with_body(Method::Put, &owner.path("profile"), &json!({})),
        &owner.token,
    );
    large.body = Err(BodyError::TooLarge);
    world.send(&large).problem(413, "too-large");
    let mut text = bearer(post("/v1/tenants", &json!({})), OPERATOR_KEY);
    text.headers.retain(|(name, _)| name != "content-type");
    world.send(&text).problem(415, "unsupported-media-type");
}

#[test]
fn wrong_parameters_are_named_all_at_once() {
    let world = World::new();
    let owner = world.tenant("eu");
    let read = owner
        .get("slots?service=Cut&from=2027-02-30&zone=UTC&zone=UTC&sort=up")
        .problem(422, "invalid-field");
    let fields: Vec<_> = read.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["zone", "sort", "service", "from", "to"]);
    owner
        .get("bookings?from=2027-03-01T00:00:00%2B01:00&to=2027-03-02T00:00:00+01:00")
        .expect(200);
    owner
        .get("bookings?from=yesterday")
        .problem(422, "invalid-field");
}

#[test]
fn a_log_line_holds_nothing_of_anybody() {
    let world = World::new();
    let owner = world.tenant("eu");
    let booked = owner
        .page()
        .book("2027-03-02T09:00:00+01:00", "secret-key")
        .expect(201);
    let line: serde_json::Value = serde_json::from_str(&booked.log).unwrap();
    assert_eq!(line["route"], "/v1/{tenant}/bookings");
    assert_eq!(line["status"], 201);
    assert_eq!(line["region"], "eu");
    assert_eq!(line["request"].as_str(), booked.header("x-request-id"));
    for private in [
        &owner.tenant,
        "192.0.2.1",
        "amal",
        "Amal",
        "bkg_",
        "secret-key",
        ORIGIN,
    ] {
        assert!(!booked.log.contains(private), "{}", booked.log);
    }
    let lost = world.send(&get(&format!("/v1/{}/nowhere", owner.tenant)));
    assert!(!lost.log.contains(&owner.tenant), "{}", lost.log);
}

#[test]
fn plain_http_gets_a_problem_or_a_redirect_and_no_data() {
    let world = World::new();
    let owner = world.tenant("eu");
    let mut plain = bearer(get(&owner.path("services")), &owner.token);
    plain.https = false;
    let read = world.send(&plain).problem(403, "https-required");
    assert_eq!(read.header("strict-transport-security"), None);
    let mut page = from(get(&format!("/manage/{}", owner.tenant)), ORIGIN);
    page.https = false;
    let read = world.send(&page).expect(308);
    assert_eq!(
        read.header("location"),
        Some(format!("https://edge.example/manage/{}", owner.tenant).as_str())
    );
    assert_eq!(read.raw.content, Content::Empty);
}

#[test]
fn a_misconfigured_edge_does_nothing() {
    let (outgoing, written) = misconfigured(&get("/"), [1; 16]);
    assert_eq!(outgoing.status, 500);
    assert!(written.line(0).contains("misconfigured"));
}
