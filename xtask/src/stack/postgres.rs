//! A PostgreSQL server for tests: a cluster of its own in a folder of its own, on loopback, writing through
//! to the disk as in production. Dropping it stops it and removes the folder.

use std::{
    env, fs,
    fs::Permissions,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::process::{Process, Program};
use crate::{ports, tools};

/// How long it may take to start, also after it was killed.
const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(10);

/// The superuser that the cluster is made with.
const SUPERUSER: &str = "postgres";
/// The password of every role: for loopback, and to be searched for in logs.
pub const PASSWORD: &str = "hidden-b5f0c1";

/// See the module.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    account: Option<(u32, u32)>,
    process: Option<Process>,
}

impl Cluster {
    /// Makes one and starts it. Roles prove themselves by [`PASSWORD`].
    pub fn start() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not below cargo's folder: the server may run as somebody who cannot look there.
        let name = format!("slotstead-postgres-{}-{count}", process::id());
        let folder = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o755))?;
        let mut cluster = Self {
            port: ports::free_port()?,
            account: account()?,
            folder,
            process: None,
        };
        cluster.make()?;
        cluster.spawn()?;
        Ok(cluster)
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new database as [docs/region.md](../../../docs/region.md) says to make it: its address, password
    /// included.
    pub fn database(&self, name: &str) -> Result<String> {
        for statement in [
            format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"),
            format!(
                "CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8' \
                 LC_COLLATE 'C' LC_CTYPE 'C'"
            ),
        ] {
            self.sql(SUPERUSER, SUPERUSER, &statement)?;
        }
        Ok(self.url(name, name))
    }

    /// The address of a database for a role.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        let port = self.port;
        format!("postgres://{role}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// Runs one statement with `psql`: what it printed, without headings. An error has the server's words.
    pub fn sql(&self, role: &str, database: &str, statement: &str) -> Result<String> {
        let output = Command::new(tools::postgres_program("psql")?)
            .arg(self.url(role, database))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-v",
                "VERBOSITY=verbose",
            ])
            .args(["-c", statement])
            .output()
            .context("psql could not be started")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs one statement as the superuser.
    pub fn as_superuser(&self, database: &str, statement: &str) -> Result<String> {
        self.sql(SUPERUSER, database, statement)
    }

    /// Puts a file where the server alone can read it.
    pub fn place(&self, name: &str, bytes: &str) -> Result<PathBuf> {
        let file = self.folder.join(name);
        fs::write(&file, bytes)?;
        fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        if let Some((user, group)) = self.account {
            chown(&file, Some(user), Some(group))?;
        }
        Ok(file)
    }

    /// Everything logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.program().log()
    }

    /// Asks it to stop, and waits until it is gone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // What it would do on the usual signal is to wait for its clients to go.
            process.stop_by(Signal::INT);
        }
    }

    /// `kill -9` of the server. Its children notice and end.
    pub fn kill_hard(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill_hard();
        }
    }

    /// Starts it again on what is on the disk.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        self.spawn()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn make(&self) -> Result<()> {
        let password = self.place("password", PASSWORD)?;
        let data = self.data();
        fs::create_dir(&data)?;
        if let Some((user, group)) = self.account {
            chown(&data, Some(user), Some(group))?;
        }
        let mut initdb = self.command("initdb")?;
        initdb
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password)
            .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        let output = initdb.output().context("initdb could not be started")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    fn spawn(&mut self) -> Result<()> {
        let mut server = self.command("postgres")?;
        server
            .arg("-D")
            .arg(self.program().config)
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            // No socket in a folder that others share.
            .args(["-c", "unix_socket_directories="]);
        // After a kill the children of the last one may still be ending, and it refuses to start meanwhile.
        let deadline = Instant::now() + START;
        loop {
            match self.try_start(&mut server) {
                Ok(process) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn try_start(&self, server: &mut Command) -> Result<Process> {
        let answers = || self.as_superuser(SUPERUSER, "SELECT 1").is_ok();
        self.program().start(server, START, answers)
    }

    /// A command as the account that the server runs as.
    fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(tools::postgres_program(program)?);
        command.current_dir(&self.folder).env("LC_ALL", "C");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        Ok(command)
    }

    fn program(&self) -> Program {
        Program {
            name: "postgres",
            config: self.data(),
            stop: STOP,
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Who the server runs as where we are root, which it refuses to be: user and group of its package, or nobody.
fn account() -> Result<Option<(u32, u32)>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users =
        fs::read_to_string(Path::new("/etc/passwd")).context("the system has no list of users")?;
    for name in [SUPERUSER, "nobody"] {
        let found = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_it = fields.next() == Some(name);
            let (user, group) = (fields.nth(1)?, fields.next()?);
            is_it.then(|| Some((user.parse().ok()?, group.parse().ok()?)))?
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
}
