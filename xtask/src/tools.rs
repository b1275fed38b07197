//! The tools that are not part of this checkout: one table of names, exact versions, and how
//! each is had. They live in the cache outside the checkout, so the next checkout finds them.

mod install;
mod nightly;
mod system;

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

pub use self::{
    install::ensure,
    nightly::{ensure_llvm_tools, nightly},
    system::{
        ensure_browser, ensure_node, ensure_postgres, ensure_testssl, ensure_wasm_target,
        postgres_program,
    },
};
use crate::paths;

/// A tool of an exact version.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// The package's name.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
    source: Source,
    /// The file that makes it complete, below its folder.
    entry: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    /// `cargo install`, compiled here.
    Cargo,
    /// `npm install`, which brings binaries in packages.
    Npm,
    /// `pip install` into a virtual environment.
    Pypi,
}

/// The platform's part of the names of npm packages that carry binaries.
#[cfg(target_arch = "aarch64")]
macro_rules! by_platform {
    ($x64:literal, $arm64:literal) => {
        $arm64
    };
}
#[cfg(not(target_arch = "aarch64"))]
macro_rules! by_platform {
    ($x64:literal, $arm64:literal) => {
        $x64
    };
}

/// Makes the JavaScript side of a wasm module. Its version is that of the crate, exactly.
pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen-cli",
    version: "0.2.130",
    source: Source::Cargo,
    entry: "bin/wasm-bindgen",
};

/// Builds the Worker and its shim. Its version is that of the crate `worker`.
pub const WORKER_BUILD: Tool = Tool {
    name: "worker-build",
    version: "0.8.7",
    source: Source::Cargo,
    entry: "bin/worker-build",
};

/// The runtime that Cloudflare runs.
pub const WORKERD: Tool = Tool {
    name: "workerd",
    version: "1.20261117.1",
    source: Source::Npm,
    entry: by_platform!(
        "node_modules/@cloudflare/workerd-linux-64/bin/workerd",
        "node_modules/@cloudflare/workerd-linux-arm64/bin/workerd"
    ),
};

/// Minifies JavaScript and CSS.
pub const ESBUILD: Tool = Tool {
    name: "esbuild",
    version: "0.28.2",
    source: Source::Npm,
    entry: by_platform!(
        "node_modules/@esbuild/linux-x64/bin/esbuild",
        "node_modules/@esbuild/linux-arm64/bin/esbuild"
    ),
};

/// Makes wasm smaller (`wasm-opt`).
pub const BINARYEN: Tool = Tool {
    name: "binaryen",
    version: "132.0.0",
    source: Source::Npm,
    entry: "node_modules/binaryen/bin/wasm-opt",
};

/// Finds accessibility faults in a page; for the browser tests.
pub const AXE: Tool = Tool {
    name: "axe-core",
    version: "4.14.1",
    source: Source::Npm,
    entry: "node_modules/axe-core/axe.min.js",
};

/// Runs the fuzz targets.
pub const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.1",
    source: Source::Cargo,
    entry: "bin/cargo-fuzz",
};

/// Counts the lines and branches that tests reach.
pub const CARGO_LLVM_COV: Tool = Tool {
    name: "cargo-llvm-cov",
    version: "0.9.1",
    source: Source::Cargo,
    entry: "bin/cargo-llvm-cov",
};

/// Changes the code one place at a time and asks the tests.
pub const CARGO_MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    version: "27.1.0",
    source: Source::Cargo,
    entry: "bin/cargo-mutants",
};

/// Makes up requests from an `OpenAPI` document and compares the answers with it; for the attack.
pub const SCHEMATHESIS: Tool = Tool {
    name: "schemathesis",
    version: "4.32.5",
    source: Source::Pypi,
    entry: "bin/schemathesis",
};

/// Judges the security headers of a page; for the attack.
pub const OBSERVATORY: Tool = Tool {
    name: "@mdn/mdn-http-observatory",
    version: "1.4.8",
    source: Source::Npm,
    entry: "node_modules/@mdn/mdn-http-observatory/src/scan.js",
};

/// What building and running needs.
pub const FOR_RUN: &[Tool] = &[WORKERD, ESBUILD, BINARYEN, WASM_BINDGEN, WORKER_BUILD];

/// What the attack needs on top.
pub const FOR_ATTACK: &[Tool] = &[SCHEMATHESIS, OBSERVATORY];

/// What the tests need on top.
pub const FOR_TESTS: &[Tool] = &[AXE];

impl Tool {
    /// Its folder in the cache.
    pub fn folder(&self) -> Result<PathBuf> {
        Ok(paths::cache()?.join("tools").join(self.label()))
    }

    /// Its name and version as the name of a folder: npm's scopes have a slash.
    fn label(&self) -> String {
        let name = self.name.trim_start_matches('@').replace('/', "-");
        format!("{name}-{}", self.version)
    }

    /// The file it is used by. An error if it is not installed.
    pub fn find(&self) -> Result<PathBuf> {
        let file = self.folder()?.join(self.entry);
        if !file.is_file() {
            bail!(
                "{} {} is not installed; `cargo xtask test` installs what is missing",
                self.name,
                self.version
            );
        }
        Ok(file)
    }

    /// The search path with its folder first. An error if it is not installed.
    pub fn search_path(&self) -> Result<OsString> {
        let file = self.find()?;
        let own = file.parent().map(Path::to_owned);
        let known = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths(
            own.into_iter().chain(env::split_paths(&known)),
        )?)
    }
}
