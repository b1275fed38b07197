//! Long random histories of commands against a simple model of what must be true.
//!
//! Time moves, holds lapse, calendars change, and the store fails at random points, also after
//! keeping the write. After every command: what is offered is what the model says is free, at
//! every instant; a booking is taken exactly where the model says so; no two claims of a host
//! overlap. At the end every acknowledged booking is there as it was acknowledged.
//!
//! `SLOTSTEAD_HISTORIES=10000` runs more of them, `SLOTSTEAD_SEED=7` starts at another seed.

use std::collections::BTreeMap;

use serde_json::json;
use slotstead_shared::{
    Interval, Stamp, UnixSeconds,
    ids::{BookingId, HoldId},
    wire::{self, BookingStatus},
};
use slotstead_tenant::{
    Actor, Answer, Command, Refusal, Reply,
    effect::{FetchFailure, Outcome},
};

use crate::kit::{
    Fault, ORIGIN, Random, World, at, booker, calendar, fetched, offer, settings, slug, starts,
    visitor, wire, with,
};

const HISTORIES: u64 = 500;
const STEPS: u32 = 40;
const DAY: i64 = 86_400;
/// Midnight at the start of the history, in UTC.
const FIRST_DAY: &str = "2027-03-01T00:00:00Z";
/// The days on which anything happens.
const DAYS: i64 = 6;
const WINDOW_DAYS: i64 = 3;

struct Offered {
    id: &'static str,
    hosts: &'static [&'static str],
    duration: i64,
    step: i64,
    before: i64,
    after: i64,
    notice: i64,
}

const MINUTE: i64 = 60;
const SERVICES: [Offered; 3] = [
    Offered {
        id: "short",
        hosts: &["a", "b"],
        duration: 30 * MINUTE,
        step: 15 * MINUTE,
        before: 0,
        after: 0,
        notice: 0,
    },
    Offered {
        id: "long",
        hosts: &["b", "a"],
        duration: 60 * MINUTE,
        step: 30 * MINUTE,
        before: 15 * MINUTE,
        after: 10 * MINUTE,
        notice: 90 * MINUTE,
    },
    Offered {
        id: "alone",
        hosts: &["b"],
        duration: 45 * MINUTE,
        step: 45 * MINUTE,
        before: 0,
        after: 30 * MINUTE,
        notice: 10 * MINUTE,
    },
];

/// What the model knows of a hold or a booking that stands.
#[derive(Debug, Clone)]
struct Taken {
    host: &'static str,
    service: usize,
    start: UnixSeconds,
    padded: Interval,
    /// Of a hold.
    session: Option<String>,
    expires_at: UnixSeconds,
}

#[derive(Default)]
struct Model {
    now: UnixSeconds,
    taken: BTreeMap<String, Taken>,
    bookings: BTreeMap<String, wire::Booking>,
    /// Of host `a`, whose calendar is connected; `None` until it was read.
    busy: Option<Vec<Interval>>,
    /// When it was read last: for a day what it says counts.
    read_at: UnixSeconds,
    /// Key, actor, command, first answer, when.
    answered: Vec<(Actor, Command, Answer, UnixSeconds)>,
}

impl Model {
    fn padded(service: usize, start: UnixSeconds) -> Interval {
        let service = &SERVICES[service];
        Interval::new(
            start - service.before,
            start + service.duration + service.after,
        )
    }

    fn live(&self) -> impl Iterator<Item = (&String, &Taken)> {
        self.taken
            .iter()
            .filter(|(_, taken)| taken.expires_at > self.now)
    }

    /// Whether nothing is in the way of `padded` on this host.
    fn is_free(&self, host: &str, padded: Interval, except: &str) -> bool {
        let claimed = self
            .live()
            .any(|(id, taken)| id != except && taken.host == host && taken.padded.overlaps(padded));
        let stale = self.now - self.read_at > DAY;
        let busy = host == "a"
            && self
                .busy
                .as_ref()
                .is_none_or(|blocks| stale || blocks.iter().any(|block| block.overlaps(padded)));
        !claimed && !busy
    }

    /// Whether the rules offer this start at all: 08:00 to 12:00 each day, in UTC.
    fn is_slot(&self, service: usize, start: UnixSeconds) -> bool {
        let service = &SERVICES[service];
        let midnight = start.div_euclid(DAY) * DAY;
        let (open, close) = (midnight + 8 * 3_600, midnight + 12 * 3_600);
        let today = self.now.div_euclid(DAY);
        start >= open
            && start + service.duration <= close
            && (start - open) % service.step == 0
            && start >= self.now + service.notice
            && start.div_euclid(DAY) <= today + WINDOW_DAYS
    }

