//! Installing a tool into the cache: into a folder of its own first, renamed when it is whole,
//! so that an installation that was interrupted is never found.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{Source, Tool, system};
use crate::{command, lock, paths, say};

/// Installs those of `tools` that are missing. Another xtask that installs is waited for.
pub fn ensure(tools: &[Tool]) -> Result<()> {
    if tools.iter().all(|tool| tool.find().is_ok()) {
        return Ok(());
    }
    let cache = paths::cache()?;
    fs::create_dir_all(cache.join("tools"))
        .with_context(|| format!("the cache {} cannot be made", cache.display()))?;
    let _lock = lock::wait_for(&cache.join("lock"), "another xtask that installs tools")?;
    // One for all: the tools have many crates in common.
    let target = cache.join("tools/.compile");
    for tool in tools {
        if tool.find().is_err() {
            install(tool, &target)?;
        }
    }
    remove(&target)
}

fn install(tool: &Tool, target: &Path) -> Result<()> {
    let folder = tool.folder()?;
    let partial = folder.with_file_name(format!(".partial-{}", tool.label()));
    remove(&partial)?;
    remove(&folder)?;
    fs::create_dir_all(&partial)?;
    let done = match tool.source {
        Source::Cargo => cargo_install(tool, &partial, target),
        Source::Npm => npm_install(tool, &partial),
        Source::Pypi => pip_install(tool, &partial),
    };
    if let Err(error) = done {
        remove(&partial)?;
        return Err(error.context(format!("{} {} cannot be had", tool.name, tool.version)));
    }
    if !partial.join(tool.entry).is_file() {
        bail!(
            "{} {} has no {} for this platform; Linux on x86-64 and arm64 are supported",
            tool.name,
            tool.version,
            tool.entry
        );
    }
    fs::rename(&partial, &folder)?;
    Ok(())
}

/// Compiled without optimisation: it takes a third of the time, and what these tools do still
/// takes them less than a second.
fn cargo_install(tool: &Tool, root: &Path, target: &Path) -> Result<()> {
    // worker-build links to it for downloads that it never makes here.
    system::ensure_openssl()?;
    let mut cargo = command::cargo();
    cargo
        // Not below the checkout, whose `.cargo/config.toml` is not meant for tools.
        .current_dir(root)
        .args([
            "install",
            tool.name,
            "--version",
            &format!("={}", tool.version),
            "--root",
        ])
        .arg(root)
        .arg("--target-dir")
        .arg(target)
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    let label = format!(
        "Compiling {} {} (once, a few minutes)",
        tool.name, tool.version
    );
    command::quietly(&label, &mut cargo)
}

/// The packages that carry binaries need no install scripts: those only move the binary.
fn npm_install(tool: &Tool, root: &Path) -> Result<()> {
    system::ensure_node()?;
    let mut npm = Command::new("npm");
    npm.current_dir(root)
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ])
        .args(["--save-exact", "--prefix"])
        .arg(root)
        .arg(format!("{}@{}", tool.name, tool.version));
    command::quietly(
        &format!("Installing {} {}", tool.name, tool.version),
        &mut npm,
    )
}

/// The environment is moved when it is whole, so its programs are run by its own Python and not by
/// their first lines, which name the old place.
fn pip_install(tool: &Tool, root: &Path) -> Result<()> {
    let mut venv = Command::new("python3");
    command::quietly(
        &format!("Making a Python environment for {}", tool.name),
        venv.args(["-m", "venv"]).arg(root),
    )
    .context(
        "Python 3 has to be there, with its venv module; on Debian: apt-get install python3-venv",
    )?;
    let mut pip = Command::new(root.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .arg(format!("{}=={}", tool.name, tool.version));
    command::quietly(
        &format!("Installing {} {}", tool.name, tool.version),
        &mut pip,
    )
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            say::line(&format!(
                "  {} is in the way and cannot be removed",
                folder.display()
            ));
            Err(error.into())
        }
        _ => Ok(()),
    }
}
