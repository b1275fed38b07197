//! A stack with the demo data, for measuring: a visitor's requests without a browser.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Days};
use serde_json::{Value, json};

use crate::{
    demo::{self, Account},
    http::{Answer, Client, With},
    paths, secrets,
    site::Site,
    stack::{Options, Stack},
};

/// The demo service that is measured.
pub const SERVICE: &str = "first-consultation";
/// The zone of the visitor who is measured.
pub const ZONE: &str = "Europe/Oslo";
/// Days that a month's view shows: six weeks.
const VIEW_DAYS: u64 = 42;

/// A tenant of a stack with the demo data. The stack is gone when the last of them is dropped.
pub struct Live {
    ground: Arc<Ground>,
    account: Account,
}

struct Ground {
    client: Client,
    site: Site,
    stack: Stack,
}

impl Live {
    /// Starts the stack on the emptied `folder`, with rate limits that a measurement does not meet; the
    /// tenant is the EU's.
    pub fn start(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let options = Options::new(folder.join("edge"))
            .with_canberra()
            .wide_rate_limits();
        let stack = Stack::start(options)?;
        let site = Site::start(&paths::root().join("www/public"), 0, [])?;
        site.mount("/calendars/", &paths::root().join("www/demo"));
        let client = Client::new(&format!("http://127.0.0.1:{}", stack.port()));
        let note = folder.join("demo.json");
        let demo = demo::prepare(&client, stack.operator_key(), &site.origin(), &note, false)?;
        demo::wait_for_feed(&client, &demo.eu)?;
        Ok(Self {
            ground: Arc::new(Ground {
                client,
                site,
                stack,
            }),
            account: demo.eu,
        })
    }

    /// The same business in another region of the stack.
    pub fn twin(&self, region: &str) -> Result<Self> {
        let Ground {
            client,
            site,
            stack,
        } = &*self.ground;
        let account = demo::twin(client, stack.operator_key(), &site.origin(), region)?;
        demo::wait_for_feed(client, &account)?;
        Ok(Self {
            ground: Arc::clone(&self.ground),
            account,
        })
    }

    /// The body of a successful answer to a visitor's `method` on `path` below the tenant.
    pub fn visit(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Vec<u8>> {
        let answer = self.send(method, path, token, body)?;
        Ok(answer.successful(method, path)?.body)
    }

    /// Makes one more booking, which is answered with 201 and nothing else.
    pub fn book(&self, token: &str, booking: &Value) -> Result<()> {
        let answer = self.send("POST", "bookings", Some(token), Some(booking))?;
        ensure!(
            answer.status == 201,
            "a booking was answered with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        Ok(())
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let origin = self.ground.site.origin();
        let key = secrets::random(16)?;
        let with = With {
            bearer: token,
            origin: Some(&origin),
            idempotency_key: (path == "bookings").then_some(key.as_str()),
        };
        let path = format!("/v1/{}/{path}", self.account.tenant);
        self.ground.client.send(method, &path, with, body)
    }

    /// `PUT`s `body` at `path` below the tenant, as its owner.
    pub fn put(&self, path: &str, body: &Value) -> Result<()> {
        let with = With {
            bearer: Some(&self.account.token),
            ..With::default()
        };
        let path = format!("/v1/{}/{path}", self.account.tenant);
        self.ground
            .client
            .expect("PUT", &path, with, Some(body))
            .map(drop)
    }

    /// Asks for `/healthz`, which does nothing but answer.
    pub fn healthz(&self) -> Result<()> {
        self.ground.client.expect_status("/healthz", 200)
    }
}

/// The path and query that ask for the slots of `service` in a month's view from today on.
pub fn slots_path(service: &str) -> Result<String> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let today = DateTime::from_timestamp(i64::try_from(seconds)?, 0)
        .context("the machine's clock is out of range")?
        .date_naive();
    let to = today + Days::new(VIEW_DAYS);
    Ok(format!(
        "slots?service={service}&from={today}&to={to}&zone={ZONE}"
    ))
}

/// Every start in a body of slots.
pub fn starts(slots: &[u8]) -> Result<Vec<String>> {
    let slots: Value = serde_json::from_slice(slots)?;
    let days = slots["days"].as_array().context("the reply has no days")?;
    Ok(days
        .iter()
        .filter_map(|day| day["slots"].as_array())
        .flatten()
        .filter_map(|slot| slot["start"].as_str().map(str::to_owned))
        .collect())
}

/// What a booker sends for `service` at `start`.
#[must_use]
pub fn booking(service: &str, start: &str) -> Value {
    json!({
        "service": service,
        "start": start,
        "zone": ZONE,
        "name": "Amal Berg",
        "email": "amal@example.com",
    })
}

/// A member of a JSON body that must be text.
pub fn text(body: &[u8], member: &str) -> Result<String> {
    let value: Value = serde_json::from_slice(body)?;
    let text = value[member].as_str().map(str::to_owned);
    text.with_context(|| format!("the reply has no {member}"))
}
