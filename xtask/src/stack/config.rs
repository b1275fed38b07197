//! The configuration workerd gets: one Worker, one Durable Object class on local disk, one way out.

use std::{fmt::Write as _, fs, path::Path};

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
    /// The date in the Worker's deployment configuration.
    pub compatibility_date: &'a str,
    /// Text bindings: variables and secrets alike.
    pub bindings: &'a [Binding],
    /// Whether a feed may live on a private address. Only with the development switch.
    pub private_network: bool,
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
    (name = "outside", network = (allow = [{allow}], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed {script}),
    (name = "index_bg.wasm", wasm = embed {wasm}),
  ],
  compatibilityDate = {date},
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
            script = quote(&self.worker.join("index.js").to_string_lossy()),
            wasm = quote(&self.worker.join("index_bg.wasm").to_string_lossy()),
            date = quote(self.compatibility_date),
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

/// The `compatibility_date` of a wrangler file, so that the local runtime and the deployed one agree.
pub fn compatibility_date(wrangler: &Path) -> Result<String> {
    let text = fs::read_to_string(wrangler)
        .with_context(|| format!("{} cannot be read", wrangler.display()))?;
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "compatibility_date")
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .with_context(|| format!("{} has no compatibility_date", wrangler.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(bindings: &[Binding], private_network: bool) -> String {
        Config {
            worker: Path::new("/w"),
            disk: Path::new("/d"),
            port: 1,
            compatibility_date: "2026-01-01",
            bindings,
            private_network,
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
}
