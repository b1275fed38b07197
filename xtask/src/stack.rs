//! A running edge: workerd with the built Worker, the buckets of its regions, and a region server where one is
//! wanted, on a state directory that outlives them.
//!
//! The processes are in our process group, so that Ctrl-C reaches them too; each is
//! stopped by its id when the [`Stack`] is dropped. A process that was left behind
//! on the same state directory is stopped before a new one starts: two would
//! write the same stores.

mod bucket;
mod config;
mod postgres;
mod process;
mod region;

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Result, bail};

pub use self::{
    bucket::Bucket,
    config::{Door, Tls},
    postgres::{Cluster, PASSWORD},
    process::stop_all,
    region::{HOST as REGION_HOST, RegionServer},
};

use self::{
    config::{BucketAt, Canberra, Config},
    process::{Process, Program},
    region::Settings,
};
use crate::{
    http::{Client, With},
    paths, ports,
    secrets::Secrets,
    tools,
};

/// How long workerd may take to answer `/healthz`.
const START: Duration = Duration::from_mins(1);
/// How long workerd may take to stop by itself before it is killed.
const STOP: Duration = Duration::from_secs(3);

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
    /// The port on 127.0.0.1 at which the edge looks for the bucket of the EU, when something stands in between.
    pub keys_eu_at: Option<u16>,
    /// Whether there is a region server in Canberra.
    pub canberra: bool,
    /// Whether its stores are in a PostgreSQL server of this stack.
    pub postgres: bool,
    /// The port on 127.0.0.1 at which the edge looks for it, when something stands in between.
    pub canberra_at: Option<u16>,
    /// A socket of a Worker of the tests' own that speaks to the region hosts themselves.
    pub door: Option<Door>,
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
            keys_eu_at: None,
            canberra: false,
            postgres: false,
            canberra_at: None,
            door: None,
        }
    }

    /// With a region server in Canberra.
    #[must_use]
    pub fn with_canberra(self) -> Self {
        Self {
            canberra: true,
            ..self
        }
    }

    /// With a region server in Canberra whose stores are in PostgreSQL. The database begins empty.
    #[must_use]
    pub fn with_canberra_on_postgres(self) -> Self {
        Self {
            canberra: true,
            postgres: true,
            ..self
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
    process: Option<Process>,
    keys_us: Bucket,
    keys_eu: Bucket,
    canberra: Option<RegionServer>,
    /// Stops after those that use it.
    postgres: Option<Cluster>,
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
        program(&options.state).stop_left_behind();
        let port = match options.port {
            Some(port) => port,
            None => ports::free_port()?,
        };
        let secrets = Secrets::load_or_create(&options.state.join("secrets.json"))?;
        let mut stack = Self {
            keys_us: Bucket::start(&options.state.join("keys-us"))?,
            keys_eu: Bucket::start(&options.state.join("keys-eu"))?,
            options,
            port,
            secrets,
            process: None,
            canberra: None,
            postgres: None,
        };
        if stack.options.postgres {
            stack.postgres = Some(Cluster::start()?);
        }
        if stack.options.canberra {
            stack.canberra = Some(stack.start_canberra()?);
        }
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

    /// The key behind the tags of ids: for tests that make some of their own.
    #[must_use]
    pub fn id_key(&self) -> &str {
        &self.secrets.id_key
    }

    /// What tokens are signed with: for tests that sign some of their own.
    #[must_use]
    pub fn token_key(&self) -> &str {
        &self.secrets.token_key
    }

    /// The sealing keys of the European Union: for tests that put another in front.
    #[must_use]
    pub fn sealing_keys_eu(&self) -> &str {
        &self.secrets.sealing_keys_eu
    }

    /// The state directory, as an absolute path.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.options.state
    }

    /// The bucket with the keyrings of the tenants in the United States.
    #[must_use]
    pub fn keys_us(&self) -> &Bucket {
        &self.keys_us
    }

    /// The bucket with the keyrings of the tenants in the European Union.
    #[must_use]
    pub fn keys_eu(&self) -> &Bucket {
        &self.keys_eu
    }

    /// The region server in Canberra, if there is one.
    pub fn canberra(&mut self) -> Option<&mut RegionServer> {
        self.canberra.as_mut()
    }

    /// The PostgreSQL server with Canberra's stores, if there is one.
    pub fn postgres(&mut self) -> Option<&mut Cluster> {
        self.postgres.as_mut()
    }

    /// Where the runtime and the Worker log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        program(&self.options.state).log_path()
    }

    /// Everything logged so far, over all starts on this state.
    #[must_use]
    pub fn log(&self) -> String {
        program(&self.options.state).log()
    }

    /// Whether all of it still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
            && self.canberra.as_mut().is_none_or(RegionServer::is_running)
    }

    /// Stops the edge and waits until it is gone. What it answered stays on its disk.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop();
        }
    }

    /// The id of the edge's process; 0 while it is stopped.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().map_or(0, Process::id)
    }

    /// `kill -9` of the edge, and waits until it is gone.
    pub fn kill_hard(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill_hard();
        }
    }

    /// Starts the edge again on the same state and port, with the same options.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        self.spawn()
    }

    /// Binds a variable from the next start on.
    pub fn set_var(&mut self, name: &str, value: String) {
        self.options.vars.push((name.to_owned(), value));
    }

    fn start_canberra(&self) -> Result<RegionServer> {
        let folder = self.options.state.join("cbr");
        fs::create_dir_all(&folder)?;
        let limits = self.options.vars.iter().rev();
        let limits = limits.clone().find(|(name, _)| name == "RATE_LIMITS");
        let database = self.postgres.as_ref();
        let database = database.map(|postgres| postgres.database("slotstead"));
        let database = database.transpose()?;
        RegionServer::start(
            &folder,
            &Settings {
                public_origin: &self.public_origin(),
                development: self.options.development,
                rate_limits: limits.map(|(_, value)| value.as_str()),
                id_key: &self.secrets.id_key,
                sealing_keys: &self.secrets.sealing_keys_cbr,
                database: database.as_deref(),
            },
        )
    }

    fn spawn(&mut self) -> Result<()> {
        let worker = paths::artefacts().join("worker");
        if !worker.join("index.js").is_file() {
            bail!("the Worker is not built; run `cargo xtask build` first");
        }
        let state = &self.options.state;
        let program = program(state);
        let wrangler = paths::root().join("edge/worker/wrangler.toml");
        let canberra = self.canberra.as_ref().map(|server| Canberra {
            port: self.options.canberra_at.unwrap_or(server.port()),
            host: region::HOST,
            key: server.certificate("edge.key"),
            certificate: server.certificate("edge.pem"),
            authority: server.certificate("region-ca.pem"),
        });
        let rendered = Config {
            worker: &worker,
            disk: &state.join("disk"),
            port: self.port,
            compatibility_date: &config::of_wrangler(&wrangler, "compatibility_date")?,
            compatibility_flags: &config::of_wrangler(&wrangler, "compatibility_flags")?,
            bindings: &self.bindings(),
            buckets: &[
                BucketAt {
                    binding: "KEYS_US",
                    port: self.keys_us.port(),
                },
                BucketAt {
                    binding: "KEYS_EU",
                    port: self.options.keys_eu_at.unwrap_or(self.keys_eu.port()),
                },
            ],
            private_network: self.options.development,
            tls: self.options.tls.as_ref(),
            canberra: canberra.as_ref(),
            door: self.options.door.as_ref(),
        }
        .render();
        fs::write(&program.config, rendered)?;
        let mut command = Command::new(tools::WORKERD.find()?);
        command
            .args(["serve", "--experimental", "--import-path=/"])
            .arg(&program.config);
        // That it listens is not enough: the Worker's module is compiled by the first request.
        let client = Client::new(&format!("http://127.0.0.1:{}", self.port));
        let answers = || {
            client
                .send("GET", "/healthz", With::default(), None)
                .is_ok()
        };
        self.process = Some(program.start(&mut command, START, answers)?);
        Ok(())
    }

    fn public_origin(&self) -> String {
        let given = self.options.public_origin.clone();
        given.unwrap_or_else(|| self.origin())
    }

    fn bindings(&self) -> Vec<(String, String)> {
        let given = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut bindings = vec![
            given("PUBLIC_ORIGIN", &self.public_origin()),
            given("TOKEN_KEY", &self.secrets.token_key),
            given("ID_KEY", &self.secrets.id_key),
            given("OPERATOR_KEY", &self.secrets.operator_key),
            given("SEALING_KEYS_US", &self.secrets.sealing_keys_us),
            given("SEALING_KEYS_EU", &self.secrets.sealing_keys_eu),
        ];
        if self.options.development {
            bindings.push(given("DEVELOPMENT_SWITCH", "on"));
        }
        if self.canberra.is_some() {
            let origin = format!("https://{}", region::HOST);
            bindings.push(given("REGION_CBR_ORIGIN", &origin));
        }
        for (name, value) in &self.options.vars {
            bindings.retain(|(known, _)| known != name);
            bindings.push(given(name, value));
        }
        bindings
    }
}

/// Stops what an earlier stack left on this state.
pub fn stop_left_behind(state: &Path) {
    program(state).stop_left_behind();
    region::stop_left_behind(&state.join("cbr"));
}

fn program(state: &Path) -> Program {
    Program {
        name: "workerd",
        config: state.join("workerd.capnp"),
        stop: STOP,
    }
}
