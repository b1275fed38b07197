//! What is absent, and meant to be: a scan of sources and manifests. A word in a comment or a string
//! counts too, so that nothing hides.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use slotstead_shared::Region;
use slotstead_worker::region::{RegionHost, host_of};

const CLOCK: [&str; 6] = [
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "Date::now",
    "Date::new_0",
];
const RANDOMNESS: [&str; 5] = [
    "getrandom::",
    "rand::",
    "thread_rng",
    "OsRng",
    "RandomState",
];
const NETWORK: [&str; 7] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "reqwest",
    "web_sys",
    "worker::",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust source below a folder of the project, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let found = texts_of(folder, "rs");
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Every file with this ending below a folder of the project, with its text. What was fetched or built
/// in there is not ours.
fn texts_of(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = root();
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name();
            let theirs = ["node_modules", "build", "target"].map(OsStr::new);
            if path.is_dir() && !theirs.map(Some).contains(&name) {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new(ending)) {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The crates that a manifest names below a heading with `dependencies`, tests' own left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let mut counts = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            counts = line.contains("dependencies") && !line.contains("dev-dependencies");
        } else if let Some((name, value)) = line.split_once('=').filter(|_| counts) {
            let name = name.trim().split('.').next().unwrap();
            let renamed = value
                .split_once("package = \"")
                .and_then(|(_, rest)| rest.split('"').next());
            found.push(renamed.unwrap_or(name).to_owned());
        }
    }
    found
}

fn ours(manifest: &str) -> Vec<String> {
    let mut found = dependencies(manifest);
    found.retain(|name| name.starts_with("slotstead") || ["tests", "xtask"].contains(&&**name));
    found
}

#[test]
fn shared_and_the_tenant_name_no_clock_no_randomness_and_no_network() {
    for folder in ["shared/src", "edge/tenant/src"] {
        for (name, text) in sources(folder) {
            for word in [&CLOCK[..], &RANDOMNESS, &NETWORK].concat() {
                assert!(!text.contains(word), "{name} names {word}");
            }
        }
    }
}

#[test]
fn one_file_of_the_edge_reads_the_clock() {
    let readers: Vec<_> = sources("edge/worker/src")
        .into_iter()
        .filter(|(_, text)| CLOCK.iter().any(|word| text.contains(word)))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(readers, ["edge/worker/src/runtime/clock.rs"]);
}

