//! What the machine itself has to have: Node, the wasm target, OpenSSL's headers to compile a tool
//! with, and a database and a browser for the tests.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::command;

/// The oldest Node the tools run on.
const NODE_MAJOR: u32 = 20;
const TARGET: &str = "wasm32-unknown-unknown";

/// Checks that Node and npm are there.
pub fn ensure_node() -> Result<()> {
    let Some(version) = command::output(Command::new("node").arg("--version")) else {
        bail!("Node is missing; install Node {NODE_MAJOR} or newer with npm, and start again");
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < NODE_MAJOR) {
        bail!("Node is {version}; install Node {NODE_MAJOR} or newer, and start again");
    }
    if on_path("npm").is_none() {
        bail!("Node is there but npm is not; install npm, and start again");
    }
    Ok(())
}

/// Adds the wasm target to the Rust toolchain when it is missing.
pub fn ensure_wasm_target() -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder =
        command::output(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]))
            .context("rustc is missing; install Rust with rustup, and start again")?;
    if PathBuf::from(folder).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        bail!("Rust's {TARGET} target is missing and there is no rustup to add it with");
    }
    command::quietly(
        "Adding Rust's wasm target",
        Command::new("rustup").args(["target", "add", TARGET]),
    )
    .with_context(|| format!("`rustup target add {TARGET}` has to work once"))
}

/// Checks that Chromium and its driver are there; installs them where we may.
pub fn ensure_browser() -> Result<()> {
    ensure(&System {
        label: "Installing Chromium and ChromeDriver",
        packages: &["chromium", "chromium-driver"],
        advice: "the browser tests need Chromium and ChromeDriver; \
            on Debian: apt-get install chromium chromium-driver",
        is_there: || chromium().is_some() && on_path("chromedriver").is_some(),
    })
}

/// Checks that OpenSSL can be compiled against, which worker-build is; installs it where we may.
pub fn ensure_openssl() -> Result<()> {
    ensure(&System {
        label: "Installing OpenSSL's headers",
        packages: &["pkg-config", "libssl-dev"],
        advice: "compiling worker-build needs pkg-config and OpenSSL's headers; \
            on Debian: apt-get install pkg-config libssl-dev",
        is_there: || {
            let mut pkg_config = Command::new("pkg-config");
            command::output(pkg_config.args(["--modversion", "openssl"])).is_some()
        },
    })
}

/// Checks that testssl.sh and OpenSSL's program are there; installs them where we may.
pub fn ensure_testssl() -> Result<()> {
    ensure(&System {
        label: "Installing testssl.sh",
        packages: &["testssl.sh", "openssl"],
        advice: "the scan of TLS needs testssl.sh and openssl; \
            on Debian: apt-get install testssl.sh openssl",
        is_there: || on_path("testssl").is_some() && on_path("openssl").is_some(),
    })
}

/// Checks that PostgreSQL's programs are there; installs them where we may.
pub fn ensure_postgres() -> Result<()> {
    ensure(&System {
        label: "Installing PostgreSQL",
        packages: &["postgresql"],
        advice: "the tests of the database need PostgreSQL 15 or newer (initdb, postgres, psql, btree_gist); \
            on Debian: apt-get install postgresql",
        is_there: || {
            let mut programs = ["initdb", "postgres", "psql"].into_iter();
            programs.all(|program| postgres_program(program).is_ok())
        },
    })
}

/// One of PostgreSQL's programs. Debian keeps those of the server out of the search path.
pub fn postgres_program(name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|file| file.is_file())
        .collect();
    // All programs of one version, the newest: a list by name, which is enough for two digits.
    found.sort();
    found
        .pop()
        .or_else(|| on_path(name))
        .with_context(|| format!("PostgreSQL's {name} is missing; `cargo xtask test` installs it"))
}

/// What Debian's packages bring.
struct System {
    label: &'static str,
    packages: &'static [&'static str],
    /// A sentence for those whom we cannot install it for.
    advice: &'static str,
    is_there: fn() -> bool,
}

fn ensure(wanted: &System) -> Result<()> {
    if (wanted.is_there)() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() || on_path("apt-get").is_none() {
        bail!("{}", wanted.advice);
    }
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    command::quietly("Reading Debian's package lists", &mut apt(&["update"]))
        .context(wanted.advice)?;
    let mut install = apt(&["install", "-y", "--no-install-recommends"]);
    command::quietly(wanted.label, install.args(wanted.packages)).context(wanted.advice)?;
    if !(wanted.is_there)() {
        bail!("{}", wanted.advice);
    }
    Ok(())
}

fn chromium() -> Option<PathBuf> {
    on_path("chromium").or_else(|| on_path("google-chrome"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
