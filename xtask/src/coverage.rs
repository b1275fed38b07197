//! `cargo xtask coverage`: the lines and branches of `shared` and `edge/tenant` that the tests of these
//! two crates reach. Code of tests is not counted, nor is what only other crates' tests reach.
//!
//! The histories of the ledger are the few that `cargo test` runs, not the ten thousand of
//! `cargo xtask test`. Branches are counted by a nightly compiler only.

mod lcov;
mod table;

use std::fs;

use anyhow::{Context, Result};

use crate::{
    command::{openly, quietly},
    paths, say, tools,
};

/// What is measured.
const FOLDERS: [&str; 2] = ["shared/src", "edge/tenant/src"];
const PACKAGES: [&str; 4] = ["-p", "slotstead-shared", "-p", "slotstead-tenant"];
const FEATURES: [&str; 2] = [
    "--features",
    "slotstead-shared/engine,slotstead-tenant/rusqlite",
];

/// Runs the tests, prints the table, says where the lines can be looked at.
pub fn run() -> Result<()> {
    tools::ensure(&[tools::CARGO_LLVM_COV])?;
    tools::ensure_llvm_tools()?;
    let home = paths::artefacts().join("coverage");
    fs::create_dir_all(&home)?;
    let llvm_cov = |arguments: &[&str]| -> Result<_> {
        let mut cargo = tools::nightly(tools::CARGO_LLVM_COV)?;
        cargo
            .env("CARGO_LLVM_COV_TARGET_DIR", home.join("target"))
            .arg("llvm-cov")
            .args(arguments)
            .arg("--branch");
        Ok(cargo)
    };
    openly(
        llvm_cov(&["test", "--no-report"])?
            .args(PACKAGES)
            .args(FEATURES),
    )?;
    let list = home.join("lcov.info");
    let mut report = llvm_cov(&["report", "--lcov"])?;
    quietly(
        "Counting lines and branches",
        report.args(PACKAGES).arg("--output-path").arg(&list),
    )?;
    let mut pages = llvm_cov(&["report", "--html"])?;
    quietly(
        "Writing the pages",
        pages.args(PACKAGES).arg("--output-dir").arg(&home),
    )?;
    let text = fs::read_to_string(&list).context("there is no report")?;
    let files = lcov::read(&text, paths::root(), &FOLDERS)?;
    table::print(&files);
    say::line(&format!(
        "\nEvery line with its counts: {}",
        home.join("html/index.html").display()
    ));
    Ok(())
}
