//! The Worker: `worker-build` compiles it, binds it and wraps it in its shim.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{command, paths, tools};

/// Builds the Worker with the widget's files inside into `out`.
pub fn build(out: &Path) -> Result<()> {
    let mut build = Command::new(tools::WORKER_BUILD.find()?);
    build
        .current_dir(paths::root().join("edge/worker"))
        // wasm-opt would take a minute of every build and make the download larger: 1,314 KB after
        // gzip instead of 1,287 KB.
        .args(["--release", "--no-opt", "--out-dir"])
        .arg(out)
        // With these set it downloads nothing.
        .env("WASM_BINDGEN_BIN", tools::WASM_BINDGEN.find()?)
        .env("ESBUILD_BIN", tools::ESBUILD.find()?)
        .env("SLOTSTEAD_WIDGET_DIR", super::widget_folder());
    command::quietly("Building the Worker", &mut build)?;
    for module in ["index.js", "index_bg.wasm"] {
        if !out.join(module).is_file() {
            bail!(
                "worker-build {} made no {module}",
                tools::WORKER_BUILD.version
            );
        }
    }
    Ok(())
}
