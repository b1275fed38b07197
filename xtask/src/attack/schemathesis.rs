//! schemathesis: it makes up requests from the whole `OpenAPI` document, right ones and wrong ones and
//! chains of them, and compares every answer with the document. Four times: nobody, a visitor, a
//! booker and an owner.

use std::{collections::BTreeMap, fmt::Write as _, fs, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::ground::{self, Ground};
use crate::{command, say, tools};

/// Examples of each operation in the phase that makes them up at random.
const EXAMPLES: &str = "20";
/// Every run makes up the same requests; another seed is another run.
const SEED: &str = "1";

/// What JSON Schema cannot say. These operations may answer 422 to a body or a query that the document
/// allows; all other operations may not. Nothing else is excused.
const BEYOND_SCHEMA: [(&str, &str); 20] = [
    ("offerSlots", "an IANA zone; `to` after `from`"),
    ("offerMoves", "an IANA zone; `to` after `from`"),
    (
        "listBookings",
        "`to` after `from`; what `next` of another page said",
    ),
    ("listErasures", "what `next` of another page said"),
    ("export", "what `next` of another page said"),
    ("exportCsv", "what `next` of another page said"),
    ("erasePerson", "an address that takes mail"),
    ("placeHold", "an IANA zone"),
    (
        "book",
        "an IANA zone; the answers the owner asks for; an address that takes mail",
    ),
    ("reschedule", "an IANA zone"),
    (
        "putSchedule",
        "an IANA zone; spans of a day that do not overlap",
    ),
    ("putOverride", "spans that do not overlap"),
    (
        "putOverrides",
        "spans that do not overlap; a date is there, and none is twice",
    ),
    ("explain", "a duration that the service has"),
    ("putResource", "a schedule that is there"),
    ("putHost", "a schedule that is there"),
    ("putService", "hosts that are there"),
    (
        "putFeed",
        "a host that is there; an address that leads to a public server",
    ),
    ("putField", "options for a choice, and for nothing else"),
    ("putOrigins", "an origin as browsers write it"),
];

/// Somebody to ask as.
struct Identity {
    name: &'static str,
    tenant: String,
    headers: Vec<String>,
    booking: String,
}

/// Runs it as everybody, and gives the figure.
pub fn run() -> Result<String> {
    tools::ensure(tools::FOR_ATTACK)?;
    let ground = Ground::start("schemathesis")?;
    let (mut cases, mut accepted) = (0, BTreeMap::new());
    let mut operations = 0;
    for identity in identities(&ground)? {
        let report = attack(&ground, &identity)?;
        let counted = judge(&report).with_context(|| format!("as {}", identity.name))?;
        say::line(&format!("  {:>6} requests as {}", counted, identity.name));
        cases += counted;
        operations = report["operations"]["total"].as_u64().unwrap_or_default();
        note_accepted(&report, &mut accepted);
    }
    let reached = accepted.values().filter(|count| **count > 0).count();
    Ok(format!(
        "{} requests over {operations} operations, no finding; {reached} operations accepted some",
        say::thousands(cases)
    ))
}

fn identities(ground: &Ground) -> Result<[Identity; 4]> {
    let session = ground.session()?;
    let (booking, capability) = ground.booking(&session)?;
    let origin = format!("Origin: {}", ground.site.origin());
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    let (eu, us) = (&ground.demo.eu, &ground.demo.us);
    let identity = |name, tenant: &str, headers| Identity {
        name,
        tenant: tenant.to_owned(),
        headers,
        booking: booking.clone(),
    };
    Ok([
        identity("nobody", &eu.tenant, Vec::new()),
        identity(
            "a visitor",
            &eu.tenant,
            vec![bearer(&session), origin.clone()],
        ),
        identity("a booker", &eu.tenant, vec![bearer(&capability), origin]),
        // The last, because an owner changes what the others need.
        identity("an owner", &us.tenant, vec![bearer(&us.token)]),
    ])
}

fn attack(ground: &Ground, identity: &Identity) -> Result<Value> {
    let folder = ground::folder("schemathesis");
    let slug = identity.name.replace(' ', "-");
    let config = folder.join(format!("{slug}.toml"));
    let report = folder.join(format!("{slug}.json"));
    fs::write(&config, settings(identity))?;
    // Its first line names the place it was installed to before it was moved.
    let python = tools::SCHEMATHESIS.folder()?.join("bin/python3");
    let mut schemathesis = Command::new(python);
    schemathesis
        .current_dir(&folder)
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(&config)
        .arg("run")
        .arg(format!("{}/openapi.json", ground.stack.origin()))
        .args(["--max-examples", EXAMPLES, "--seed", SEED])
        // One worker: two that build syntax trees at once trip over each other in CPython 3.11.7
        // ("AST constructor recursion depth mismatch"), which reads as a failure of ours.
        .args(["--workers", "1"])
        .args(["--no-color", "--generation-database", "none"])
        .args(["--report", "json", "--report-json-path"])
        .arg(&report);
    for header in &identity.headers {
        schemathesis.args(["--header", header]);
    }
    let label = format!("Running schemathesis as {}", identity.name);
    command::quietly(&label, &mut schemathesis)?;
    Ok(serde_json::from_slice(&fs::read(&report)?)?)
}

/// The configuration: a tenant that is there, for ids of 128 random bits are not guessed, and what
/// the document cannot say.
fn settings(identity: &Identity) -> String {
    let mut text = format!(
        "[parameters]\n\"path.tenant\" = \"{}\"\n\"path.booking\" = \"{}\"\n",
        identity.tenant, identity.booking
    );
    for (operation, _) in BEYOND_SCHEMA {
        let _ = write!(
            text,
            "\n[[operations]]\ninclude-operation-id = \"{operation}\"\n\
             [operations.checks.positive_data_acceptance]\n\
             expected-statuses = [\"2xx\", \"401\", \"403\", \"404\", \"409\", \"422\"]\n"
        );
    }
    text
}

/// How many requests were sent, when there is no finding and nothing was left out.
fn judge(report: &Value) -> Result<u64> {
    ensure!(report["complete"] == true, "it did not come to its end");
    let operations = &report["operations"];
    ensure!(
        operations["tested"] == operations["total"] && operations["total"] != 0,
        "not every operation was tested: {operations}"
    );
    for (phase, outcome) in report["phases"].as_object().context("no phases")? {
        ensure!(outcome["status"] == "success", "{phase}: {outcome}");
    }
    for list in ["failures", "errors"] {
        let found = report[list].as_array().context("no findings to count")?;
        if !found.is_empty() {
            bail!("{} {list}: {}", found.len(), report[list]);
        }
    }
    let sent = report["test_cases"]["generated"].as_u64();
    sent.context("no count of requests")
}

fn note_accepted(report: &Value, accepted: &mut BTreeMap<String, u64>) {
    for (operation, phases) in report["valid_rates"].as_object().into_iter().flatten() {
        for phase in phases.as_object().into_iter().flatten() {
            *accepted.entry(operation.clone()).or_default() +=
                phase.1["accepted"].as_u64().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "complete": true,
            "operations": { "total": 41, "tested": 41 },
            "phases": { "fuzzing": { "status": "success" } },
            "failures": [], "errors": [],
            "test_cases": { "generated": 7 },
        })
    }

    #[test]
    fn a_failure_and_an_operation_left_out_are_findings() {
        assert_eq!(judge(&good()).unwrap(), 7);
        for (member, value) in [
            ("complete", json!(false)),
            ("failures", json!([{}])),
            ("errors", json!([{}])),
            ("operations", json!({ "total": 41, "tested": 40 })),
            ("phases", json!({ "fuzzing": { "status": "failure" } })),
        ] {
            let mut report = good();
            report[member] = value;
            assert!(judge(&report).is_err(), "{member}");
        }
    }
}
