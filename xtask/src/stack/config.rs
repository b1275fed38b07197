//! The configuration workerd gets: one Worker, one Durable Object class on local disk, the buckets of keyrings,
//! one way out, and perhaps one to a region server.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A text binding of the Worker.
pub type Binding = (String, String);

/// What a configuration is made of.
pub struct Config<'a> {
    /// Holds `index.js` and `index_bg.wasm`.
    pub worker: &'a Path,
    /// Where Durable Objects keep their stores.
    pub disk: &'a Path,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The date in the Worker's deployment configuration, as it is written there.
    pub compatibility_date: &'a str,
    /// The flags there, likewise: TOML and Cap'n Proto write both alike.
    pub compatibility_flags: &'a str,
    /// Text bindings: variables and secrets alike.
    pub bindings: &'a [Binding],
    /// The buckets with the tenants' keyrings.
    pub buckets: &'a [BucketAt],
    /// Whether a feed may live on a private address. Only with the development switch.
    pub private_network: bool,
    /// A second socket, with TLS.
    pub tls: Option<&'a Tls>,
    /// The region server in Canberra.
    pub canberra: Option<&'a Canberra>,
    /// A Worker that speaks to the region hosts themselves.
    pub door: Option<&'a Door>,
}

/// A bucket: what the Worker calls it, and where it is.
#[derive(Debug, Clone, Copy)]
pub struct BucketAt {
    /// The binding, which is the service's name too.
    pub binding: &'static str,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl BucketAt {
    fn service(&self) -> String {
        format!(
            r#"
    (name = {name}, external = (address = "127.0.0.1:{port}", http = ())),"#,
            name = quote(self.binding),
            port = self.port,
        )
    }

    fn binding(&self) -> String {
        let name = quote(self.binding);
        format!("\n    (name = {name}, r2Bucket = {name}),")
    }
}

/// A Worker with the bindings of the edge and a script of its own.
#[derive(Debug, Clone)]
pub struct Door {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The script.
    pub script: PathBuf,
}

impl Door {
    fn socket(&self) -> String {
        format!(
            r#"
    (name = "door", address = "127.0.0.1:{}", http = (), service = "door"),"#,
            self.port
        )
    }

    fn worker(&self, date: &str, buckets: &str, canberra: bool) -> String {
        format!(
            r#"
const door :Workerd.Worker = (
  modules = [(name = "door.js", esModule = embed {script})],
  compatibilityDate = {date},
  bindings = [
    (name = "TENANT", durableObjectNamespace = (className = "TenantObject", serviceName = "edge")),{buckets}{cbr}
  ],
);
"#,
            script = quote(&self.script.to_string_lossy()),
            cbr = if canberra { CANBERRA_BINDING } else { "" },
        )
    }
}

const DOOR_SERVICE: &str = r#"
    (name = "door", worker = .door),"#;

/// The binding over which the edge shows its certificate.
const CANBERRA_BINDING: &str = r#"
    (name = "REGION_CBR", service = "cbr"),"#;

/// A region server: where it is, what it has to show, and what the edge shows it. Files are in PEM.
#[derive(Debug)]
pub struct Canberra {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The name in its certificate.
    pub host: &'static str,
    /// The edge's key.
    pub key: PathBuf,
    /// The edge's certificate.
    pub certificate: PathBuf,
    /// Who signed the region server's certificate.
    pub authority: PathBuf,
}

impl Canberra {
    fn render(&self) -> String {
        format!(
            r#"
    (name = "cbr", external = (address = "127.0.0.1:{port}", https = (
      options = (), certificateHost = {host}, tlsOptions = (
        minVersion = tls1Dot2, trustedCertificates = [embed {authority}],
        keypair = (privateKey = embed {key}, certificateChain = embed {certificate}))))),"#,
            port = self.port,
            host = quote(self.host),
            authority = quote(&self.authority.to_string_lossy()),
            key = quote(&self.key.to_string_lossy()),
            certificate = quote(&self.certificate.to_string_lossy()),
        )
    }
}

/// A socket with TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The private key, in PEM.
    pub key: PathBuf,
    /// The certificate, in PEM.
    pub certificate: PathBuf,
}

impl Tls {
    /// The runtime's own choice of protocols and ciphers: that is what a scanner is to see.
    fn render(&self) -> String {
        format!(
            r#"
    (name = "https", address = "127.0.0.1:{port}", service = "edge", https = (tlsOptions = (
      keypair = (privateKey = embed {key}, certificateChain = embed {certificate})))),"#,
            port = self.port,
            key = quote(&self.key.to_string_lossy()),
            certificate = quote(&self.certificate.to_string_lossy()),
        )
    }
}

