//! Brotli at its best level (11), done by Node, which the tools need anyway.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{command, paths};

/// Compresses each file named as an argument to the same name with `.br` after it.
const SCRIPT: &str = r"
const { readFileSync, writeFileSync } = require('node:fs');
const { brotliCompressSync, constants } = require('node:zlib');
for (const file of process.argv.slice(1)) {
  const bytes = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  writeFileSync(file + '.br', brotliCompressSync(bytes, { params }));
}";

/// Writes `<file>.br` beside each of `files`.
pub fn beside(files: &[PathBuf]) -> Result<()> {
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT, "--"]).args(files);
    command::output(&mut node).context("Node could not compress the artefacts")?;
    Ok(())
}

/// How many bytes each of `bodies` has after compression.
pub fn lengths(bodies: &[&[u8]]) -> Result<Vec<u64>> {
    let folder = paths::artefacts().join("size");
    fs::create_dir_all(&folder)?;
    let files: Vec<_> = (0..bodies.len())
        .map(|index| folder.join(format!("body-{index}")))
        .collect();
    for (file, body) in files.iter().zip(bodies) {
        fs::write(file, body)?;
    }
    beside(&files)?;
    files.iter().map(|file| compressed_length(file)).collect()
}

/// The length of the `.br` beside `file`.
pub fn compressed_length(file: &Path) -> Result<u64> {
    let compressed = compressed_name(file);
    let length = fs::metadata(&compressed)
        .with_context(|| format!("{} is missing", compressed.display()))?
        .len();
    ensure!(length > 0, "{} is empty", compressed.display());
    Ok(length)
}

/// `<file>.br`.
#[must_use]
pub fn compressed_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}