    /// The host whom a booking at `start` takes.
    fn host(
        &self,
        service: usize,
        start: UnixSeconds,
        except: &str,
        preferred: Option<&str>,
    ) -> Option<&'static str> {
        if !self.is_slot(service, start) {
            return None;
        }
        let padded = Self::padded(service, start);
        let mut free = SERVICES[service]
            .hosts
            .iter()
            .filter(|host| self.is_free(host, padded, except));
        let first = free.clone().next().copied();
        free.find(|host| Some(**host) == preferred)
            .copied()
            .or(first)
    }

    fn offered(&self, service: usize, except: &str) -> Vec<UnixSeconds> {
        // Every quarter of an hour of the days that the window reaches, and a bit before.
        let first = self.now.div_euclid(DAY) * DAY;
        (0..(WINDOW_DAYS + 2) * 24 * 4)
            .map(|number| first + number * 15 * MINUTE)
            .filter(|start| self.host(service, *start, except, None).is_some())
            .collect()
    }

    fn nearest(&self, service: usize, start: UnixSeconds, except: &str) -> Vec<UnixSeconds> {
        let mut offered = self.offered(service, except);
        if let Some(own) = self.bookings.get(except) {
            offered.retain(|start| *start != own.start.unix_seconds());
        }
        offered.sort_by_key(|other| (other.abs_diff(start), *other));
        offered.truncate(6);
        offered.sort_unstable();
        offered
    }

    fn assert_no_overlap(&self) {
        let live: Vec<&Taken> = self.live().map(|(_, taken)| taken).collect();
        for (number, one) in live.iter().enumerate() {
            for other in &live[number + 1..] {
                assert!(
                    one.host != other.host || !one.padded.overlaps(other.padded),
                    "{one:?} overlaps {other:?}"
                );
            }
        }
    }
}

