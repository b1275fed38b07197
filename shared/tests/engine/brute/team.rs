//! Hosts and resources together.

use slotstead_shared::{Interval, Reason, UnixSeconds, engine::Choice};

use super::{Judge, Limits, One, Terms};

/// What a team is asked.
pub struct TeamQuestion<'a> {
    pub terms: Terms,
    pub now: UnixSeconds,
    /// All hosts take a booking, not one of them.
    pub together: bool,
    pub hosts: Vec<One<'a>>,
    pub needs: Vec<Vec<One<'a>>>,
    /// Of the service itself.
    pub limits: Limits<'a>,
}

/// It, about starts in a range.
pub struct TeamJudge<'a> {
    question: &'a TeamQuestion<'a>,
    pub hosts: Vec<Judge<'a>>,
    needs: Vec<Vec<Judge<'a>>>,
}

impl<'a> TeamJudge<'a> {
    pub fn new(question: &'a TeamQuestion<'a>, range: Interval) -> Self {
        let judge = |one| Judge::new(one, question.terms, question.now, range);
        let needs = question.needs.iter();
        Self {
            question,
            hosts: question.hosts.iter().map(judge).collect(),
            needs: needs.map(|need| need.iter().map(judge).collect()).collect(),
        }
    }

    /// What a booking at `start` takes, the hosts asked in this order.
    pub fn choose(&self, start: UnixSeconds, order: &[usize]) -> Result<Choice, Reason> {
        let leads = order
            .iter()
            .filter(|place| !self.question.together || **place == 0);
        let able: Vec<usize> = leads
            .copied()
            .filter(|place| self.hosts[*place].lead(start).is_ok())
            .collect();
        let of_group = |place: &usize| self.hosts[*place].group(start).is_some();
        let (first, then): (Vec<usize>, Vec<usize>) = able.into_iter().partition(of_group);
        let mut all = first.into_iter().chain(then);
        match all.find_map(|lead| self.led_by(lead, start)) {
            Some(_) if self.limited(start) => Err(Reason::Limit),
            Some(choice) => Ok(choice),
            None => Err(self.reason(start, order)),
        }
    }

    /// Why this host cannot take a booking, whatever the others do.
    pub fn host(&self, place: usize, start: UnixSeconds) -> Result<(), Reason> {
        if !self.question.together || place == 0 {
            return self.hosts[place].lead(start);
        }
        match self.hosts[0].group(start) {
            // It is not asked for a seat in a group that goes on without it.
            Some(group) if !self.hosts[place].is_in(group) => Ok(()),
            seat_in => self.hosts[place].along(start, seat_in),
        }
    }

    fn reason(&self, start: UnixSeconds, order: &[usize]) -> Reason {
        let verdicts = order.iter().map(|place| self.host(*place, start));
        let verdicts: Vec<_> = verdicts.collect();
        let reasons = || verdicts.iter().filter_map(|verdict| verdict.err());
        let host_can = if self.question.together {
            reasons().next().is_none()
        } else {
            verdicts.contains(&Ok(()))
        };
        if host_can {
            return Reason::Resource;
        }
        let nearest = reasons().max().expect("nobody can");
        let farthest = reasons().min().expect("nobody can");
        if self.question.together {
            farthest
        } else {
            nearest
        }
    }

    fn led_by(&self, lead: usize, start: UnixSeconds) -> Option<Choice> {
        let count = if self.question.together {
            self.hosts.len()
        } else {
            1
        };
        if let Some(group) = self.hosts[lead].group(start) {
            let others = self.hosts[1..].iter().take(count - 1);
            let mut members = others
                .chain(self.needs.iter().flatten())
                .filter(|one| one.is_in(group));
            let go_on = members.all(|one| one.along(start, Some(group)).is_ok());
            return go_on.then_some(Choice::Seat(group));
        }
        let mut hosts = vec![lead];
        for (place, host) in self.hosts.iter().enumerate().take(count).skip(1) {
            host.along(start, None).ok()?;
            hosts.push(place);
        }
        let mut resources = Vec::new();
        for need in &self.needs {
            resources.push(need.iter().position(|one| one.along(start, None).is_ok())?);
        }
        Some(Choice::Fresh { hosts, resources })
    }

    fn limited(&self, start: UnixSeconds) -> bool {
        let limits = &self.question.limits;
        let date = super::clock::date_at(limits.zone, start);
        limits.reached(date, self.question.terms.duration)
    }
}
