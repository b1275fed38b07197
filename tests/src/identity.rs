//! Who asks, as a type: a test says it in its first argument and cannot forget it.

/// Somebody who sends requests.
pub trait Identity: Sync {
    /// The headers that say who it is.
    fn headers(&self) -> Vec<(&'static str, String)>;
}

/// Nobody in particular: no token, no origin.
#[derive(Debug, Clone, Copy)]
pub struct Anonymous;

/// Whoever runs the edge, with the key that signs tenants up.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The key.
    pub key: String,
}

/// A visitor of a page, with a session.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The session's token.
    pub token: String,
    /// The page's origin.
    pub origin: String,
}

/// The owner of a tenant, or a program of the owner's.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The token.
    pub token: String,
}

/// The holder of a booking's capability.
#[derive(Debug, Clone)]
pub struct Booker {
    /// The capability.
    pub capability: String,
    /// The page's origin.
    pub origin: String,
}

/// Whatever headers a test wants to send: forged tokens, half tokens, tricks.
#[derive(Debug, Clone, Default)]
pub struct Raw(pub Vec<(&'static str, String)>);

impl Raw {
    /// A bearer token and nothing else.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self(vec![bearer(token)])
    }

    /// A page on `origin`, without a token.
    #[must_use]
    pub fn page(origin: &str) -> Self {
        Self(vec![("origin", origin.to_owned())])
    }
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

impl Identity for Anonymous {
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

impl Identity for Operator {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![bearer(&self.key)]
    }
}

impl Identity for Visitor {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![bearer(&self.token), ("origin", self.origin.clone())]
    }
}

impl Identity for Owner {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![bearer(&self.token)]
    }
}

impl Identity for Booker {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![bearer(&self.capability), ("origin", self.origin.clone())]
    }
}

impl Identity for Raw {
    fn headers(&self) -> Vec<(&'static str, String)> {
        self.0.clone()
    }
}
