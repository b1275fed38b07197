//! What an owner sets up is checked, each wrong field named, and what was there stays.

use serde_json::{Value, json};
use slotstead_tests::{
    ProblemKind, Region, Server, TestTenant,
    tenant::{around_the_clock, service},
};

/// A path, what is wrong to put there, and the field that is to blame.
fn wrong_set_up() -> Vec<(&'static str, Value, &'static str)> {
    let rule = |start: &str, end: &str| json!({ "weekday": "monday", "start": start, "end": end });
    let with = |mut base: Value, name: &str, value: Value| {
        base[name] = value;
        base
    };
    let overlapping = json!([rule("09:00", "12:00"), rule("11:00", "13:00")]);
    vec![
        (
            "schedules/always",
            with(around_the_clock(), "zone", json!("Europe/Atlantis")),
            "zone",
        ),
        (
            "schedules/always",
            with(around_the_clock(), "rules", overlapping),
            "rules",
        ),
        (
            "services/consultation",
            with(service(), "duration_minutes", json!(1)),
            "duration_minutes",
        ),
        (
            "services/consultation",
            with(service(), "slot_step_minutes", json!(0)),
            "slot_step_minutes",
        ),
        (
            "services/consultation",
            with(service(), "booking_window_days", json!(9_999)),
            "booking_window_days",
        ),
        (
            "services/consultation",
            with(service(), "buffer_after_minutes", json!(5_000)),
            "buffer_after_minutes",
        ),
        (
            "services/consultation",
            with(service(), "name", json!("")),
            "name",
        ),
        (
            "services/consultation",
            with(service(), "name", json!("x".repeat(121))),
            "name",
        ),
        (
            "services/consultation",
            with(service(), "hosts", json!(["nobody"])),
            "hosts",
        ),
        (
            "services/consultation",
            with(service(), "hosts", json!([])),
            "hosts",
        ),
        (
            "hosts/ingrid",
            json!({ "name": "Ingrid", "schedule": "never" }),
            "schedule",
        ),
        (
            "profile",
            json!({ "name": "Fjord", "accent": "green" }),
            "accent",
        ),
        (
            "origins",
            json!({ "origins": ["https://clinic.example/path"] }),
            "origins",
        ),
        ("origins", json!({ "origins": ["*"] }), "origins"),
        (
            "fields/x",
            json!({ "label": "X", "kind": "choice" }),
            "options",
        ),
        (
            "fields/x",
            json!({ "label": "X", "kind": "text", "options": ["a"] }),
            "options",
        ),
    ]
}

#[tokio::test]
async fn wrong_set_up_is_named_and_leaves_what_was_there() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    for (rest, body, field) in wrong_set_up() {
        let reply = tenant
            .client
            .put(&tenant.owner, &tenant.path(rest), &body)
            .await;
        let wrong = reply.wrong_fields();
        assert!(
            wrong.iter().all(|name| name.starts_with(field)),
            "{rest} {body}: {wrong:?}"
        );
        assert!(!wrong.is_empty());
    }
    let visitor = tenant.visitor().await;
    assert!(!tenant.free(&visitor).await.is_empty());
    let session = tenant.session().await;
    assert_eq!(
        (session.services[0].name.as_str(), session.fields.len()),
        ("Consultation", 0)
    );
    // Something else still needs the host: it stays.
    let reply = tenant
        .client
        .delete(&tenant.owner, &tenant.path("hosts/ingrid"))
        .await;
    let _ = reply.refused(409, ProblemKind::Conflict);
}
