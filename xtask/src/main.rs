//! `cargo xtask <command>`: reads the command line, runs the command, says in a sentence what
//! went wrong.

use std::{env, process::ExitCode};

use anyhow::{Result, bail};
use xtask::{
    artefacts, attack, bench, check, corpora, coverage, fuzz, holidays, mutants, run, say, signals,
    size, tz,
};

const HELP: &str = "\
cargo xtask <command>

  run [--fresh]         build everything, start it with three demo tenants, print the demo's address
                        (--fresh forgets the bookings of earlier starts)
  test [--only STEP]    every check: format, clippy, docs, tests, sizes, API, browser
  build                 the widget and the Worker, into target/slotstead
  size [--json]         what a visitor downloads, in bytes after brotli
  bench [--json]        the sizes, and requests a second through the live runtime
  bench --only tenants [--json]
                        10,000 tenants on one region server: memory, and the last one next to the first
  corpora               our reading of other people's calendars next to that of other programs
  fuzz [--minutes N]    each fuzz target for N minutes, 10 without; see fuzz/README.md
  coverage              lines and branches of shared and edge/tenant that their tests reach
  mutants [--only engine|ledger] [--shard K/N]
                        changes in the engine and the ledger that no test notices; hours without K/N
  attack [--only PART]  schemathesis, scanners of TLS and headers, race and kill -9 at full size
  tz RELEASE            take an IANA time zone release in, such as 2026g
  holidays VERSION      take the public holidays of a version of their source in, such as 0.109";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match signals::listen().and_then(|()| command(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::line(&format!("\nxtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["run"] => run::run(false),
        ["run", "--fresh"] => run::run(true),
        ["test"] => check::test(None),
        ["test", "--only", step] => check::test(Some(step)),
        ["build"] | ["build", "--release"] => artefacts::build(),
        ["size"] => size::print(false),
        ["size", "--json"] => size::print(true),
        ["bench", ..] => bench::run(&words[1..]),
        ["corpora"] => corpora::run(),
        ["coverage"] => coverage::run(),
        ["mutants", ..] => mutants::run(&words[1..]),
        ["fuzz", ..] => fuzz::run(&words[1..]),
        ["holidays", ..] => holidays::run(&arguments[1..]),
        ["attack"] => attack::run(None),
        ["attack", "--only", part] => attack::run(Some(part)),
        ["tz", ..] => tz::run(&arguments[1..]),
        [] | ["help" | "--help" | "-h"] => {
            say::line(HELP);
            Ok(())
        }
        _ => bail!(
            "`cargo xtask {}` is not a command\n\n{HELP}",
            words.join(" ")
        ),
    }
}
