//! One process of a stack: it logs into the state directory, is stopped by its id, and is found again by
//! its configuration when whoever started it was killed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process that was left behind may take to go.
const GONE_SECONDS: u64 = 3;

/// The ids of the processes to stop when this process is asked to end.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops every process of every stack of ours, at once. For the way out on a signal.
pub fn stop_all() {
    for id in running().drain(..) {
        signal(id, Signal::TERM);
    }
}

/// What a process is, and where it leaves its traces in the state directory.
#[derive(Debug, Clone)]
pub struct Program {
    /// What it is called in messages, and its log and the file with its id.
    pub name: &'static str,
    /// Its configuration, which is among its arguments.
    pub config: PathBuf,
    /// How long it may take to stop by itself before it is killed.
    pub stop: Duration,
}

impl Program {
    fn beside(&self, ending: &str) -> PathBuf {
        self.config
            .with_file_name(format!("{}.{ending}", self.name))
    }

    /// Where it logs.
    pub fn log_path(&self) -> PathBuf {
        self.beside("log")
    }

    /// Everything logged so far, over all starts on this state.
    pub fn log(&self) -> String {
        fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Kills one that an earlier xtask, itself killed, left on this state. The id may belong to
    /// another program by now, so the command line has to name our configuration.
    pub fn stop_left_behind(&self) {
        let file = self.beside("pid");
        let Ok(text) = fs::read_to_string(&file) else {
            return;
        };
        if let Ok(id) = text.trim().parse::<u32>() {
            let deadline = Instant::now() + Duration::from_secs(GONE_SECONDS);
            while names(id, &self.config) && Instant::now() < deadline {
                signal(id, Signal::KILL);
                thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = fs::remove_file(file);
    }

    /// Starts it and waits until it `answers`, for this long at most.
    pub fn start(
        &self,
        command: &mut Command,
        within: Duration,
        answers: impl Fn() -> bool,
    ) -> Result<Process> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} could not be started", self.name))?;
        running().push(child.id());
        let mut process = Process {
            program: self.clone(),
            child: Some(child),
        };
        fs::write(self.beside("pid"), process.id().to_string())?;
        let deadline = Instant::now() + within;
        while !answers() {
            if !process.is_running() {
                bail!("{} ended at once; {}", self.name, self.last_words());
            }
            if Instant::now() > deadline {
                process.kill_hard();
                bail!(
                    "{} did not answer within {} seconds; {}",
                    self.name,
                    within.as_secs(),
                    self.last_words()
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(12)..].join("\n");
        format!("the end of {} is:\n{tail}", self.log_path().display())
    }
}

/// A running process. Dropping it stops it.
#[derive(Debug)]
pub struct Process {
    program: Program,
    child: Option<Child>,
}

impl Process {
    /// Its id; 0 once it is stopped.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Asks it to stop, and waits until it is gone.
    pub fn stop(&mut self) {
        self.stop_by(Signal::TERM);
    }

    /// Asks it to stop by another signal than usual, and waits until it is gone.
    pub fn stop_by(&mut self, how: Signal) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        signal(child.id(), how);
        let deadline = Instant::now() + self.program.stop;
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = child.kill();
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.forget(child);
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill_hard(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let _ = child.kill();
        self.forget(child);
    }

    fn forget(&self, mut child: Child) {
        let _ = child.wait();
        running().retain(|id| *id != child.id());
        let _ = fs::remove_file(self.program.beside("pid"));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It may have ended by itself in the meantime.
        let _ = kill_process(pid, signal);
    }
}

fn names(id: u32, config: &Path) -> bool {
    fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| {
        line.split(|byte| *byte == 0)
            .any(|argument| argument == config.as_os_str().as_encoded_bytes())
    })
}
