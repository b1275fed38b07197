//! What one booking takes together: a host or several, and resources.
//!
//! Of a service's hosts one takes the booking, or all do (collective). Whoever leads gives the
//! starts, by hours and slot step; who comes along (the other hosts of a collective, and one
//! resource for each need) has hours that hold the whole booking, and nothing in the way. A booking
//! that joins an open group by its seats takes what the group has taken already.

use super::{
    availability::{Availability, Cover},
    union::union,
    walk::Walk,
};
use crate::{Interval, Reason, UnixSeconds, interval::merge};

/// A service's hosts and resources at one `now`.
#[derive(Debug)]
pub struct Team<'a> {
    hosts: Vec<Availability<'a>>,
    together: bool,
    needs: Vec<Vec<Availability<'a>>>,
    closed: Vec<Interval>,
}

/// What a booking takes, by the places in the lists that the team was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Fresh time of these hosts, and of one resource of each need.
    Fresh {
        /// Who leads comes first.
        hosts: Vec<usize>,
        /// One for each need, in order.
        resources: Vec<usize>,
    },
    /// A seat in this open group.
    Seat(u32),
}

impl<'a> Team<'a> {
    /// `hosts` in the order of preference; `together` takes all of them. `needs` lists for each
    /// need what will do; no resource is in two of them. `closed` is where a limit of the service
    /// itself leaves no start.
    #[must_use]
    pub fn new(
        hosts: Vec<Availability<'a>>,
        together: bool,
        needs: Vec<Vec<Availability<'a>>>,
        closed: Vec<Interval>,
    ) -> Self {
        Self {
            hosts,
            together,
            needs,
            closed: merge(closed),
        }
    }

    /// The first instant past the booking window of everybody who can lead.
    #[must_use]
    pub fn window_end(&self) -> Option<UnixSeconds> {
        self.leads().map(|(_, lead)| lead.window_end()).max()
    }

    /// Who can lead, with their places.
    fn leads(&self) -> impl Iterator<Item = (usize, &Availability<'a>)> {
        let count = if self.together { 1 } else { self.hosts.len() };
        self.hosts.iter().enumerate().take(count)
    }

    /// The starts within `range` that can be booked, ascending, each once.
    #[must_use]
    pub fn offer(&self, range: Interval) -> Vec<UnixSeconds> {
        let along = self.along(range);
        let led = self.leads().map(|(place, lead)| {
            let mut led = lead.offer(range);
            led.retain(|start| self.is_complete(place, *start, &along));
            led
        });
        let mut starts = union(led.collect());
        starts.retain(|start| !self.is_closed(*start));
        starts
    }

    /// The starts within `range` that the hours and steps of who can lead give, free or not.
    #[must_use]
    pub fn steps_within(&self, range: Interval) -> Vec<UnixSeconds> {
        let led = self.leads().map(|(_, lead)| lead.steps_within(range));
        union(led.collect())
    }

    /// What a booking at `start` takes, led by the first in `order` (places of hosts) who can; hosts
    /// with an open group come before others. If nobody can, the reason of who came closest.
    pub fn choose(&self, start: UnixSeconds, order: &[usize]) -> Result<Choice, Reason> {
        let along = self.along(Interval::at(start));
        self.choose_along(start, order, &along)
    }

