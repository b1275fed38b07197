//! `cargo xtask mutants`: the engine and the ledger with one place changed at a time. A change that
//! no test notices is a test that is missing, or a place that need not be there.
//!
//! cargo-mutants goes into the tool cache; it works in a copy of the checkout. What it keeps is
//! below cargo's target directory, so a second run compiles no dependency again.

use anyhow::{Context, Result, bail};

use crate::{
    command::{cargo, openly},
    paths, say, tools,
};

/// Random histories of the ledger for each mutant: a tenth of what `cargo test` runs.
const HISTORIES: &str = "30";

/// Files, and the tests that have to notice what is changed in them.
struct Part {
    name: &'static str,
    package: &'static str,
    feature: &'static str,
    files: &'static [&'static str],
    /// A test target beside the package's unit tests.
    suite: &'static str,
}

const PARTS: [Part; 2] = [
    Part {
        name: "engine",
        package: "slotstead-shared",
        feature: "engine",
        files: &["shared/src/engine/**/*.rs", "shared/src/interval.rs"],
        suite: "engine",
    },
    Part {
        name: "ledger",
        package: "slotstead-tenant",
        feature: "rusqlite",
        files: &[
            "edge/tenant/src/tables/bookings.rs",
            "edge/tenant/src/tables/expiry.rs",
            "edge/tenant/src/tables/holds.rs",
            "edge/tenant/src/tables/idempotency.rs",
            "edge/tenant/src/tables/ledger.rs",
            "edge/tenant/src/tenant/bookings.rs",
            "edge/tenant/src/tenant/clocks.rs",
            "edge/tenant/src/tenant/limits.rs",
            "edge/tenant/src/tenant/offer.rs",
            "edge/tenant/src/tenant/supply.rs",
            "edge/tenant/src/tenant/supply/*.rs",
        ],
        suite: "suite",
    },
];

/// Runs both parts or the one of `--only PART`, all mutants or those of `--shard K/N`: every Nth,
/// over all files. Survivors of both are listed before it fails.
pub fn run(words: &[&str]) -> Result<()> {
    let (mut only, mut shard) = (None, None);
    for pair in words.chunks(2) {
        match pair {
            ["--only", name] if PARTS.iter().any(|part| part.name == *name) => only = Some(*name),
            ["--shard", fraction] => shard = Some(*fraction),
            _ => bail!("usage: cargo xtask mutants [--only engine|ledger] [--shard K/N]"),
        }
    }
    tools::ensure(&[tools::CARGO_MUTANTS])?;
    let mut failed = Vec::new();
    for part in PARTS
        .iter()
        .filter(|part| only.is_none_or(|name| name == part.name))
    {
        say::line(&format!("\n▸ mutants of the {}", part.name));
        if let Err(error) = part.run(shard) {
            failed.push(format!("{}: {error:#}", part.name));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

impl Part {
    fn run(&self, shard: Option<&str>) -> Result<()> {
        let home = paths::artefacts().join("mutants");
        let output = home.join(self.name);
        std::fs::create_dir_all(&output)?;
        let mut mutants = cargo();
        mutants
            .env("PATH", tools::CARGO_MUTANTS.search_path()?)
            .env("CARGO_TARGET_DIR", home.join("target"))
            // Nobody looks at where a changed one failed.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("SLOTSTEAD_HISTORIES", HISTORIES)
            .args(["mutants", "--package", self.package])
            .args(["--features", self.feature])
            .args(self.files.iter().flat_map(|file| ["--file", file]))
            .args(["--gitignore", "true", "--colors", "never"])
            .arg("--output")
            .arg(&output);
        if let Some(fraction) = shard {
            mutants.args(["--shard", fraction, "--sharding", "round-robin"]);
        }
        // For building and for testing.
        for argument in ["--lib", "--test", self.suite] {
            mutants.arg(format!("--cargo-arg={argument}"));
        }
        openly(&mut mutants).with_context(|| {
            let lists = output.join("mutants.out");
            format!("what was missed or timed out is in {}", lists.display())
        })
    }
}
