//! What was met on the way: histories in which something never happens prove nothing about it.

use std::{collections::BTreeMap, fmt};

/// All that a run of some hundreds of histories meets.
const ALL: [&str; 60] = [
    "a hold kept what nobody else could have",
    "any of several would have done",
    "booked with a hold that lapsed",
    "booked: a seat beside others",
    "booked: a seat with several subjects",
    "booked: one host",
    "booked: several subjects",
    "booked: too many of a booker",
    "calendar: not reached",
    "calendar: read",
    "cancel",
    "cancel: too late",
    "cancel: was cancelled",
    "hold confirmed: a seat beside others",
    "hold confirmed: a seat with several subjects",
    "hold confirmed: one host",
    "hold confirmed: several subjects",
    "hold: a seat beside others",
    "hold: a seat with several subjects",
    "hold: one host",
    "hold: several subjects",
    "hold: the own one again",
    "hold: too many of a session",
    "hours: as usual again",
    "hours: other ones",
    "ledger read",
    "moved: a seat beside others",
    "moved: a seat with several subjects",
    "moved: one host",
    "moved: several subjects",
    "moved: offered",
    "moved: too late",
    "moved: too many of a booker",
    "reason: Booked",
    "reason: Buffer",
    "reason: Busy",
    "reason: Held",
    "reason: Holiday",
    "reason: Limit",
    "reason: NoSeat",
    "reason: OffStep",
    "reason: OutsideHours",
    "reason: Override",
    "reason: Past",
    "reason: Resource",
    "reason: TooFar",
    "reason: TooSoon",
    "reason: Unknown",
    "refused: not offered",
    "refused: taken",
    "release",
    "release: lapsed",
    "replayed: a booking",
    "replayed: a refusal",
    "replayed: with another request",
    "service: changed",
    "store: failed",
    "store: failed after keeping the write",
    "store: failed and not asked again",
    "store: opened again",
];

/// How often each thing happened.
#[derive(Debug, Default)]
pub struct Met(BTreeMap<String, u64>);

impl Met {
    pub fn note(&mut self, what: &str) {
        match self.0.get_mut(what) {
            Some(times) => *times += 1,
            None => {
                self.0.insert(what.to_owned(), 1);
            }
        }
    }

    pub fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    /// Everything that can happen did.
    pub fn assert_complete(&self) {
        let never: Vec<_> = ALL
            .iter()
            .filter(|what| !self.0.contains_key(**what))
            .collect();
        assert!(never.is_empty(), "never met: {never:?}");
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, times) in &self.0 {
            writeln!(f, "{times:>9} {what}")?;
        }
        Ok(())
    }
}
