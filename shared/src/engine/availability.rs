//! The availability of one host or resource for one service: the predicate behind offering and
//! committing.

mod cover;
mod groups;

pub(super) use cover::Cover;

use super::{
    policy::Policy,
    schedule::{Reach, Schedule},
    walk::Walk,
    zone::{date_start, local_date},
};
use crate::{Interval, Reason, UnixSeconds, interval::merge};

/// What takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimKind {
    /// A busy block of a connected calendar.
    Busy,
    /// A live hold.
    Hold,
    /// A confirmed booking.
    Booking,
}

/// Whether a claim shares its time by seats with the booking that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// It does not: another service, another time, or a service without seats.
    Apart,
    /// It does, and seats are left in the group of this number.
    Open(u32),
    /// It would, but no seat is left.
    Full,
}

/// Time that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// By what.
    pub kind: ClaimKind,
    /// Whether the booking that is wanted could share it.
    pub share: Share,
    /// The time itself, buffers left out.
    pub core: Interval,
    /// The time with its own buffers; equal to `core` for a busy block.
    pub padded: Interval,
}

/// One host or resource, one service, one `now`.
#[derive(Debug)]
pub struct Availability<'a> {
    schedule: &'a Schedule,
    policy: Policy,
    now: UnixSeconds,
    /// The first instant past the booking window.
    window_end: UnixSeconds,
    /// From here on the calendars are not known.
    known_until: UnixSeconds,
    /// The starts that notice, window and known calendars leave.
    admitted: Interval,
    claims: &'a [Claim],
    /// The padded claims, merged: ascending, never touching.
    blocked: Vec<Interval>,
    /// When a limit leaves no start, merged.
    closed: Vec<Interval>,
    /// The starts at which only an open group is in the way, ascending, with the group.
    joins: Vec<(UnixSeconds, u32)>,
    /// The open groups that it has time in, ascending.
    groups: Vec<u32>,
}

