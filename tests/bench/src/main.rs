//! Months of slots per second: our engine next to the crate `nettu_scheduler_domain`, on the
//! months of `shared/tests/vectors/g30_*.json`.
//!
//! `cargo run --release -p slotstead-bench --features peers` prints a table, and with
//! `--json` one object a line. Both sides start from their own kind of schedule and of busy
//! blocks, expand the rules, convert the zone and subtract; both must give the file's starts.
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
/// Turns that each side takes for one file.
const TURNS: usize = 15;
/// What one turn lasts at least.
const TURN: Duration = Duration::from_millis(40);

fn main() {
    let as_json = std::env::args().any(|argument| argument == "--json");
    if !as_json {
        println!(
            "{:<12} {:>14} {:>14} {:>8}",
            "name", "months/s", "nettu", "ratio"
        );
    }
    for n in [0, 10, 100, 1_000] {
        let month = Month::read(n);
        let (ours, nettu) = measure(&month);
        let (name, ratio) = (format!("slots/n{n}"), ours / nettu);
        if as_json {
            let line = json!({
                "name": name,
                "value": ours.round(),
                "unit": "months/s",
                "ratio": (ratio * 10.0).round() / 10.0,
                "against": AGAINST,
            });
            println!("{line}");
        } else {
            println!("{name:<12} {ours:>14.0} {nettu:>14.0} {ratio:>7.1}x");
        }
    }
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
