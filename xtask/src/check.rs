//! `cargo xtask test`: what a change has to pass, step by step, in the order of what fails fastest.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    artefacts,
    command::{cargo, openly},
    say, size, tools,
};

/// Crates of the browser and the edge, which run as wasm.
const WASM: [&str; 6] = [
    "--target",
    "wasm32-unknown-unknown",
    "-p",
    "slotstead-widget",
    "-p",
    "slotstead-worker",
];
/// Every feature that native code is tested with.
const FEATURES: [&str; 2] = [
    "--features",
    "slotstead-shared/engine,slotstead-tenant/rusqlite",
];
const NO_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: [Step; 10] = [
    Step {
        name: "format",
        what: "rustfmt leaves everything as it is",
        run: format,
    },
    Step {
        name: "clippy",
        what: "no warnings, natively",
        run: clippy,
    },
    Step {
        name: "clippy-wasm",
        what: "no warnings, as wasm",
        run: clippy_wasm,
    },
    Step {
        name: "docs",
        what: "rustdoc without warnings",
        run: docs,
    },
    Step {
        name: "unit",
        what: "native tests of every crate",
        run: unit,
    },
    Step {
        name: "histories",
        what: "10,000 random histories of the ledger against a model of it",
        run: histories,
    },
    Step {
        name: "build",
        what: "the widget and the Worker",
        run: artefacts::build,
    },
    Step {
        name: "size",
        what: "the widget within its byte budgets",
        run: sizes,
    },
    Step {
        name: "api",
        what: "the API against the live runtime",
        run: api,
    },
    Step {
        name: "browser",
        what: "the booker in Chromium",
        run: browser,
    },
];

/// Runs every step, or the one named `only`. The first that fails ends it.
pub fn test(only: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = STEPS
        .iter()
        .filter(|step| only.is_none_or(|name| name == step.name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!("there is no such step; the steps are {}", names.join(", "));
    }
    let started = Instant::now();
    let mut took = Vec::new();
    for step in chosen {
        say::line(&format!("\n▸ {}: {}", step.name, step.what));
        let begun = Instant::now();
        let outcome = (step.run)();
        took.push((step.name, begun.elapsed(), outcome.is_ok()));
        if let Err(error) = outcome {
            summary(&took, started.elapsed());
            return Err(error.context(format!(
                "step {0} failed; alone it runs with `cargo xtask test --only {0}`",
                step.name
            )));
        }
    }
    summary(&took, started.elapsed());
    Ok(())
}

fn summary(took: &[(&str, Duration, bool)], total: Duration) {
    say::line("");
    for (name, duration, passed) in took {
        let mark = if *passed { "✓" } else { "✗" };
        say::line(&format!(
            "{mark} {name:<12} {:>12}",
            say::duration(*duration)
        ));
    }
    let all = if took.iter().all(|(_, _, passed)| *passed) {
        "all passed"
    } else {
        "failed"
    };
    say::line(&format!("{all} in {}", say::duration(total)));
}

fn format() -> Result<()> {
    openly(cargo().args(["fmt", "--all", "--check"])).context("`cargo fmt` puts it right")
}

fn clippy() -> Result<()> {
    openly(
        cargo()
            .args(["clippy", "--workspace", "--all-targets"])
            .args(FEATURES)
            .args(NO_WARNINGS),
    )
}

fn clippy_wasm() -> Result<()> {
    tools::ensure_wasm_target()?;
    openly(cargo().arg("clippy").args(WASM).args(NO_WARNINGS))
}

fn docs() -> Result<()> {
    tools::ensure_wasm_target()?;
    let doc = |arguments: &[&str]| {
        let mut cargo = cargo();
        cargo
            .args(["doc", "--no-deps"])
            .args(arguments)
            .env("RUSTDOCFLAGS", "-D warnings");
        cargo
    };
    openly(doc(&["--workspace"]).args(FEATURES))?;
    openly(&mut doc(&WASM))
}

fn unit() -> Result<()> {
    tools::ensure_postgres()?;
    openly(
        cargo()
            .args(["test", "--workspace", "--exclude", "slotstead-tests"])
            .args(FEATURES),
    )
}

/// The same packages and features as for [`unit`], so nothing is compiled again.
fn histories() -> Result<()> {
    openly(
        cargo()
            .args(["test", "--workspace", "--exclude", "slotstead-tests"])
            .args(FEATURES)
            .args(["--test", "suite", "history::", "--", "--nocapture"])
            .env("SLOTSTEAD_HISTORIES", "10000"),
    )
}

fn sizes() -> Result<()> {
    size::print(false)
}

fn api() -> Result<()> {
    artefacts::build()?;
    tools::ensure_postgres()?;
    openly(suites().args(["--lib", "--test", "api*"]))
}

fn browser() -> Result<()> {
    artefacts::build()?;
    tools::ensure(tools::FOR_TESTS)?;
    tools::ensure_browser()?;
    openly(suites().args(["--test", "browser*"]))
}

fn suites() -> Command {
    let mut cargo = cargo();
    cargo.args(["test", "-p", "slotstead-tests"]);
    cargo
}