impl<'a> Availability<'a> {
    /// `claims` in any order; `closed` as [`super::closed`] gives it. `known_until` is `i64::MAX`
    /// without calendars and `i64::MIN` where one was never read.
    #[must_use]
    pub fn new(
        schedule: &'a Schedule,
        policy: Policy,
        now: UnixSeconds,
        known_until: UnixSeconds,
        claims: &'a [Claim],
        closed: Vec<Interval>,
    ) -> Self {
        let (first, end) = policy
            .window
            .dates(schedule, local_date(schedule.zone(), now));
        let start = |date| date_start(schedule.zone(), date);
        let window_end = end.map_or(now, start);
        let known_end = known_until.saturating_sub(policy.duration + policy.buffer_after);
        let admitted = Interval::new(
            first
                .map_or(UnixSeconds::MIN, start)
                .max(now.saturating_add(policy.minimum_notice)),
            window_end.min(known_end.saturating_add(1)),
        );
        let mut has_groups = false;
        let blocked = merge(claims.iter().map(|claim| {
            has_groups |= claim.share != Share::Apart;
            claim.padded
        }));
        let (joins, groups) = if has_groups {
            (groups::joins(claims), groups::of(claims))
        } else {
            (Vec::new(), Vec::new())
        };
        Self {
            schedule,
            policy,
            now,
            window_end,
            known_until,
            admitted,
            claims,
            blocked,
            closed,
            joins,
            groups,
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
        // What `admit` would refuse one by one.
        let range = Interval::new(
            range.start.max(self.admitted.start),
            range.end.min(self.admitted.end),
        );
        if self.closed.is_empty() && self.joins.is_empty() {
            // What is left of `admit`; the loop is a quarter faster when it need not ask more.
            return self.on_steps(range, |start, walks| self.is_clear(start, walks));
        }
        self.on_steps(range, |start, walks| self.admit(start, walks))
    }

    /// The starts within `range` that the hours and the slot step give, free or not.
    #[must_use]
    pub fn steps_within(&self, range: Interval) -> Vec<UnixSeconds> {
        self.on_steps(range, |_, _| true)
    }

    /// The starts on a step within `range` that `is_wanted`, ascending, each once.
    fn on_steps(
        &self,
        range: Interval,
        is_wanted: impl Fn(UnixSeconds, &mut Walks<'_>) -> bool,
    ) -> Vec<UnixSeconds> {
        if range.is_empty() {
            return Vec::new();
        }
        let mut starts = Vec::new();
        let mut walks = self.walks();
        let (mut last_end, mut tangled) = (UnixSeconds::MIN, false);
        // As one closure, the loops over dates and spans become plain loops.
        self.schedule.reaching(range).hours().for_each(|hours| {
            if hours.start < last_end {
                (walks, tangled) = (self.walks(), true);
            }
            let Steps { first, count } = self.steps(hours, range);
            // On a busy day free and taken are as random as coins, so the loop does not branch on
            // the answer: it writes every start, and only a free one moves the place on.
            let mut place = starts.len();
            starts.resize(place + count, 0);
            let mut start = first;
            for _ in 0..count {
                starts[place] = start;
                place += usize::from(is_wanted(start, &mut walks));
                start += self.policy.step;
            }
            starts.truncate(place);
            last_end = hours.end;
        });
        if tangled {
            // A span over midnight meets the next day's first one.
            starts.sort_unstable();
            starts.dedup();
        }
        starts
    }

    /// Whether a booking can start at `start`, and if not, why.
    pub fn judge(&self, start: UnixSeconds) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        self.on_a_step(start)?;
        if self.admit(start, &mut self.walks_at(start)) {
            return Ok(());
        }
        Err(if start < self.admitted.start {
            Reason::TooSoon
        } else if start >= self.window_end {
            Reason::TooFar
        } else {
            self.hindrance(start, self.group_of(start))
        })
    }

    /// The open group that a booking at `start` can share, if nothing else is in its way.
    #[must_use]
    pub fn group_at(&self, start: UnixSeconds) -> Option<u32> {
        let at = self.joins.binary_search_by_key(&start, |(start, _)| *start);
        at.ok().map(|at| self.joins[at].1)
    }

    /// Whether it has time in this open group.
    pub(super) fn is_in(&self, group: u32) -> bool {
        self.groups.binary_search(&group).is_ok()
    }

    /// Its hours for starts within `range`, for coming along.
    pub(super) fn cover(&self, range: Interval) -> Cover<'_> {
        let last = range.end.saturating_add(self.policy.duration);
        self.cover_of(&self.schedule.reaching(Interval::new(range.start, last)))
    }

