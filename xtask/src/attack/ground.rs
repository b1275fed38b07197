//! What is attacked: a development stack with the demo's two tenants, or a stack as production
//! configures it; both also on a TLS socket with a certificate made for the run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    command,
    demo::{self, Demo},
    http::{Client, With},
    live, paths, ports, secrets,
    site::Site,
    stack::{Options, Stack, Tls},
    tools,
};

/// Days for which the certificate is good: the run takes minutes.
const CERTIFICATE_DAYS: &str = "2";

/// A stack with both demo tenants, gone when it is dropped.
pub struct Ground {
    /// Both tenants and their owners' tokens.
    pub demo: Demo,
    /// The page that carries the demo's widget.
    pub site: Site,
    /// A client without TLS.
    pub client: Client,
    /// The running edge.
    pub stack: Stack,
    /// Its TLS socket.
    pub tls: Tls,
}

impl Ground {
    /// Starts it with wide rate limits on an emptied folder of this name.
    pub fn start(name: &str) -> Result<Self> {
        let folder = emptied(name)?;
        let tls = certificate(&folder)?;
        let mut options = Options::new(folder.join("edge")).wide_rate_limits();
        options.tls = Some(tls.clone());
        let stack = Stack::start(options)?;
        let site = Site::start(&paths::root().join("www/public"), 0, [])?;
        site.mount("/calendars/", &paths::root().join("www/demo"));
        let client = Client::new(&stack.origin());
        let note = folder.join("demo.json");
        let demo = demo::prepare(&client, stack.operator_key(), &site.origin(), &note, false)?;
        demo::wait_for_feed(&client, &demo.eu)?;
        Ok(Self {
            demo,
            site,
            client,
            stack,
            tls,
        })
    }

    /// A session's token of a visitor of the EU tenant's page.
    pub fn session(&self) -> Result<String> {
        let origin = self.site.origin();
        let with = With {
            origin: Some(&origin),
            ..With::default()
        };
        let path = self.path("sessions");
        let answer = self.client.send("POST", &path, with, None)?;
        live::text(&answer.body, "token")
    }

    /// The id of a booking that stands at the EU tenant, and its capability.
    pub fn booking(&self, session: &str) -> Result<(String, String)> {
        let origin = self.site.origin();
        let with = With {
            bearer: Some(session),
            origin: Some(&origin),
            ..With::default()
        };
        let path = self.path(&live::slots_path(live::SERVICE)?);
        let slots = self.client.send("GET", &path, with, None)?;
        let start = live::starts(&slots.body)?
            .pop()
            .context("the demo offers no time")?;
        let key = secrets::random(16)?;
        let with = With {
            idempotency_key: Some(&key),
            ..with
        };
        let body = live::booking(live::SERVICE, &start);
        let booked = self
            .client
            .expect("POST", &self.path("bookings"), with, Some(&body))?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        Ok((
            text(&booked["id"]).context("the booking has no id")?,
            text(&booked["capability"]).context("the booking has no capability")?,
        ))
    }

    /// A path of the EU tenant.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/{}/{rest}", self.demo.eu.tenant)
    }
}

/// A stack as production configures it: no development switch, limits as they are.
pub fn production(name: &str) -> Result<(Stack, Tls)> {
    let folder = emptied(name)?;
    let tls = certificate(&folder)?;
    let mut options = Options::new(folder.join("edge"));
    options.development = false;
    options.public_origin = Some(origin(&tls));
    options.tls = Some(tls.clone());
    Ok((Stack::start(options)?, tls))
}

/// Where a TLS socket is.
pub fn origin(tls: &Tls) -> String {
    format!("https://localhost:{}", tls.port)
}

/// Where the parts of the attack leave what they found.
pub fn folder(name: &str) -> PathBuf {
    paths::artefacts().join("attack").join(name)
}

fn emptied(name: &str) -> Result<PathBuf> {
    let folder = folder(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn certificate(folder: &Path) -> Result<Tls> {
    tools::ensure_testssl()?;
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days"])
        .args([CERTIFICATE_DAYS, "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    command::quietly("Making a certificate", &mut openssl)?;
    Ok(Tls {
        port: ports::free_port()?,
        key,
        certificate,
    })
}
