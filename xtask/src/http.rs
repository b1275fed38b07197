//! A small JSON client for the loopback: no TLS, no retries, every status is an answer.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::{Agent, http::Request};

/// An answer of the API.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer to this request, if it says that it was done.
    pub fn successful(self, method: &str, path: &str) -> Result<Self> {
        if !(200..300).contains(&self.status) {
            bail!(
                "{method} {path} was answered with {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        Ok(self)
    }

    /// The body as JSON; `null` when there is none.
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }
}

/// Connections kept alive, at most: one for each thread that asks.
const IDLE: usize = 128;

/// A client of one origin.
pub struct Client {
    agent: Agent,
    base: String,
}

/// What goes with a request besides its body.
#[derive(Default, Clone, Copy)]
pub struct With<'a> {
    /// `Authorization: Bearer …`.
    pub bearer: Option<&'a str>,
    /// `Origin: …`.
    pub origin: Option<&'a str>,
    /// `Idempotency-Key: …`.
    pub idempotency_key: Option<&'a str>,
}

impl Client {
    /// A client of `base`, such as `http://localhost:8787`, which waits at most 30 seconds.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect is an answer: with the switch off, pages are sent to https.
            .max_redirects(0)
            .max_idle_connections(IDLE)
            .max_idle_connections_per_host(IDLE)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self {
            agent: config.into(),
            base: base.to_owned(),
        }
    }

    /// Sends a request; an error is a connection that failed, not a status.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        with: With<'_>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if let Some(token) = with.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(origin) = with.origin {
            request = request.header("origin", origin);
        }
        if let Some(key) = with.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let what = || format!("{method} {path} was not answered");
        let mut response = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent
                    .run(request.body(body.to_string())?)
                    .with_context(what)?
            }
            None => self.agent.run(request.body(())?).with_context(what)?,
        };
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_vec().with_context(what)?;
        Ok(Answer { status, body })
    }

    /// Sends a request that must succeed, and gives the body of its answer as JSON.
    pub fn expect(
        &self,
        method: &str,
        path: &str,
        with: With<'_>,
        body: Option<&Value>,
    ) -> Result<Value> {
        let answer = self.send(method, path, with, body)?;
        answer.successful(method, path)?.json()
    }

    /// Gets `path`, which must be answered with `status`; the body does not matter.
    pub fn expect_status(&self, path: &str, status: u16) -> Result<()> {
        let answer = self.send("GET", path, With::default(), None)?;
        if answer.status != status {
            bail!("GET {path} was answered with {}", answer.status);
        }
        Ok(())
    }
}