    fn cover_of(&self, reach: &Reach<'_>) -> Cover<'_> {
        Cover {
            of: self,
            hours: merge(reach.hours().collect::<Vec<_>>()),
        }
    }

    /// Why it cannot come along to a booking at `start` that another leads: a fresh one, or a seat
    /// in the open group `seat_in`.
    pub(super) fn judge_along(
        &self,
        start: UnixSeconds,
        seat_in: Option<u32>,
    ) -> Result<(), Reason> {
        let reach = self.schedule.reaching(self.policy.core(start));
        let cover = self.cover_of(&reach);
        if cover.takes(start, seat_in) {
            return Ok(());
        }
        self.within_hours(&reach, &cover, start)?;
        Err(self.hindrance(start, seat_in))
    }

    /// Whether the hours hold the whole booking at `start`, on a step or not.
    fn within_hours(
        &self,
        reach: &Reach<'_>,
        cover: &Cover<'_>,
        start: UnixSeconds,
    ) -> Result<(), Reason> {
        match cover.hours_at(start) {
            Some(hours) if hours.contains(self.policy.core(start)) => Ok(()),
            // Whatever set the hours in which it starts, or ends them.
            Some(_) => Err(Reason::OutsideHours),
            None => Err(reach.source(start).reason()),
        }
    }

    /// The starts in `range` that the step gives within `hours`, their ends inside as well.
    fn steps(&self, hours: Interval, range: Interval) -> Steps {
        let steps_until = |length: i64| (length.max(0) + self.policy.step - 1) / self.policy.step;
        let anchor = hours.start + self.policy.offset;
        let first = anchor + steps_until(range.start - anchor) * self.policy.step;
        let end = range.end.min(hours.end - self.policy.duration + 1);
        Steps {
            first,
            count: usize::try_from(steps_until(end - first)).unwrap_or(0),
        }
    }

    /// Whether `start` is one that the schedule's hours and the slot step give.
    fn on_a_step(&self, start: UnixSeconds) -> Result<(), Reason> {
        let only = Interval::at(start);
        let reach = self.schedule.reaching(self.policy.core(start));
        if reach.hours().any(|hours| self.steps(hours, only).count > 0) {
            return Ok(());
        }
        self.within_hours(&reach, &self.cover_of(&reach), start)?;
        Err(Reason::OffStep)
    }

    /// Whether a start that lies on a step is free. The one predicate of offering and committing.
    fn admit(&self, start: UnixSeconds, walks: &mut Walks<'_>) -> bool {
        self.admitted.start <= start && start < self.admitted.end && self.is_free(start, walks)
    }

    /// Whether nothing is in the way: a limit closes no seat in a group that stands already.
    fn is_free(&self, start: UnixSeconds, walks: &mut Walks<'_>) -> bool {
        let shut = walks.closed.meets(Interval::at(start));
        let clear = self.is_clear(start, walks);
        (clear && !shut) || self.group_at(start).is_some()
    }

    /// Whether no claim is in the way.
    fn is_clear(&self, start: UnixSeconds, walks: &mut Walks<'_>) -> bool {
        !walks.blocked.meets(self.policy.padded(start))
    }

    /// Why [`Self::is_free`] says no, or the calendars do, to a booking at `start`. A `group` that
    /// it would take a seat in is not in its own way.
    fn hindrance(&self, start: UnixSeconds, group: Option<u32>) -> Reason {
        let (core, padded) = (self.policy.core(start), self.policy.padded(start));
        if padded.end > self.known_until {
            return Reason::Unknown;
        }
        let own = group.map(Share::Open);
        let others = || self.claims.iter().filter(|claim| Some(claim.share) != own);
        let in_the_way = || others().filter(|claim| claim.core.overlaps(core));
        let is_full = |claim: &Claim| claim.share == Share::Full && claim.core.start == start;
        if in_the_way().any(is_full) {
            return Reason::NoSeat;
        }
        match in_the_way().map(|claim| claim.kind).max() {
            Some(ClaimKind::Booking) => Reason::Booked,
            Some(ClaimKind::Hold) => Reason::Held,
            Some(ClaimKind::Busy) => Reason::Busy,
            // The group may have other buffers, from when it was made.
            None if own.is_some() || others().any(|claim| claim.padded.overlaps(padded)) => {
                Reason::Buffer
            }
            None => Reason::Limit,
        }
    }

    /// The open group that starts at `start`, whether or not something is in its way.
    fn group_of(&self, start: UnixSeconds) -> Option<u32> {
        let starting = self.claims.iter().filter(|claim| claim.core.start == start);
        let open = starting.filter_map(|claim| match claim.share {
            Share::Open(group) => Some(group),
            Share::Apart | Share::Full => None,
        });
        open.min()
    }

    /// Walks for ascending starts.
    fn walks(&self) -> Walks<'_> {
        Walks {
            blocked: Walk::along(&self.blocked),
            closed: Walk::along(&self.closed),
        }
    }

    /// The same from `start` on.
    fn walks_at(&self, start: UnixSeconds) -> Walks<'_> {
        Walks {
            blocked: Walk::from(&self.blocked, self.policy.padded(start).start),
            closed: Walk::from(&self.closed, start),
        }
    }
}

/// `count` starts from `first` on, one at each step.
struct Steps {
    first: UnixSeconds,
    count: usize,
}

/// Walks along what is taken and what is closed.
struct Walks<'a> {
    blocked: Walk<'a>,
    closed: Walk<'a>,
}

#[cfg(test)]
mod tests;
