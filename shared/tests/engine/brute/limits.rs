//! On which dates a limit leaves nothing: counted by hand.

use slotstead_shared::{
    Interval,
    wire::{BookingLimit, Period},
};

use super::{calendar::months_since_1970, clock::date_at};
use crate::offsets::Offsets;

/// Limits, and what is taken of them.
pub struct Limits<'a> {
    /// Whose dates count.
    pub zone: &'a Offsets,
    pub list: Vec<BookingLimit>,
    pub taken: Vec<Interval>,
}

impl Limits<'_> {
    /// Whether nothing of this length can start on this date any more.
    pub fn reached(&self, date: i64, duration: i64) -> bool {
        self.list.iter().any(|limit| {
            let wanted = period(limit.per, date);
            let same = |core: &&Interval| {
                let taken = period(limit.per, date_at(self.zone, core.start));
                taken == wanted
            };
            let cores = || self.taken.iter().filter(same);
            let bookings = cores().count() + 1;
            let seconds = cores().map(|core| core.end - core.start).sum::<i64>() + duration;
            let too_many = |most: u32| bookings > usize::try_from(most).expect("a small number");
            let too_long = |most: u32| seconds > i64::from(most) * 60;
            limit.bookings.is_some_and(too_many) || limit.minutes.is_some_and(too_long)
        })
    }
}

/// A number that the dates of one period have in common.
fn period(per: Period, date: i64) -> i64 {
    match per {
        Period::Day => date,
        // 1970-01-01 was a Thursday, and weeks start on Monday.
        Period::Week => (date + 3).div_euclid(7),
        Period::Month => months_since_1970(date),
    }
}
