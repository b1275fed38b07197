//! Every request body of the public API, through the whole edge into tenants in memory.
//!
//! Bodies are made from the schemas in the OpenAPI document, so a new route or member is tried
//! without a change here: mostly values that fit, now and then ones that do not, and raw bytes.
//! A case is a short story of requests to one fresh tenant of each open region.
//!
//! Properties, after each request:
//! - there is an answer, and no panic on the way;
//! - its status is one that the edge gives on purpose, and it is no 5xx but that of a region that
//!   is not open; an error is a problem document whose status is that of the answer;
//! - the answer is bounded, and repeats none of the secrets that were presented;
//! - nothing is taken in that cannot be read back: every list answers 200 with JSON;
//! - what a key decides is told again at once: the same booking at the same start, or the same refusal.
#![no_main]

#[path = "../../edge/worker/tests/edge/kit.rs"]
#[allow(dead_code, clippy::pedantic)]
mod kit;
mod schema;

use std::{fmt::Write as _, sync::OnceLock};

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use slotstead_shared::limits::BODY_BYTES;
use slotstead_worker::{
    exchange::{BodyError, Incoming, Method},
    openapi::DOCUMENT,
};

use schema::{WORDS, likely, value, word};

use kit::{OPERATOR_KEY, ORIGIN, World, bearer, from, get, request};

/// Requests of one case at most.
const REQUESTS: usize = 12;
/// Bytes of one answer at most: a year of slots every five minutes, alternatives, or a list.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Every request of a story may be sent twice, which production takes for too many a minute.
const RATES: &str = r#"{"sessions_per_minute":1000,"slots_per_minute":1000,"holds_per_minute":1000,
    "bookings_per_minute":1000,"bookings_per_day":1000,"live_holds":1000}"#;

/// An operation that takes a body.
struct Operation {
    method: Method,
    path: String,
    body: Value,
}

fn document() -> &'static (Value, Vec<Operation>) {
    static READ: OnceLock<(Value, Vec<Operation>)> = OnceLock::new();
    READ.get_or_init(|| {
        let document: Value = serde_json::from_str(DOCUMENT).expect("the document is JSON");
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (name, operation) in methods.as_object().into_iter().flatten() {
                let method = Method::parse(&name.to_uppercase());
                if matches!(method, Method::Post | Method::Put | Method::Delete) {
                    operations.push(Operation {
                        method,
                        path: path.clone(),
                        body: operation["requestBody"]["content"]["application/json"]["schema"]
                            .clone(),
                    });
                }
            }
        }
        assert!(
            operations.len() > 15,
            "the document has lost its operations"
        );
        (document, operations)
    })
}

/// What the tenant's people have.
struct Known {
    tenant: String,
    owner: String,
    session: String,
    /// Ids that answers named, for the paths that come after.
    ids: Vec<String>,
}

#[derive(Debug)]
struct Story(Vec<u8>);

impl<'a> Arbitrary<'a> for Story {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let len = u.len();
        Ok(Self(u.bytes(len)?.to_vec()))
    }
}

fn path(u: &mut Unstructured<'_>, template: &str, known: &Known) -> Result<String> {
    let mut path = String::new();
    for part in template.split('/').skip(1) {
        let _ = match part {
            "{tenant}" => write!(path, "/{}", known.tenant),
            "{service}" => write!(path, "/cut"),
            "{host}" => write!(path, "/ingrid"),
            "{schedule}" => write!(path, "/days"),
            "{resource}" => write!(path, "/room"),
            "{date}" => write!(path, "/{}", u.choose(&WORDS[9..11])?),
            "{hold}" | "{booking}" | "{token}" if !known.ids.is_empty() => {
                write!(path, "/{}", u.choose(&known.ids)?)
            }
            _ if part.starts_with('{') => write!(path, "/{}", likely(u, &part[1..part.len() - 1])?),
            _ => write!(path, "/{part}"),
        };
    }
    Ok(path)
}

fn incoming(u: &mut Unstructured<'_>, known: &Known) -> Result<Incoming> {
    let operation = u.choose(&document().1)?;
    let mut incoming = request(operation.method, &path(u, &operation.path, known)?);
    incoming.body = match u.int_in_range(0..=19)? {
        0 => Ok(u.arbitrary::<Vec<u8>>()?),
        1 => Err(BodyError::TooLarge),
        2 => Ok("[".repeat(u.int_in_range(0..=2_000)?).into_bytes()),
        _ if operation.body.is_null() => Ok(Vec::new()),
        _ => {
            let body = value(u, &document().0, &operation.body, "", 0)?;
            match body.to_string().into_bytes() {
                // As the shell around the edge does it.
                bytes if bytes.len() > BODY_BYTES => Err(BodyError::TooLarge),
                bytes => Ok(bytes),
            }
        }
    };
    if !u.ratio(1, 32)? {
        incoming
            .headers
            .push(("content-type".into(), "application/json".into()));
    }
    if !u.ratio(1, 16)? {
        let key = if u.ratio(1, 8)? {
            word(u)?
        } else {
            format!("key-{}", u.int_in_range(0..=3)?)
        };
        incoming.headers.push(("idempotency-key".into(), key));
    }
    Ok(match u.int_in_range(0..=11)? {
        0 => incoming,
        1 => from(incoming, ORIGIN),
        2 if operation.path == "/v1/tenants" => bearer(incoming, OPERATOR_KEY),
        2..=5 => from(bearer(incoming, &known.session), ORIGIN),
        _ if operation.path == "/v1/tenants" => bearer(incoming, OPERATOR_KEY),
        _ => bearer(incoming, &known.owner),
    })
}

