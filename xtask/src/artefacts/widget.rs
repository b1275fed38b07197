//! The widget: wasm made small, its glue and style minified, each named by its content, and the
//! loader that knows those names. A brotli copy lies beside each.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{brotli, command, fingerprint, paths, tools};

/// What rustc emits for `wasm32-unknown-unknown` by default; wasm-opt has to be told, and must
/// not be given more, or it would emit what older browsers cannot read.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Judged by what is downloaded: `-Oz` makes the file 10 % smaller and its brotli 7 % larger.
const WASM_PASSES: [&str; 2] = ["-O1", "--reorder-locals"];

/// Builds the widget's files into `out`.
pub fn build(out: &Path) -> Result<()> {
    let target = "wasm32-unknown-unknown";
    command::quietly(
        "Building the widget",
        command::cargo()
            .args(["build", "--profile", "widget"])
            .args(["--package", "slotstead-widget", "--target", target]),
    )?;
    let compiled = paths::target()
        .join(target)
        .join("widget/slotstead_widget.wasm");
    let work = paths::artefacts().join("widget-work");
    fs::create_dir_all(&work)?;
    command::quietly(
        "Binding the widget",
        Command::new(tools::WASM_BINDGEN.find()?)
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--out-name",
                "booker",
                "--out-dir",
            ])
            .arg(&work)
            .arg(&compiled),
    )?;
    let small = work.join("small.wasm");
    command::quietly(
        "Making the widget small",
        Command::new(tools::BINARYEN.find()?)
            .arg(work.join("booker_bg.wasm"))
            .args(WASM_PASSES)
            .args(["--strip-debug", "--strip-producers"])
            .args(WASM_FEATURES)
            .arg("-o")
            .arg(&small),
    )?;
    let wasm = fs::read(&small)?;
    let glue = minify(
        &fs::read_to_string(work.join("booker.js"))?,
        &["--loader=js", "--format=esm"],
    )?;
    let style = minify(&style()?, &["--loader=css"])?;
    let files = [
        named(out, "js", &glue)?,
        named(out, "wasm", &wasm)?,
        named(out, "css", &style)?,
        loader(out, &glue, &wasm, &style)?,
    ];
    brotli::beside(&files)
}

/// The widget's style sheets, one after the other in the order of their names.
fn style() -> Result<String> {
    let folder = paths::root().join("widget/style");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "css"))
        .collect();
    files.sort();
    let mut style = String::new();
    for file in files {
        style.push_str(&fs::read_to_string(file)?);
    }
    Ok(style)
}

fn name(extension: &str, bytes: &[u8]) -> String {
    format!("booker.{}.{extension}", fingerprint::short(bytes))
}

fn named(out: &Path, extension: &str, bytes: &[u8]) -> Result<PathBuf> {
    let file = out.join(name(extension, bytes));
    fs::write(&file, bytes)?;
    Ok(file)
}

/// The loader with the names of the other files in it.
fn loader(out: &Path, glue: &[u8], wasm: &[u8], style: &[u8]) -> Result<PathBuf> {
    let mut source = fs::read_to_string(paths::root().join("widget/loader/embed.js"))?;
    for (placeholder, name) in [
        ("__BOOKER_JS__", name("js", glue)),
        ("__BOOKER_WASM__", name("wasm", wasm)),
        ("__BOOKER_CSS__", name("css", style)),
    ] {
        if !source.contains(placeholder) {
            bail!("widget/loader/embed.js does not name {placeholder}");
        }
        source = source.replace(placeholder, &name);
    }
    let file = out.join("embed.js");
    fs::write(&file, minify(&source, &["--loader=js"])?)?;
    Ok(file)
}

fn minify(source: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let mut child = Command::new(tools::ESBUILD.find()?)
        .args(["--minify", "--log-level=warning", "--target=es2022"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("esbuild could not be started")?;
    // esbuild reads all of its input before it writes, so this cannot block.
    child
        .stdin
        .take()
        .context("esbuild has no input")?
        .write_all(source.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("esbuild failed ({})", output.status);
    }
    Ok(output.stdout)
}
