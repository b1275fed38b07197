//! The region server, as it runs here. It is built without the optimisation of a deployment, so that a
//! first start does not wait for it; `docs/region.md` says how to build that.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{command, paths};

/// Builds the region server into `out`.
pub fn build(out: &Path) -> Result<()> {
    const NAME: &str = "slotstead-region";
    command::quietly(
        "Building the region server",
        command::cargo().args(["build", "-p", NAME]),
    )?;
    let built = paths::target().join("debug").join(NAME);
    fs::copy(&built, out.join(NAME))
        .with_context(|| format!("{} cannot be copied", built.display()))?;
    Ok(())
}
