//! Where things are: the checkout, cargo's target directory, and the cache outside the checkout.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The checkout's root.
#[must_use]
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Cargo's target directory: `$CARGO_TARGET_DIR` or `target`.
#[must_use]
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => root().join("target"),
    }
}

/// What this tool builds: `target/slotstead`.
#[must_use]
pub fn artefacts() -> PathBuf {
    target().join("slotstead")
}

/// The state of `cargo xtask run`: `.dev`.
#[must_use]
pub fn dev() -> PathBuf {
    root().join(".dev")
}

/// The cache of tools, shared by every checkout: `$SLOTSTEAD_CACHE`,
/// `$XDG_CACHE_HOME/slotstead` or `~/.cache/slotstead`.
pub fn cache() -> Result<PathBuf> {
    let given = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    given("SLOTSTEAD_CACHE")
        .or_else(|| given("XDG_CACHE_HOME").map(|dir| dir.join("slotstead")))
        .or_else(|| given("HOME").map(|dir| dir.join(".cache/slotstead")))
        .context("there is no place for the tools: set SLOTSTEAD_CACHE to a directory")
}
