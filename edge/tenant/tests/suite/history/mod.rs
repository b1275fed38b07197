//! Long random histories of commands against a simple model of what must be true.
//!
//! Time moves, holds lapse, calendars and hours change, and the store fails at random points, also
//! after keeping the write. After every command: what is offered is what the model says is free, at
//! every instant; a booking is taken exactly where the model says so, by whom it says; nobody, and no
//! resource, is taken twice; no seat is sold twice. Now and then, and at the end, the rows of the store
//! are exactly the claims that stand, and every state that was acknowledged is kept.
//!
//! A history is decided by its seed. `SLOTSTEAD_HISTORIES=10000` runs more of them,
//! `SLOTSTEAD_SEED=7` starts at another seed; see CONTRIBUTING in the README.

mod booking;
mod changes;
mod choices;
mod ledger;
mod met;
mod model;
mod owner;
mod rules;
mod services;
mod shop;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use slotstead_shared::{
    Stamp, UnixSeconds,
    wire::{self, BookingStatus},
};
use slotstead_tenant::{Actor, Answer, Command, Refusal, Reply};

use crate::kit::{Fault, Random, World, offer, settings, slug, visitor};
use met::Met;
use model::{Model, Wish};
use shop::{DAY, DAYS, FIRST_DAY, HOUR, MINUTE, id_of, subject};

const HISTORIES: u64 = 300;
const STEPS: u32 = 40;
/// From so many histories on, everything that can happen must have happened.
const ENOUGH: u64 = 5_000;

struct History<'a> {
    world: &'a mut World,
    model: Model,
    random: Random,
    keys: u32,
    met: Met,
}

impl<'a> History<'a> {
    fn new(seed: u64, world: &'a mut World) -> Self {
        let mut random = Random(seed);
        world.restore(settings());
        let minutes = 6 * 60 + random.below(4 * 60);
        let days = i64::try_from(random.below(6)).unwrap();
        world.now = FIRST_DAY + days * DAY + i64::try_from(minutes).unwrap() * MINUTE;
        let mut history = Self {
            model: Model::new(world.now),
            world,
            random,
            keys: 0,
            met: Met::default(),
        };
        if history.random.chance(80) {
            history.sync();
        }
        history
    }

