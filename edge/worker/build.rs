//! Builds the widget's files into the Worker: everything in `SLOTSTEAD_WIDGET_DIR`, each with the
//! `.br` next to it. Without the variable nothing is built in, which is enough for checks and tests;
//! a Worker that is deployed is never built without it.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

const WIDGET_DIR: &str = "SLOTSTEAD_WIDGET_DIR";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed={WIDGET_DIR}");
    let mut files = Vec::new();
    if let Some(dir) = env::var_os(WIDGET_DIR) {
        let dir = PathBuf::from(dir);
        println!("cargo::rerun-if-changed={}", dir.display());
        for entry in fs::read_dir(&dir)? {
            files.push(entry?.path());
        }
        files.sort();
    } else if is_deployed() {
        return Err(io::Error::other(format!(
            "{WIDGET_DIR} is not set, so this Worker would have no widget; run `cargo xtask build`"
        )));
    }
    let mut source = String::from("static ASSETS: &[Asset] = &[\n");
    for file in &files {
        if let Some(content_type) = content_type(file) {
            println!("cargo::rerun-if-changed={}", file.display());
            write_asset(&mut source, file, content_type)?;
        }
    }
    source.push_str("];\n");
    let out_dir = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out_dir).join("assets.rs"), source)
}

/// Whether what is built is the Worker that is deployed: wasm, optimised.
fn is_deployed() -> bool {
    let is = |name, value: &str| env::var_os(name).is_some_and(|set| set == *value);
    is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release")
}

fn write_asset(source: &mut String, file: &Path, content_type: &str) -> io::Result<()> {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let plain = fs::canonicalize(file)?.display().to_string();
    let brotli = format!("{plain}.br");
    let brotli = if Path::new(&brotli).exists() {
        println!("cargo::rerun-if-changed={brotli}");
        format!("Some(include_bytes!({brotli:?}))")
    } else {
        "None".to_owned()
    };
    writeln!(
        source,
        "    Asset {{ name: {name:?}, content_type: {content_type:?}, plain: include_bytes!({plain:?}), brotli: {brotli} }},"
    )
    .map_err(io::Error::other)
}

/// The media type of a file that is served; other files (`.br`, `.map`, …) are left out.
fn content_type(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()? {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        _ => None,
    }
}
