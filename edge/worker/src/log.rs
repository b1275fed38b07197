//! One line of JSON per request: no ids, no addresses, nothing of anybody.

use serde::Serialize;

/// What is written down of a request.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// The request's random id; the answer carries it too.
    pub request: &'a str,
    /// Its method.
    pub method: &'static str,
    /// The path as the route table has it. A path itself holds ids.
    pub route: &'static str,
    /// The status code of the answer.
    pub status: u16,
    /// How long it took.
    pub duration_ms: i64,
    /// The region of the tenant in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<&'static str>,
    /// What failed on our side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Line<'_> {
    /// The line.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers")
    }
}
