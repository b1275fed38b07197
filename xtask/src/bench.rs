//! `cargo xtask bench`: the sizes, how many requests a second go through the live runtime, against a
//! route that does nothing in the same run, and the engine next to its peers. The machine swings; the
//! ratios do not.

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use crate::{
    command,
    figures::{self, Figure},
    live::{self, Live, SERVICE},
    paths, size,
};

/// Clients at once.
const CLIENTS: usize = 8;
/// How long a read is repeated.
const SECONDS: u64 = 3;
/// Bookings that are made, each of a slot of its own.
const BOOKINGS: usize = 400;
/// A service that is offered at any hour, so that there are slots enough.
const ALWAYS: &str = "bench";

/// Measures and prints.
pub fn print(as_json: bool) -> Result<()> {
    let mut figures = size::measure()?;
    figures.extend(http()?);
    figures::print(&figures, as_json);
    engine(as_json)
}

/// The engine's bench is a program of its own, because its peers are built for nothing else.
fn engine(as_json: bool) -> Result<()> {
    let mut build = command::cargo();
    build.args([
        "build",
        "--release",
        "-p",
        "slotstead-bench",
        "--features",
        "peers",
    ]);
    command::quietly("Building the engine's bench", &mut build)?;
    let mut bench = Command::new(paths::target().join("release/slotstead-bench"));
    command::openly(bench.args(as_json.then_some("--json")))
}

fn http() -> Result<Vec<Figure>> {
    let live = Live::start(&paths::artefacts().join("bench/state"))?;
    let token = live::text(&live.visit("POST", "sessions", None, None)?, "token")?;
    let slots = live::slots_path(SERVICE)?;
    let healthz = during(|| live.healthz())?;
    let reads = during(|| live.visit("GET", &slots, Some(&token), None).map(drop))?;
    let writes = bookings(&live, &token)?;
    let figure = |name, value| Figure {
        name,
        value,
        unit: "requests/s",
        against: Some((healthz, "/healthz in the same run")),
    };
    Ok(vec![
        figure("http/slots", reads),
        figure("http/bookings", writes),
    ])
}

/// Bookings a second, each of another slot of the same host.
fn bookings(live: &Live, token: &str) -> Result<f64> {
    live.put("schedules/bench", &all_day_every_day())?;
    live.put(
        "hosts/bench",
        &json!({ "name": "Bench", "schedule": "bench" }),
    )?;
    live.put(
        "services/bench",
        &json!({
            "name": "Bench",
            "duration_minutes": 15,
            "slot_step_minutes": 15,
            "booking_window_days": 60,
            "hosts": ["bench"],
        }),
    )?;
    let slots = live.visit("GET", &live::slots_path(ALWAYS)?, Some(token), None)?;
    let starts = live::starts(&slots)?;
    ensure!(
        starts.len() >= BOOKINGS,
        "only {} slots are free",
        starts.len()
    );
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    clients(|| {
        while let Some(start) = starts[..BOOKINGS].get(next.fetch_add(1, Ordering::Relaxed)) {
            live.visit(
                "POST",
                "bookings",
                Some(token),
                Some(&live::booking(ALWAYS, start)),
            )?;
        }
        Ok(())
    })?;
    rate(BOOKINGS, started.elapsed())
}

fn all_day_every_day() -> Value {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rules: Vec<_> = days
        .iter()
        .map(|day| json!({ "weekday": day, "start": "00:00", "end": "24:00" }))
        .collect();
    json!({ "zone": live::ZONE, "rules": rules })
}

/// How often a second `request` succeeds, repeated by every client for a while.
fn during(request: impl Fn() -> Result<()> + Sync) -> Result<f64> {
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    clients(|| {
        while started.elapsed() < Duration::from_secs(SECONDS) {
            request()?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    })?;
    rate(done.into_inner(), started.elapsed())
}

/// Runs `work` in every client at once.
fn clients(work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| anyhow!("a client of the measurement panicked"))?
        })
    })
}

fn rate(count: usize, took: Duration) -> Result<f64> {
    let count = u32::try_from(count).context("too many requests to count")?;
    Ok(f64::from(count) / took.as_secs_f64())
}
