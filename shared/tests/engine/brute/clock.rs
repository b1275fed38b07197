//! What the clocks of a zone show, minute by minute.

use slotstead_shared::{Interval, UnixSeconds};

use super::{DAY_MINUTES, MINUTE};
use crate::offsets::Offsets;

/// The clocks of one zone over some days.
pub struct Clock {
    first: UnixSeconds,
    /// What they show at each minute: minutes of wall time since 1970.
    shown: Vec<i64>,
    /// The latest that they have shown by then. Clocks that go back show a time again.
    latest: Vec<i64>,
}

impl Clock {
    /// From whole minute to whole minute.
    pub fn over(offsets: &Offsets, days: Interval) -> Self {
        let mut offset = offsets.at(days.start);
        let mut changes = offsets.pairs.iter().filter(|pair| pair.0 > days.start);
        let mut next = changes.next();
        let mut shown = Vec::new();
        for at in (days.start..days.end).step_by(60) {
            if let Some(&(from, to)) = next
                && from <= at
            {
                (offset, next) = (to, changes.next());
            }
            shown.push((at + offset).div_euclid(MINUTE));
        }
        let latest = shown.iter().scan(i64::MIN, |latest, shown| {
            *latest = (*latest).max(*shown);
            Some(*latest)
        });
        Self {
            first: days.start,
            latest: latest.collect(),
            shown,
        }
    }

    /// The first minute at which they have reached this wall time.
    pub fn reaches(&self, wall: i64) -> UnixSeconds {
        let minute = self.latest.partition_point(|latest| *latest < wall);
        assert!(0 < minute && minute < self.latest.len(), "in these days");
        self.first + i64::try_from(minute).expect("some days") * MINUTE
    }

    /// The date on which `at` falls.
    pub fn date(&self, at: UnixSeconds) -> i64 {
        let minute = usize::try_from((at - self.first) / MINUTE).expect("in these days");
        self.shown[minute].div_euclid(DAY_MINUTES)
    }
}

/// The date on which `at` falls by the clocks of a zone.
pub fn date_at(offsets: &Offsets, at: UnixSeconds) -> i64 {
    (at + offsets.at(at)).div_euclid(DAY_MINUTES * MINUTE)
}
