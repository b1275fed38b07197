//! The rate limiter: how often one client may ask for one kind of thing.
//!
//! Pure and of fixed size. It is the generic cell rate algorithm: each client has one number,
//! the time at which all its past calls are paid for. It fails closed: when every place of a kind
//! is taken by a client that still has something to pay, a new client is refused that kind. Each
//! kind has places of its own, so who fills those of one shuts nobody out of another.

use std::collections::BTreeMap;

use slotstead_shared::UnixSeconds;

use crate::settings::RateLimits;

/// Clients remembered at a time, of each kind: about 120 bytes each and five kinds, so 6 MB at most.
const PLACES: usize = 10_000;
const MINUTE_MILLIS: i64 = 60_000;
const DAY_MILLIS: i64 = 24 * 60 * MINUTE_MILLIS;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Session,
    Slots,
    Hold,
    Booking,
    BookingOfDay,
}

/// See the module.
#[derive(Debug)]
pub struct Limiter {
    rates: RateLimits,
    places: usize,
    tables: BTreeMap<Kind, Table>,
}

/// The clients of one kind.
#[derive(Debug)]
struct Table {
    /// When the calls of a client are paid for, in milliseconds since 1970.
    paid_at: BTreeMap<String, i64>,
    /// When the paid were last swept out: at most once a second, so that a full table costs little.
    swept_at: UnixSeconds,
}

impl Limiter {
    pub fn new(rates: RateLimits) -> Self {
        Self::with_places(rates, PLACES)
    }

    fn with_places(rates: RateLimits, places: usize) -> Self {
        Self {
            rates,
            places,
            tables: BTreeMap::new(),
        }
    }

    /// Whether any call of the client is remembered.
    pub fn knows(&self, kind: Kind, client: &str) -> bool {
        let table = self.tables.get(&kind);
        table.is_some_and(|table| table.paid_at.contains_key(client))
    }

    /// Counts calls that were made before this limiter was, as if they were made now.
    pub fn recall(&mut self, kind: Kind, client: &str, calls: i64, now: UnixSeconds) {
        let (rate, _) = self.rate(kind);
        for _ in 0..calls.min(rate.into()) {
            // What is refused is paid for already.
            let _ = self.admit(kind, client, now);
        }
    }

    /// Counts a call, or says in how many seconds another try makes sense.
    pub fn admit(&mut self, kind: Kind, client: &str, now: UnixSeconds) -> Result<(), u32> {
        let (rate, window) = self.rate(kind);
        if rate == 0 {
            return Err(60);
        }
        let cost = (window / i64::from(rate)).max(1);
        let now_millis = now.saturating_mul(1_000);
        let table = self.tables.entry(kind).or_default();
        let known = table.paid_at.get(client).copied();
        if known.is_none() && !table.has_place(self.places, now) {
            return Err(60);
        }
        // A full burst is the whole window's worth. A clock that was set back does not lock anybody out.
        let paid_at = known
            .unwrap_or(now_millis)
            .clamp(now_millis, now_millis + window);
        let after = paid_at + cost;
        if after > now_millis + window {
            let wait = after - now_millis - window;
            return Err(u32::try_from((wait + 999) / 1_000).unwrap_or(60));
        }
        table.paid_at.insert(client.to_owned(), after);
        Ok(())
    }

