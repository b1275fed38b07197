//! Cargo of the nightly toolchain, which three of the tools need.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use super::Tool;
use crate::{command, paths};

/// Cargo of the nightly toolchain, at the checkout's root, with the installed `tool` first on the path.
pub fn nightly(tool: Tool) -> Result<Command> {
    library_folder()?;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(paths::root())
        // The cargo that runs us says which toolchain is meant by variables; here it is another.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("PATH", tool.search_path()?)
        .arg("+nightly");
    Ok(cargo)
}

/// Adds LLVM's tools to the nightly toolchain when they are missing.
pub fn ensure_llvm_tools() -> Result<()> {
    let libraries = library_folder()?;
    if libraries.with_file_name("bin").join("llvm-cov").is_file() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", "llvm-tools", "--toolchain", "nightly"]);
    command::quietly("Adding LLVM's tools to nightly Rust", &mut rustup)
}

/// The libraries of the nightly toolchain for this machine.
fn library_folder() -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.args(["+nightly", "--print", "target-libdir"]);
    match command::output(&mut rustc) {
        Some(folder) => Ok(Path::new(&folder).to_owned()),
        None => bail!("this needs a nightly compiler: rustup toolchain install nightly"),
    }
}
