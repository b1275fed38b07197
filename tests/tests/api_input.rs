//! Bad input: a problem document that names the field, and nothing half-written (R46).

use reqwest::Method;
use serde_json::{Value, json};
use slotstead_shared::limits;
use slotstead_tests::{
    Operator, ProblemKind, Region, Server, TestTenant,
    tenant::{SERVICE, ZONE, booking_at, date},
};

async fn raw(
    tenant: &TestTenant,
    method: Method,
    rest: &str,
    body: impl Into<String>,
) -> slotstead_tests::Reply {
    let request = tenant
        .client
        .request(&tenant.owner, method, &tenant.path(rest));
    request
        .key("raw")
        .text("application/json", body.into())
        .send()
        .await
}

#[tokio::test]
async fn what_is_not_the_json_asked_for_is_refused() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let unknown = r#"{"name":"x","colour":"red"}"#;
    // What is not JSON is 400; JSON that is not a profile is 422.
    let (cannot_be_read, wrong) = (ProblemKind::InvalidRequest, ProblemKind::InvalidField);
    for (body, status, kind) in [
        (String::new(), 400, cannot_be_read),
        ("{".to_owned(), 400, cannot_be_read),
        ("nonsense".to_owned(), 400, cannot_be_read),
        ("[]".to_owned(), 422, wrong),
        ("null".to_owned(), 422, wrong),
        (r#"{"name":1}"#.to_owned(), 422, wrong),
        (r#"{"name":"x"} trailing"#.to_owned(), 400, cannot_be_read),
        (r#"{"name":"x","name":"y"}"#.to_owned(), 422, wrong),
        ("{\"name\":\"\u{feff}".to_owned(), 400, cannot_be_read),
        (unknown.to_owned(), 422, wrong),
        (deep(limits::JSON_DEPTH * 2), 400, cannot_be_read),
        (deep(50_000), 400, cannot_be_read),
    ] {
        let reply = raw(&tenant, Method::PUT, "profile", body).await;
        let _ = reply.refused(status, kind);
    }
    let reply = raw(&tenant, Method::PUT, "profile", unknown).await;
    assert!(
        reply.text().contains("colour"),
        "the unknown member is not named: {}",
        reply.text()
    );

    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(limits::BODY_BYTES));
    let reply = raw(&tenant, Method::PUT, "profile", large).await;
    let _ = reply.refused(413, ProblemKind::TooLarge);
    let request = tenant
        .client
        .request(&tenant.owner, Method::PUT, &tenant.path("profile"));
    let reply = request.text("text/plain", r#"{"name":"x"}"#).send().await;
    let _ = reply.refused(415, ProblemKind::UnsupportedMediaType);
    let request = tenant
        .client
        .request(&tenant.owner, Method::PUT, &tenant.path("profile"));
    let reply = request
        .text("application/json; charset=utf-8", vec![b'"', 0xff, b'"'])
        .send()
        .await;
    assert_eq!(reply.problem().kind, ProblemKind::InvalidRequest);

    let profile: Value = tenant
        .client
        .get(&tenant.owner, &tenant.path("profile"))
        .await
        .expect(200);
    assert_eq!(profile["name"], "Fjord Physiotherapy");
}

#[tokio::test]
async fn every_wrong_field_of_a_booking_is_named_at_once() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    for (id, field) in [
        (
            "phone",
            json!({ "label": "Phone", "kind": "phone", "required": true }),
        ),
        (
            "knee",
            json!({ "label": "Which knee?", "kind": "choice", "options": ["left", "right"], "required": true }),
        ),
        (
            "consent",
            json!({ "label": "You may store this", "kind": "checkbox", "required": true }),
        ),
        (
            "note",
            json!({ "label": "Anything else?", "kind": "long_text" }),
        ),
    ] {
        tenant.set_up(&format!("fields/{id}"), &field).await;
    }
    let start = tenant.free(&visitor).await[0].start;
    let mut booking = serde_json::to_value(booking_at(start)).unwrap();
    booking["name"] = json!("  ");
    booking["email"] = json!("amal@example");
    booking["answers"] = json!([
        { "field": "phone", "value": "call me" },
        { "field": "knee", "value": "middle" },
        { "field": "shoe", "value": "44" },
    ]);
    let reply = tenant.book(&visitor, "wrong", &booking).await;
    let mut fields = reply.wrong_fields();
    fields.sort();
    let wanted = [
        "answers.consent",
        "answers.knee",
        "answers.phone",
        "answers.shoe",
        "email",
        "name",
    ];
    assert_eq!(fields, wanted);
    let problem = reply.problem();
    let email = problem
        .errors
        .iter()
        .find(|error| error.field == "email")
        .unwrap();
    assert!(email.detail.contains(".com"), "{email:?}");
    assert!(tenant.all_bookings().await.is_empty());

    // The same key with the right answers: a refused form used nothing up.
    booking["name"] = json!("Amal Haddad");
    booking["email"] = json!("amal@example.com");
    booking["answers"] = json!([
        { "field": "phone", "value": "+47 22 33 44 55" },
        { "field": "knee", "value": "left" },
        { "field": "consent", "value": "yes" },
        { "field": "note", "value": "<script>alert(1)</script>" },
    ]);
    tenant
        .book(&visitor, "wrong", &booking)
        .await
        .expect_status(201);
    let stored = &tenant.all_bookings().await[0];
    assert_eq!(stored.answers.len(), 4);
    assert!(
        stored
            .answers
            .iter()
            .any(|answer| answer.value == "<script>alert(1)</script>")
    );
}

#[tokio::test]
async fn addresses_that_cannot_be_written_to_are_refused() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let long = format!("{}@example.com", "a".repeat(limits::EMAIL_CHARS));
    for email in [
        "",
        "amal",
        "@example.com",
        "amal@",
        "a b@example.com",
        "amal@example.com\r\nBcc: x@example.com",
        "amal@@example.com",
        "amal@-.com",
        &long,
    ] {
        let mut booking = booking_at(start);
        booking.email = email.to_owned();
        let reply = tenant.book(&visitor, "mail", &booking).await;
        assert_eq!(reply.wrong_fields(), ["email"], "{email:?}");
    }
    assert!(tenant.all_bookings().await.is_empty());
}