    const fn rate(&self, kind: Kind) -> (u32, i64) {
        match kind {
            Kind::Session => (self.rates.sessions_per_minute, MINUTE_MILLIS),
            Kind::Slots => (self.rates.slots_per_minute, MINUTE_MILLIS),
            Kind::Hold => (self.rates.holds_per_minute, MINUTE_MILLIS),
            Kind::Booking => (self.rates.bookings_per_minute, MINUTE_MILLIS),
            Kind::BookingOfDay => (self.rates.bookings_per_day, DAY_MILLIS),
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self {
            paid_at: BTreeMap::new(),
            swept_at: UnixSeconds::MIN,
        }
    }
}

impl Table {
    fn has_place(&mut self, places: usize, now: UnixSeconds) -> bool {
        if self.paid_at.len() >= places && self.swept_at != now {
            self.swept_at = now;
            self.paid_at
                .retain(|_, paid_at| *paid_at > now.saturating_mul(1_000));
        }
        self.paid_at.len() < places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(places: usize) -> Limiter {
        let rates = RateLimits {
            sessions_per_minute: 3,
            holds_per_minute: 2,
            bookings_per_minute: 0,
            bookings_per_day: 2,
            ..RateLimits::default()
        };
        Limiter::with_places(rates, places)
    }

    #[test]
    fn a_minute_has_its_number_of_calls_and_then_they_come_back_one_by_one() {
        let mut limiter = limiter(9);
        for _ in 0..3 {
            assert_eq!(limiter.admit(Kind::Session, "a", 100), Ok(()));
        }
        assert_eq!(limiter.admit(Kind::Session, "a", 100), Err(20));
        assert_eq!(limiter.admit(Kind::Session, "a", 119), Err(1));
        assert_eq!(limiter.admit(Kind::Session, "a", 120), Ok(()));
        assert_eq!(limiter.admit(Kind::Session, "a", 120), Err(20));
    }

    #[test]
    fn a_day_has_its_number_too() {
        let mut limiter = limiter(9);
        for _ in 0..2 {
            assert_eq!(limiter.admit(Kind::BookingOfDay, "a", 100), Ok(()));
        }
        let half = 43_200;
        assert_eq!(limiter.admit(Kind::BookingOfDay, "a", 100), Err(half));
        let later = 100 + i64::from(half);
        assert_eq!(limiter.admit(Kind::BookingOfDay, "a", later - 1), Err(1));
        assert_eq!(limiter.admit(Kind::BookingOfDay, "a", later), Ok(()));
    }

    #[test]
    fn what_is_recalled_counts_as_if_it_were_made_now() {
        let mut limiter = limiter(9);
        assert!(!limiter.knows(Kind::BookingOfDay, "a"));
        limiter.recall(Kind::BookingOfDay, "a", 1, 100);
        assert!(limiter.knows(Kind::BookingOfDay, "a"));
        assert!(!limiter.knows(Kind::BookingOfDay, "b"));
        assert_eq!(limiter.admit(Kind::BookingOfDay, "a", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::BookingOfDay, "a", 100), Err(43_200));
        limiter.recall(Kind::BookingOfDay, "b", 1_000_000_000_000, 100);
        assert_eq!(limiter.admit(Kind::BookingOfDay, "b", 100), Err(43_200));
    }

    #[test]
    fn clients_and_kinds_are_apart() {
        let mut limiter = limiter(9);
        for _ in 0..2 {
            assert_eq!(limiter.admit(Kind::Hold, "a", 100), Ok(()));
        }
        assert!(limiter.admit(Kind::Hold, "a", 100).is_err());
        assert_eq!(limiter.admit(Kind::Hold, "b", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::Session, "a", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::Booking, "a", 100), Err(60));
    }

    #[test]
    fn a_full_limiter_refuses_new_clients_until_somebody_has_paid() {
        let mut limiter = limiter(2);
        assert_eq!(limiter.admit(Kind::Session, "a", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::Session, "b", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::Session, "c", 100), Err(60));
        assert_eq!(limiter.admit(Kind::Session, "a", 100), Ok(()));
        assert_eq!(limiter.admit(Kind::Session, "c", 119), Err(60));
        assert_eq!(limiter.admit(Kind::Session, "c", 120), Ok(()));
        assert_eq!(limiter.tables[&Kind::Session].paid_at.len(), 2);
    }

    /// A place of the daily kind is taken for a day divided by its number, so it is filled easily.
    #[test]
    fn a_full_kind_leaves_the_others_their_places() {
        let mut limiter = limiter(2);
        for client in ["a", "b"] {
            assert_eq!(limiter.admit(Kind::BookingOfDay, client, 100), Ok(()));
        }
        assert_eq!(limiter.admit(Kind::BookingOfDay, "c", 100), Err(60));
        for kind in [Kind::Session, Kind::Slots, Kind::Hold] {
            assert_eq!(limiter.admit(kind, "c", 100), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let mut limiter = limiter(2);
        assert_eq!(limiter.admit(Kind::Session, "a", 1_000_000), Ok(()));
        assert!(
            limiter
                .admit(Kind::Session, "a", 100)
                .is_err_and(|wait| wait <= 60)
        );
        assert_eq!(limiter.admit(Kind::Session, "b", 100), Ok(()));
    }
}
