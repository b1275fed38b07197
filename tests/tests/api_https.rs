//! HTTPS only: without the development switch plain HTTP gets no data, and a production
//! configuration with the switch refuses to work at all.

use reqwest::Method;
use serde_json::json;
use slotstead_tests::{Anonymous, Operator, ProblemKind, Raw, Server};

const PUBLIC: &str = "https://edge.example";

#[tokio::test]
async fn plain_http_gets_a_redirect_or_a_problem_and_no_data() {
    let server = Server::start("https", |mut options| {
        options.development = false;
        options.public_origin = Some(PUBLIC.to_owned());
        options
    });
    let client = server.client();
    for page in ["/", "/manage/eu_0000"] {
        let reply = client.get(&Anonymous, page).await;
        assert_eq!(reply.status, 308, "{page}: {}", reply.text());
        assert_eq!(
            reply.header("location"),
            Some(format!("{PUBLIC}{page}").as_str())
        );
        assert!(reply.body.is_empty(), "{}", reply.text());
    }
    // The host in the request is the client's word and leads nowhere else.
    let reply = client
        .request(&Anonymous, Method::GET, "/")
        .header("host", "evil.example")
        .send()
        .await;
    assert_eq!(reply.header("location"), Some("https://edge.example/"));

    let operator = Operator {
        key: client.operator_key.clone(),
    };
    let body = json!({ "name": "Nobody", "region": "eu" });
    let tenant = "eu_00000000000000000000000000000000000000000000";
    for reply in [
        client.post(&operator, "/v1/tenants", &body).await,
        client
            .get(&Anonymous, &format!("/v1/{tenant}/services"))
            .await,
        client
            .post_empty(&Raw::page(PUBLIC), &format!("/v1/{tenant}/sessions"))
            .await,
        client
            .request(&operator, Method::POST, "/v1/tenants")
            .header("x-forwarded-proto", "https")
            .json(&body)
            .send()
            .await,
    ] {
        let problem = reply.refused(403, ProblemKind::HttpsRequired);
        assert!(
            problem.detail.to_lowercase().contains("https"),
            "{problem:?}"
        );
    }
}

#[tokio::test]
async fn a_production_origin_with_the_switch_refuses_everything() {
    let server = Server::start("misconfigured", |mut options| {
        options.public_origin = Some(PUBLIC.to_owned());
        options
            .var("OPERATOR_KEY", "short")
            .var("TOKEN_KEY", "not base64url!")
    });
    let client = server.client();
    let operator = Operator {
        key: client.operator_key.clone(),
    };
    let body = json!({ "name": "Nobody", "region": "eu" });
    for reply in [
        client.get(&Anonymous, "/").await,
        client.get(&Anonymous, "/healthz").await,
        client.get(&Anonymous, "/embed.js").await,
        client.get(&Anonymous, "/openapi.json").await,
        client.post(&operator, "/v1/tenants", &body).await,
    ] {
        let problem = reply.refused(500, ProblemKind::Misconfigured);
        assert!(!problem.detail.contains("short"), "{problem:?}");
    }
    // Every mistake is named in the log, none by its value.
    let log = server.stack.log();
    for name in ["DEVELOPMENT_SWITCH", "OPERATOR_KEY", "TOKEN_KEY"] {
        assert!(log.contains(name), "{name} is not named in the log:\n{log}");
    }
    assert!(!log.contains("not base64url!"), "{log}");
}

#[tokio::test]
async fn security_headers_are_on_every_kind_of_answer() {
    let server = Server::shared();
    let client = server.client();
    for path in [
        "/",
        "/healthz",
        "/openapi.json",
        "/v1/nothing/here",
        "/embed.js",
    ] {
        let reply = client.get(&Anonymous, path).await;
        assert_eq!(
            reply.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert!(reply.header("set-cookie").is_none(), "{path}");
        assert!(reply.header("referrer-policy").is_some(), "{path}");
        assert!(reply.header("x-request-id").is_some(), "{path}");
    }
    let page = client.get(&Anonymous, "/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap_or_default();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{part} is not in {policy:?}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{policy}"
    );
}
