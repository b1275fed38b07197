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
    /// The starts that notice, window and known calendars leave.
    admitted: Interval,
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
        let last_date =
            local_date(zone, now).checked_add_days(Days::new(u64::from(policy.window_days) + 1));
        let window_end = last_date.map_or(now, |date| date_start(zone, date));
        let known_end = known_until.saturating_sub(policy.duration + policy.buffer_after);
        let admitted = Interval::new(
            now.saturating_add(policy.minimum_notice),
            window_end.min(known_end.saturating_add(1)),
        );
        let blocked = merge(claims.iter().map(|claim| claim.padded));
        Self {
            schedule,
            policy,
            now,
            window_end,
            known_until,
            admitted,
            claims,
            blocked,
        }
    }

    /// The first instant past the booking window.
    #[must_use]
    pub const fn window_end(&self) -> UnixSeconds {
        self.window_end
    }

    /// The starts within `range`, ascending, each once.
    #[must_use]
    pub fn offer(&self, range: Interval) -> Vec<UnixSeconds> {
        // Other starts would be refused one by one; this only saves the work.
        let range = Interval::new(
            range.start.max(self.admitted.start),
            range.end.min(self.admitted.end),
        );
        if range.is_empty() {
            return Vec::new();
        }
        let mut starts = Vec::new();
        let mut blocked = Walk::new(&self.blocked);
        let (offsets, dates) = self.schedule.reaching(range);
        let (mut last_end, mut tangled) = (UnixSeconds::MIN, false);
        for date in dates {
            for hours in self.schedule.hours_on(&offsets, date) {
                if hours.start < last_end {
                    (blocked, tangled) = (Walk::new(&self.blocked), true);
                }
                self.offer_within(hours, range, &mut blocked, &mut starts);
                last_end = hours.end;
            }
        }
        if tangled {
            // A span over midnight meets the next day's first one.
            starts.sort_unstable();
            starts.dedup();
        }
        starts
    }

    /// Adds the free starts of `range` whose bookings lie within `hours`.
    fn offer_within(
        &self,
        hours: Interval,
        range: Interval,
        blocked: &mut Walk<'_>,
        starts: &mut Vec<UnixSeconds>,
    ) {
        let Steps { first, count } = self.steps(hours, range);
        // On a busy day free and taken are as random as coins, so the loop does not branch on
        // the answer: it writes every start, and only a free one moves the place on.
        let mut place = starts.len();
        starts.resize(place + count, 0);
        let mut start = first;
        for _ in 0..count {
            starts[place] = start;
            place += usize::from(self.admit(start, blocked));
            start += self.policy.step;
        }
        starts.truncate(place);
    }

    /// Whether a booking can start at `start`, and if not, why.
    pub fn judge(&self, start: UnixSeconds) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        self.on_a_step(start)?;
        if self.admit(start, &mut Walk::new(&self.blocked)) {
            return Ok(());
        }
        Err(self.hindrance(start))
    }

    /// The starts in `range` that the step gives within `hours`, their ends inside as well.
    fn steps(&self, hours: Interval, range: Interval) -> Steps {
        let steps_until = |length: i64| (length.max(0) + self.policy.step - 1) / self.policy.step;
        let first = hours.start + steps_until(range.start - hours.start) * self.policy.step;
        let end = range.end.min(hours.end - self.policy.duration + 1);
        Steps {
            first,
            count: usize::try_from(steps_until(end - first)).unwrap_or(0),
        }
    }

    /// Whether `start` is one that the schedule's hours and the slot step give.
    fn on_a_step(&self, start: UnixSeconds) -> Result<(), Reason> {
        let only = Interval::new(start, start + 1);
        let (offsets, dates) = self.schedule.reaching(only);
        let mut inside = false;
        for date in dates {
            for hours in self.schedule.hours_on(&offsets, date) {
                if self.steps(hours, only).count > 0 {
                    return Ok(());
                }
                inside |= hours.overlaps(only);
            }
        }
        if inside {
            return Err(Reason::OffStep);
        }
        let (_, is_override) = self.schedule.spans_on(offsets.date(start));
        Err(if is_override {
            Reason::Override
        } else {
            Reason::OutsideHours
        })
    }

    /// Whether a start that lies on a step is free. The one predicate of offering and committing.
    fn admit(&self, start: UnixSeconds, blocked: &mut Walk<'_>) -> bool {
        self.admitted.start <= start
            && start < self.admitted.end
            && !blocked.meets(self.policy.padded(start))
    }

    /// Why [`Self::admit`] refuses `start`.
    fn hindrance(&self, start: UnixSeconds) -> Reason {
        if start < self.admitted.start {
            Reason::TooSoon
        } else if start >= self.window_end {
            Reason::TooFar
        } else if self.policy.padded(start).end > self.known_until {
            Reason::Unknown
        } else {
            self.obstacle(start)
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

/// `count` starts from `first` on, one at each step.
struct Steps {
    first: UnixSeconds,
    count: usize,
}

/// A walk along merged intervals, for questions that ascend.
struct Walk<'a> {
    /// The first that ends after the last question's start.
    next: Interval,
    rest: std::slice::Iter<'a, Interval>,
}

impl<'a> Walk<'a> {
    /// After the last one.
    const NEVER: Interval = Interval::new(UnixSeconds::MAX, UnixSeconds::MAX);

    fn new(merged: &'a [Interval]) -> Self {
        let mut rest = merged.iter();
        Self {
            next: rest.next().copied().unwrap_or(Self::NEVER),
            rest,
        }
    }

    /// Whether any of them overlaps `wanted`, which is not empty.
    fn meets(&mut self, wanted: Interval) -> bool {
        while self.next.end <= wanted.start {
            self.next = self.rest.next().copied().unwrap_or(Self::NEVER);
        }
        self.next.start < wanted.end
    }
}

#[cfg(test)]
mod tests;