/// Sends a request and checks the answer.
fn send(world: &World, incoming: &Incoming) -> kit::Read {
    let read = world.send(incoming);
    let bytes = read.raw.content.as_slice();
    assert!(bytes.len() <= ANSWER_BYTES, "{} bytes", bytes.len());
    let not_open = read.body["type"] == "urn:slotstead:problem:region-unavailable";
    assert!(
        read.status < 500 || not_open,
        "{} {}",
        read.status,
        read.body
    );
    if read.status >= 400 {
        assert_eq!(
            read.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(read.body["status"], read.status);
        assert!(read.body["type"].is_string(), "{}", read.body);
    } else if read.header("content-type") == Some("application/json") {
        assert!(!read.body.is_null(), "an answer that is no JSON");
    }
    for (_, secret) in incoming
        .headers
        .iter()
        .filter(|(name, _)| name == "authorization")
    {
        let secret = secret.trim_start_matches("Bearer ").as_bytes();
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret),
            "a secret came back"
        );
    }
    read
}

fn ids(value: &Value, known: &mut Vec<String>) {
    for name in ["id", "booking", "hold"] {
        if let Some(id) = value[name]
            .as_str()
            .or(value[name]["id"].as_str())
            .filter(|id| id.contains('_'))
        {
            known.push(id.to_owned());
        }
    }
}

/// Sends a request again if its answer was kept under its key, and compares.
fn ask_again(world: &World, incoming: &Incoming, first: kit::Read) {
    // A field or a feed may be called like that, and is put.
    let has_key = incoming.method == Method::Post
        && (incoming.path.ends_with("/bookings") || incoming.path.ends_with("/reschedule"));
    // What was decided is kept; what was wrong with the request is not.
    if !(has_key && matches!(first.status, 200 | 201 | 409)) {
        return;
    }
    let again = send(world, incoming);
    assert_eq!(again.status, first.status, "{}", again.body);
    if first.status == 409 {
        let said = |mut read: kit::Read| {
            // Each answer has its own.
            read.body["request_id"].take();
            read.body
        };
        assert_eq!(said(again), said(first));
        return;
    }
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    for member in ["id", "start", "sequence"] {
        assert!(!first.body[member].is_null(), "no {member}: {}", first.body);
        assert_eq!(again.body[member], first.body[member], "{member}");
    }
}

fn story(u: &mut Unstructured<'_>) -> Result<()> {
    let world = World::with(&[("RATE_LIMITS", RATES)]);
    let owner = world.tenant(if u.arbitrary()? { "eu" } else { "us" });
    let mut known = Known {
        session: owner.page().session.clone(),
        tenant: owner.tenant.clone(),
        owner: owner.token.clone(),
        ids: Vec::new(),
    };
    for _ in 0..REQUESTS {
        if u.is_empty() {
            break;
        }
        let incoming = incoming(u, &known)?;
        let read = send(&world, &incoming);
        ids(&read.body, &mut known.ids);
        ask_again(&world, &incoming, read);
        if u.ratio(1, 4)? {
            let seconds = u.int_in_range(0..=86_400)?;
            world.regions.now.set(world.regions.now.get() + seconds);
        }
    }
    for list in [
        "profile",
        "origins",
        "services",
        "hosts",
        "resources",
        "schedules",
        "fields",
        "feeds",
        "tokens",
        "bookings",
    ] {
        let incoming = bearer(get(&owner.path(list)), &owner.token);
        let read = send(&world, &incoming);
        // Its own token may be gone by now; everything else has to be there.
        assert!(
            read.status == 200 || read.status == 401,
            "{list}: {} {}",
            read.status,
            read.body
        );
        if list != "schedules" {
            continue;
        }
        for schedule in read.body["items"].as_array().into_iter().flatten() {
            let id = schedule["id"].as_str().unwrap_or_default();
            let path = owner.path(&format!("schedules/{id}/overrides"));
            send(&world, &bearer(get(&path), &owner.token)).expect(200);
        }
    }
    Ok(())
}

fuzz_target!(|bytes: Story| {
    // Too few bytes end a story early, and that is all.
    let _ = story(&mut Unstructured::new(&bytes.0));
});
