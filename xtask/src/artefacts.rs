//! What is deployed: the widget's files, the Worker that carries them, and the region server.
//!
//! Each is built again only when a byte of its inputs changed; a half-built
//! folder is never found, because the fingerprint is written last.

mod region;
mod widget;
mod worker;

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    command,
    fingerprint::{self, Fingerprint},
    lock, paths, tools,
};

/// Where the widget's files are.
#[must_use]
pub fn widget_folder() -> PathBuf {
    paths::artefacts().join("widget")
}

/// Does the set-up and builds what has changed.
pub fn build() -> Result<()> {
    tools::ensure_node()?;
    tools::ensure_wasm_target()?;
    tools::ensure(tools::FOR_RUN)?;
    fs::create_dir_all(paths::artefacts())?;
    let _lock = lock::wait_for(
        &paths::artefacts().join("lock"),
        "another xtask that builds",
    )?;
    let shared = shared_inputs()?;
    let widget = {
        let mut print = Fingerprint::default();
        print
            .word(&shared)
            .files(paths::root(), &["widget"])?
            .finish()
    };
    build_unless_current("widget", &widget, widget::build)?;
    let worker = {
        let mut print = Fingerprint::default();
        print
            .word(&widget)
            .files(paths::root(), &["edge/tenant", "edge/worker"])?
            .finish()
    };
    build_unless_current("worker", &worker, worker::build)?;
    let region = {
        let mut print = Fingerprint::default();
        print
            .word(&shared)
            .files(paths::root(), &["edge/tenant", "edge/region"])?
            .finish()
    };
    build_unless_current("region", &region, region::build)
}

fn build_unless_current(
    name: &str,
    fingerprint: &str,
    build: fn(&std::path::Path) -> Result<()>,
) -> Result<()> {
    let folder = paths::artefacts().join(name);
    let stamp = paths::artefacts().join(format!("{name}.fingerprint"));
    if folder.is_dir() && fingerprint::is_current(&stamp, fingerprint) {
        return Ok(());
    }
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    build(&folder)?;
    fs::write(&stamp, fingerprint)?;
    Ok(())
}

/// What all depend on: the compiler, the tools, this program's way of building, `shared`.
fn shared_inputs() -> Result<String> {
    let mut print = Fingerprint::default();
    print.word(&command::output(Command::new("rustc").arg("-vV")).unwrap_or_default());
    for tool in tools::FOR_RUN {
        print.word(tool.name).word(tool.version);
    }
    let inputs = [
        "Cargo.toml",
        "Cargo.lock",
        ".cargo/config.toml",
        "shared",
        "vendor/chrono-tz",
        "xtask/src/artefacts",
    ];
    Ok(print.files(paths::root(), &inputs)?.finish())
}
