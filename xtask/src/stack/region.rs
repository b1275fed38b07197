//! A running region server of Canberra beside the edge, with certificates made for this one start.

use std::{
    fmt::Write as _,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::process::{Process, Program};
use crate::{
    http::{Client, With},
    paths, ports,
};

/// How long it may take to answer `/healthz`.
const START: Duration = Duration::from_secs(30);
/// How long it may finish what is in flight.
const STOP: Duration = Duration::from_secs(10);

/// The name in its certificate. The edge finds it by its address.
pub const HOST: &str = "canberra.localhost";

/// What it is started with.
pub struct Settings<'a> {
    /// The edge's origin.
    pub public_origin: &'a str,
    /// Whether feeds may be on this machine.
    pub development: bool,
    /// JSON, as the edge has it.
    pub rate_limits: Option<&'a str>,
    /// The key behind the tags of ids.
    pub id_key: &'a str,
    /// The region's own keys, which seal keyrings.
    pub sealing_keys: &'a str,
    /// The address of the database with the stores, if they are not in files.
    pub database: Option<&'a str>,
}

/// A region server. Dropping it stops it.
pub struct RegionServer {
    folder: PathBuf,
    port: u16,
    admin: u16,
    process: Option<Process>,
}

impl RegionServer {
    /// Starts one on `folder` and waits until it is healthy.
    pub fn start(folder: &Path, settings: &Settings<'_>) -> Result<Self> {
        let mut server = Self {
            folder: folder.to_owned(),
            port: ports::free_port()?,
            admin: ports::free_port()?,
            process: None,
        };
        stop_left_behind(folder);
        server.make_certificates()?;
        write_secret(&folder.join("id.key"), settings.id_key)?;
        write_secret(&folder.join("sealing.keys"), settings.sealing_keys)?;
        fs::create_dir_all(folder.join("keys"))?;
        let config = server.render(settings)?;
        fs::write(server.program().config, config)?;
        server.spawn()?;
        Ok(server)
    }

    /// The port on 127.0.0.1 that the edge connects to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port on 127.0.0.1 of health and figures.
    #[must_use]
    pub fn admin_port(&self) -> u16 {
        self.admin
    }

    /// The id of the process, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// The file of this name among its certificates: `edge.pem`, `edge.key`, `region-ca.pem`.
    #[must_use]
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.folder.join("certificates").join(name)
    }

    /// Where the stores are.
    #[must_use]
    pub fn stores(&self) -> PathBuf {
        self.folder.join("stores")
    }

    /// Everything logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.program().log()
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Asks it to stop, and waits until it is gone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop();
        }
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill_hard(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill_hard();
        }
    }

    /// Starts it again on the same stores, ports and certificates.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        self.spawn()
    }

    fn program(&self) -> Program {
        program(&self.folder)
    }

    /// Whether it answers, and its stores can be written to.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        Client::new(&format!("http://127.0.0.1:{}", self.admin))
            .send("GET", "/healthz", With::default(), None)
            .is_ok_and(|answer| answer.status == 200)
    }

    fn spawn(&mut self) -> Result<()> {
        let healthy = || self.is_healthy();
        let mut command = Command::new(binary()?);
        command.arg("serve").arg(self.program().config);
        self.process = Some(self.program().start(&mut command, START, healthy)?);
        Ok(())
    }

    fn make_certificates(&self) -> Result<()> {
        let folder = self.folder.join("certificates");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let output = Command::new(binary()?)
            .arg("certificates")
            .arg(&folder)
            .arg(HOST)
            .output()
            .context("the region server's certificates could not be made")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    fn render(&self, settings: &Settings<'_>) -> Result<String> {
        let mut text = format!(
            r#"# Written by xtask for one stack; changes here are lost.
region = "cbr"
location = "The machine of this development stack"
listen = "127.0.0.1:{port}"
{stores}
public_origin = "{origin}"
id_key_file = "id.key"
development = {development}

[keys]
folder = "keys"
sealing_file = "sealing.keys"

[admin]
listen = "127.0.0.1:{admin}"

[tls]
certificate = "certificates/region.pem"
key = "certificates/region.key"
edge_ca = "certificates/edge-ca.pem"
"#,
            port = self.port,
            stores = settings.database.map_or_else(
                || "data = \"stores\"".to_owned(),
                |url| format!("database.url = \"{url}\""),
            ),
            origin = settings.public_origin,
            development = settings.development,
            admin = self.admin,
        );
        if let Some(limits) = settings.rate_limits {
            let limits: Value = serde_json::from_str(limits)?;
            text.push_str("\n[rates]\n");
            for (name, value) in limits.as_object().into_iter().flatten() {
                let _ = writeln!(text, "{name} = {value}");
            }
        }
        Ok(text)
    }
}

/// Writes a file that others cannot read: the server refuses one that they can.
fn write_secret(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text)?;
    // One of an earlier version may be there.
    fs::set_permissions(file, Permissions::from_mode(0o600))?;
    Ok(())
}

/// Stops one that was left behind on this folder.
pub fn stop_left_behind(folder: &Path) {
    program(folder).stop_left_behind();
}

fn program(folder: &Path) -> Program {
    Program {
        name: "region",
        config: folder.join("region.toml"),
        stop: STOP,
    }
}

/// The built program.
fn binary() -> Result<PathBuf> {
    let binary = paths::artefacts().join("region/slotstead-region");
    if !binary.is_file() {
        bail!("the region server is not built; run `cargo xtask build` first");
    }
    Ok(binary)
}
