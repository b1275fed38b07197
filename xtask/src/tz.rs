//! `cargo xtask tz`: takes an IANA time zone release into `vendor/chrono-tz`.
//!
//! `cargo xtask tz 2026g` downloads that release of the Python package `tzdata`, which
//! carries the source text and the compiled zones; `cargo xtask tz /usr/share/zoneinfo`
//! takes both from a folder. `vendor/README.md` says what becomes of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{command, paths, say};

/// Generates the tables of the release or folder named by the only argument, and runs the
/// tests that depend on them.
pub fn run(arguments: &[String]) -> Result<()> {
    let [source] = arguments else {
        bail!("which release? For example: cargo xtask tz 2026g");
    };
    let zoneinfo = if Path::new(source).join("tzdata.zi").is_file() {
        PathBuf::from(source)
    } else {
        download(source)?
    };
    let release = generate(&zoneinfo)?;
    test()?;
    say::line(&format!(
        "The tables are those of {release}. Commit vendor/chrono-tz and shared/tests/vectors."
    ));
    Ok(())
}

/// The folder `zoneinfo` of the package that carries `release`.
fn download(release: &str) -> Result<PathBuf> {
    let version = package_version(release).with_context(|| {
        format!("{release} is neither a release such as 2026g nor a folder with tzdata.zi")
    })?;
    let folder = paths::artefacts().join("tz").join(release);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ])
    .args(["--only-binary", ":all:", "--dest"])
    .arg(&folder)
    .arg(format!("tzdata=={version}"));
    command::quietly(&format!("Download tzdata {version}"), &mut pip)?;
    let wheel = fs::read_dir(&folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip left no wheel behind")?;
    let mut unpack = Command::new("python3");
    unpack
        .args(["-m", "zipfile", "-e"])
        .arg(&wheel)
        .arg(&folder);
    command::quietly("Unpack it", &mut unpack)?;
    Ok(folder.join("tzdata/zoneinfo"))
}

/// The package numbers the letters of a year: `2026f` is 2026.6.
fn package_version(release: &str) -> Option<String> {
    let (year, letter) = release.split_at_checked(4)?;
    let [letter @ b'a'..=b'z'] = letter.as_bytes() else {
        return None;
    };
    let year: u16 = year.parse().ok()?;
    Some(format!("{year}.{}", letter - b'a' + 1))
}

/// Lets the generator write the tables and the list of offsets; the release it found.
fn generate(zoneinfo: &Path) -> Result<String> {
    let vendor = paths::root().join("vendor");
    let vectors = paths::root().join("shared/tests/vectors");
    let manifest = vendor.join("chrono-tz-generate/Cargo.toml");
    let mut build = command::cargo();
    build
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(&manifest);
    build.arg("--target-dir").arg(paths::target());
    command::quietly("Build the generator", &mut build)?;

    let mut generator = Command::new(paths::target().join("debug/chrono-tz-generate"));
    generator
        .arg(zoneinfo)
        .arg(vendor.join("chrono-tz"))
        .arg(&vectors);
    let output = generator
        .output()
        .context("the generator could not be started")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let release = String::from_utf8(output.stdout)?.trim().to_owned();

    // Only the list of the release in use stays.
    for entry in fs::read_dir(&vectors)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with("iana-") && name != format!("iana-{release}.tsv") {
            fs::remove_file(path)?;
        }
    }
    Ok(release)
}

/// The engine's tests, its zones among them.
fn test() -> Result<()> {
    let mut tests = command::cargo();
    tests.args([
        "test",
        "--quiet",
        "--package",
        "slotstead-shared",
        "--features",
        "engine",
    ]);
    command::quietly("Test the engine with the new tables", &mut tests)
}

#[cfg(test)]
mod tests {
    use super::package_version;

    #[test]
    fn a_release_names_a_version_of_the_package() {
        assert_eq!(package_version("2026f").as_deref(), Some("2026.6"));
        assert_eq!(package_version("2027a").as_deref(), Some("2027.1"));
        for text in ["", "2026", "2026F", "2026fa", "26f", "./zones", "２０f"] {
            assert_eq!(package_version(text), None, "{text}");
        }
    }
}
