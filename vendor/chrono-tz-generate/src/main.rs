//! Takes an IANA release into `vendor/chrono-tz`.
//!
//! `chrono-tz-generate ZONEINFO CHRONO_TZ VECTORS` reads `tzdata.zi` and the compiled
//! zones in the folder ZONEINFO, writes the tables into CHRONO_TZ/src/prebuilt, and the
//! release's offsets as `iana-RELEASE.tsv` into VECTORS. It prints the release.
//!
//! The tables come from the source text through chrono-tz's own generator, the offsets
//! from the files that `zic` compiled, so the two are independent. They are compared
//! before anything is written: a construct that the generator does not understand stops
//! the release here.

mod compiled;
mod footer;
mod merge;
mod source;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use compiled::Compiled;
use parse_zoneinfo::{
    line::Line,
    table::{Table, TableBuilder},
    transitions::TableTransitions,
};

/// 1970-01-01: before it, IANA itself calls its data incomplete.
const FIRST_COMPARED: i64 = 0;
/// 2100-01-01: the generator's tables end here.
const END_COMPARED: i64 = 4_102_444_800;
const END_COMPARED_YEAR: i64 = 2100;
/// Six days.
const CLOSEST_CHANGES: i64 = 6 * 24 * 3_600;
/// The zone of a machine that was never told where it is. It is no place, and upstream's
/// tables have no variant for it, which crates that match on `Tz` exhaustively rely on.
const NO_PLACE: &str = "Factory";
/// 2024-01-01 and 2032-01-01: the years of the offsets file.
const FIRST_LISTED: i64 = 1_704_067_200;
const END_LISTED: i64 = 1_956_528_000;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [zoneinfo, chrono_tz, vectors] = arguments.as_slice() else {
        eprintln!("usage: chrono-tz-generate ZONEINFO CHRONO_TZ VECTORS");
        return ExitCode::FAILURE;
    };
    match generate(zoneinfo, chrono_tz, vectors) {
        Ok(release) => {
            println!("{release}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn generate(zoneinfo: &Path, chrono_tz: &Path, vectors: &Path) -> Result<String, String> {
    let compact = read(&zoneinfo.join("tzdata.zi"))?;
    let release = source::release(&compact)?;
    let long = source::expand(&compact)?;
    let table = parse(&long)?;
    let names: BTreeSet<&str> = table
        .zonesets
        .keys()
        .chain(table.links.keys())
        .map(String::as_str)
        .collect();
    let mut listed = String::new();
    for name in names {
        let compiled = Compiled::read(&zoneinfo.join(name))?;
        compare(name, &table, &compiled)?;
        listed += &list(name, &compiled);
    }
    let places = source::without(&long, NO_PLACE);
    write_tables(release, &places, &chrono_tz.join("src/prebuilt"))?;
    write(&vectors.join(format!("iana-{release}.tsv")), &listed)?;
    Ok(release.to_owned())
}

fn parse(long: &str) -> Result<Table, String> {
    let mut builder = TableBuilder::new();
    for text in long.lines() {
        let line = Line::new(text).map_err(|error| format!("{text}: {error}"))?;
        builder
            .add_line(line)
            .map_err(|error| format!("{text}: {error}"))?;
    }
    Ok(builder.build())
}

/// Whether the generator and the reference compiler agree around every change of either.
fn compare(name: &str, table: &Table, compiled: &Compiled) -> Result<(), String> {
    let spans = table
        .timespans(name)
        .ok_or_else(|| format!("{name} has no timespans"))?;
    let ours = |instant: i64| match spans.rest.partition_point(|span| span.0 <= instant) {
        0 => spans.first.total_offset(),
        next => spans.rest[next - 1].1.total_offset(),
    };
    // The engine looks for one change in as many seconds (`STRIDE` in its `offsets.rs`).
    let mut moves = compiled.changes.clone();
    // Some changes are only of the name or the rule.
    moves.dedup_by_key(|change| change.1);
    let close = moves
        .windows(2)
        .find(|pair| pair[0].0 >= FIRST_COMPARED && pair[1].0 - pair[0].0 <= CLOSEST_CHANGES);
    if let Some(pair) = close {
        return Err(format!(
            "{name} changes at {} and at {}",
            pair[0].0, pair[1].0
        ));
    }
    let changes = spans
        .rest
        .iter()
        .map(|span| span.0)
        .chain(compiled.changes.iter().map(|change| change.0));
    for change in changes.filter(|change| (FIRST_COMPARED..END_COMPARED).contains(change)) {
        for instant in [change - 1, change] {
            let (ours, theirs) = (ours(instant), compiled.at(instant));
            if ours != theirs {
                return Err(format!(
                    "{name} at {instant}: the generator says {ours}, the compiled zone {theirs}"
                ));
            }
        }
    }
    Ok(())
}

/// One line: the name, then `instant:offset` for the first instant and each change,
/// on a grid of one hour.
fn list(name: &str, compiled: &Compiled) -> String {
    let mut line = format!("{name}\t");
    let mut last = None;
    for instant in (FIRST_LISTED..END_LISTED).step_by(3_600) {
        let offset = compiled.at(instant);
        if last != Some(offset) {
            line += &format!("{instant}:{offset} ");
            last = Some(offset);
        }
    }
    line.push('\n');
    line
}

/// Lets chrono-tz's generator write its two files, and joins zones with equal tables.
fn write_tables(release: &str, long: &str, prebuilt: &Path) -> Result<(), String> {
    let scratch = env::temp_dir().join(format!("chrono-tz-generate-{}", std::process::id()));
    let sources = scratch.join("tz");
    fs::create_dir_all(&sources).map_err(|error| format!("{}: {error}", sources.display()))?;
    // The generator reads the release from the news and one file for each continent.
    write(&sources.join("NEWS"), &format!("Release {release} - \n"))?;
    for file in parse_zoneinfo::FILES {
        write(
            &sources.join(file),
            if *file == "africa" { long } else { "" },
        )?;
    }
    // It looks for them below this variable, as it is written for build scripts.
    env::set_var("CARGO_MANIFEST_DIR", &scratch);
    chrono_tz_build::main(prebuilt, false, false);
    fs::remove_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;

    let timezones = prebuilt.join("timezones.rs");
    write(&timezones, &merge::equal_tables(&read(&timezones)?)?)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
