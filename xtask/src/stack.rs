//! A running edge: workerd with the built Worker, on a state directory that outlives it.
//!
//! The process is in our process group, so that Ctrl-C reaches it too; it is
//! stopped by its id when the [`Stack`] is dropped. A process that was left behind
//! on the same state directory is stopped before a new one starts: two would
//! write the same stores.

mod config;

use std::{
    fs::{self, File, Permissions},
    io,
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

pub use self::config::Tls;

use self::config::Config;
use crate::{
    http::{Client, With},
    paths,
    secrets::Secrets,
    tools,
};

/// How long workerd may take to answer `/healthz`.
const START_SECONDS: u64 = 60;
/// How long workerd may take to stop by itself before it is killed.
const STOP_SECONDS: u64 = 3;

/// See [`Options::wide_rate_limits`].
const WIDE_RATE_LIMITS: &str = r#"{
    "sessions_per_minute": 1000000, "slots_per_minute": 1000000, "holds_per_minute": 1000000,
    "bookings_per_minute": 1000000, "bookings_per_day": 1000000, "live_holds": 1000000
}"#;

/// What a stack is started with. [`Options::new`] gives a development stack on a free port.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where stores, secrets, configuration and log live.
    pub state: PathBuf,
    /// The port on 127.0.0.1; the next free one from the system when `None`.
    pub port: Option<u16>,
    /// Whether the development switch is on: plain localhost, feeds on private addresses.
    pub development: bool,
    /// `PUBLIC_ORIGIN`; `http://localhost:<port>` when `None`.
    pub public_origin: Option<String>,
    /// More bindings, which replace those of the same name: `RATE_LIMITS` and others.
    pub vars: Vec<(String, String)>,
    /// A second socket, with TLS; none when `None`.
    pub tls: Option<Tls>,
}

impl Options {
    /// A development stack on `state` and a free port.
    #[must_use]
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            port: None,
            development: true,
            public_origin: None,
            vars: Vec::new(),
            tls: None,
        }
    }

    /// With rate limits that nobody meets: on one machine all visitors share one address.
    #[must_use]
    pub fn wide_rate_limits(self) -> Self {
        self.var("RATE_LIMITS", WIDE_RATE_LIMITS)
    }

    /// With one more binding, or another value for one that is there already.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.vars.push((name.to_owned(), value.into()));
        self
    }
}

/// A running edge. Dropping it stops it.
pub struct Stack {
    options: Options,
    port: u16,
    secrets: Secrets,
    child: Option<Child>,
}

/// The ids of the processes to stop when this process is asked to end.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops every workerd this process started, at once. For the way out on a signal.
pub fn stop_all() {
    for id in running().drain(..) {
        signal(id, Signal::TERM);
    }
}

impl Stack {
    /// Starts workerd and waits until it answers, healthy or not: a misconfigured edge
    /// answers every request with a problem, and that is an answer.
    pub fn start(options: Options) -> Result<Self> {
        fs::create_dir_all(options.state.join("disk"))?;
        // It holds secrets, and everything the tenants store.
        fs::set_permissions(&options.state, Permissions::from_mode(0o700))?;
        let state = fs::canonicalize(&options.state)?;
        let options = Options { state, ..options };
        stop_left_behind(&options.state);
        let port = match options.port {
            Some(port) => port,
            None => free_port()?,
        };
        let secrets = Secrets::load_or_create(&options.state.join("secrets.json"))?;
        let mut stack = Self {
            options,
            port,
            secrets,
            child: None,
        };
        stack.spawn()?;
        Ok(stack)
    }

    /// Where it listens: `http://localhost:<port>`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a sign-up asks for.
    #[must_use]
    pub fn operator_key(&self) -> &str {
        &self.secrets.operator_key
    }

    /// What tokens are signed with: for tests that sign some of their own.
    #[must_use]
    pub fn token_seed(&self) -> &str {
        &self.secrets.token_seed
    }

