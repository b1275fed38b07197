//! `cargo xtask bench --only tenants`: ten thousand tenants on one region server, each signed up and set up
//! through the public API. What the process takes, and how long the last tenant waits for an answer next to
//! the first, and next to the only tenant of a second region server in the same run. A wait is measured
//! twice: by the client, through the edge, and by the region server itself, whose figures count the seconds
//! of its commands.

use std::{
    fs,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{ALWAYS, FEW, all_day_every_day, at_any_time, clients};
use crate::{
    artefacts,
    demo::{self, Account},
    figures::{self, Figure},
    http::{Client, With},
    live, paths, say, secrets,
    stack::{Options, Stack},
};

/// How many.
const TENANTS: usize = 10_000;
/// Of so many the memory is said first.
const SOME: usize = 1_000;
/// How often the three take turns, and requests of each kind in a turn that count.
const TURNS: usize = 20;
const REQUESTS: usize = 10;
/// Tenants that are asked after many others were.
const COLD: usize = 200;
/// How long a region server may take to look at all its stores.
const LOOK: Duration = Duration::from_mins(10);

/// Measures and prints.
pub fn print(as_json: bool) -> Result<()> {
    artefacts::build()?;
    let figures = measure()?;
    figures::print(&figures, as_json);
    Ok(())
}

fn measure() -> Result<Vec<Figure>> {
    let mut peer = Ground::start("peer")?;
    let mut full = Ground::start("full")?;
    let alone = [peer.sign_up()?];
    let mut tenants = vec![full.sign_up()?];
    // What a process takes before it has answered anything is not a tenant's.
    full.ask(&tenants[0], 1)?;
    let (memory_of_one, _) = full.memory()?;
    tenants.extend(full.sign_up_many(SOME - 1)?);
    let (memory_of_some, _) = full.memory()?;
    tenants.extend(full.sign_up_many(TENANTS - SOME - SOME)?);
    let (memory_before, _) = full.memory()?;
    tenants.extend(full.sign_up_many(SOME)?);
    let (memory_of_all, files) = full.memory()?;
    say::line(&format!(
        "  {} tenants, {files} open files",
        say::thousands(TENANTS as u64)
    ));

    let (first, last) = (&tenants[0], &tenants[TENANTS - 1]);
    let mut waits = [Waits::default(), Waits::default(), Waits::default()];
    for _ in 0..TURNS {
        waits[0].add(peer.ask(&alone[0], REQUESTS)?);
        waits[1].add(full.ask(first, REQUESTS)?);
        waits[2].add(full.ask(last, REQUESTS)?);
    }
    let cold = full.ask_cold(&tenants)?;
    let (started, looked) = full.start_again()?;
    let (memory_again, _) = full.memory()?;
    peer.stop();
    full.stop();

    let only = "the only tenant of another region server in the same run";
    let of = |name, value, unit, against| Figure {
        name,
        value,
        unit,
        against,
    };
    let [alone, first, last] = waits.map(Waits::medians);
    let mut all = vec![
        of("tenants/memory_one", memory_of_one, "MB", None),
        of("tenants/memory_1000", memory_of_some, "MB", None),
        of(
            "tenants/memory",
            memory_of_all,
            "MB",
            Some((memory_of_one, "the same process with one tenant")),
        ),
        of(
            "tenants/memory_last",
            (memory_of_all - memory_before).max(0.0),
            "MB",
            Some((
                memory_of_some - memory_of_one,
                "the first thousand: what the last thousand added",
            )),
        ),
        of("tenants/memory_again", memory_again, "MB", None),
        of("tenants/files", files, "files", None),
    ];
    for (names, number) in NAMES.iter().zip(0..) {
        all.push(of(names[0], alone[number], "µs", None));
        let floor = Some((alone[number], only));
        all.push(of(names[1], first[number], "µs", floor));
        all.push(of(names[2], last[number], "µs", floor));
    }
    all.push(of("tenants/cold", cold, "µs", Some((alone[0], only))));
    all.push(of("tenants/start", started, "ms", None));
    all.push(of("tenants/looked", looked, "ms", None));
    Ok(all)
}

/// By what is measured: of the peer, of the first, of the last.
const NAMES: [[&str; 3]; 4] = [
    [
        "tenants/slots_peer",
        "tenants/slots_first",
        "tenants/slots_last",
    ],
    [
        "tenants/bookings_peer",
        "tenants/bookings_first",
        "tenants/bookings_last",
    ],
    [
        "tenants/slots_in_peer",
        "tenants/slots_in_first",
        "tenants/slots_in_last",
    ],
    [
        "tenants/bookings_in_peer",
        "tenants/bookings_in_first",
        "tenants/bookings_in_last",
    ],
];

/// How long one tenant waited, in microseconds: for free times and for bookings, by the client, then the
/// same by the region server.
#[derive(Default)]
struct Waits([Vec<f64>; 4]);

impl Waits {
    fn add(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            mine.extend(theirs);
        }
    }

    fn medians(self) -> [f64; 4] {
        self.0.map(median)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A tenant, and which of its times are still free.
struct Tenant {
    account: Account,
    starts: Mutex<Vec<String>>,
}

/// A region server with an edge in front of it.
struct Ground {
    stack: Stack,
    client: Client,
    admin: Client,
}

impl Ground {
    fn start(name: &str) -> Result<Self> {
        let folder = paths::artefacts().join("bench").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let options = Options::new(&folder).with_canberra().wide_rate_limits();
        let mut stack = Stack::start(options)?;
        let canberra = stack.canberra().context("it was asked for")?;
        Ok(Self {
            admin: Client::new(&format!("http://127.0.0.1:{}", canberra.admin_port())),
            client: Client::new(&format!("http://127.0.0.1:{}", stack.port())),
            stack,
        })
    }

    fn stop(&mut self) {
        if let Some(canberra) = self.stack.canberra() {
            canberra.stop();
        }
        self.stack.stop();
    }

    /// One more tenant that can be booked at any time.
    fn sign_up(&self) -> Result<Tenant> {
        let key = self.stack.operator_key();
        let account = demo::sign_up(&self.client, key, &json!("Molonglo Optics"), "cbr")?;
        for (path, body) in [
            ("schedules/bench", all_day_every_day()),
            ("hosts/bench", json!({ "name": "Mia", "schedule": "bench" })),
            ("services/bench", at_any_time("bench")),
        ] {
            self.send(&account, "PUT", path, Some(&body))?;
        }
        Ok(Tenant {
            account,
            starts: Mutex::default(),
        })
    }

    fn sign_up_many(&self, count: usize) -> Result<Vec<Tenant>> {
        let (left, made) = (
            AtomicUsize::new(count),
            Mutex::new(Vec::with_capacity(count)),
        );
        let mut step = say::Step::begin(&format!("{count} tenants sign up"));
        clients(FEW, || {
            let one_less = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_ok()
            {
                let tenant = self.sign_up()?;
                made.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(tenant);
            }
            Ok(())
        })?;
        step.tick();
        step.done();
        Ok(made.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn send(
        &self,
        account: &Account,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Vec<u8>> {
        let key = secrets::random(16)?;
        let with = With {
            bearer: Some(&account.token),
            origin: None,
            idempotency_key: (path == "bookings").then_some(&key),
        };
        let path = format!("/v1/{}/{path}", account.tenant);
        let answer = self.client.send(method, &path, with, body)?;
        Ok(answer.successful(method, &path)?.body)
    }

    /// A turn of one tenant: free times and bookings, one after the other.
    fn ask(&self, tenant: &Tenant, count: usize) -> Result<Waits> {
        let slots = live::slots_path(ALWAYS)?;
        let mut starts = tenant.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = self.send(&tenant.account, "GET", &slots, None)?;
        if starts.is_empty() {
            *starts = live::starts(&asked)?;
        }
        let mut waits = Waits::default();
        let inside = self.inside()?;
        for _ in 0..count {
            let since = Instant::now();
            self.send(&tenant.account, "GET", &slots, None)?;
            waits.0[0].push(micros(since.elapsed()));
        }
        let between = self.inside()?;
        for _ in 0..count {
            let start = starts.pop().context("there are no free times left")?;
            let booking = live::booking(ALWAYS, &start);
            let since = Instant::now();
            self.send(&tenant.account, "POST", "bookings", Some(&booking))?;
            waits.0[1].push(micros(since.elapsed()));
        }
        let after = self.inside()?;
        for (which, (before, after)) in [(2, (inside, between)), (3, (between, after))] {
            // The means of a turn: the server counts sums.
            waits.0[which].push((after.0 - before.0) / (after.1 - before.1) * 1e6);
        }
        Ok(waits)
    }

    /// The median wait of tenants whose stores were closed long ago.
    fn ask_cold(&self, tenants: &[Tenant]) -> Result<f64> {
        let slots = live::slots_path(ALWAYS)?;
        let mut waits = Vec::new();
        // The first half: since their sign-up thousands of others were asked.
        for tenant in tenants[1..]
            .iter()
            .step_by(tenants.len() / 2 / COLD)
            .take(COLD)
        {
            let since = Instant::now();
            self.send(&tenant.account, "GET", &slots, None)?;
            waits.push(micros(since.elapsed()));
        }
        Ok(median(waits))
    }

    /// Seconds spent on commands, and how many there were.
    fn inside(&self) -> Result<(f64, f64)> {
        let page = self.admin.send("GET", "/metrics", With::default(), None)?;
        let page = String::from_utf8(page.body)?;
        let figure = |name: &str| {
            let line = page.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|value| value.trim().parse::<f64>().ok());
            value.with_context(|| format!("the region server tells no {name}"))
        };
        Ok((
            figure("slotstead_command_seconds_sum ")?,
            figure("slotstead_command_seconds_count ")?,
        ))
    }

    /// What the process has in memory, in megabytes, and how many files it has open.
    fn memory(&mut self) -> Result<(f64, f64)> {
        let canberra = self.stack.canberra().context("it was asked for")?;
        let id = canberra.process_id().context("it runs")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = resident.and_then(|text| text.trim().strip_suffix(" kB"));
        let kilobytes: f64 = kilobytes.context("no VmRSS")?.trim().parse()?;
        let files = fs::read_dir(format!("/proc/{id}/fd"))?.count();
        let files = u32::try_from(files).context("too many files to count")?;
        Ok((kilobytes / 1_024.0, files.into()))
    }

    /// Milliseconds until it is healthy again after a stop, and until it has looked at every store.
    fn start_again(&mut self) -> Result<(f64, f64)> {
        const FOUND: &str = "\"stores found\"";
        let canberra = self.stack.canberra().context("it was asked for")?;
        canberra.stop();
        let before = canberra.log().matches(FOUND).count();
        let since = Instant::now();
        canberra.start_again()?;
        let started = millis(since.elapsed());
        while canberra.log().matches(FOUND).count() == before {
            if since.elapsed() > LOOK {
                bail!("the region server has not looked at all stores");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok((started, millis(since.elapsed())))
    }
}