    /// What a booking at each of these ascending starts takes, as [`Self::choose`] says it.
    #[must_use]
    pub fn choose_each(
        &self,
        starts: &[UnixSeconds],
        order: &[usize],
    ) -> Vec<Result<Choice, Reason>> {
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
            return Vec::new();
        };
        let along = self.along(Interval::new(*first, last + 1));
        let choose = |start: &UnixSeconds| self.choose_along(*start, order, &along);
        starts.iter().map(choose).collect()
    }

    fn choose_along(
        &self,
        start: UnixSeconds,
        order: &[usize],
        along: &Along<'_>,
    ) -> Result<Choice, Reason> {
        let can_lead = |place: &&usize| self.hosts[**place].judge(start).is_ok();
        let leads = || self.leads().map(|(place, _)| place);
        let mut able: Vec<usize> = order.iter().filter(can_lead).copied().collect();
        able.retain(|place| leads().any(|lead| lead == *place));
        if able.is_empty() {
            return Err(self.closest(start, order));
        }
        // Stable: false comes first.
        able.sort_by_key(|place| self.hosts[*place].group_at(start).is_none());
        let found = able
            .iter()
            .find_map(|place| self.complete(*place, start, along));
        match found {
            Some(choice) if !self.is_closed(start) => Ok(choice),
            Some(_) => Err(Reason::Limit),
            None => Err(self.closest(start, order)),
        }
    }

    /// Why none of these hosts can be booked at `start`.
    fn closest(&self, start: UnixSeconds, order: &[usize]) -> Reason {
        let verdicts = || order.iter().map(|place| self.judge_host(*place, start));
        if verdicts().any(|verdict| verdict.is_ok()) && !self.together
            || verdicts().all(|verdict| verdict.is_ok())
        {
            return Reason::Resource;
        }
        let reasons = verdicts().filter_map(Result::err);
        // Of a collective whoever is farthest keeps the others from it.
        let reason = if self.together {
            reasons.min()
        } else {
            reasons.max()
        };
        // Without a host there is no reason either; a service has one.
        reason.unwrap_or(Reason::Unknown)
    }

    /// Why the host at `place` cannot take a booking at `start`, whatever the others do.
    pub fn judge_host(&self, place: usize, start: UnixSeconds) -> Result<(), Reason> {
        let host = &self.hosts[place];
        if !self.together || place == 0 {
            return host.judge(start);
        }
        // Steps, notice and window are the first one's to say, and whether there is a group.
        match self.hosts[0].group_at(start) {
            Some(group) if !host.is_in(group) => Ok(()),
            seat_in => host.judge_along(start, seat_in),
        }
    }

    /// Whether all who come along can take a booking at `start` that is led by the host at `lead`,
    /// who can: the one decision about them, for offering and for committing.
    fn is_complete(&self, lead: usize, start: UnixSeconds, along: &Along<'_>) -> bool {
        if let Some(group) = self.hosts[lead].group_at(start) {
            return self.is_open(group, start, along);
        }
        let mut needs = along.needs.iter();
        along.hosts.iter().all(|host| host.takes(start, None))
            && needs.all(|need| first_who_takes(need, start).is_some())
    }

    /// What such a booking takes.
    fn complete(&self, lead: usize, start: UnixSeconds, along: &Along<'_>) -> Option<Choice> {
        if !self.is_complete(lead, start, along) {
            return None;
        }
        if let Some(group) = self.hosts[lead].group_at(start) {
            return Some(Choice::Seat(group));
        }
        let needs = along.needs.iter();
        let resources = needs.map(|need| first_who_takes(need, start));
        Some(Choice::Fresh {
            hosts: std::iter::once(lead).chain(1..=along.hosts.len()).collect(),
            resources: resources.collect::<Option<_>>()?,
        })
    }

    /// Whether everybody in the group can take another booking at `start` into it.
    fn is_open(&self, group: u32, start: UnixSeconds, along: &Along<'_>) -> bool {
        let mut hosts = self.hosts.iter().filter(|host| host.is_in(group));
        let others = along.hosts.iter().chain(along.needs.iter().flatten());
        let mut others = others.filter(|one| one.is_in(group));
        hosts.all(|host| host.group_at(start) == Some(group))
            && others.all(|one| one.takes(start, Some(group)))
    }

    /// Whether a limit of the service itself leaves no start here.
    fn is_closed(&self, start: UnixSeconds) -> bool {
        Walk::from(&self.closed, start).meets(Interval::at(start))
    }

    /// Who comes along to a booking that starts within `range`.
    fn along(&self, range: Interval) -> Along<'_> {
        let count = if self.together { self.hosts.len() } else { 1 };
        let others = self.hosts.get(1..count).unwrap_or_default();
        Along {
            hosts: covers(others, range),
            needs: self.needs.iter().map(|need| covers(need, range)).collect(),
        }
    }
}

fn first_who_takes(need: &[Cover<'_>], start: UnixSeconds) -> Option<usize> {
    need.iter().position(|one| one.takes(start, None))
}

fn covers<'a>(all: &'a [Availability<'_>], range: Interval) -> Vec<Cover<'a>> {
    all.iter().map(|one| one.cover(range)).collect()
}

/// Who comes along: the other hosts of a collective, and what will do for each need.
struct Along<'a> {
    hosts: Vec<Cover<'a>>,
    needs: Vec<Vec<Cover<'a>>>,
}

#[cfg(test)]
mod tests;