    /// The state directory, as an absolute path.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.options.state
    }

    /// Where the runtime and the Worker log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.options.state.join("workerd.log")
    }

    /// Everything logged so far, over all starts on this state.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Stops it and waits until it is gone. What it answered stays on its disk.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        signal(child.id(), Signal::TERM);
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS);
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

    /// Starts it again on the same state and port, with the same options.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        self.spawn()
    }

    fn forget(&self, mut child: Child) {
        let _ = child.wait();
        running().retain(|id| *id != child.id());
        let _ = fs::remove_file(self.options.state.join("workerd.pid"));
    }

    fn spawn(&mut self) -> Result<()> {
        let worker = paths::artefacts().join("worker");
        if !worker.join("index.js").is_file() {
            bail!("the Worker is not built; run `cargo xtask build` first");
        }
        let state = &self.options.state;
        let config = state.join("workerd.capnp");
        let wrangler = paths::root().join("edge/worker/wrangler.toml");
        let rendered = Config {
            worker: &worker,
            disk: &state.join("disk"),
            port: self.port,
            compatibility_date: &config::of_wrangler(&wrangler, "compatibility_date")?,
            compatibility_flags: &config::of_wrangler(&wrangler, "compatibility_flags")?,
            bindings: &self.bindings(),
            private_network: self.options.development,
            tls: self.options.tls.as_ref(),
        }
        .render();
        fs::write(&config, rendered)?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let child = Command::new(tools::WORKERD.find()?)
            .args(["serve", "--experimental", "--import-path=/"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("workerd could not be started")?;
        running().push(child.id());
        fs::write(state.join("workerd.pid"), child.id().to_string())?;
        self.child = Some(child);
        self.wait_until_it_answers()
    }

    fn bindings(&self) -> Vec<(String, String)> {
        let given = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let origin = self
            .options
            .public_origin
            .clone()
            .unwrap_or_else(|| self.origin());
        let mut bindings = vec![
            given("PUBLIC_ORIGIN", &origin),
            given("TOKEN_SEED", &self.secrets.token_seed),
            given("ID_KEY", &self.secrets.id_key),
            given("OPERATOR_KEY", &self.secrets.operator_key),
        ];
        if self.options.development {
            bindings.push(given("DEVELOPMENT_SWITCH", "on"));
        }
        for (name, value) in &self.options.vars {
            bindings.retain(|(known, _)| known != name);
            bindings.push(given(name, value));
        }
        bindings
    }

    /// Polls with a bound: workerd says nothing when it is ready. That it listens is not
    /// enough, because the Worker's module is compiled by the first request.
    fn wait_until_it_answers(&mut self) -> Result<()> {
        let client = Client::new(&format!("http://127.0.0.1:{}", self.port));
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS);
        loop {
            if !self.is_running() {
                bail!("workerd ended at once; {}", self.last_words());
            }
            if client
                .send("GET", "/healthz", With::default(), None)
                .is_ok()
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                self.kill_hard();
                bail!(
                    "workerd did not answer within {START_SECONDS} seconds; {}",
                    self.last_words()
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(12)..].join("\n");
        format!("the end of {} is:\n{tail}", self.log_path().display())
    }
}

impl Drop for Stack {
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

/// Kills a workerd that an earlier xtask, itself killed, left on this state. The id may
/// belong to another program by now, so the command line has to name our configuration.
pub fn stop_left_behind(state: &Path) {
    let file = state.join("workerd.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return;
    };
    let config = state.join("workerd.capnp");
    if let Ok(id) = text.trim().parse::<u32>() {
        let is_ours = || {
            fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| {
                line.split(|byte| *byte == 0)
                    .any(|argument| argument == config.as_os_str().as_encoded_bytes())
            })
        };
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS);
        while is_ours() && Instant::now() < deadline {
            signal(id, Signal::KILL);
            thread::sleep(Duration::from_millis(10));
        }
    }
    let _ = fs::remove_file(file);
}

/// A port nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// `wanted`, or the next port after it that is free.
pub fn free_port_from(wanted: u16) -> Result<u16> {
    (wanted..=wanted.saturating_add(200))
        .find(|port| is_free(*port))
        .with_context(|| format!("no port is free from {wanted} on"))
}

/// Whether nobody listens where `localhost` may lead: on IPv4 and, where there is one, on IPv6.
fn is_free(port: u16) -> bool {
    let in_use = |listener: io::Result<TcpListener>| {
        listener.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    };
    !in_use(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        && !in_use(TcpListener::bind((Ipv6Addr::LOCALHOST, port)))
}