#[tokio::test]
async fn questions_about_slots_are_checked() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Us).await;
    let visitor = tenant.visitor().await;
    let (from, to, far) = (date(1), date(2), date(200));
    let good = [
        ("service", SERVICE.to_owned()),
        ("from", from.to_string()),
        ("to", to.to_string()),
        ("zone", ZONE.to_owned()),
    ];
    let ask = |changed: &str, value: Option<&str>| {
        let query: Vec<_> = good
            .iter()
            .filter_map(|(name, usual)| match (name == &changed, value) {
                (true, None) => None,
                (true, Some(value)) => Some(format!("{name}={value}")),
                (false, _) => Some(format!("{name}={usual}")),
            })
            .collect();
        tenant.path(&format!("slots?{}", query.join("&")))
    };
    tenant
        .client
        .get(&visitor, &ask("nothing", None))
        .await
        .expect_status(200);
    let far = far.to_string();
    for (name, value) in [
        ("service", None),
        ("from", None),
        ("to", None),
        ("zone", None),
        ("from", Some("2027-02-30")),
        ("from", Some("yesterday")),
        ("to", Some(far.as_str())),
        ("zone", Some("Mars/Olympus")),
        ("service", Some("NOT%20A%20SLUG")),
    ] {
        let reply = tenant.client.get(&visitor, &ask(name, value)).await;
        assert_eq!(reply.wrong_fields(), [name], "{name} {value:?}");
    }
    let reply = tenant
        .client
        .get(&visitor, &ask("service", Some("unknown")))
        .await;
    let problem = reply.refused(404, ProblemKind::NotFound);
    assert_eq!(problem.errors[0].field, "service");
    let mut booking = booking_at(tenant.free(&visitor).await[0].start);
    booking.service = "unknown".parse().unwrap();
    let reply = tenant.book(&visitor, "unknown-service", &booking).await;
    let problem = reply.refused(404, ProblemKind::NotFound);
    assert_eq!(problem.errors[0].field, "service");
}

#[tokio::test]
async fn a_booking_needs_an_idempotency_key_of_reasonable_size() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let path = tenant.path("bookings");
    let request = tenant.client.request(&visitor, Method::POST, &path);
    let reply = request.json(&booking_at(start)).send().await;
    let problem = reply.refused(400, ProblemKind::InvalidRequest);
    assert_eq!(problem.errors[0].field, "Idempotency-Key");
    for bad in [&"k".repeat(limits::IDEMPOTENCY_KEY_CHARS + 1), "", "a key"] {
        let reply = tenant.book(&visitor, bad, &booking_at(start)).await;
        assert_eq!(reply.wrong_fields(), ["Idempotency-Key"], "{bad:?}");
    }
    assert!(tenant.all_bookings().await.is_empty());
}

#[tokio::test]
async fn a_region_that_does_not_exist_makes_no_tenant() {
    let server = Server::shared();
    let client = server.client();
    let operator = Operator {
        key: client.operator_key.clone(),
    };
    for (body, field) in [
        (json!({ "name": "X", "region": "mars" }), "region"),
        (json!({ "name": "", "region": "eu" }), "name"),
        (json!({ "name": "X" }), "region"),
        (
            json!({ "name": "X", "region": "eu", "admin": true }),
            "admin",
        ),
    ] {
        let reply = client.post(&operator, "/v1/tenants", &body).await;
        assert_eq!(reply.wrong_fields(), [field], "{body}");
    }
}

#[tokio::test]
async fn odd_methods_and_paths_are_refused_with_a_problem() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let reply = tenant
        .client
        .delete(&tenant.owner, &tenant.path("profile"))
        .await;
    let _ = reply.refused(405, ProblemKind::MethodNotAllowed);
    assert!(
        reply
            .header("allow")
            .is_some_and(|allow| allow.contains("PUT")),
        "{reply:?}"
    );
    for path in [
        "/v1",
        "/v2/tenants",
        "/v1/tenants/",
        "//",
        "/.git/config",
        "/assets/../../etc/passwd",
        "/v1/%00",
    ] {
        let reply = tenant.client.get(&tenant.owner, path).await;
        let _ = reply.refused(404, ProblemKind::NotFound);
    }
    let trace = Method::from_bytes(b"PROPFIND").unwrap();
    let reply = tenant
        .client
        .request(&tenant.owner, trace, &tenant.path("profile"))
        .send()
        .await;
    // The runtime knows this method and lets it through; the edge does not have it here.
    let _ = reply.refused(405, ProblemKind::MethodNotAllowed);
}
