//! Months of slots per second: our engine next to the crate `nettu_scheduler_domain`, on the
//! months of `shared/tests/vectors/g30_*.json`.
//!
//! `cargo run --release -p slotstead-bench --features peers` prints a table, and with
//! `--json` one object a line. Both sides start from their own kind of schedule and of busy
//! blocks, expand the rules, convert the zone and subtract; both must give the file's starts. A team
//! of fifty hosts is measured against the same hosts asked one by one.
//! The machine's speed swings, so the two take turns and the medians are compared.

mod month;
mod nettu;
mod ours;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use month::Month;
use serde_json::json;

const AGAINST: &str = "nettu_scheduler_domain 0.6.0";
/// Hosts of the team.
const TEAM: u8 = 50;
/// Turns that each side takes for one file.
const TURNS: usize = 15;
/// What one turn lasts at least.
const TURN: Duration = Duration::from_millis(40);

fn main() {
    let as_json = std::env::args().any(|argument| argument == "--json");
    if !as_json {
        println!(
            "{:<12} {:>14} {:>14} {:>8}",
            "name", "months/s", "peer", "ratio"
        );
    }
    for n in [0, 10, 100, 1_000] {
        let (ours, nettu) = measure(&Month::read(n));
        let name = format!("slots/n{n}");
        print(as_json, &name, "months/s", ours, (nettu, AGAINST));
    }
    let (team, one_by_one) = measure_team(&Month::read(100));
    let against = "the same hosts asked one by one";
    print(
        as_json,
        "slots/team50",
        "months of a host/s",
        team,
        (one_by_one, against),
    );
}

fn print(as_json: bool, name: &str, unit: &str, value: f64, (peer, against): (f64, &str)) {
    let ratio = value / peer;
    if as_json {
        let line = json!({
            "name": name,
            "value": value.round(),
            "unit": unit,
            "ratio": (ratio * 100.0).round() / 100.0,
            "against": against,
        });
        println!("{line}");
    } else {
        println!("{name:<12} {value:>14.0} {peer:>14.0} {ratio:>7.2}x");
    }
}

/// Months of one host a second: of a team of fifty, and of the same fifty asked one by one.
fn measure_team(month: &Month) -> (f64, f64) {
    let team = ours::Team::new(month, TEAM);
    let mut each = team.starts_of_each(month);
    each.sort_unstable();
    each.dedup();
    assert_eq!(team.starts(month), each, "a team is free when somebody is");
    let (mut together, mut one_by_one) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        together.push(turn(|| team.starts(month).len()));
        one_by_one.push(turn(|| team.starts_of_each(month).len()));
    }
    let hosts = f64::from(TEAM);
    (median(together) * hosts, median(one_by_one) * hosts)
}

/// The medians of both sides in months per second.
fn measure(month: &Month) -> (f64, f64) {
    let (our_host, nettu_host) = (ours::Host::new(month), nettu::Host::new(month));
    assert_eq!(
        our_host.starts(month),
        month.slots,
        "our starts are those of the file"
    );
    assert_eq!(
        nettu_host.starts(month),
        month.slots,
        "nettu's starts are those of the file"
    );
    let (mut ours, mut nettu) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(turn(|| our_host.starts(month).len()));
        nettu.push(turn(|| nettu_host.slots(month).len()));
    }
    (median(ours), median(nettu))
}

/// How often `work` runs per second.
fn turn(work: impl Fn() -> usize) -> f64 {
    let (started, mut times) = (Instant::now(), 0_u32);
    loop {
        // One look at the clock for some runs: it costs a part of our month.
        for _ in 0..16 {
            black_box(work());
        }
        times += 16;
        let elapsed = started.elapsed();
        if elapsed >= TURN {
            return f64::from(times) / elapsed.as_secs_f64();
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
