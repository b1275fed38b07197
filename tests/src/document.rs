//! The `OpenAPI` document of the running server, as far as it says who may take which route.

use serde_json::Value;
use slotstead_shared::wire::Scope;

use crate::{Anonymous, Client};

/// Somebody whom an operation lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// The operator's key.
    Operator,
    /// A visitor's session.
    Session,
    /// The capability of the booking in the path.
    Capability,
    /// An owner's token with the scope.
    Owner(Scope),
}

/// An operation of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// With `{names}`.
    pub path: String,
    /// `operationId`.
    pub name: String,
    /// Any one of these will do; none is needed when it is empty.
    pub admits: Vec<Admits>,
    /// The statuses that are documented.
    pub statuses: Vec<u16>,
}

impl Operation {
    /// The scope that an owner's token needs here; `None` when no owner's token will do.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        self.admits.iter().find_map(|admits| match admits {
            Admits::Owner(scope) => Some(*scope),
            Admits::Operator | Admits::Session | Admits::Capability => None,
        })
    }

    /// Whether a visitor's session will do.
    #[must_use]
    pub fn session(&self) -> bool {
        self.admits.contains(&Admits::Session)
    }

    /// Whether the booking's capability will do.
    #[must_use]
    pub fn capability(&self) -> bool {
        self.admits.contains(&Admits::Capability)
    }
}

/// Every operation of the document that the edge serves.
pub async fn operations(client: &Client) -> Vec<Operation> {
    let document: Value = client.get(&Anonymous, "/openapi.json").await.expect(200);
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "{version}");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if method != "parameters" {
                operations.push(read(path, method, operation));
            }
        }
    }
    operations
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let name = operation["operationId"].as_str().expect("an operationId");
    let security = operation["security"]
        .as_array()
        .unwrap_or_else(|| panic!("{name} does not say who may"));
    let statuses = operation["responses"].as_object().expect("responses");
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        name: name.to_owned(),
        admits: security.iter().map(admits).collect(),
        statuses: statuses
            .keys()
            .map(|status| status.parse().expect("statuses are numbers"))
            .collect(),
    }
}

/// One alternative: one scheme, and for owners one scope.
fn admits(alternative: &Value) -> Admits {
    let schemes = alternative.as_object().expect("an object of schemes");
    assert_eq!(schemes.len(), 1, "{alternative}");
    let (scheme, scopes) = schemes.iter().next().expect("one scheme");
    let scopes: Vec<Scope> =
        serde_json::from_value(scopes.clone()).expect("scopes that this test knows");
    match (scheme.as_str(), &scopes[..]) {
        ("operator", []) => Admits::Operator,
        ("session", []) => Admits::Session,
        ("capability", []) => Admits::Capability,
        ("owner", [scope]) => Admits::Owner(*scope),
        _ => panic!("this test does not know {alternative}"),
    }
}