    /// Gives a command, sometimes to a store that fails; then mostly again, as a client would. `None`
    /// where the client gave up; then nothing was kept.
    fn ask(&mut self, actor: &Actor, command: &Command) -> Option<Answer> {
        if self.random.chance(25) {
            let step = u32::try_from(1 + self.random.below(40)).unwrap();
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
                return Some(answer);
            }
            self.met.note(match fault {
                Fault::AtStep(_) => "store: failed",
                Fault::AfterCommit => "store: failed after keeping the write",
            });
            if self.random.chance(20) {
                self.world.reopen(settings());
                self.met.note("store: opened again");
            }
            if fault != Fault::AfterCommit && self.random.chance(30) {
                self.met.note("store: failed and not asked again");
                return None;
            }
        }
        Some(self.world.ask(actor, command.clone()))
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("key-{}", self.keys)
    }

    fn wish(&mut self) -> Wish {
        let services = &self.model.services;
        let service = usize::try_from(self.random.below(services.len() as u64)).unwrap();
        let durations = services[service].durations;
        let usual = self.random.chance(70);
        let duration = if usual {
            durations.first()
        } else {
            self.random.pick(durations)
        };
        Wish {
            service,
            duration: *duration.unwrap(),
            named: self.a_name(service),
            ..Wish::default()
        }
    }

    /// The host whom a booker of the service names, or none.
    fn a_name(&mut self, service: usize) -> Option<&'static str> {
        let service = &self.model.services[service];
        if !service.names_host || self.random.chance(60) {
            return None;
        }
        self.random.pick(service.hosts).copied()
    }

    /// A start that is free, or taken, or none at all.
    fn start(&mut self, wish: &Wish) -> UnixSeconds {
        match self.random.below(100) {
            0..40 => {
                let mut offered = self.model.offered(wish);
                // The earlier, the more crowded.
                offered.truncate(8);
                let start = self.random.pick(&offered).copied();
                start.unwrap_or_else(|| self.any_start())
            }
            40..80 => {
                // Mostly of the same service: to share a start, or to find its seats taken.
                let any = self.random.chance(40);
                let claims = self.model.live().map(|(_, claim)| claim);
                let claims = claims.filter(|claim| any || claim.service == wish.service);
                let taken: Vec<UnixSeconds> = claims.map(|claim| claim.core.start).collect();
                let start = self.random.pick(&taken).copied();
                start.unwrap_or_else(|| self.any_start())
            }
            _ => self.any_start(),
        }
    }

    fn any_start(&mut self) -> UnixSeconds {
        let today = (self.model.now - FIRST_DAY).div_euclid(DAY);
        let day = today + i64::try_from(self.random.below(4)).unwrap();
        let quarter = i64::try_from(27 + self.random.below(25)).unwrap();
        let off = if self.random.chance(5) { 5 } else { 0 };
        FIRST_DAY + day * DAY + (quarter * 15 + off) * MINUTE
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..19 => self.place_hold(),
            19..22 => self.release_hold(),
            22..50 => self.book(),
            50..57 => self.cancel(),
            57..69 => self.reschedule(),
            69..74 => self.replay(),
            74..79 => self.sync(),
            79..82 => self.override_day(),
            82..84 => self.alter(),
            84..91 => self.explain(),
            _ => self.pass(),
        }
        if self.random.chance(60) {
            self.check_offered();
        }
        if self.random.chance(15) {
            self.check_moves();
        }
        if self.random.chance(10) {
            self.check_ledger();
            self.check_sweep();
        }
    }

    /// What is offered is what could be booked, and nothing else.
    fn check_offered(&mut self) {
        let wish = self.wish();
        let service = &self.model.services[wish.service];
        let (seats, id) = (service.seats, service.id);
        let mut command = offer(id, "2027-02-25", "2027-04-01", "UTC");
        if let Command::OfferSlots {
            duration_minutes,
            host,
            ..
        } = &mut command
        {
            *duration_minutes = Some(u32::try_from(wish.duration / MINUTE).unwrap());
            *host = wish.named.map(|named| slug(id_of(named)));
        }
        let slots = match self.world.ask(&visitor(), command) {
            Ok(Reply::Slots(slots)) => slots,
            other => panic!("{other:?}"),
        };
        let slots = slots.days.iter().flat_map(|day| &day.slots);
        let slots: Vec<_> = slots
            .map(|slot| (slot.start.unix_seconds(), slot.seats_left))
            .collect();
        let starts: Vec<UnixSeconds> = slots.iter().map(|(start, _)| *start).collect();
        assert_eq!(starts, self.model.offered(&wish), "{wish:?}");
        for (start, left) in slots {
            if seats == 1 {
                assert_eq!(left, None);
                continue;
            }
            let choices = self.model.choices(&wish, start);
            let mut free = choices.iter().map(|choice| seats - choice.mates);
            let left = left.unwrap() as usize;
            assert!(free.any(|free| free == left), "{left} at {start}");
        }
    }

    fn pass(&mut self) {
        let seconds = match self.random.below(10) {
            0 => DAY / 2,
            1 => 5 * HOUR,
            2..5 => HOUR,
            _ => i64::try_from(self.random.below(900)).unwrap(),
        };
        if self.model.now + seconds < FIRST_DAY + DAYS * DAY {
            self.world.pass(seconds);
            self.model.now = self.world.now;
        }
    }

    fn finish(mut self) -> Met {
        self.check_ledger();
        self.check_changes();
        let mut listed: BTreeMap<String, wire::Booking> = BTreeMap::new();
        for booking in self.world.bookings() {
            listed.insert(booking.id.to_string(), booking);
        }
        for booking in self.model.bookings.values_mut() {
            booking.can_change = booking.status == BookingStatus::Confirmed
                && booking.start.unix_seconds() > self.model.now;
        }
        assert_eq!(listed, self.model.bookings);
        self.met
    }
}

/// Whom and what a booking takes, ascending.
fn hosts_and_resources(booking: &wire::Booking) -> Vec<&'static str> {
    let mut takes = vec![subject(&format!("host:{}", booking.host))];
    let hosts = booking.co_hosts.iter();
    takes.extend(hosts.map(|host| subject(&format!("host:{}", host.id))));
    let resources = booking.resources.iter();
    takes.extend(resources.map(|one| subject(&format!("resource:{}", one.id))));
    takes.sort_unstable();
    takes
}

fn stamp(at: UnixSeconds) -> String {
    Stamp::new(at, 0).unwrap().to_string()
}

fn date_of(at: UnixSeconds) -> String {
    stamp(at)[..10].to_owned()
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn no_history_breaks_the_ledger() {
    let first = number("SLOTSTEAD_SEED", 1);
    let histories = number("SLOTSTEAD_HISTORIES", HISTORIES);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let met = Mutex::new(Met::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let (mut own, mut world) = (Met::default(), shop::set_up());
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= histories {
                        break;
                    }
                    if number > 0 && number % (histories / 20).clamp(500, 10_000) == 0 {
                        println!("{number} of {histories} histories begun");
                    }
                    match run(first + number, &mut world) {
                        Ok(met) => own.add(met),
                        Err(panic) => {
                            stop.store(true, Ordering::Relaxed);
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
                met.lock().unwrap().add(own);
            });
        }
    });
    let met = met.into_inner().unwrap();
    println!("{histories} histories of {STEPS} steps from seed {first}, which met\n{met}");
    if histories >= ENOUGH {
        met.assert_complete();
    }
}

fn run(seed: u64, world: &mut World) -> std::thread::Result<Met> {
    // After a panic the world is not used again.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut history = History::new(seed, world);
        for _ in 0..STEPS {
            history.step();
        }
        history.finish()
    }));
    if done.is_err() {
        eprintln!("SLOTSTEAD_SEED={seed} SLOTSTEAD_HISTORIES=1 runs the history that failed");
    }
    done
}
