//! One host's availability for one service: the predicate behind offering and committing.

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::{
    schedule::Schedule,
    zone::{date_start, local_date},
};
use crate::{Interval, UnixSeconds, interval::merge, wire::ServiceInput};

/// Why a start is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It lies in the past.
    Past,
    /// It is closer than the minimum notice.
    TooSoon,
    /// It is past the booking window.
    TooFar,
    /// The date override of its date leaves it out.
    Override,
    /// It is outside the availability rules.
    OutsideHours,
    /// It is inside the hours, not on the slot step, or the end would be outside.
    OffStep,
    /// A connected calendar is not known for this time, so it counts as busy.
    Unknown,
    /// A busy block of a connected calendar is in the way.
    Busy,
    /// Somebody's hold is in the way.
    Held,
    /// A booking is in the way.
    Booked,
    /// Only a buffer, of this service or of a neighbouring claim, is in the way.
    Buffer,
}

/// What takes a host's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimKind {
    /// A busy block of a connected calendar.
    Busy,
    /// A live hold.
    Hold,
    /// A confirmed booking.
    Booking,
}

/// Time of a host that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// By what.
    pub kind: ClaimKind,
    /// The time itself, buffers left out.
    pub core: Interval,
    /// The time with its own buffers; equal to `core` for a busy block.
    pub padded: Interval,
}

/// A service's rules, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long a booking takes.
    pub duration: i64,
    /// The distance between starts.
    pub step: i64,
    /// Kept free before.
    pub buffer_before: i64,
    /// Kept free after.
    pub buffer_after: i64,
    /// How long before its start a booking can still be made.
    pub minimum_notice: i64,
    /// The booking window in days after today, in the schedule's zone.
    pub window_days: u32,
}

impl From<&ServiceInput> for Policy {
    fn from(service: &ServiceInput) -> Self {
        let seconds = |minutes: u32| i64::from(minutes) * 60;
        Self {
            duration: seconds(service.duration_minutes.max(1)),
            step: seconds(service.slot_step_minutes.max(1)),
            buffer_before: seconds(service.buffer_before_minutes),
            buffer_after: seconds(service.buffer_after_minutes),
            minimum_notice: seconds(service.minimum_notice_minutes),
            window_days: service.booking_window_days,
        }
    }
}

impl Policy {
    /// The time a booking at `start` takes.
    #[must_use]
    pub const fn core(&self, start: UnixSeconds) -> Interval {
        Interval::new(start, start + self.duration)
    }

    /// The time a booking at `start` takes with its buffers.
    #[must_use]
    pub const fn padded(&self, start: UnixSeconds) -> Interval {
        Interval::new(
            start - self.buffer_before,
            start + self.duration + self.buffer_after,
        )
    }
}

/// One host, one service, one `now`.
#[derive(Debug)]
pub struct HostAvailability<'a> {
    schedule: &'a Schedule,
    policy: Policy,
    now: UnixSeconds,
    /// The first instant past the booking window.
    window_end: UnixSeconds,
    /// From here on the host's calendars are not known.
    known_until: UnixSeconds,
    claims: &'a [Claim],
    /// The padded claims, merged: ascending, never touching.
    blocked: Vec<Interval>,
}

impl<'a> HostAvailability<'a> {
    /// `claims` in any order. `known_until` is `i64::MAX` for a host without calendars and
    /// `i64::MIN` for one whose calendar was never read.
    #[must_use]
    pub fn new(
        schedule: &'a Schedule,
        policy: Policy,
        now: UnixSeconds,
        known_until: UnixSeconds,
        claims: &'a [Claim],
    ) -> Self {
        let zone = schedule.zone();
        let last_date = local_date(zone, now)
            .checked_add_days(Days::new(u64::from(policy.window_days) + 1));
        Self {
            schedule,
            policy,
            now,
            window_end: last_date.map_or(now, |date| date_start(zone, date)),
            known_until,
            claims,
            blocked: merge(claims.iter().map(|claim| claim.padded).collect()),
        }
    }

    /// The starts within `range`, ascending, each once.
    #[must_use]
    pub fn offer(&self, range: Interval) -> Vec<UnixSeconds> {
        // Earlier and later starts would be refused one by one; this only saves the work.
        let range = Interval::new(range.start.max(self.now), range.end.min(self.window_end));
        if range.is_empty() {
            return Vec::new();
        }
        let mut starts = Vec::new();
        for date in self.schedule.dates_reaching(range) {
            for hours in self.schedule.hours_on(date) {
                let mut start = hours.start;
                if start < range.start {
                    let steps = (range.start - start + self.policy.step - 1) / self.policy.step;
                    start += steps * self.policy.step;
                }
                while start < range.end && start + self.policy.duration <= hours.end {
                    if self.admit(start).is_ok() {
                        starts.push(start);
                    }
                    start += self.policy.step;
                }
            }
        }
        // A span over midnight may meet the next day's first one.
        if !starts.is_sorted() {
            starts.sort_unstable();
        }
        starts.dedup();
        starts
    }

    /// Whether a booking can start at `start`, and if not, why.
    pub fn judge(&self, start: UnixSeconds) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        self.on_a_step(start)?;
        self.admit(start)
    }

    /// Whether `start` is one that the schedule's hours and the slot step give.
    fn on_a_step(&self, start: UnixSeconds) -> Result<(), Reason> {
        let core = self.policy.core(start);
        let mut inside = false;
        for date in self.schedule.dates_reaching(core) {
            for hours in self.schedule.hours_on(date) {
                if hours.contains(core) && (start - hours.start) % self.policy.step == 0 {
                    return Ok(());
                }
                inside |= hours.start <= start && start < hours.end;
            }
        }
        if inside {
            return Err(Reason::OffStep);
        }
        let date = local_date(self.schedule.zone(), start);
        let (_, is_override) = self.schedule.spans_on(date);
        Err(if is_override { Reason::Override } else { Reason::OutsideHours })
    }

    /// Whether a start that lies on a step is free. The one predicate of offering and committing.
    fn admit(&self, start: UnixSeconds) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        if start < self.now + self.policy.minimum_notice {
            return Err(Reason::TooSoon);
        }
        if start >= self.window_end {
            return Err(Reason::TooFar);
        }
        let padded = self.policy.padded(start);
        if padded.end > self.known_until {
            return Err(Reason::Unknown);
        }
        let next = self.blocked.partition_point(|blocked| blocked.end <= padded.start);
        match self.blocked.get(next) {
            Some(blocked) if blocked.overlaps(padded) => Err(self.obstacle(start)),
            _ => Ok(()),
        }
    }

    /// What is in the way of `start`; the weightiest where there are several.
    fn obstacle(&self, start: UnixSeconds) -> Reason {
        let core = self.policy.core(start);
        let kind = self
            .claims
            .iter()
            .filter(|claim| claim.core.overlaps(core))
            .map(|claim| claim.kind)
            .max();
        match kind {
            Some(ClaimKind::Booking) => Reason::Booked,
            Some(ClaimKind::Hold) => Reason::Held,
            Some(ClaimKind::Busy) => Reason::Busy,
            None => Reason::Buffer,
        }
    }
}

#[cfg(test)]
mod tests;
