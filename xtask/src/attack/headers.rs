//! Mozilla's HTTP Observatory on pages and API over TLS. What it does not look at (that answers with
//! somebody's data are not stored, that nothing tells what the server is) is in `tests/api_access.rs`.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::ground::{self, Ground};
use crate::{command, say, tools};

/// The score of a site without a fault; it goes beyond for what is better than asked.
const FULL_SCORE: i64 = 100;
/// The least of what it looks at: ten tests in this version.
const TESTS: usize = 10;

/// Scans, and gives the figure.
pub fn run() -> Result<String> {
    tools::ensure(tools::FOR_ATTACK)?;
    without_preload_list()?;
    let (production, tls) = ground::production("headers")?;
    let mut scores = Vec::new();
    for path in ["/", "/healthz", "/openapi.json", "/embed.js"] {
        scores.push(scan(path, &tls.certificate, tls.port)?);
    }
    drop(production);
    // Without the platform's jurisdictions no tenant can sign up there, so these are a development stack's.
    let ground = Ground::start("headers-of-a-tenant")?;
    for path in [
        format!("/manage/{}", ground.demo.eu.tenant),
        ground.path("bookings"),
        ground.path("slots"),
    ] {
        scores.push(scan(&path, &ground.tls.certificate, ground.tls.port)?);
    }
    let least = scores.iter().min().context("nothing was scanned")?;
    Ok(format!(
        "{} addresses, every test passed, the lowest score is {least}",
        scores.len()
    ))
}

/// The scanner's package downloads the browsers' list of preloaded hosts when it is installed.
/// None of them is scanned here, so an empty list says the same.
fn without_preload_list() -> Result<()> {
    let scanner = tools::OBSERVATORY.find()?;
    let package = scanner
        .parent()
        .and_then(Path::parent)
        .context("the scanner is in its package")?;
    let list = package.join("conf/hsts-preload.json");
    if !list.exists() {
        fs::write(list, "{}")?;
    }
    Ok(())
}

fn scan(path: &str, certificate: &Path, port: u16) -> Result<i64> {
    let mut node = Command::new(env::var_os("NODE").unwrap_or_else(|| "node".into()));
    node.arg(tools::OBSERVATORY.find()?)
        .arg(format!("localhost:{port}{path}"))
        // The run's own certificate; a site whose certificate is not trusted has no HSTS.
        .env("NODE_EXTRA_CA_CERTS", certificate);
    let said = command::output(&mut node)
        .with_context(|| format!("the scanner could not judge {path}"))?;
    let score =
        judge(&serde_json::from_str(&said)?).with_context(|| format!("the headers of {path}"))?;
    say::line(&format!("  {score:>4} {path}"));
    Ok(score)
}

fn judge(report: &Value) -> Result<i64> {
    let tests = report["tests"].as_object().context("no tests")?;
    ensure!(tests.len() >= TESTS, "only {} tests", tests.len());
    let failed: Vec<_> = tests
        .iter()
        .filter(|(_, test)| test["pass"] != true)
        .map(|(name, test)| format!("{name}: {}", test["result"]))
        .collect();
    ensure!(failed.is_empty(), "{}", failed.join(", "));
    let score = report["scan"]["score"].as_i64().context("no score")?;
    ensure!(score >= FULL_SCORE, "the score is {score}");
    Ok(score)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_test_a_low_score_and_an_empty_report_are_findings() {
        let report = |pass: bool, score: i64| {
            let mut tests: serde_json::Map<_, _> = (0..TESTS)
                .map(|number| (format!("test-{number}"), json!({ "pass": true })))
                .collect();
            tests["test-3"]["pass"] = json!(pass);
            json!({ "scan": { "score": score }, "tests": tests })
        };
        assert_eq!(judge(&report(true, 130)).unwrap(), 130);
        assert!(judge(&report(false, 130)).is_err());
        assert!(judge(&report(true, 95)).is_err());
        assert!(judge(&json!({ "error": "The site seems to be down." })).is_err());
    }
}
