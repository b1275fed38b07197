//! Chromium, driven over its wire protocol: one driver process, and a window for each visitor.
//!
//! A [`Window`] is a browser of its own with an empty profile, so two of them are two visitors.
//! It has to be dropped before its [`Driver`], which is the order in which locals are dropped.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use thirtyfour::{
    ChromiumLikeCapabilities, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver, WebElement,
};

use crate::{server::StateDir, wait::wait_until};

/// How long anything the widget does may take here, with two processors for everything.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The widths at which every step is looked at, with their heights.
pub const SIZES: [(u32, u32); 2] = [(360, 1000), (1280, 900)];

const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

/// A running chromedriver. Dropping it stops it.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
    profiles: StateDir,
}

impl Driver {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let port = xtask::ports::free_port().expect("loopback has free ports");
        let profiles = StateDir::new("browser");
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .arg(format!(
                "--log-path={}",
                profiles.path().join("chromedriver.log").display()
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "chromedriver is installed; on Debian: apt-get install chromium chromium-driver",
            );
        let driver = Self {
            child,
            port,
            profiles,
        };
        let client = reqwest::Client::new();
        let status = format!("{}/status", driver.address());
        wait_until("chromedriver is ready", PATIENCE, || {
            let asked = client.get(&status).send();
            async move { asked.await.is_ok() }
        })
        .await;
        driver
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Opens a browser with an empty profile whose visitor lives in `zone`.
    pub async fn open(&self, (width, height): (u32, u32), zone: &str) -> Window {
        let mut wanted = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            wanted.add_arg(argument).expect("plain text");
        }
        let languages = json!({ "intl.accept_languages": "en-GB,en" });
        wanted
            .add_experimental_option("prefs", languages)
            .expect("plain text");
        wanted
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .expect("plain text");
        let web = WebDriver::new(self.address(), wanted)
            .await
            .expect("Chromium starts");
        let window = Window {
            web,
            port: self.port,
        };
        let devtools = window.web.cdp();
        devtools
            .emulation()
            .set_timezone_override(zone)
            .await
            .expect("a zone Chromium knows");
        window.resize(width, height).await;
        window
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = &self.profiles;
    }
}

/// A browser window: a visitor.
#[derive(Debug)]
pub struct Window {
    /// The session.
    pub web: WebDriver,
    port: u16,
}

impl Drop for Window {
    /// Ends the session, and with it the browser, on a connection of its own: the one that
    /// `web` holds lives on the test's runtime, which stands still while this runs.
    fn drop(&mut self) {
        // Its own clean-up would wait for that connection until it times out.
        let _ = self.web.clone().leak();
        let session = self.web.session_id();
        let end = || -> std::io::Result<()> {
            let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
            connection.set_read_timeout(Some(PATIENCE))?;
            let host = format!("127.0.0.1:{}", self.port);
            write!(
                connection,
                "DELETE /session/{session} HTTP/1.1\r\nhost: {host}\r\n\r\n"
            )?;
            connection.read_exact(&mut [0; 12])
        };
        // A driver that is gone has taken its browsers along.
        let _ = end();
    }
}

