//! Which minutes are bookable, found minute by minute from the meaning of the words.
//!
//! It knows nothing of chrono or of the engine: a day is 1,440 minutes on the wall, an
//! offset comes from the list, and what a clock shows is looked up for each minute of time.

use slotstead_shared::{
    Interval, Reason, UnixSeconds,
    engine::{Claim, ClaimKind, Policy},
};

use crate::offsets::Offsets;

const MINUTE: i64 = 60;
const DAY_MINUTES: i64 = 1_440;

/// Minutes of wall time after the midnight of a date; the end may reach into the next day.
pub type Span = (i64, i64);

/// What the engine is asked, in plain numbers. Dates are days since 1970-01-01.
pub struct Question<'a> {
    pub offsets: &'a Offsets,
    /// Monday first.
    pub weekly: [Vec<Span>; 7],
    pub overrides: Vec<(i64, Vec<Span>)>,
    pub policy: Policy,
    pub now: UnixSeconds,
    pub known_until: UnixSeconds,
    pub claims: Vec<Claim>,
}

impl Question<'_> {
    /// The verdict on each whole minute of `range`.
    pub fn answers(&self, range: Interval) -> Vec<(UnixSeconds, Result<(), Reason>)> {
        let hours = self.hours(range);
        let minutes = (range.start..range.end).step_by(60);
        minutes
            .map(|minute| (minute, self.answer(minute, &hours)))
            .collect()
    }

    fn answer(&self, start: UnixSeconds, hours: &[Interval]) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        let policy = self.policy;
        let end = start + policy.duration;
        let begins = |hours: &&Interval| hours.start <= start && start < hours.end;
        let fits = |hours: &Interval| (start - hours.start) % policy.step == 0 && end <= hours.end;
        let inside: Vec<_> = hours.iter().filter(begins).collect();
        if !inside.iter().any(|hours| fits(hours)) {
            return Err(
                match (inside.is_empty(), self.overridden(self.date(start))) {
                    (false, _) => Reason::OffStep,
                    (true, Some(_)) => Reason::Override,
                    (true, None) => Reason::OutsideHours,
                },
            );
        }
        if start - self.now < policy.minimum_notice {
            return Err(Reason::TooSoon);
        }
        if self.date(start) > self.date(self.now) + i64::from(policy.window.days) {
            return Err(Reason::TooFar);
        }
        let (from, to) = (start - policy.buffer_before, end + policy.buffer_after);
        if to > self.known_until {
            return Err(Reason::Unknown);
        }
        if !self.claims.iter().any(|claim| meet(claim.padded, from, to)) {
            return Ok(());
        }
        let of_kind = |kind| {
            self.claims
                .iter()
                .any(|claim| claim.kind == kind && meet(claim.core, start, end))
        };
        Err(if of_kind(ClaimKind::Booking) {
            Reason::Booked
        } else if of_kind(ClaimKind::Hold) {
            Reason::Held
        } else if of_kind(ClaimKind::Busy) {
            Reason::Busy
        } else {
            Reason::Buffer
        })
    }

    /// The working hours that can touch `range`: each end of a span is the first minute at
    /// which clocks have reached its wall time.
    fn hours(&self, range: Interval) -> Vec<Interval> {
        let first = range.start - 4 * DAY_MINUTES * MINUTE;
        let last = range.end + 4 * DAY_MINUTES * MINUTE;
        // What the wall clock shows at each minute.
        let walls: Vec<i64> = (first..last)
            .step_by(60)
            .map(|minute| self.wall_minutes(minute))
            .collect();
        let reached = |wall: i64| {
            let minute = walls
                .iter()
                .position(|shown| *shown >= wall)
                .expect("in these days");
            first + i64::try_from(minute).expect("a few days") * MINUTE
        };
        let mut hours = Vec::new();
        for date in self.date(range.start) - 2..=self.date(range.end) + 1 {
            for (start, end) in self.overridden(date).unwrap_or_else(|| self.weekday(date)) {
                let midnight = date * DAY_MINUTES;
                hours.push(Interval::new(
                    reached(midnight + start),
                    reached(midnight + end),
                ));
            }
        }
        hours
    }

    fn wall_minutes(&self, at: UnixSeconds) -> i64 {
        (at + self.offsets.at(at)).div_euclid(MINUTE)
    }

    fn date(&self, at: UnixSeconds) -> i64 {
        self.wall_minutes(at).div_euclid(DAY_MINUTES)
    }

    fn overridden(&self, date: i64) -> Option<&Vec<Span>> {
        self.overrides
            .iter()
            .find(|(of, _)| *of == date)
            .map(|(_, spans)| spans)
    }

    fn weekday(&self, date: i64) -> &Vec<Span> {
        // 1970-01-01 was a Thursday.
        let weekday = (date + 3).rem_euclid(7);
        &self.weekly[usize::try_from(weekday).expect("0 to 6")]
    }
}

fn meet(claim: Interval, from: UnixSeconds, to: UnixSeconds) -> bool {
    claim.start < claim.end && claim.start < to && from < claim.end
}
