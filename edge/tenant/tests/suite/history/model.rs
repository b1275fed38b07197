//! What must be true: the claims that stand, and what the rules say is free between them.
//!
//! Written from what the API promises, and as plainly as can be: who can take a start is found by
//! looking at everybody, and everything that stands.

use std::collections::BTreeMap;

use slotstead_shared::{Interval, UnixSeconds, wire};
use slotstead_tenant::{Actor, Answer, Command};

use super::{
    services::{Offered, SERVICES},
    shop::{DAY, FIRST_DAY, MINUTE, Spans, WINDOW_DAYS},
};

/// The quarters of an hour of a day in which anybody ever works: 06:00 to 14:00.
const QUARTERS: std::ops::Range<i64> = 24..56;

/// A hold or a booking that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub service: usize,
    pub core: Interval,
    pub padded: Interval,
    pub lead: &'static str,
    /// All subjects, ascending.
    pub takes: Vec<&'static str>,
    /// Of a hold.
    pub session: Option<String>,
    pub expires_at: UnixSeconds,
}

impl Claim {
    /// Whether the two share their time by seats.
    pub fn shares(&self, other: &Self) -> bool {
        (self.service, self.core, self.padded, self.lead)
            == (other.service, other.core, other.padded, other.lead)
    }
}

/// What somebody wants.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub service: usize,
    pub duration: i64,
    /// The host whom the booker names.
    pub named: Option<&'static str>,
    /// The host who is kept if free: that of a booking to be moved.
    pub preferred: Option<&'static str>,
    /// The claim that is not in the way.
    pub except: String,
}

/// What a booking may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub lead: &'static str,
    /// Ascending.
    pub takes: Vec<&'static str>,
    /// Those with whom it shares a start.
    pub mates: usize,
}

/// An answer that a key has.
#[derive(Clone)]
pub struct Answered {
    pub actor: Actor,
    pub command: Command,
    pub first: Answer,
    pub at: UnixSeconds,
}

pub struct Model {
    pub now: UnixSeconds,
    pub services: [Offered; SERVICES.len()],
    pub claims: BTreeMap<String, Claim>,
    pub bookings: BTreeMap<String, wire::Booking>,
    /// Every state that was acknowledged, with when.
    pub changes: Vec<(wire::Booking, UnixSeconds)>,
    /// Of the connected host; `None` until the calendar was read.
    pub busy: Option<Vec<Interval>>,
    /// When it was read last: for a day what it says counts.
    pub read_at: UnixSeconds,
    /// Of a schedule and a day.
    pub overrides: BTreeMap<(usize, i64), Spans>,
    pub answered: Vec<Answered>,
}

impl Model {
    pub fn new(now: UnixSeconds) -> Self {
        Self {
            now,
            services: SERVICES,
            claims: BTreeMap::new(),
            bookings: BTreeMap::new(),
            changes: Vec::new(),
            busy: None,
            read_at: 0,
            overrides: BTreeMap::new(),
            answered: Vec::new(),
        }
    }

    pub fn live(&self) -> impl Iterator<Item = (&String, &Claim)> {
        let now = self.now;
        self.claims
            .iter()
            .filter(move |(_, claim)| claim.expires_at > now)
    }

    pub fn others<'a>(&'a self, except: &'a str) -> impl Iterator<Item = &'a Claim> {
        let others = self.live().filter(move |(id, _)| *id != except);
        others.map(|(_, claim)| claim)
    }

    /// Writes down what was acknowledged. Whatever the rules say: nobody is taken twice, and no seat
    /// is sold twice.
    pub fn take(&mut self, id: &str, claim: Claim) {
        let mut mates = 0;
        for other in self.others(id) {
            if other.shares(&claim) {
                mates += 1;
                assert_eq!(
                    other.takes, claim.takes,
                    "{other:?} shares a start with {claim:?}"
                );
            } else {
                let met = other.takes.iter().any(|one| claim.takes.contains(one));
                let apart = !met || !other.padded.overlaps(claim.padded);
                assert!(apart, "{other:?} overlaps {claim:?}");
            }
        }
        let seats = self.services[claim.service].seats;
        assert!(
            mates < seats,
            "{mates} of {seats} seats were taken before {claim:?}"
        );
        self.claims.insert(id.to_owned(), claim);
    }

    /// Every start that can be booked, ascending.
    pub fn offered(&self, wish: &Wish) -> Vec<UnixSeconds> {
        // Every quarter of an hour of the days that the window reaches.
        let today = (self.now - FIRST_DAY).div_euclid(DAY);
        let days = today..=today + WINDOW_DAYS;
        let starts = days.flat_map(|day| {
            let hours = QUARTERS.map(|quarter| quarter * 15 * MINUTE);
            hours.map(move |time| FIRST_DAY + day * DAY + time)
        });
        starts
            .filter(|start| !self.choices(wish, *start).is_empty())
            .collect()
    }

    /// The starts told to somebody who cannot have `start`.
    pub fn nearest(&self, wish: &Wish, start: UnixSeconds) -> Vec<UnixSeconds> {
        let mut offered = self.offered(wish);
        if let Some(own) = self.bookings.get(&wish.except) {
            offered.retain(|start| *start != own.start.unix_seconds());
        }
        offered.sort_by_key(|other| (other.abs_diff(start), *other));
        offered.truncate(6);
        offered.sort_unstable();
        offered
    }

    /// A booking as it was told must stay so.
    pub fn remember(&mut self, booking: &wire::Booking) {
        self.changes.push((booking.clone(), self.now));
        self.bookings
            .insert(booking.id.to_string(), booking.clone());
    }
}