impl Config<'_> {
    /// The configuration as Cap'n Proto text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut bindings = String::new();
        for (name, value) in self.bindings {
            let _ = write!(
                bindings,
                "\n    (name = {}, text = {}),",
                quote(name),
                quote(value)
            );
        }
        let buckets: String = self.buckets.iter().map(BucketAt::binding).collect();
        bindings.push_str(&buckets);
        if self.canberra.is_some() {
            bindings.push_str(CANBERRA_BINDING);
        }
        let allow = if self.private_network {
            r#""public", "private""#
        } else {
            r#""public""#
        };
        format!(
            r#"# Written by xtask for one stack; changes here are lost.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "disk", disk = (path = {disk}, writable = true)),
    (name = "outside", network = (allow = [{allow}], tlsOptions = (trustBrowserCas = true))),{bucket_services}{canberra}{door_service}
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:{port}", http = (), service = "edge"),{tls}{door_socket}
  ],
);
{door}
const edge :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed {script}),
    (name = "index_bg.wasm", wasm = embed {wasm}),
  ],
  compatibilityDate = {date},
  compatibilityFlags = {flags},
  globalOutbound = "outside",
  durableObjectNamespaces = [
    (className = "TenantObject", uniqueKey = "slotstead-tenant", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = "TENANT", durableObjectNamespace = "TenantObject"),{bindings}
  ],
);
"#,
            disk = quote(&self.disk.to_string_lossy()),
            port = self.port,
            bucket_services = self
                .buckets
                .iter()
                .map(BucketAt::service)
                .collect::<String>(),
            canberra = self.canberra.map(Canberra::render).unwrap_or_default(),
            door_service = self.door.map_or("", |_| DOOR_SERVICE),
            door_socket = self.door.map(Door::socket).unwrap_or_default(),
            door = self
                .door
                .map(|door| {
                    door.worker(self.compatibility_date, &buckets, self.canberra.is_some())
                })
                .unwrap_or_default(),
            tls = self.tls.map(Tls::render).unwrap_or_default(),
            script = quote(&self.worker.join("index.js").to_string_lossy()),
            wasm = quote(&self.worker.join("index_bg.wasm").to_string_lossy()),
            date = self.compatibility_date,
            flags = self.compatibility_flags,
        )
    }
}

/// `text` as a Cap'n Proto string.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The value of a key of a wrangler file as it is written there, so that the local runtime and the
/// deployed one agree.
pub fn of_wrangler(wrangler: &Path, key: &str) -> Result<String> {
    let text = fs::read_to_string(wrangler)
        .with_context(|| format!("{} cannot be read", wrangler.display()))?;
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim().to_owned())
        .with_context(|| format!("{} has no {key}", wrangler.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(bindings: &[Binding], private_network: bool) -> String {
        Config {
            worker: Path::new("/w"),
            disk: Path::new("/d"),
            port: 1,
            compatibility_date: "\"2026-01-01\"",
            compatibility_flags: "[\"a\"]",
            bindings,
            buckets: &[],
            private_network,
            tls: None,
            canberra: None,
            door: None,
        }
        .render()
    }

    #[test]
    fn a_binding_cannot_break_out_of_its_string() {
        let bindings = [("A".to_owned(), "\"), (name = \"B\", text = \"\\".to_owned())];
        let text = render(&bindings, false);
        assert!(
            text.contains(r#"(name = "A", text = "\"), (name = \"B\", text = \"\\"),"#),
            "{text}"
        );
    }

    #[test]
    fn private_addresses_are_reachable_only_when_asked_for() {
        assert!(render(&[], false).contains(r#"allow = ["public"]"#));
        assert!(render(&[], true).contains(r#"allow = ["public", "private"]"#));
    }

    #[test]
    fn the_local_runtime_has_the_date_and_the_flags_that_are_deployed() {
        let wrangler = crate::paths::root().join("edge/worker/wrangler.toml");
        let flags = of_wrangler(&wrangler, "compatibility_flags").unwrap();
        assert_eq!(flags, r#"["global_fetch_strictly_public"]"#);
        let date = of_wrangler(&wrangler, "compatibility_date").unwrap();
        let text = Config {
            worker: Path::new("/w"),
            disk: Path::new("/d"),
            port: 1,
            compatibility_date: &date,
            compatibility_flags: &flags,
            bindings: &[],
            buckets: &[],
            private_network: false,
            tls: None,
            canberra: None,
            door: None,
        }
        .render();
        for line in [
            format!("compatibilityDate = {date},"),
            format!("compatibilityFlags = {flags},"),
        ] {
            assert!(text.contains(&line), "{text}");
        }
    }
}
