//! One host or resource, for one service.

use slotstead_shared::{
    Interval, Reason, UnixSeconds,
    engine::{Claim, ClaimKind, Share},
};

use super::{Limits, Plan, Terms, plan::Days};

/// What is known of a host or a resource.
pub struct One<'a> {
    pub plan: Plan<'a>,
    pub known_until: UnixSeconds,
    pub claims: Vec<Claim>,
    /// Its own.
    pub limits: Limits<'a>,
}

/// It, asked at one time for one service, about starts in a range.
pub struct Judge<'a> {
    one: &'a One<'a>,
    terms: Terms,
    now: UnixSeconds,
    days: Days<'a>,
    /// The last date of the window.
    last: i64,
}

impl<'a> Judge<'a> {
    pub fn new(one: &'a One<'a>, terms: Terms, now: UnixSeconds, range: Interval) -> Self {
        let mut last = one.plan.date(now);
        let mut left = terms.window_days;
        while left > 0 {
            last += 1;
            if !terms.business || one.plan.is_business_day(last) {
                left -= 1;
            }
        }
        Self {
            one,
            terms,
            now,
            days: Days::around(&one.plan, range),
            last,
        }
    }

    /// Whether a booking it leads can start at `start`.
    pub fn lead(&self, start: UnixSeconds) -> Result<(), Reason> {
        if start < self.now {
            return Err(Reason::Past);
        }
        self.on_step(start)?;
        let date = self.days.date(start);
        let (first, last) = self.terms.dates.unwrap_or((i64::MIN, i64::MAX));
        if start - self.now < self.terms.minimum_notice || date < first {
            return Err(Reason::TooSoon);
        }
        if date > self.last || date > last {
            return Err(Reason::TooFar);
        }
        self.known(start)?;
        match self.group(start) {
            Some(_) => Ok(()),
            None => self.free(start, self.group_of(start)),
        }
    }

    /// Whether it can come along to a booking at `start` that another leads: to a fresh one, or to
    /// a seat in this group.
    pub fn along(&self, start: UnixSeconds, seat_in: Option<u32>) -> Result<(), Reason> {
        self.open_throughout(start)?;
        self.known(start)?;
        if seat_in.is_some() && self.group(start) == seat_in {
            return Ok(());
        }
        self.free(start, seat_in)
    }

    /// The open group at `start`, if nothing else meets the time that the group takes.
    pub fn group(&self, start: UnixSeconds) -> Option<u32> {
        let group = self.group_of(start)?;
        let members = || self.claims_of(group);
        let others = || self.one.claims.iter().filter(|claim| !is_of(claim, group));
        let meets = |other: &Claim| {
            let (from, to) = (other.padded.start, other.padded.end);
            members().any(|member| meet(member.padded, from, to) && from < to)
        };
        (!others().any(meets)).then_some(group)
    }

    /// Whether it takes part in this group.
    pub fn is_in(&self, group: u32) -> bool {
        self.claims_of(group).next().is_some()
    }

    /// Whether the hours and steps give this start.
    pub fn on_step(&self, start: UnixSeconds) -> Result<(), Reason> {
        let Terms {
            duration,
            step,
            offset,
            ..
        } = self.terms;
        let begins = |hours: &&Interval| hours.start <= start && start < hours.end;
        let fits = |hours: &Interval| {
            let since = start - hours.start - offset;
            since >= 0 && since % step == 0 && start + duration <= hours.end
        };
        if self.days.hours.iter().filter(begins).any(fits) {
            return Ok(());
        }
        self.open_throughout(start)?;
        Err(Reason::OffStep)
    }

    /// Whether somebody works from its start to its end.
    fn open_throughout(&self, start: UnixSeconds) -> Result<(), Reason> {
        match self.days.open_for(start) {
            0 => Err(self.days.why_closed(start)),
            open if open < self.terms.duration => Err(Reason::OutsideHours),
            _ => Ok(()),
        }
    }

    fn known(&self, start: UnixSeconds) -> Result<(), Reason> {
        let to = start + self.terms.duration + self.terms.buffer_after;
        if to > self.one.known_until {
            return Err(Reason::Unknown);
        }
        Ok(())
    }

    /// Whether nothing but this group is in the way of a booking at `start`.
    fn free(&self, start: UnixSeconds, but: Option<u32>) -> Result<(), Reason> {
        let end = start + self.terms.duration;
        let (from, to) = (
            start - self.terms.buffer_before,
            end + self.terms.buffer_after,
        );
        let mut near = Vec::new();
        for claim in &self.one.claims {
            if but.is_none_or(|group| !is_of(claim, group)) {
                near.push(claim);
            }
        }
        let of_kind = |kind| {
            near.iter()
                .any(|claim| claim.kind == kind && meet(claim.core, start, end))
        };
        let is_full =
            |claim: &&&Claim| claim.share == Share::Full && claim.core == Interval::new(start, end);
        if near.iter().any(|claim| is_full(&claim)) {
            Err(Reason::NoSeat)
        } else if of_kind(ClaimKind::Booking) {
            Err(Reason::Booked)
        } else if of_kind(ClaimKind::Hold) {
            Err(Reason::Held)
        } else if of_kind(ClaimKind::Busy) {
            Err(Reason::Busy)
        } else if near.iter().any(|claim| meet(claim.padded, from, to)) {
            Err(Reason::Buffer)
        } else if but.is_some() {
            // The group cannot be joined, but nothing meets the time of this booking itself:
            // what there is touches the buffers that the group has had since it was made.
            Err(Reason::Buffer)
        } else if self.limited(start) {
            Err(Reason::Limit)
        } else {
            Ok(())
        }
    }

    fn limited(&self, start: UnixSeconds) -> bool {
        let date = super::clock::date_at(self.one.limits.zone, start);
        self.one.limits.reached(date, self.terms.duration)
    }

    /// The open group whose bookings start at `start`.
    fn group_of(&self, start: UnixSeconds) -> Option<u32> {
        let claims = self.one.claims.iter();
        let mut groups = claims.filter_map(|claim| match claim.share {
            Share::Open(group) if claim.core.start == start => Some(group),
            _ => None,
        });
        groups.next()
    }

    fn claims_of(&self, group: u32) -> impl Iterator<Item = &Claim> {
        let claims = self.one.claims.iter();
        claims.filter(move |claim| is_of(claim, group))
    }
}

fn is_of(claim: &Claim, group: u32) -> bool {
    claim.share == Share::Open(group)
}

fn meet(claim: Interval, from: UnixSeconds, to: UnixSeconds) -> bool {
    claim.start < claim.end && claim.start < to && from < claim.end
}
