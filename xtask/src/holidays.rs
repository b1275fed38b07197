//! `cargo xtask holidays`: takes the public holidays of all countries into the engine.
//!
//! `cargo xtask holidays 0.109` installs exactly that version of the Python package `holidays`
//! into an environment of its own in the tool cache, and `holidays/list.py` writes what it knows to
//! `shared/src/engine/holidays`. The same version gives the same bytes.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Result, bail, ensure};

use crate::{command, paths, say};

/// Writes the list of the version named by the only argument, and runs the tests of the days.
pub fn run(arguments: &[String]) -> Result<()> {
    let [version] = arguments else {
        bail!("which version? For example: cargo xtask holidays 0.109");
    };
    ensure!(
        is_version(version),
        "{version} is not a version such as 0.109"
    );
    let python = environment(version)?;
    let folder = paths::root().join("shared/src/engine/holidays");
    let mut list = Command::new(python);
    list.arg(paths::root().join("xtask/src/holidays/list.py"))
        .arg(version)
        .arg(&folder)
        // What the days are called is looked at, so it must not depend on who asks.
        .env_remove("LANGUAGE")
        .env("LC_ALL", "C.UTF-8");
    command::quietly("List the holidays", &mut list)?;
    test()?;
    say::line(&format!(
        "The holidays are those of {version}. Look at the difference, then commit {}.",
        folder.display()
    ));
    Ok(())
}

/// Digits and dots: it becomes the name of a folder and an argument of pip.
fn is_version(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The Python of an environment with this version and nothing else, made if it is not there.
fn environment(version: &str) -> Result<PathBuf> {
    let tools = paths::cache()?.join("tools");
    let folder = tools.join(format!("python-holidays-{version}"));
    let python = folder.join("bin/python");
    // Written last, so that what was interrupted is made again.
    let whole = folder.join("whole");
    if whole.is_file() {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&tools)?;
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    command::quietly("Make a Python environment", &mut venv)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ])
    .arg(format!("holidays=={version}"));
    command::quietly(&format!("Install holidays {version}"), &mut pip)?;
    fs::write(whole, version)?;
    Ok(python)
}

/// The engine's tests of the days, some of which no source of tables was asked for.
fn test() -> Result<()> {
    let mut tests = command::cargo();
    tests.args([
        "test",
        "--quiet",
        "--package",
        "slotstead-shared",
        "--features",
        "engine",
        "--lib",
        "holidays",
    ]);
    command::quietly("Test the engine with the new days", &mut tests)
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn a_version_is_digits_and_dots() {
        for text in ["0.109", "1.0", "2"] {
            assert!(is_version(text), "{text}");
        }
        for text in [
            "", ".", "0.", "0..1", "../x", "0.1 ", "0.1rc1", "-r", "0.１",
        ] {
            assert!(!is_version(text), "{text}");
        }
    }
}
