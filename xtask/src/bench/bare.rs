//! A second workerd with a Worker of a few lines, whose Durable Object writes one row for each POST: what a
//! booking is measured against. The same runtime, disk and client as the edge; nothing of ours in it.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    http::{Client, With},
    ports, tools,
};

/// How long it may take to answer.
const START_SECONDS: u64 = 60;

/// The running Worker, stopped when it is dropped.
pub struct Bare {
    client: Client,
    child: Child,
}

impl Bare {
    /// Starts it on the emptied `folder`.
    pub fn start(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("disk"))?;
        let port = ports::free_port()?;
        fs::write(folder.join("bare.js"), include_str!("bare.js"))?;
        let config = folder.join("workerd.capnp");
        fs::write(&config, render(port))?;
        let log = File::create(folder.join("workerd.log"))?;
        let child = Command::new(tools::WORKERD.find()?)
            .current_dir(folder)
            .args(["serve", "--experimental", "--import-path=/"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("workerd could not be started")?;
        let client = Client::new(&format!("http://127.0.0.1:{port}"));
        let bare = Self { client, child };
        bare.wait_until_it_answers()?;
        Ok(bare)
    }

    /// A request that does nothing but get an answer.
    pub fn hello(&self) -> Result<()> {
        self.client.expect_status("/", 200)
    }

    /// A request that does nothing but get an answer from the object.
    pub fn hop(&self) -> Result<()> {
        self.client.expect_status("/object", 200)
    }

    /// Writes one row.
    pub fn write(&self, row: &Value) -> Result<()> {
        let answer = self.client.send("POST", "/", With::default(), Some(row))?;
        ensure!(
            answer.status == 201,
            "the bare write was answered with {}",
            answer.status
        );
        Ok(())
    }

    /// Polls with a bound: workerd says nothing when it is ready.
    fn wait_until_it_answers(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS);
        while let Err(error) = self.hello() {
            ensure!(
                Instant::now() < deadline,
                "the bare Worker does not answer: {error:#}"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn render(port: u16) -> String {
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "bare", worker = .bare),
    (name = "disk", disk = (path = "disk", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "bare")],
);

const bare :Workerd.Worker = (
  modules = [(name = "bare.js", esModule = embed "bare.js")],
  compatibilityDate = "2026-05-01",
  durableObjectNamespaces = [(className = "Bare", uniqueKey = "bare", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "BARE", durableObjectNamespace = "Bare")],
);
"#
    )
}
