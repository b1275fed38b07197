//! `cargo xtask bench`: the sizes, how many requests a second go through the live runtime, each against
//! its peer in the same run, and the engine next to its peers. The machine swings; the ratios do not:
//! every round measures all of them one after the other, so that a slow second is slow for both.

mod bare;
mod tenants;

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use self::bare::Bare;
use crate::{
    command,
    figures::{self, Figure},
    live::{self, Live, SERVICE},
    paths, size,
};

/// Clients at once, each on connections that are kept alive. workerd runs a Worker in one thread, so that
/// more of them would only wait longer. They ask for one tenant, so that their calls go to its object together
/// (docs/decisions.md); those of the bare Worker do not.
const CLIENTS: usize = 8;
/// Rounds that do not count: in them the runtime compiles what it runs. A function of the Worker is
/// compiled well only after it has run for some thousand times.
const WARM_UP: usize = 8;
/// Rounds that count.
const ROUNDS: usize = 5;
/// How long a round repeats one request.
const TURN: Duration = Duration::from_secs(1);
/// Starts of the next hour, one every five minutes.
const PASSING: usize = 12;
/// A service that is offered at any hour, so that there are slots enough.
const ALWAYS: &str = "bench";

/// Measures everything, or the part named after `--only`.
pub fn run(words: &[&str]) -> Result<()> {
    match words {
        [] => print(false),
        ["--json"] => print(true),
        ["--only", "tenants"] => tenants::print(false),
        ["--only", "tenants", "--json"] => tenants::print(true),
        _ => bail!("usage: cargo xtask bench [--only tenants] [--json]"),
    }
}

fn print(as_json: bool) -> Result<()> {
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

/// What was answered, and in what time.
#[derive(Default, Clone, Copy)]
struct Count {
    answered: usize,
    took: Duration,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.took += other.took;
    }

    /// Requests a second.
    fn rate(self) -> Result<f64> {
        let answered = u32::try_from(self.answered).context("too many requests to count")?;
        ensure!(answered > 0, "nothing was answered");
        Ok(f64::from(answered) / self.took.as_secs_f64())
    }
}

/// A tenant as it is measured.
struct Measured {
    live: Live,
    token: String,
    slots: String,
    /// Each is booked once.
    starts: Vec<String>,
    next: AtomicUsize,
}

impl Measured {
    fn new(live: Live) -> Result<Self> {
        let token = live::text(&live.visit("POST", "sessions", None, None)?, "token")?;
        Ok(Self {
            starts: free_starts(&live, &token)?,
            slots: live::slots_path(SERVICE)?,
            next: AtomicUsize::new(0),
            live,
            token,
        })
    }

    fn offer(&self) -> Result<bool> {
        let answer = self.live.visit("GET", &self.slots, Some(&self.token), None);
        answer.map(|_| true)
    }

    fn book(&self) -> Result<bool> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(start) = self.starts.get(next) else {
            return Ok(false);
        };
        let booking = live::booking(ALWAYS, start);
        self.live.book(&self.token, &booking).map(|()| true)
    }
}

fn http() -> Result<Vec<Figure>> {
    let object = Measured::new(Live::start(&paths::artefacts().join("bench/state"))?)?;
    // The same business, on the region server of Canberra.
    let region = Measured::new(object.live.twin("cbr")?)?;
    let bare = Bare::start(&paths::artefacts().join("bench/bare"))?;
    let row = live::booking(ALWAYS, &object.starts[0]);

    let mut counts = [Count::default(); 8];
    for round in 0..WARM_UP + ROUNDS {
        let turns = [
            repeat(|| bare.hello().map(|()| true))?,
            repeat(|| bare.hop().map(|()| true))?,
            repeat(|| object.live.healthz().map(|()| true))?,
            repeat(|| object.offer())?,
            repeat(|| region.offer())?,
            repeat(|| bare.write(&row).map(|()| true))?,
            repeat(|| object.book())?,
            repeat(|| region.book())?,
        ];
        if round >= WARM_UP {
            for (count, turn) in counts.iter_mut().zip(turns) {
                count.add(turn);
            }
        }
    }
    figures_of(counts)
}

/// The figures, in the order of the turns.
fn figures_of(counts: [Count; 8]) -> Result<Vec<Figure>> {
    let figure = |name, value, against| Figure {
        name,
        value,
        unit: "requests/s",
        against,
    };
    let [
        client,
        hop,
        hello,
        slots,
        region_slots,
        row,
        bookings,
        region_bookings,
    ] = counts.map(Count::rate);
    let (hello, slots, row, bookings) = (hello?, slots?, row?, bookings?);
    let object = "the same tenant in a Durable Object in the same run";
    Ok(vec![
        // How much the client can ask for: what is near it measures the client.
        figure("http/client", client?, None),
        // What is left of that when a Worker of a few lines asks its Durable Object, which says hello.
        figure("http/hop", hop?, None),
        figure("http/hello", hello, None),
        figure(
            "http/slots",
            slots,
            Some((hello, "the same Worker's /healthz in the same run")),
        ),
        // Through the same edge, over TLS with its certificate.
        figure("region/slots", region_slots?, Some((slots, object))),
        figure("http/row", row, None),
        figure(
            "http/bookings",
            bookings,
            Some((row, "a bare one-row Durable Object write in the same run")),
        ),
        figure(
            "region/bookings",
            region_bookings?,
            Some((bookings, object)),
        ),
    ])
}

/// The starts of a service that is free at any time, each to be booked once.
fn free_starts(live: &Live, token: &str) -> Result<Vec<String>> {
    live.put("schedules/bench", &all_day_every_day())?;
    live.put(
        "hosts/bench",
        &json!({ "name": "Bench", "schedule": "bench" }),
    )?;
    live.put("services/bench", &at_any_time())?;
    let slots = live.visit("GET", &live::slots_path(ALWAYS)?, Some(token), None)?;
    // The first ones pass while others are measured.
    let starts = live::starts(&slots)?.into_iter().skip(PASSING);
    let starts: Vec<_> = starts.collect();
    ensure!(!starts.is_empty(), "no slot is free");
    Ok(starts)
}

fn at_any_time() -> Value {
    json!({
        "name": "Bench",
        "duration_minutes": 5,
        "slot_step_minutes": 5,
        "booking_window_days": 60,
        "hosts": ["bench"],
    })
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

/// One turn: `request` repeated by every client, until the time is over or it says that there is no more.
/// A request that fails, or is answered with another status than it has to be, ends the measurement.
fn repeat(request: impl Fn() -> Result<bool> + Sync) -> Result<Count> {
    let answered = AtomicUsize::new(0);
    let started = Instant::now();
    clients(|| {
        while started.elapsed() < TURN && request()? {
            answered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    })?;
    Ok(Count {
        answered: answered.into_inner(),
        took: started.elapsed(),
    })
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
