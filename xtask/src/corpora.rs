//! `cargo xtask corpora`: our reading of other people's calendars next to that of others.
//!
//! The corpora and the witnesses are brought into the tool cache by pip and cargo, in the exact
//! versions below, and never into the checkout: their licences are their own. `witness.py`, run
//! beside them, says what they make of each calendar; the crate `slotstead-corpora` compares. The
//! first run needs the network, later ones do not.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    command::{self, cargo, openly, quietly},
    lock, paths,
};

/// What the environment of the witnesses holds: they themselves, and what runs dateutil's tests.
const PACKAGES: [&str; 6] = [
    "recurring-ical-events==3.8.2",
    "icalendar==7.3.0",
    "python-dateutil==2.9.0.post0",
    "tzdata==2026.6",
    "pytest==9.2.0",
    "freezegun==1.5.5",
];
/// The source distribution with dateutil's tests, which its package leaves out.
const DATEUTIL: &str = "python-dateutil-2.9.0.post0";
/// Where calcard has its calendars.
const CALCARD: &str = "calcard";

/// Brings the corpora, asks the witnesses, compares.
pub fn run() -> Result<()> {
    let home = ensure_witnesses()?;
    let answers = paths::artefacts().join("corpora");
    fs::create_dir_all(&answers)?;
    let events = python_folder(&home)?.join("recurring_ical_events/test/calendars");
    let rules = home.join(DATEUTIL).join("tests/test_rrule.py");
    let calcard = calcard_folder()?;
    let ask = [
        ("ical", &events, "recurring-ical-events"),
        ("rrule", &rules, "dateutil"),
        ("ical", &calcard, "calcard"),
    ];
    let mut compare = cargo();
    compare
        .args(["run", "--quiet", "--package", "slotstead-corpora", "--"])
        .arg(paths::root().join("tests/corpora/known.tsv"));
    for (kind, source, label) in ask {
        let file = answers.join(format!("{label}.jsonl"));
        let mut witness = Command::new(home.join("env/bin/python"));
        witness
            .arg(paths::root().join("tests/corpora/witness.py"))
            .arg(kind)
            .arg(source);
        if kind == "ical" {
            witness.arg(label);
        }
        // Not through a step of its own, whose log would swallow the answers.
        let status = witness
            .stdout(File::create(&file)?)
            .stderr(File::create(answers.join(format!("{label}.log")))?)
            .status()?;
        ensure!(status.success(), "the witness of {label} failed ({status})");
        compare.arg(&file);
    }
    openly(&mut compare)
}

/// The folder with the environment and the sources, made on the first call.
fn ensure_witnesses() -> Result<PathBuf> {
    let cache = paths::cache()?;
    fs::create_dir_all(cache.join("tools"))?;
    let _lock = lock::wait_for(&cache.join("lock"), "another xtask that installs tools")?;
    let home = cache
        .join("tools")
        .join("corpora-recurring-3.8.2-dateutil-2.9.0");
    let whole = home.join("whole");
    if whole.is_file() {
        return Ok(home);
    }
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(home.join("env"));
    quietly("Make an environment for the witnesses", &mut environment)?;
    let pip = |arguments: &[&str]| {
        let mut pip = Command::new(home.join("env/bin/python"));
        pip.current_dir(&home)
            .args(["-m", "pip", "--quiet", "--disable-pip-version-check"])
            .args(arguments);
        pip
    };
    quietly(
        "Install recurring-ical-events and dateutil",
        pip(&["install"]).args(PACKAGES),
    )?;
    let sources = [
        "download",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--dest",
        ".",
    ];
    quietly(
        "Download dateutil's tests",
        pip(&sources).arg("python-dateutil==2.9.0.post0"),
    )?;
    let mut unpack = Command::new("tar");
    unpack
        .current_dir(&home)
        .args(["xzf", &format!("{DATEUTIL}.tar.gz")]);
    quietly("Unpack them", &mut unpack)?;
    fs::write(whole, "")?;
    Ok(home)
}

/// Where the environment keeps packages.
fn python_folder(home: &Path) -> Result<PathBuf> {
    let mut python = Command::new(home.join("env/bin/python"));
    python.args([
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]);
    let folder = command::output(&mut python).context("the environment has no packages")?;
    Ok(PathBuf::from(folder))
}

/// The calendars in calcard's sources, of the version that we build with.
fn calcard_folder() -> Result<PathBuf> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked"]);
    let text = command::output(&mut metadata).context("cargo metadata said nothing")?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == CALCARD)
        .and_then(|package| package["manifest_path"].as_str())
        .context("calcard is no dependency any more")?;
    let folder = Path::new(manifest).with_file_name("resources").join("ical");
    ensure!(folder.is_dir(), "{} is not there", folder.display());
    Ok(folder)
}
