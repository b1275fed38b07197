//! What a token is good for: its own booking, its own page, until it is revoked, and no more.

use reqwest::Method;
use serde_json::json;
use slotstead_shared::wire::Scope;
use slotstead_tests::{
    Anonymous, Operator, Owner, ProblemKind, Raw, Region, Server, furnished, routes::ROUTES,
    tenant::ZONE,
};

#[tokio::test]
async fn a_capability_opens_its_own_booking_only() {
    let server = Server::shared();
    let home = furnished(&server, Region::Eu).await;
    let start = home.tenant.free(&home.visitor).await[30].start;
    let other = home.tenant.booked(&home.visitor, "other", start).await;
    for (method, action) in [("GET", ""), ("POST", "/cancel"), ("POST", "/reschedule")] {
        let path = home
            .tenant
            .path(&format!("bookings/{}{action}", other.booking.id));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let body = json!({ "start": start, "zone": ZONE });
        let request = home
            .tenant
            .client
            .request(&home.booker(), method, &path)
            .key("x");
        let reply = request.json(&body).send().await;
        let _ = reply.refused(404, ProblemKind::NotFound);
    }
    let unknown = home.tenant.path("bookings/bkg_00000000000000000000000000");
    let reply = home.tenant.client.get(&home.tenant.owner, &unknown).await;
    let _ = reply.refused(404, ProblemKind::NotFound);
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_no_token_begets_a_stronger_one() {
    let server = Server::shared();
    let home = furnished(&server, Region::Us).await;
    let client = &home.tenant.client;
    let owner = Owner {
        token: home.token.secret.clone(),
    };
    client
        .get(&owner, &home.tenant.path("services"))
        .await
        .expect_status(200);
    let path = home.tenant.path(&format!("tokens/{}", home.token.id));
    client
        .delete(&home.tenant.owner, &path)
        .await
        .expect_status(204);
    let reply = client.get(&owner, &home.tenant.path("services")).await;
    let _ = reply.refused(401, ProblemKind::Unauthenticated);

    let narrow = home.tenant.token(&[Scope::TokensWrite]).await;
    let narrow = Owner {
        token: narrow.secret,
    };
    let body = json!({ "name": "stronger", "scopes": Scope::ALL });
    let before = home.everything().await;
    let reply = client
        .post(&narrow, &home.tenant.path("tokens"), &body)
        .await;
    let _ = reply.refused(403, ProblemKind::NotAllowed);
    assert_eq!(home.everything().await, before);
}

#[tokio::test]
async fn sign_up_asks_for_the_operators_key() {
    let server = Server::shared();
    let home = furnished(&server, Region::Eu).await;
    let client = &home.tenant.client;
    let body = json!({ "name": "Nobody", "region": "eu" });
    let wrong = Operator {
        key: format!("{}x", client.operator_key),
    };
    for reply in [
        client.post(&Anonymous, "/v1/tenants", &body).await,
        client.post(&wrong, "/v1/tenants", &body).await,
        client.post(&home.tenant.owner, "/v1/tenants", &body).await,
        client.post(&home.visitor, "/v1/tenants", &body).await,
    ] {
        let _ = reply.refused(401, ProblemKind::Unauthenticated);
    }
}

#[tokio::test]
async fn a_region_that_is_not_open_takes_nobody_and_no_other_is_tried() {
    let server = Server::start("no-canberra", |options| options);
    let client = server.client();
    let operator = Operator {
        key: client.operator_key.clone(),
    };
    let body = json!({ "name": "Somebody", "region": "cbr" });
    let reply = client.post(&operator, "/v1/tenants", &body).await;
    assert_eq!(reply.wrong_fields(), ["region"]);
}

#[tokio::test]
async fn pages_of_other_origins_get_no_session_and_no_answer_they_can_read() {
    let server = Server::shared();
    let home = furnished(&server, Region::Eu).await;
    let tenant = &home.tenant;
    let allowed = tenant.preflight(&tenant.origin).await;
    assert_eq!(allowed.status, 204, "{}", allowed.text());
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some(tenant.origin.as_str())
    );
    assert!(allowed.header("access-control-allow-credentials").is_none());
    let vary = allowed
        .header("vary")
        .unwrap_or_default()
        .to_ascii_lowercase();
    assert!(vary.contains("origin"), "{vary}");
    let near = [
        "https://evil.example",
        "null",
        "http://clinic.example",
        "https://clinic.example.evil.example",
        "https://clinic.example:8443",
        "https://CLINIC.example",
    ];
    for origin in near {
        let reply = tenant.preflight(origin).await;
        assert_eq!(
            reply.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        let reply = tenant
            .client
            .post_empty(&Raw::page(origin), &tenant.path("sessions"))
            .await;
        let _ = reply.refused(403, ProblemKind::OriginNotAllowed);
        assert_eq!(
            reply.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
    let reply = tenant
        .client
        .post_empty(&Anonymous, &tenant.path("sessions"))
        .await;
    let _ = reply.refused(403, ProblemKind::OriginNotAllowed);
    // An origin that the owner takes away loses its visitors at once.
    tenant
        .set_up("origins", &json!({ "origins": ["https://other.example"] }))
        .await;
    let path = home.path(
        ROUTES
            .iter()
            .find(|route| route.name == "offerSlots")
            .unwrap(),
        &tenant.id,
    );
    let reply = tenant.client.get(&home.visitor, &path).await;
    let _ = reply.refused(403, ProblemKind::OriginNotAllowed);
}
