//! The build script refuses a list of holidays that does not follow the format, and names the line.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const GOOD: &str = "\
# A comment.
source holidays 0.1
years 2025 2026

country AA
every 0101 0501
2025 0229
region 01, 02
region 03
until 2025
every +0201 -0501
";

fn compiled() -> PathBuf {
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-script");
    let status = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "-o"])
        .arg(&script)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs"))
        .status()
        .unwrap();
    assert!(status.success());
    script
}

/// What the script wrote, or what it said.
fn built(script: &Path, list: &str) -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("holidays");
    let source = folder.join("src/engine/holidays");
    fs::create_dir_all(&source).unwrap();
    fs::write(source.join("public.txt"), list).unwrap();
    let ran = Command::new(script)
        .current_dir(&folder)
        .env("CARGO_FEATURE_ENGINE", "1")
        .env("OUT_DIR", &folder)
        .output()
        .unwrap();
    if ran.status.success() {
        Ok(fs::read_to_string(folder.join("holidays.rs")).unwrap())
    } else {
        Err(String::from_utf8(ran.stderr).unwrap())
    }
}

#[test]
fn a_list_that_is_not_in_the_format_stops_the_build() {
    let script = compiled();
    let tables = built(&script, GOOD).unwrap();
    // The regions 01 and 02 share the country's days; 03 has its own, of one year.
    let expected = r#"("AA", &Y0, &[("01", &Y0), ("02", &Y0), ("03", &Y1), ])"#;
    assert!(tables.contains(expected), "{tables}");
    assert!(tables.contains("static Y0: [[u16; 12]; 2]"), "{tables}");
    assert!(tables.contains("static Y1: [[u16; 12]; 1]"), "{tables}");

    for (good, bad, said) in [
        ("source holidays 0.1", "", "not whole"),
        ("years 2025 2026", "years 2025", "public.txt:3:"),
        ("country AA", "", "public.txt:6: days of no country"),
        ("2025 0229", "2027 0229", "public.txt:7: 2027"),
        ("2025 0229", "2025 0101", "0101 changes nothing in 2025"),
        ("2025 0229", "2025 1301", "1301 is no day"),
        ("2025 0229", "2025 0132", "0132 is no day"),
        ("2025 0229", "2025 0", "a day is MMDD"),
        ("2025 0229", "2025 01é1", "`é1` is not a number"),
        ("2025 0229", "hello world", "public.txt:7: `hello`"),
        ("region 03", "region 02", "AA has 02 twice"),
        ("every +0201", "every 0201", "public.txt:11: 0201"),
        ("-0501", "-0601", "-0601 changes nothing"),
        ("region 03", "country AA", "public.txt:11:"),
        ("until 2025", "until soon", "public.txt:10: `soon`"),
    ] {
        assert_eq!(GOOD.matches(good).count(), 1, "{good}");
        let error = built(&script, &GOOD.replace(good, bad)).unwrap_err();
        assert!(error.contains(said), "{bad}: {error}");
    }
    let twice = format!("{GOOD}country AA\n");
    assert!(
        built(&script, &twice)
            .unwrap_err()
            .contains("AA is there twice")
    );
}
