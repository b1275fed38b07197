//! `cargo xtask fuzz`: each fuzz target for a while, one after the other.
//!
//! What they look for, and what to do with a finding, is in `fuzz/README.md`. cargo-fuzz goes into
//! the tool cache; corpora, findings and builds go below cargo's target directory, so that the
//! checkout stays as it is.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{command::openly, paths, say, tools};

/// Every target of `fuzz/Cargo.toml`.
const TARGETS: [&str; 3] = ["feed", "keys", "bodies"];
/// Minutes for each target when nothing else is said.
const MINUTES: u32 = 10;
/// Seconds that one case may take: twenty times what the slowest known one takes here.
const CASE_SECONDS: u32 = 20;
/// Megabytes that one target may take.
const MEMORY_MB: u32 = 2_048;
/// Bytes of one case at most; the targets unfold them into more.
const CASE_BYTES: u32 = 4_096;

/// Runs the targets that `words` name (`--only TARGET`), for as long as they say (`--minutes N`).
pub fn run(words: &[&str]) -> Result<()> {
    let (mut minutes, mut targets) = (MINUTES, TARGETS.to_vec());
    for pair in words.chunks(2) {
        match pair {
            ["--minutes", number] => {
                minutes = number.parse().context("--minutes takes a number")?;
            }
            ["--only", target] if TARGETS.contains(target) => targets = vec![target],
            _ => bail!(
                "usage: cargo xtask fuzz [--minutes N] [--only {}]",
                TARGETS.join("|")
            ),
        }
    }
    tools::ensure(&[tools::CARGO_FUZZ])?;
    let home = paths::artefacts().join("fuzz");
    for target in targets {
        let (corpus, findings) = (home.join("corpus").join(target), home.join("findings"));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&findings)?;
        say::line(&format!("\n▸ {target}: {minutes} minutes"));
        let mut fuzz = tools::nightly(tools::CARGO_FUZZ)?;
        fuzz.current_dir(paths::root().join("fuzz"))
            // None of our code is unsafe; a sanitiser would halve the number of cases.
            .args(["fuzz", "run", "--sanitizer", "none"])
            .args(["--fuzz-dir", ".", "--target-dir"])
            .arg(home.join("target"))
            .arg(target)
            .arg(&corpus)
            .arg("--")
            .arg(format!("-max_total_time={}", minutes * 60))
            .arg(format!("-timeout={CASE_SECONDS}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB}"))
            .arg(format!("-max_len={CASE_BYTES}"))
            .arg(format!("-artifact_prefix={}/{target}-", findings.display()))
            // The targets read structure from bytes: short cases are not simpler ones.
            .args(["-len_control=0", "-print_final_stats=1"]);
        openly(&mut fuzz).with_context(|| {
            format!(
                "{target} found something, or could not be built; what it found is in {}",
                findings.display()
            )
        })?;
    }
    Ok(())
}
