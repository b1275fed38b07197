//! Programs we start: quietly with their output kept for when they fail, or in the open.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{paths, say::Step};

/// Lines of a failed program's output that are shown; the file has the rest.
const SHOWN_LINES: usize = 60;

/// The cargo that started us, or the one on the path.
#[must_use]
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(paths::root());
    cargo
}

/// Runs `command` as the step `label`. Its output goes to a file and is shown only if it fails.
pub fn quietly(label: &str, command: &mut Command) -> Result<()> {
    let folder = paths::artefacts().join("log");
    fs::create_dir_all(&folder)?;
    let log = folder.join(format!("{}.log", slug(label)));
    let out = File::create(&log)?;
    let mut step = Step::begin(label);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .spawn()
        .with_context(|| format!("{} could not be started", name(command)))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        step.tick();
        thread::sleep(Duration::from_millis(50));
    };
    if status.success() {
        step.done();
        return Ok(());
    }
    step.failed();
    let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())?;
    let lines: Vec<_> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
        eprintln!("  | {line}");
    }
    bail!(
        "{} failed ({status}); all it said is in {}",
        name(command),
        log.display()
    )
}

/// Runs `command` with its output in the open.
pub fn openly(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{} could not be started", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

/// What `command` prints, or `None` if it cannot be started or fails.
#[must_use]
pub fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The program's file name.
fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn slug(label: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    label.chars().map(plain).collect()
}