#[test]
fn one_file_of_the_region_server_reads_the_clock_and_the_systems_randomness() {
    let readers: Vec<_> = sources("edge/region/src")
        .into_iter()
        .filter(|(_, text)| {
            let mut words = CLOCK.iter().chain(&RANDOMNESS);
            words.any(|word| text.contains(word))
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(readers, ["edge/region/src/moment.rs"]);
}

#[test]
fn one_file_of_the_edge_turns_refusals_into_statuses() {
    for (name, text) in sources("edge/worker/src") {
        if name == "edge/worker/src/problem.rs" || name.starts_with("edge/worker/src/problem/") {
            continue;
        }
        // Others may ask which refusal it is, but match on none and write no status of an error.
        let arms = text
            .lines()
            .filter(|line| line.contains("Refusal::") && line.contains("=>"));
        assert_eq!(arms.count(), 0, "{name} tells refusals apart");
    }
}

/// A location hint is best effort: where it is used, somebody takes it for residency. So none is, neither in
/// code, Rust or other, nor in a configuration of ours.
#[test]
fn nobody_gives_a_location_hint() {
    let itself = "edge/worker/tests/tidy.rs";
    let mut texts = 0;
    for folder in ["edge", "shared", "tests", "xtask"] {
        for ending in ["rs", "js", "toml"] {
            for (name, text) in texts_of(folder, ending) {
                texts += 1;
                let plain = text.to_lowercase().replace(['_', '-', ' '], "");
                assert!(name == itself || !plain.contains("locationhint"), "{name}");
            }
        }
    }
    assert!(texts > 150, "{texts}");
}

/// What the report of places says of the edge: nothing is bound to it that could keep something, besides the
/// tenants' objects and the buckets of their keys.
#[test]
fn nothing_that_keeps_something_is_bound_to_the_edge() {
    let text = fs::read_to_string(root().join("edge/worker/wrangler.toml")).unwrap();
    let bound = text.lines().filter(|line| line.starts_with('['));
    let bound: Vec<_> = bound
        .map(|line| line.trim_matches(['[', ']']).to_owned())
        .collect();
    let known = [
        "rules",
        "vars",
        "durable_objects.bindings",
        "migrations",
        "r2_buckets",
        "r2_buckets",
        "observability",
        "observability.logs",
    ];
    assert_eq!(bound, known);
}

#[test]
fn dependencies_point_one_way() {
    let shared = ["slotstead-shared"];
    assert_eq!(ours("shared/Cargo.toml"), [""; 0]);
    assert_eq!(ours("edge/tenant/Cargo.toml"), shared);
    assert_eq!(ours("widget/Cargo.toml"), shared);
    for host in ["edge/worker/Cargo.toml", "edge/region/Cargo.toml"] {
        assert_eq!(ours(host), ["slotstead-shared", "slotstead-tenant"]);
    }
}

#[test]
fn the_platform_and_the_framework_are_named_once() {
    let manifests = [
        "shared/Cargo.toml",
        "edge/tenant/Cargo.toml",
        "edge/worker/Cargo.toml",
        "edge/region/Cargo.toml",
        "widget/Cargo.toml",
        "tests/Cargo.toml",
        "tests/bench/Cargo.toml",
        "xtask/Cargo.toml",
    ];
    let that_name = |name: &str| -> Vec<&str> {
        let mut found = manifests.to_vec();
        found.retain(|manifest| dependencies(manifest).iter().any(|crate_| crate_ == name));
        found
    };
    assert_eq!(that_name("worker"), ["edge/worker/Cargo.toml"]);
    assert_eq!(that_name("leptos"), ["widget/Cargo.toml"]);
    assert_eq!(
        that_name("serde").first(),
        Some(&"shared/Cargo.toml"),
        "the reading of manifests finds what is there"
    );
}

/// What is deployed has the widget inside: `build.rs` refuses to make it otherwise.
#[test]
fn a_worker_without_the_widget_is_not_built() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let script = out.join("build-script");
    let compiled = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "-o"])
        .arg(&script)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs"))
        .status()
        .unwrap();
    assert!(compiled.success());
    for (arch, profile, builds) in [
        ("wasm32", "release", false),
        ("wasm32", "debug", true),
        ("x86_64", "release", true),
    ] {
        let ran = Command::new(&script)
            .env("CARGO_CFG_TARGET_ARCH", arch)
            .env("PROFILE", profile)
            .env("OUT_DIR", out)
            .env_remove("SLOTSTEAD_WIDGET_DIR")
            .output()
            .unwrap();
        assert_eq!(ran.status.success(), builds, "{arch}, {profile}");
        if !builds {
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            assert!(said.contains("cargo xtask build"), "{said}");
        }
    }
}

/// The platform does not tell a Worker where its buckets are, so this is where it is decided.
#[test]
fn each_bucket_is_bound_in_the_jurisdiction_of_its_region() {
    let text = fs::read_to_string(root().join("edge/worker/wrangler.toml")).unwrap();
    let bound: Vec<_> = text
        .split("[[")
        .filter_map(|table| table.strip_prefix("r2_buckets]]"))
        .map(|table| {
            let value = |key: &str| {
                let mut lines = table.lines();
                lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
            };
            (value("binding"), value("jurisdiction"))
        })
        .collect();
    let expected: Vec<_> = Region::ALL
        .into_iter()
        .filter_map(|region| match host_of(region) {
            RegionHost::DurableObject {
                jurisdiction,
                bucket,
                ..
            } => Some((format!("{bucket:?}"), format!("{jurisdiction:?}"))),
            RegionHost::RegionServer { .. } => None,
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(bucket, jurisdiction)| (Some(&**bucket), Some(&**jurisdiction)))
        .collect();
    assert_eq!(bound, expected);
}
