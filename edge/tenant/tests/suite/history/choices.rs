//! Who can take a start, and what a booking of it takes.

use slotstead_shared::UnixSeconds;

use super::{
    model::{Choice, Model, Wish},
    services::Who,
    shop::Per,
};

impl Model {
    /// Whether this host can lead, whatever resources and others do.
    pub fn host_can(&self, wish: &Wish, lead: &str, start: UnixSeconds) -> bool {
        let service = &self.services[wish.service];
        let (core, padded) = (
            service.core(start, wish.duration),
            service.padded(start, wish.duration),
        );
        let mates = self.mates(wish, lead, start);
        self.is_slot(wish.service, lead, core)
            && mates.len() < service.seats
            && self.is_free(lead, padded, &wish.except, mates.first().copied())
            && (!mates.is_empty() || self.host_has_room(lead, core, &wish.except))
    }

    /// What a booking led by this host takes, if it can be.
    fn led_by(&self, wish: &Wish, lead: &'static str, start: UnixSeconds) -> Option<Choice> {
        if !self.host_can(wish, lead, start) {
            return None;
        }
        let service = &self.services[wish.service];
        let (core, padded) = (
            service.core(start, wish.duration),
            service.padded(start, wish.duration),
        );
        let mates = self.mates(wish, lead, start);
        if let Some(mate) = mates.first() {
            let mut others = mate.takes.iter().filter(|one| **one != lead);
            let can = others.all(|one| {
                self.is_open(one, core) && self.is_free(one, padded, &wish.except, Some(mate))
            });
            return can.then(|| Choice {
                lead,
                takes: mate.takes.clone(),
                mates: mates.len(),
            });
        }
        let comes =
            |one: &&str| self.is_open(one, core) && self.is_free(one, padded, &wish.except, None);
        let along = self.along(wish);
        let can = |host: &&str| comes(host) && self.host_has_room(host, core, &wish.except);
        if !along.iter().all(can) {
            return None;
        }
        let mut takes = vec![lead];
        takes.extend(along);
        for need in service.needs {
            takes.push(need.iter().find(|one| comes(one))?);
        }
        takes.sort_unstable();
        Some(Choice {
            lead,
            takes,
            mates: 0,
        })
    }

    /// What a booking may take: one, or several where the rules leave the tenant a choice.
    pub fn choices(&self, wish: &Wish, start: UnixSeconds) -> Vec<Choice> {
        let service = &self.services[wish.service];
        let leads = self.leads(wish);
        let mut all: Vec<Choice> = leads
            .filter_map(|lead| self.led_by(wish, lead, start))
            .collect();
        if all.is_empty() || !self.service_has_room(wish, service.core(start, wish.duration)) {
            return Vec::new();
        }
        // Who shares a start already comes first.
        if all.iter().any(|choice| choice.mates > 0) {
            all.retain(|choice| choice.mates > 0);
        }
        if let Some(own) = all.iter().position(|one| Some(one.lead) == wish.preferred) {
            return vec![all.swap_remove(own)];
        }
        let Who::RoundRobin(weights) = service.who else {
            all.truncate(1);
            return all;
        };
        // So many bookings for each of its weight.
        let share = |choice: &Choice| {
            let weight = weights.iter().find(|(host, _)| *host == choice.lead);
            (
                self.load(wish, choice.lead, start),
                weight.map_or(1, |(_, weight)| *weight),
            )
        };
        let shares: Vec<(i64, i64)> = all.iter().map(share).collect();
        let is_less = |one: (i64, i64), other: (i64, i64)| one.0 * other.1 < other.0 * one.1;
        let is_least = |own: &(i64, i64)| !shares.iter().any(|one| is_less(*one, *own));
        let least = all.into_iter().zip(&shares);
        let least = least.filter(|(_, share)| is_least(share));
        least.map(|(choice, _)| choice).collect()
    }

    /// How many of this service the host leads in the month of `start`.
    fn load(&self, wish: &Wish, host: &str, start: UnixSeconds) -> i64 {
        let month = |at| Per::Month.number(at);
        let theirs = self.others(&wish.except).filter(|claim| {
            claim.service == wish.service
                && claim.takes.contains(&host)
                && month(claim.core.start) == month(start)
        });
        i64::try_from(theirs.count()).unwrap()
    }

    /// What a hold still keeps for this wish.
    pub fn kept(&self, wish: &Wish, start: UnixSeconds) -> Option<Choice> {
        let hold = self.claims.get(&wish.except)?;
        let service = &self.services[wish.service];
        let mates = self.mates(wish, hold.lead, start);
        let free = |one: &&str| self.is_free(one, hold.padded, &wish.except, Some(hold));
        let stands = hold.service == wish.service
            && hold.core == service.core(start, wish.duration)
            && hold.padded == service.padded(start, wish.duration)
            && start >= self.now
            && wish.named.is_none_or(|named| named == hold.lead)
            && mates.len() < service.seats
            && hold.takes.iter().all(free);
        stands.then(|| Choice {
            lead: hold.lead,
            takes: hold.takes.clone(),
            mates: mates.len(),
        })
    }
}
