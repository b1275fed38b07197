//! `/openapi.json`: the `OpenAPI` 3.1 document of every route.
//!
//! It is built from the route table and the types on the wire by the test `tests/openapi/main.rs`, which
//! fails when the committed file is not what it builds, and writes it when asked to.

use crate::exchange::{Content, Outgoing};

/// The document.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// `/openapi.json`. Any page may read it: it is the same for everybody.
#[must_use]
pub fn serve() -> Outgoing {
    Outgoing::of(
        200,
        "application/json",
        Content::Static(DOCUMENT.as_bytes()),
    )
    .with("access-control-allow-origin", "*")
    .with("cache-control", "public, max-age=300")
}
