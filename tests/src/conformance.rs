//! One script of commands for every region host: the tenant in memory, the Durable Object, the region
//! server. Each host gives a transcript, and all transcripts are the same bytes, but for what no two
//! hosts can share: fresh ids and the time.

mod script;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use serde_json::{Value, json};
use slotstead_shared::{Stamp, TenantId};
use slotstead_tenant::{
    Call, Command,
    host::{Form, json_bytes},
};

use self::script::script;
use crate::tenant::{date, now};

/// How a call travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// As a body.
    Body,
    /// As a header.
    Header,
}

/// A region host.
pub trait Host {
    /// The tenant that the script is played with.
    fn tenant(&self) -> TenantId;

    /// What the host answers to a call: the status and the body.
    fn ask(&self, form: Form, by: By, call: Vec<u8>) -> impl Future<Output = (u16, Vec<u8>)>;
}

/// One step as it went: what was asked, the status, the body without what is fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub asked: String,
    /// The status of the answer.
    pub status: u16,
    /// Its body, fresh ids numbered and times of now taken out.
    pub body: String,
}

/// Seconds around now that a host's own times are within.
const NEAR_SECONDS: i64 = 3 * 3_600;
/// Prefixes of ids that a host makes, and the characters after them.
const FRESH: [&str; 3] = ["bkg_", "era_", "hld_"];
const FRESH_CHARS: usize = 26;

/// Plays the script.
pub async fn play(host: &impl Host) -> Vec<Exchange> {
    let tenant = host.tenant();
    let mut fresh = Fresh {
        region: tenant.region().as_str(),
        ..Fresh::default()
    };
    let mut transcript = Vec::new();
    for step in script() {
        let asked = step.command.to_string();
        let command = fresh.fill(&asked);
        let call = json!({
            "tenant": tenant,
            "actor": serde_json::from_str::<Value>(&fresh.fill(&step.actor.to_string())).expect("it was JSON"),
            "command": serde_json::from_str::<Value>(&command).expect("it was JSON"),
        });
        let call: Call = serde_json::from_value(call)
            .unwrap_or_else(|error| panic!("{error} in {}", step.command));
        let ways: &[By] = if call.command.only_reads() {
            &[By::Body, By::Header]
        } else {
            &[By::Body]
        };
        let mut answers = Vec::new();
        for by in ways {
            let (status, body) = host.ask(step.form, *by, json_bytes(&call)).await;
            let body = String::from_utf8(body).expect("answers are text");
            let body = fresh.take_out(&body);
            let body = body.replace(tenant.as_str(), "<tenant>");
            answers.push((status, without_now(&body)));
        }
        let (status, body) = answers.remove(0);
        assert!(
            answers.iter().all(|other| *other == (status, body.clone())),
            "a header is answered in another way: {asked}"
        );
        transcript.push(Exchange {
            asked,
            status,
            body,
        });
    }
    transcript
}

/// The commands that somebody outside can give, by the name they have on the wire.
#[must_use]
pub fn every_command() -> BTreeSet<String> {
    // serde lists them when it is given one that does not exist.
    let error = serde_json::from_value::<Command>(json!("nothing")).expect_err("no such command");
    let text = error.to_string();
    let mut names: BTreeSet<String> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    for of_the_host in ["take_effects", "settle_effect", "check_keys", "nothing"] {
        assert!(names.remove(of_the_host), "{text}");
    }
    names
}

/// The commands in the script, by name.
#[must_use]
pub fn played_commands() -> BTreeSet<String> {
    let name = |command: Value| match command {
        Value::String(name) => Some(name),
        Value::Object(map) => map.keys().next().cloned(),
        _ => None,
    };
    script()
        .into_iter()
        .filter_map(|step| name(step.command))
        .collect()
}

/// What differs from host to host: the region, and ids, numbered in the order in which they appear.
#[derive(Default)]
struct Fresh {
    region: &'static str,
    numbers: BTreeMap<String, usize>,
    by_number: Vec<String>,
}

impl Fresh {
    /// Puts `<bkg_0>` and the like in place of ids.
    fn take_out(&mut self, body: &str) -> String {
        let mut text = body.to_owned();
        for prefix in FRESH {
            while let Some(id) = find(&text, prefix) {
                let next = self.numbers.len();
                let number = *self.numbers.entry(id.clone()).or_insert(next);
                if number == next {
                    self.by_number.push(id.clone());
                }
                text = text.replace(&id, &placeholder(number));
            }
        }
        text
    }

    /// The other way round, in what is asked.
    fn fill(&self, asked: &str) -> String {
        let mut text = asked.replace("<region>", self.region);
        for (number, id) in self.by_number.iter().enumerate() {
            text = text.replace(&placeholder(number), id);
        }
        text
    }
}

fn placeholder(number: usize) -> String {
    format!("<fresh {number}>")
}

fn find(text: &str, prefix: &str) -> Option<String> {
    let at = text.find(prefix)?;
    text.get(at..at + prefix.len() + FRESH_CHARS)
        .map(str::to_owned)
}

/// The body with `<now>` for each time that is near now, and `<today>` for today's date.
fn without_now(body: &str) -> String {
    let is_near = |text: &str| {
        text.parse::<Stamp>()
            .is_ok_and(|stamp| (stamp.unix_seconds() - now()).abs() < NEAR_SECONDS)
    };
    let today = [date(-1), date(0), date(1)].map(|date| date.to_string());
    let parts = body.split('"').map(|part| {
        if is_near(part) {
            "<now>"
        } else if today.contains(&part.to_owned()) {
            "<today>"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("\"")
}
