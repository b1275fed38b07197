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

/// Clients at once, each on a connection that is kept alive: as many as a busy page has. They ask for one tenant, so
/// that their calls go to its object together, and the more there are the more go together (docs/decisions.md). Those
/// of the bare Worker do not.
const CLIENTS: usize = 64;
/// The same, of a page that is not busy: few of their calls go together.
const FEW: usize = 8;
/// Rounds that do not count: in them the runtime compiles what it runs. A function of the Worker is
/// compiled well only after it has run for some thousand times.
const WARM_UP: usize = 8;
/// Rounds that count.
const ROUNDS: usize = 5;
/// How long a round repeats one request.
const TURN: Duration = Duration::from_secs(1);
/// Starts of the next hour, one every five minutes.
const PASSING: usize = 12;
/// A service that is offered at any hour, and how many there are of them, so that there are slots enough.
const ALWAYS: &str = "bench";
const SERVICES: usize = 4;

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
    /// Services and starts, each to be booked once.
    starts: Vec<(String, String)>,
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

    fn offer(&self) -> Result<()> {
        let answer = self.live.visit("GET", &self.slots, Some(&self.token), None);
        answer.map(drop)
    }

    fn book(&self) -> Result<()> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let (service, start) = self
            .starts
            .get(next)
            .context("all starts are booked: more SERVICES are needed")?;
        let booking = live::booking(service, start);
        self.live.book(&self.token, &booking)
    }
}

fn http() -> Result<Vec<Figure>> {
    let object = Measured::new(Live::start(&paths::artefacts().join("bench/state"))?)?;
    // The same business, on the region server of Canberra.
    let region = Measured::new(object.live.twin("cbr")?)?;
    let bare = Bare::start(&paths::artefacts().join("bench/bare"))?;
    let (service, start) = &object.starts[0];
    let row = live::booking(service, start);

    let turns = |clients| -> Result<[Count; KINDS.len()]> {
        Ok([
            repeat(clients, || bare.hello())?,
            repeat(clients, || bare.hop())?,
            repeat(clients, || object.live.healthz())?,
            repeat(clients, || object.offer())?,
            repeat(clients, || region.offer())?,
            repeat(clients, || bare.write(&row))?,
            repeat(clients, || object.book())?,
            repeat(clients, || region.book())?,
        ])
    };
    for _ in 0..WARM_UP {
        turns(FEW)?;
    }
    turns(CLIENTS)?;
    let mut few = [Count::default(); KINDS.len()];
    let mut many = [Count::default(); KINDS.len()];
    for _ in 0..ROUNDS {
        add(&mut few, turns(FEW)?);
        add(&mut many, turns(CLIENTS)?);
    }
    let mut figures = figures_of(many, |kind| kind.name)?;
    figures.extend(figures_of(few, |kind| kind.few)?);
    Ok(figures)
}

fn add(counts: &mut [Count; KINDS.len()], turns: [Count; KINDS.len()]) {
    for (count, turn) in counts.iter_mut().zip(turns) {
        count.add(turn);
    }
}

/// A kind of request that is measured.
struct Kind {
    name: &'static str,
    /// The same, asked by few.
    few: &'static str,
    /// Which other kind it is put next to, and what that is.
    against: Option<(usize, &'static str)>,
}

/// The kinds, in the order of their turns. Canberra is behind the same edge, over TLS with its certificate.
const KINDS: [Kind; 8] = {
    const OBJECT: &str = "the same tenant in a Durable Object in the same run";
    const HELLO: &str = "the same Worker's /healthz in the same run";
    const ROW: &str = "a bare one-row Durable Object write in the same run";
    const fn kind(
        name: &'static str,
        few: &'static str,
        against: Option<(usize, &'static str)>,
    ) -> Kind {
        Kind { name, few, against }
    }
    [
        // How much the client can ask for: what is near it measures the client.
        kind("http/client", "few/http/client", None),
        // What is left of that when a Worker of a few lines asks its Durable Object, which says hello.
        kind("http/hop", "few/http/hop", None),
        kind("http/hello", "few/http/hello", None),
        kind("http/slots", "few/http/slots", Some((2, HELLO))),
        kind("region/slots", "few/region/slots", Some((3, OBJECT))),
        kind("http/row", "few/http/row", None),
        kind("http/bookings", "few/http/bookings", Some((5, ROW))),
        kind("region/bookings", "few/region/bookings", Some((6, OBJECT))),
    ]
};

/// The figures, each next to its peer.
fn figures_of(
    counts: [Count; KINDS.len()],
    name: impl Fn(&Kind) -> &'static str,
) -> Result<Vec<Figure>> {
    let rates: Vec<f64> = counts.into_iter().map(Count::rate).collect::<Result<_>>()?;
    let figures = KINDS.iter().zip(&rates).map(|(kind, rate)| Figure {
        name: name(kind),
        value: *rate,
        unit: "requests/s",
        against: kind.against.map(|(peer, what)| (rates[peer], what)),
    });
    Ok(figures.collect())
}

/// The starts of services that are free at any time, each to be booked once.
fn free_starts(live: &Live, token: &str) -> Result<Vec<(String, String)>> {
    live.put("schedules/bench", &all_day_every_day())?;
    let mut free = Vec::new();
    for number in 1..=SERVICES {
        let name = format!("{ALWAYS}-{number}");
        live.put(
            &format!("hosts/{name}"),
            &json!({ "name": "Bench", "schedule": "bench" }),
        )?;
        live.put(&format!("services/{name}"), &at_any_time(&name))?;
        let slots = live.visit("GET", &live::slots_path(&name)?, Some(token), None)?;
        // The first ones pass while others are measured.
        let starts = live::starts(&slots)?.into_iter().skip(PASSING);
        free.extend(starts.map(|start| (name.clone(), start)));
    }
    ensure!(!free.is_empty(), "no slot is free");
    Ok(free)
}

/// A service of this host.
fn at_any_time(host: &str) -> Value {
    json!({
        "name": "Bench",
        "duration_minutes": 5,
        "slot_step_minutes": 5,
        "booking_window_days": 60,
        "hosts": [host],
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

/// One turn: `request` repeated by so many clients, until the time is over. A request that fails, or is answered with another status than it has to be, ends the measurement.
fn repeat(count: usize, request: impl Fn() -> Result<()> + Sync) -> Result<Count> {
    let answered = AtomicUsize::new(0);
    let started = Instant::now();
    clients(count, || {
        while started.elapsed() < TURN {
            request()?;
            answered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    })?;
    Ok(Count {
        answered: answered.into_inner(),
        took: started.elapsed(),
    })
}

/// Runs `work` in so many clients at once.
fn clients(count: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| anyhow!("a client of the measurement panicked"))?
        })
    })
}
