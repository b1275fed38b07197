//! One HTTP exchange as plain data: what came in and what goes out.
//!
//! The shell fills an [`Incoming`] and sends an [`Outgoing`]; nothing in between knows the platform.

use serde::Serialize;
use slotstead_tenant::host::json_bytes;

/// A request method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the headers only.
    Head,
    /// Makes or does.
    Post,
    /// Puts under a name.
    Put,
    /// Removes.
    Delete,
    /// Asks what is allowed; the preflight of CORS.
    Options,
    /// Any other.
    Other,
}

impl Method {
    /// The method of this name. Names are case-sensitive (RFC 9110 section 9.1).
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "OTHER",
        }
    }
}

/// The body did not arrive whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than [`slotstead_shared::limits::BODY_BYTES`]; the rest was not read.
    TooLarge,
    /// It broke off.
    Broken,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// Whether it came over HTTPS.
    pub https: bool,
    /// The host it was sent to, with its port where it is not the scheme's own.
    pub host: String,
    /// The path, percent-encoded, from its first `/`.
    pub path: String,
    /// What follows the `?`; empty without one.
    pub query: String,
    /// Header names in lower case, and values. A name that came more than once is joined by `, `.
    pub headers: Vec<(String, String)>,
    /// The body, up to its limit.
    pub body: Result<Vec<u8>, BodyError>,
}

impl Incoming {
    /// The value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The page's origin, as the browser says it.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.header("origin")
    }
}

/// What an answer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Bytes made for this answer.
    Bytes(Vec<u8>),
    /// Bytes built into the Worker.
    Static(&'static [u8]),
    /// The body that the platform has at hand ([`crate::platform::Finished::AtHand`]).
    AtHand,
}

impl Content {
    /// The bytes, as far as they are here.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Empty | Self::AtHand => &[],
            Self::Bytes(bytes) => bytes,
            Self::Static(bytes) => bytes,
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, each once, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub content: Content,
    /// Whether the body is already encoded as its `content-encoding` says.
    pub encoded: bool,
}

impl Outgoing {
    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Empty,
            encoded: false,
        }
    }

    /// 204: done, nothing to tell.
    #[must_use]
    pub const fn done() -> Self {
        Self::empty(204)
    }

    /// A body of this type.
    #[must_use]
    pub fn of(status: u16, content_type: &str, content: Content) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            content,
            encoded: false,
        }
    }

    /// A JSON body.
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        Self::json_body(status, json_bytes(value))
    }

    /// A body that is JSON already.
    #[must_use]
    pub fn json_body(status: u16, body: Vec<u8>) -> Self {
        Self::json_content(status, Content::Bytes(body))
    }

    /// The same, wherever it is.
    #[must_use]
    pub fn json_content(status: u16, content: Content) -> Self {
        Self::of(status, "application/json", content)
    }

    /// Adds a header; one that is there already gets the value instead of its own.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.headers.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.headers.push((name, value)),
        }
        self
    }

    /// The value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
    }
}