struct History {
    world: World,
    model: Model,
    random: Random,
    keys: u32,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut world = World::signed_up(settings());
        world.as_json = false;
        world.now = at(FIRST_DAY) + 7 * 3_600;
        world.own(Command::PutOrigins {
            origins: wire(json!({ "origins": [ORIGIN] })),
        });
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let rule = |day| json!({ "weekday": day, "start": "08:00", "end": "12:00" });
        world.put_schedule(
            "mornings",
            &json!({ "zone": "UTC", "rules": days.map(rule) }),
        );
        world.put_host("a", "mornings");
        world.put_host("b", "mornings");
        world.put_feed("calendar", "a");
        for service in &SERVICES {
            world.put_service(
                service.id,
                &json!({
                    "name": service.id, "hosts": service.hosts,
                    "duration_minutes": service.duration / MINUTE,
                    "slot_step_minutes": service.step / MINUTE,
                    "buffer_before_minutes": service.before / MINUTE,
                    "buffer_after_minutes": service.after / MINUTE,
                    "minimum_notice_minutes": service.notice / MINUTE,
                    "booking_window_days": WINDOW_DAYS,
                }),
            );
        }
        let model = Model {
            now: world.now,
            ..Model::default()
        };
        Self {
            world,
            model,
            random: Random(seed),
            keys: 0,
        }
    }

    /// Gives a command, sometimes to a store that fails; then again, as a client would.
    fn ask(&mut self, actor: &Actor, command: &Command) -> Answer {
        if self.random.chance(25) {
            let step = u32::try_from(1 + self.random.below(30)).unwrap();
            let fault = if self.random.chance(30) {
                Fault::AfterCommit
            } else {
                Fault::AtStep(step)
            };
            self.world.fail(fault);
            let answer = self.world.ask(actor, command.clone());
            let failed = self.world.heal();
            assert_eq!(
                failed,
                matches!(answer, Err(Refusal::Store { .. })),
                "{fault:?} {answer:?}"
            );
            if !failed {
                return answer;
            }
            if self.random.chance(20) {
                self.world.reopen(settings());
            }
        }
        self.world.ask(actor, command.clone())
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("key-{}", self.keys)
    }

    /// A start that is mostly a slot, or next to one.
    fn start(&mut self) -> UnixSeconds {
        let day = self.model.now.div_euclid(DAY) + i64::try_from(self.random.below(2)).unwrap();
        let quarter = i64::try_from(self.random.below(17)).unwrap();
        let off = if self.random.chance(5) { 5 * MINUTE } else { 0 };
        day * DAY + 8 * 3_600 + quarter * 15 * MINUTE + off
    }

    fn service(&mut self) -> usize {
        usize::try_from(self.random.below(3)).unwrap()
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..20 => self.place_hold(),
            20..25 => self.release_hold(),
            25..55 => self.book(),
            55..65 => self.cancel(),
            65..77 => self.reschedule(),
            77..83 => self.replay(),
            83..90 => self.sync(),
            _ => self.pass(),
        }
        self.model.assert_no_overlap();
        let service = self.service();
        assert_eq!(
            self.offered(service),
            self.model.offered(service, ""),
            "service {service}"
        );
    }

    fn offered(&mut self, service: usize) -> Vec<UnixSeconds> {
        let (from, to) = ("2027-03-01", "2027-03-20");
        let command = offer(SERVICES[service].id, from, to, "UTC");
        match self.world.ask(&visitor(), command) {
            Ok(Reply::Slots(slots)) => starts(&slots).iter().map(|start| at(start)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn pass(&mut self) {
        let seconds = match self.random.below(10) {
            0 => DAY / 2,
            1..4 => 3_600,
            _ => i64::try_from(self.random.below(900)).unwrap(),
        };
        if self.model.now + seconds < at(FIRST_DAY) + DAYS * DAY {
            self.world.pass(seconds);
            self.model.now = self.world.now;
        }
    }

    fn place_hold(&mut self) {
        let (service, start) = (self.service(), self.start());
        let session = format!("session-{}", self.random.below(3));
        let hold = wire(json!({
            "service": SERVICES[service].id, "start": stamp(start), "zone": "UTC",
        }));
        let command = Command::PlaceHold {
            hold,
            session: session.clone(),
        };
        let before: Vec<String> = self.model.live().map(|(id, _)| id.clone()).collect();
        let own: Vec<&Taken> = self
            .model
            .live()
            .map(|(_, taken)| taken)
            .filter(|taken| taken.session.as_ref() == Some(&session))
            .collect();
        let known = own
            .iter()
            .any(|taken| taken.service == service && taken.start == start);
        let full = own.len() >= 3;
        let host = self.model.host(service, start, "", None);
        let answer = self.ask(&visitor(), &command);
        if known {
            let Ok(Reply::Hold(hold)) = answer else {
                panic!("{answer:?}")
            };
            assert!(before.contains(&hold.id.to_string()));
        } else if full {
            assert!(
                matches!(answer, Err(Refusal::Conflict { .. })),
                "{answer:?}"
            );
        } else if let Some(host) = host {
            let Ok(Reply::Hold(hold)) = answer else {
                panic!("{answer:?}")
            };
            assert!(!before.contains(&hold.id.to_string()));
            let taken = Taken {
                host,
                service,
                start,
                padded: Model::padded(service, start),
                session: Some(session),
                expires_at: self.model.now + 600,
            };
            self.model.taken.insert(hold.id.to_string(), taken);
        } else {
            self.assert_refused(&answer, service, start, "");
        }
    }

    fn assert_refused(&self, answer: &Answer, service: usize, start: UnixSeconds, except: &str) {
        let alternatives = match answer {
            Err(Refusal::SlotTaken { alternatives }) => {
                assert!(self.model.is_slot(service, start), "{answer:?}");
                alternatives
            }
            Err(Refusal::SlotNotOffered { alternatives, .. }) => {
                assert!(!self.model.is_slot(service, start), "{answer:?}");
                alternatives
            }
            other => panic!("{other:?}"),
        };
        let alternatives: Vec<UnixSeconds> = alternatives
            .iter()
            .map(|slot| slot.start.unix_seconds())
            .collect();
        assert_eq!(alternatives, self.model.nearest(service, start, except));
    }

    fn release_hold(&mut self) {
        let holds: Vec<String> = self
            .model
            .taken
            .keys()
            .filter(|id| id.starts_with("hld_"))
            .cloned()
            .collect();
        let Some(id) = self.random.pick(&holds).cloned() else {
            return;
        };
        let live = self.model.live().any(|(other, _)| *other == id);
        let command = Command::ReleaseHold {
            id: slug::<HoldId>(&id),
        };
        // Released after a failure that kept the write, the hold is not found again: gone is gone.
        let answer = self.ask(&visitor(), &command);
        assert!(
            live || answer == Err(Refusal::not_found("hold")),
            "{answer:?}"
        );
        self.model.taken.remove(&id);
    }

    fn book(&mut self) {
        let holds: Vec<(String, Taken)> = self
            .model
            .taken
            .iter()
            .filter(|(_, taken)| taken.session.is_some())
            .map(|(id, taken)| (id.clone(), taken.clone()))
            .collect();
        let (mut service, mut start, mut hold) = (self.service(), self.start(), None);
        if self.random.chance(50)
            && let Some((id, taken)) = self.random.pick(&holds)
        {
            hold = Some((id.clone(), taken.clone()));
            if self.random.chance(85) {
                (service, start) = (taken.service, taken.start);
            }
        }
        let mut booking = json!({
            "service": SERVICES[service].id, "start": stamp(start), "zone": "UTC",
            "name": "Amal", "email": "amal@example.com",
        });
        if let Some((id, _)) = &hold {
            booking = with(booking, json!({ "hold": id }));
        }
        let command = Command::Book {
            idempotency_key: self.key(),
            booking: wire(booking),
        };
        let live = hold.filter(|(_, taken)| taken.expires_at > self.model.now);
        let except = live.as_ref().map_or("", |(id, _)| id.as_str()).to_owned();
        let kept = live.as_ref().and_then(|(_, taken)| {
            let same = taken.service == service && taken.start == start && start >= self.model.now;
            (same && self.model.is_free(taken.host, taken.padded, &except)).then_some(taken.host)
        });
        let expected = kept.or_else(|| self.model.host(service, start, &except, None));
        let answer = self.ask(&visitor(), &command);
        match expected {
            Some(host) => {
                let Ok(Reply::Booking { booking, .. }) = &answer else {
                    panic!("{answer:?}")
                };
                assert_eq!(
                    (booking.host.as_str(), booking.start.unix_seconds()),
                    (host, start)
                );
                self.model.taken.remove(&except);
                self.acknowledge(booking, service);
            }
            None => self.assert_refused(&answer, service, start, &except),
        }
        self.model
            .answered
            .push((visitor(), command, answer, self.model.now));
    }

    /// From now on this booking must stay as it is told here.
    fn acknowledge(&mut self, booking: &wire::Booking, service: usize) {
        let id = booking.id.to_string();
        self.model.taken.remove(&id);
        if booking.status == BookingStatus::Confirmed {
            let start = booking.start.unix_seconds();
            let host = ["a", "b"]
                .into_iter()
                .find(|host| *host == booking.host.as_str())
                .unwrap();
            let padded = Model::padded(service, start);
            let taken = Taken {
                host,
                service,
                start,
                padded,
                session: None,
                expires_at: i64::MAX,
            };
            self.model.taken.insert(id.clone(), taken);
        }
        self.model.bookings.insert(id, booking.clone());
    }

    fn a_booking(&mut self) -> Option<wire::Booking> {
        let all: Vec<wire::Booking> = self.model.bookings.values().cloned().collect();
        self.random.pick(&all).cloned()
    }

    fn cancel(&mut self) {
        let Some(known) = self.a_booking() else {
            return;
        };
        let command = Command::Cancel {
            id: known.id.clone(),
        };
        let answer = self.ask(&booker(&known.id), &command);
        let cancelled = known.status == BookingStatus::Cancelled;
        if !cancelled && known.start.unix_seconds() <= self.model.now {
            assert_eq!(answer, Err(Refusal::BookingClosed));
            return;
        }
        let Ok(Reply::Booking { booking, .. }) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(booking.status, BookingStatus::Cancelled);
        assert_eq!(booking.sequence, known.sequence + u32::from(!cancelled));
        let service = service_of(&booking);
        self.acknowledge(&booking, service);
    }

    fn reschedule(&mut self) {
        let Some(known) = self.a_booking() else {
            return;
        };
        let start = self.start();
        let to = wire(json!({ "start": stamp(start), "zone": "UTC" }));
        let id: BookingId = known.id.clone();
        let command = Command::Reschedule {
            idempotency_key: self.key(),
            id: id.clone(),
            to,
        };
        let service = service_of(&known);
        let open =
            known.status == BookingStatus::Confirmed && known.start.unix_seconds() > self.model.now;
        let expected = self
            .model
            .host(service, start, id.as_str(), Some(known.host.as_str()));
        let answer = self.ask(&booker(&id), &command);
        if !open {
            assert_eq!(answer, Err(Refusal::BookingClosed));
            return;
        }
        match expected {
            Some(host) => {
                let Ok(Reply::Booking { booking, .. }) = &answer else {
                    panic!("{answer:?}")
                };
                assert_eq!(
                    (booking.host.as_str(), booking.start.unix_seconds()),
                    (host, start)
                );
                assert_eq!((&booking.id, booking.sequence), (&id, known.sequence + 1));
                self.acknowledge(booking, service);
            }
            None => self.assert_refused(&answer, service, start, id.as_str()),
        }
        self.model
            .answered
            .push((booker(&id), command, answer, self.model.now));
    }

    /// Every key gives its first answer, for as long as it is remembered.
    fn replay(&mut self) {
        let now = self.model.now;
        let Some((actor, command, first, _)) = self
            .random
            .pick(&self.model.answered)
            .filter(|(.., answered_at)| now < answered_at + DAY)
            .cloned()
        else {
            return;
        };
        let again = self.ask(&actor, &command);
        match (again, first) {
            (
                Ok(Reply::Booking {
                    booking, replayed, ..
                }),
                Ok(Reply::Booking { booking: first, .. }),
            ) => {
                assert!(replayed);
                assert_eq!(booking, first);
            }
            (Err(again), Err(first)) => assert_eq!(again, first),
            other => panic!("{other:?}"),
        }
    }

    fn sync(&mut self) {
        let command = Command::SyncFeed {
            id: slug("calendar"),
        };
        self.ask(&crate::kit::owner(), &command).unwrap();
        let effects = self.world.take();
        let [effect] = effects.as_slice() else { return };
        let events: Vec<Interval> = (0..self.random.below(4))
            .map(|_| {
                let start = self.start() - 5 * MINUTE;
                Interval::new(
                    start,
                    start + i64::try_from(1 + self.random.below(120)).unwrap() * MINUTE,
                )
            })
            .collect();
        let outcome = if self.random.chance(20) {
            Outcome::Failed(FetchFailure::TimedOut)
        } else {
            let texts: Vec<(String, String)> = events
                .iter()
                .map(|event| (basic(event.start), basic(event.end)))
                .collect();
            let texts: Vec<(&str, &str)> = texts
                .iter()
                .map(|(start, end)| (start.as_str(), end.as_str()))
                .collect();
            self.model.busy = Some(events);
            self.model.read_at = self.model.now;
            fetched(&calendar(&texts))
        };
        let command = Command::SettleEffect {
            id: effect.id,
            outcome,
        };
        assert_eq!(self.ask(&Actor::RegionHost, &command), Ok(Reply::Done));
    }

    fn finish(mut self) {
        let mut listed: BTreeMap<String, wire::Booking> = BTreeMap::new();
        for booking in self.world.bookings() {
            listed.insert(booking.id.to_string(), booking);
        }
        for booking in self.model.bookings.values_mut() {
            booking.can_change = booking.status == BookingStatus::Confirmed
                && booking.start.unix_seconds() > self.model.now;
        }
        assert_eq!(listed, self.model.bookings);
    }
}

fn service_of(booking: &wire::Booking) -> usize {
    SERVICES
        .iter()
        .position(|service| service.id == booking.service.as_str())
        .unwrap()
}

fn stamp(at: UnixSeconds) -> String {
    Stamp::new(at, 0).unwrap().to_string()
}

/// The instant as iCalendar's basic format in UTC.
fn basic(at: UnixSeconds) -> String {
    stamp(at)[..19].replace(['-', ':'], "") + "Z"
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn no_history_breaks_the_ledger() {
    let first = number("SLOTSTEAD_SEED", 1);
    let histories = number("SLOTSTEAD_HISTORIES", HISTORIES);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                (first..first + histories)
                    .filter(|seed| seed % threads == thread)
                    .for_each(run);
            });
        }
    });
    println!("{histories} histories from seed {first}");
}

fn run(seed: u64) {
    let done = std::panic::catch_unwind(|| {
        let mut history = History::new(seed);
        for _ in 0..STEPS {
            history.step();
        }
        history.finish();
    });
    if let Err(panic) = done {
        eprintln!("SLOTSTEAD_SEED={seed} SLOTSTEAD_HISTORIES=1 runs the history that failed");
        std::panic::resume_unwind(panic);
    }
}
