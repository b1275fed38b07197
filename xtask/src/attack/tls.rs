//! testssl.sh on the runtime's TLS socket: TLS 1.2 and newer only, nothing weak, nothing broken.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::ground;
use crate::{command, tools};

/// What testssl.sh says of each protocol, and must.
const PROTOCOLS: [(&str, &str); 6] = [
    ("SSLv2", "not offered"),
    ("SSLv3", "not offered"),
    ("TLS1", "not offered"),
    ("TLS1_1", "not offered"),
    ("TLS1_2", "offered"),
    ("TLS1_3", "offered"),
];
/// Severities that are no finding.
const GOOD: [&str; 3] = ["OK", "INFO", "DEBUG"];
/// Findings about the certificate, which is made for the run and trusted by nobody.
const OF_THE_CERTIFICATE: &str = "cert";
/// Findings that are let be, each with why.
const KNOWN: [(&str, &str); 2] = [
    (
        "engine_problem",
        "this machine's OpenSSL has no GOST ciphers to try",
    ),
    (
        "sessionresumption_ticket",
        "tickets could not be tried; a warning, not a weakness",
    ),
];

/// Scans, and gives the figure.
pub fn run() -> Result<String> {
    tools::ensure_testssl()?;
    let (_stack, tls) = ground::production("tls")?;
    let report = ground::folder("tls").join("testssl.json");
    let mut testssl = Command::new("testssl");
    testssl
        .args(["--quiet", "--color", "0", "--warnings", "off"])
        .args([
            "--nodns",
            "none",
            "--protocols",
            "--std",
            "--fs",
            "--headers",
        ])
        .args(["--server-defaults", "--vulnerable", "--jsonfile"])
        .arg(&report)
        .arg(format!("127.0.0.1:{}", tls.port));
    // It exits with the number of its findings; which of them count is decided below.
    let scanned = command::quietly("Scanning with testssl.sh", &mut testssl);
    let findings = read(&report).with_context(|| match scanned {
        Ok(()) => "testssl.sh left no report".to_owned(),
        Err(error) => format!("{error:#}"),
    })?;
    judge(&findings)
}

/// One line of the report.
struct Finding {
    id: String,
    severity: String,
    words: String,
}

fn read(report: &Path) -> Result<Vec<Finding>> {
    let lines: Vec<Value> = serde_json::from_slice(&fs::read(report)?)?;
    let text = |line: &Value, member: &str| line[member].as_str().unwrap_or_default().to_owned();
    Ok(lines
        .iter()
        .map(|line| Finding {
            id: text(line, "id"),
            severity: text(line, "severity"),
            words: text(line, "finding"),
        })
        .collect())
}

fn judge(findings: &[Finding]) -> Result<String> {
    for (id, wanted) in PROTOCOLS {
        let found = findings
            .iter()
            .find(|finding| finding.id == id)
            .with_context(|| format!("testssl.sh says nothing of {id}"))?;
        ensure!(
            found.words.starts_with(wanted),
            "{id} is {}, and should be {wanted}",
            found.words
        );
    }
    let bad: Vec<_> = findings
        .iter()
        .filter(|finding| {
            !GOOD.contains(&finding.severity.as_str())
                && !finding.id.starts_with(OF_THE_CERTIFICATE)
                && !KNOWN.iter().any(|(id, _)| *id == finding.id)
        })
        .map(|finding| format!("{} {}: {}", finding.severity, finding.id, finding.words))
        .collect();
    if !bad.is_empty() {
        bail!("testssl.sh found\n  {}", bad.join("\n  "));
    }
    Ok(format!(
        "TLS 1.2 and 1.3 only; {} checks, no finding but of the run's own certificate",
        findings.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, severity: &str, words: &str) -> Finding {
        Finding {
            id: id.to_owned(),
            severity: severity.to_owned(),
            words: words.to_owned(),
        }
    }

    fn good() -> Vec<Finding> {
        PROTOCOLS
            .iter()
            .map(|(id, words)| finding(id, "OK", words))
            .collect()
    }

    #[test]
    fn an_old_protocol_a_missing_line_and_a_weakness_are_findings() {
        assert!(judge(&good()).is_ok());
        let mut old = good();
        old[2].words = "offered (deprecated)".to_owned();
        assert!(judge(&old).is_err());
        assert!(judge(&good()[1..]).is_err());
        let mut weak = good();
        weak.push(finding("heartbleed", "CRITICAL", "VULNERABLE"));
        assert!(judge(&weak).is_err());
        let mut own = good();
        own.push(finding("cert_chain_of_trust", "CRITICAL", "self signed"));
        assert!(judge(&own).is_ok());
    }
}