impl Window {
    /// Makes the page this large. Wider than the smallest real window can be, or narrower.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// A command of the developer-tools protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.web
            .cdp()
            .send_raw(method, parameters)
            .await
            .expect("Chromium knows the command")
    }

    /// Takes the network away or gives it back.
    pub async fn network(&self, there: bool) {
        let conditions = json!({
            "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Opens an address and waits for the page's load event.
    pub async fn goto(&self, address: &str) {
        self.web
            .goto(address)
            .await
            .expect("the site is on loopback");
    }

    /// Runs a script; its value.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let value = self.web.execute(script, arguments.to_vec()).await;
        value.expect("the script runs").json().clone()
    }

    /// Runs a script that gives an element.
    pub async fn element(&self, script: &str, arguments: &[Value]) -> Option<WebElement> {
        let value = self
            .web
            .execute(script, arguments.to_vec())
            .await
            .expect("the script runs");
        if value.json().is_null() {
            None
        } else {
            value.element().ok()
        }
    }

    /// Runs an asynchronous script, which hands its value to `arguments[arguments.length - 1]`.
    pub async fn run_async(&self, script: &str) -> Value {
        let value = self.web.execute_async(script, Vec::new()).await;
        value.expect("the script runs").json().clone()
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: Key) {
        self.web
            .action_chain()
            .send_keys(key)
            .perform()
            .await
            .expect("the page is there");
    }

    /// Types a text, wherever the focus is.
    pub async fn type_text(&self, text: &str) {
        self.web
            .action_chain()
            .send_keys(text)
            .perform()
            .await
            .expect("the page is there");
    }

    /// Writes the page, scrolled to the widget and with nothing still fading in, to
    /// `artifacts/screens/<name>.png`.
    pub async fn screenshot(&self, name: &str) {
        let folder = screens();
        fs::create_dir_all(&folder).expect("the checkout can be written to");
        let file = folder.join(format!("{name}.png"));
        let script = "[...document.querySelectorAll('*')].find((element) => element.shadowRoot)
            ?.scrollIntoView({ block: 'start', behavior: 'instant' });
            scrollBy({ top: -24, behavior: 'instant' });";
        self.run(script, &[]).await;
        self.run_async(
            "const done = arguments[arguments.length - 1];
             const host = [...document.querySelectorAll('*')].find((element) => element.shadowRoot);
             const running = (host?.shadowRoot.getAnimations() ?? []).filter((animation) =>
               animation.effect.getComputedTiming().endTime < Infinity);
             Promise.allSettled(running.map((animation) => animation.finished)).then(() => done());",
        )
        .await;
        self.web.screenshot(&file).await.expect("a picture");
    }

    /// What axe-core finds serious or critical on the page, shadow trees included.
    pub async fn accessibility_faults(&self) -> Vec<String> {
        let file = xtask::tools::AXE
            .find()
            .expect("`cargo xtask test` installs axe-core");
        let source = fs::read_to_string(file).expect("it was just found");
        self.run(&source, &[]).await;
        let found = self
            .run_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, { resultTypes: ['violations'] }).then(
                   (result) => done(result.violations
                     .filter((fault) => ['serious', 'critical'].includes(fault.impact))
                     .map((fault) => fault.id + ': ' + fault.help + ': '
                       + fault.nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | '))),
                   (error) => done(['axe failed: ' + error]));",
            )
            .await;
        strings(&found)
    }

    /// The layout shifts so far that no input explains, with what moved.
    pub async fn layout_shifts(&self) -> Vec<String> {
        let found = self
            .run_async(
                "const done = arguments[arguments.length - 1];
                 const shifts = [];
                 new PerformanceObserver((list) => shifts.push(...list.getEntries()))
                   .observe({ type: 'layout-shift', buffered: true });
                 requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(
                   shifts.filter((shift) => !shift.hadRecentInput).map((shift) => shift.value + ': '
                     + shift.sources.map((source) => (source.node?.outerHTML ?? source.node?.nodeName ?? '?').slice(0, 120)
                       + ' from ' + JSON.stringify(source.previousRect)
                       + ' to ' + JSON.stringify(source.currentRect)).join(' | '))), 50)));",
            )
            .await;
        strings(&found)
    }

    /// What the console complained about: errors, and everything the security policy stopped.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.web.browser_log().await.expect("Chromium keeps one");
        log.into_iter()
            .filter(|entry| {
                format!("{:?}", entry.level)
                    .to_lowercase()
                    .contains("severe")
            })
            .map(|entry| entry.message)
            .collect()
    }

    /// The origins of everything the page asked for.
    pub async fn origins_asked(&self) -> Vec<String> {
        let found = self
            .run(
                "return [...new Set(performance.getEntriesByType('resource')
                   .map((entry) => new URL(entry.name).origin))];",
                &[],
            )
            .await;
        strings(&found)
    }

    /// What is kept in the browser: cookies of any site, and the page's storages.
    pub async fn kept(&self) -> Vec<String> {
        let cookies = self.devtools("Network.getAllCookies", json!({})).await;
        let mut kept: Vec<_> = cookies["cookies"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Value::to_string)
            .collect();
        let stored = self
            .run_async(
                "const done = arguments[arguments.length - 1];
                 (async () => [
                   ...Object.keys(localStorage), ...Object.keys(sessionStorage),
                   ...(await indexedDB.databases()).map((database) => database.name),
                   ...(await caches.keys()),
                   ...(await navigator.serviceWorker.getRegistrations()).map((worker) => worker.scope),
                 ])().then(done, (error) => done([String(error)]));",
            )
            .await;
        kept.extend(strings(&stored));
        kept
    }
}

/// Where screenshots go.
#[must_use]
pub fn screens() -> PathBuf {
    let root: &Path = xtask::paths::root();
    root.join("artifacts/screens")
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| item.as_str().unwrap_or_default().to_owned())
        .collect()
}
