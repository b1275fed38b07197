//! The `OpenAPI` document, built from the route table and the types on the wire, and pinned.
//!
//! `openapi.json` is committed and built into the Worker. When this test fails because a route or a
//! type changed on purpose, run it once with `UPDATE_OPENAPI=1`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod document;
mod operations;

use std::{env, fs, path::Path};

use serde_json::Value;

#[test]
fn the_committed_document_is_what_the_routes_and_types_say() {
    let built = document::build();
    let text = serde_json::to_string_pretty(&built).unwrap() + "\n";
    if env::var_os("UPDATE_OPENAPI").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        fs::write(path, text).unwrap();
        return;
    }
    assert!(
        slotstead_worker::openapi::DOCUMENT == text,
        "openapi.json is out of date: run `UPDATE_OPENAPI=1 cargo test -p slotstead-worker --test openapi`"
    );
}

/// Every `$ref` leads somewhere, and every component is led to.
#[test]
fn references_and_components_fit() {
    let document = document::build();
    let mut references = Vec::new();
    collect(&document, &mut references);
    references.sort();
    references.dedup();
    for reference in &references {
        let pointer = reference
            .strip_prefix('#')
            .expect("references stay inside the document");
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "nothing uses {reference}");
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                references.push(reference.clone());
            }
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
fn every_operation_says_who_may_and_what_can_go_wrong() {
    let document = document::build();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(operation["security"].is_array(), "{place}");
            assert!(operation["responses"]["500"].is_object(), "{place}");
            if path.contains("{tenant}") {
                assert!(operation["responses"]["404"].is_object(), "{place}");
            }
        }
    }
}
