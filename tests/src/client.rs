//! An HTTP client of one edge: requests as somebody, replies that are looked at whole.

use std::time::Duration;

use reqwest::{Method, header::HeaderMap, redirect};
use serde::{Serialize, de::DeserializeOwned};
use slotstead_shared::problem::{Problem, ProblemKind};

use crate::identity::Identity;

/// A client of one edge. It belongs to one test: connections live on the test's own runtime.
#[derive(Debug, Clone)]
pub struct Client {
    /// The edge's origin: `http://localhost:8787`.
    pub base: String,
    /// What a sign-up asks for.
    pub operator_key: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of the edge at `base`, which follows no redirects.
    #[must_use]
    pub fn new(base: &str, operator_key: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_mins(1))
            .build()
            .expect("a client without TLS needs nothing that could be missing");
        Self {
            base: base.to_owned(),
            operator_key: operator_key.to_owned(),
            http,
        }
    }

    /// A request of `who`.
    #[must_use]
    pub fn request(&self, who: &impl Identity, method: Method, path: &str) -> Request {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in who.headers() {
            request = request.header(name, value);
        }
        Request(request)
    }

    /// `GET`.
    pub async fn get(&self, who: &impl Identity, path: &str) -> Reply {
        self.request(who, Method::GET, path).send().await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, who: &impl Identity, path: &str, body: &impl Serialize) -> Reply {
        self.request(who, Method::POST, path)
            .json(body)
            .send()
            .await
    }

    /// `POST` without a body.
    pub async fn post_empty(&self, who: &impl Identity, path: &str) -> Reply {
        self.request(who, Method::POST, path).send().await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, who: &impl Identity, path: &str, body: &impl Serialize) -> Reply {
        self.request(who, Method::PUT, path).json(body).send().await
    }

    /// `DELETE`.
    pub async fn delete(&self, who: &impl Identity, path: &str) -> Reply {
        self.request(who, Method::DELETE, path).send().await
    }
}

/// A request being put together.
#[derive(Debug)]
pub struct Request(reqwest::RequestBuilder);

impl Request {
    /// One more header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// `Idempotency-Key`.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let text = serde_json::to_vec(body).expect("test bodies have string keys");
        self.text("application/json", text)
    }

    /// A body of any kind.
    #[must_use]
    pub fn text(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", content_type).body(body))
    }

    /// Sends it. Panics when there is no answer at all.
    pub async fn send(self) -> Reply {
        self.try_send()
            .await
            .expect("the edge is on loopback and answers")
    }

    /// Sends it to an edge that may be down.
    pub async fn try_send(self) -> Result<Reply, reqwest::Error> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply {
            status,
            headers,
            body: response.bytes().await?.to_vec(),
        })
    }
}

/// A whole reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, when the status is as expected.
    #[track_caller]
    #[must_use]
    pub fn expect<T: DeserializeOwned>(&self, status: u16) -> T {
        self.expect_status(status);
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Checks the status.
    #[track_caller]
    pub fn expect_status(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text());
    }

    /// The problem document of a refusal, checked whole: status, type, media type, request id.
    #[track_caller]
    #[must_use]
    pub fn refused(&self, status: u16, kind: ProblemKind) -> Problem {
        let problem = self.problem();
        assert_eq!(
            (self.status, problem.kind),
            (status, kind),
            "{}",
            self.text()
        );
        problem
    }

    /// Whatever problem document this is.
    #[track_caller]
    #[must_use]
    pub fn problem(&self) -> Problem {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "status {}: {}",
            self.status,
            self.text()
        );
        let problem: Problem = serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()));
        assert_eq!(problem.status, self.status);
        assert!(
            !problem.title.is_empty() && !problem.detail.is_empty(),
            "{problem:?}"
        );
        assert!(!problem.request_id.is_empty(), "{problem:?}");
        assert_eq!(
            self.header("x-request-id"),
            Some(problem.request_id.as_str())
        );
        problem
    }

    /// The names of the fields that a refusal calls wrong, each with a sentence.
    #[track_caller]
    #[must_use]
    pub fn wrong_fields(&self) -> Vec<String> {
        let problem = self.refused(422, ProblemKind::InvalidField);
        assert!(
            problem.errors.iter().all(|error| !error.detail.is_empty()),
            "{problem:?}"
        );
        problem
            .errors
            .into_iter()
            .map(|error| error.field)
            .collect()
    }
}
