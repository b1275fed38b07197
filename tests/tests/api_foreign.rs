//! What is not there, and what is somebody else's, look alike; and what is open is open to all alike.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use slotstead_tests::{
    Anonymous, Operator, ProblemKind, Region, Server,
    callers::{Worth, caller, inside, strangers},
    document::operations,
    forge::Forger,
    furnished,
};

#[tokio::test]
async fn what_is_somebody_elses_looks_like_what_is_not_there() {
    let server = Server::shared();
    let operations = operations(&server.client()).await;
    for (region, abroad) in [
        (Region::Eu, Region::Us),
        (Region::Us, Region::Cbr),
        (Region::Cbr, Region::Eu),
    ] {
        let home = furnished(&server, region).await;
        let other = furnished(&server, abroad).await;
        let near = furnished(&server, region).await;
        for (operation, route) in inside(&operations) {
            // An id that was never given, and the same things at a neighbour's.
            let mut bodies = BTreeSet::new();
            let (who, id) = (home.someone_for(operation), &home.tenant.id);
            if ["{booking}", "{hold}", "{token}"]
                .iter()
                .any(|part| route.path.contains(part))
            {
                for things in [&other, &near] {
                    let path = things.path(route, id);
                    bodies.insert(home.unseen(&who, route, &path).await);
                }
                let missing = home.path(route, id).replace(
                    home.booked.booking.id.as_str(),
                    "bkg_00000000000000000000000000",
                );
                let missing = missing
                    .replace(home.hold.id.as_str(), "hld_00000000000000000000000000")
                    .replace(home.token.id.as_str(), "tok_00000000000000000000000000");
                bodies.insert(home.unseen(&who, route, &missing).await);
                assert_eq!(bodies.len(), 1, "{}: {bodies:?}", route.name);
            }
            // Another tenant, and ids that are nobody's: forged, moved to another region, malformed.
            let mut bodies = BTreeSet::new();
            for id in [other.tenant.id.clone(), near.tenant.id.clone()] {
                bodies.insert(home.unseen(&who, route, &other.path(route, &id)).await);
                bodies.insert(home.unseen(&who, route, &home.path(route, &id)).await);
            }
            for id in not_ids(id) {
                bodies.insert(home.unseen(&who, route, &home.path(route, &id)).await);
            }
            assert_eq!(bodies.len(), 1, "{}: {bodies:?}", route.name);
        }
    }
}

/// Texts near a genuine id that are none.
fn not_ids(id: &str) -> Vec<String> {
    let last = if id.ends_with('0') { "1" } else { "0" };
    let (home, rest) = id.split_once('_').expect("an id begins with its region");
    let elsewhere = Region::ALL
        .into_iter()
        .filter(|region| region.as_str() != home);
    let mut found: Vec<String> = elsewhere.map(|region| format!("{region}_{rest}")).collect();
    found.extend([
        format!("{}{last}", &id[..id.len() - 1]),
        id.to_uppercase(),
        "eu_1".to_owned(),
        "cbr_".to_owned(),
        "tenants".to_owned(),
        "%00".to_owned(),
    ]);
    found
}

#[tokio::test]
async fn every_method_that_the_document_does_not_name_is_refused() {
    let server = Server::shared();
    let operations = operations(&server.client()).await;
    let home = furnished(&server, Region::Eu).await;
    let mut methods: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in &operations {
        let path = inside(&operations)
            .iter()
            .find(|(_, route)| route.path == operation.path)
            .map_or_else(
                || operation.path.replace("{tenant}", &home.tenant.id),
                |(_, route)| home.path(route, &home.tenant.id),
            );
        methods.entry(path).or_default().insert(&operation.method);
    }
    let before = home.everything().await;
    for (path, named) in &methods {
        for method in [
            "GET", "PUT", "POST", "DELETE", "PATCH", "PROPFIND", "TRACK", "get",
        ] {
            if named.contains(method) {
                continue;
            }
            let verb = Method::from_bytes(method.as_bytes()).expect("a token");
            let owner = &home.tenant.owner;
            let request = home.tenant.client.request(owner, verb, path);
            // The old way to smuggle a method past a filter.
            let request = request.header("x-http-method-override", named.first().expect("one"));
            let reply = request.json(&json!({})).send().await;
            let told = format!("{method} {path}: {}", reply.text());
            assert!([405, 501].contains(&reply.status), "{told}");
            if reply.status == 405 {
                let allow = reply.header("allow").unwrap_or_default();
                assert!(
                    named.iter().all(|name| allow.contains(name)),
                    "{allow}: {told}"
                );
            }
        }
    }
    assert_eq!(home.everything().await, before);
}

#[tokio::test]
async fn what_is_open_is_open_to_all_alike_and_what_needs_the_operator_is_not() {
    let server = Server::shared();
    let home = furnished(&server, Region::Eu).await;
    let client = &home.tenant.client;
    let forger = Forger::of(&server);
    let mut callers = strangers(&home);
    for (how, forged) in forger.forgeries(&home.tenant.owner.token) {
        callers.push(caller(how, &forged, None, Worth::Nothing));
    }
    let manage = format!("/manage/{}", home.tenant.id);
    for path in [
        "/",
        "/healthz",
        "/openapi.json",
        "/embed.js",
        "/assets/none.js",
        &manage,
    ] {
        let first = client.get(&Anonymous, path).await;
        for caller in &callers {
            let reply = client.get(&caller.who, path).await;
            assert_eq!(
                (reply.status, reply.header("etag")),
                (first.status, first.header("etag"))
            );
            if first.status == 200 {
                assert_eq!(reply.body, first.body, "{path} as {}", caller.name);
            }
        }
    }
    let body = json!({ "name": "Nobody", "region": "eu" });
    for caller in callers
        .iter()
        .filter(|caller| caller.name != "the operator")
    {
        let reply = client.post(&caller.who, "/v1/tenants", &body).await;
        let _ = reply.refused(401, ProblemKind::Unauthenticated);
    }
    let operator = Operator {
        key: client.operator_key.clone(),
    };
    let signed_up: Value = client
        .post(&operator, "/v1/tenants", &body)
        .await
        .expect(201);
    assert!(signed_up["tenant"].is_string());
}
