//! What a service has to give: its hosts, when they work, and what takes their time.
//!
//! Loaded in one way for offering, holding, booking and rescheduling, so all four see
//! the same. A stored value that cannot be read is an error here and never free time.

use std::collections::BTreeMap;

use chrono::Days;
use slotstead_shared::{
    Date, Interval, UnixSeconds,
    engine::{
        Claim, ClaimKind, HostAvailability, Policy, Reason, Schedule, Tz, local_date, parse_zone,
    },
    ids::{HostId, ScheduleId},
    wire::{self, Service},
};

use super::Context;
use crate::{refusal::Refusal, store::StoreError, tables::corrupt};

/// A service with the state of its hosts in a range of time.
pub struct Supply {
    pub service: Service,
    pub policy: Policy,
    /// The zone of the service: that of its first host's schedule.
    pub zone: Tz,
    hosts: Vec<HostSupply>,
    schedules: BTreeMap<ScheduleId, Schedule>,
    now: UnixSeconds,
}

struct HostSupply {
    host: wire::Host,
    known_until: UnixSeconds,
    claims: Vec<Claim>,
}

impl Supply {
    /// All that bears on starts within `range`. The claim with the id `except` is left out.
    pub fn load(
        cx: &Context<'_>,
        service: Service,
        range: Interval,
        except: &str,
    ) -> Result<Self, StoreError> {
        let policy = Policy::from(&service.input);
        let reach = Interval::new(
            policy.padded(range.start).start,
            policy.padded(range.end).end,
        );
        let rows = cx.store.hosts_of(&service.id)?;
        let schedules = schedules(cx, rows.iter().map(|(_, schedule)| schedule), reach)?;
        let mut hosts = BTreeMap::new();
        for (host, schedule) in rows {
            let zone = parse_zone(&schedule.input.zone).map_err(|_| corrupt())?;
            let supply = HostSupply {
                host,
                known_until: UnixSeconds::MAX,
                claims: Vec::new(),
            };
            hosts.insert(supply.host.id.clone(), (zone, supply));
        }
        let ids: Vec<HostId> = hosts.keys().cloned().collect();
        for feed in cx.store.feeds_of(&ids)? {
            let (zone, supply) = hosts.get_mut(&feed.host).ok_or_else(corrupt)?;
            let known_until = feed.known_until(*zone, cx.now);
            supply.known_until = supply.known_until.min(known_until);
        }
        for (host, block) in cx.store.busy_blocks(&ids, reach)? {
            let claim = Claim {
                kind: ClaimKind::Busy,
                core: block,
                padded: block,
            };
            hosts
                .get_mut(&host)
                .ok_or_else(corrupt)?
                .1
                .claims
                .push(claim);
        }
        for (host, claim) in cx.store.claims(&ids, reach, cx.now, except)? {
            hosts
                .get_mut(&host)
                .ok_or_else(corrupt)?
                .1
                .claims
                .push(claim);
        }
        // In the service's order of preference; a host that is missing is an error, as its
        // time would read as anything but free.
        let in_order: Result<Vec<(Tz, HostSupply)>, StoreError> = service
            .input
            .hosts
            .iter()
            .map(|id| hosts.remove(id).ok_or_else(corrupt))
            .collect();
        let in_order = in_order?;
        let zone = in_order.first().ok_or_else(corrupt)?.0;
        let hosts = in_order.into_iter().map(|(_, supply)| supply).collect();
        Ok(Self {
            service,
            policy,
            zone,
            hosts,
            schedules,
            now: cx.now,
        })
    }

    fn availabilities(&self) -> impl Iterator<Item = (&wire::Host, HostAvailability<'_>)> {
        self.hosts.iter().map(|supply| {
            // Each host was loaded together with its schedule.
            let schedule = &self.schedules[&supply.host.input.schedule];
            let availability = HostAvailability::new(
                schedule,
                self.policy,
                self.now,
                supply.known_until,
                &supply.claims,
            );
            (&supply.host, availability)
        })
    }

    /// The starts within `range` at which some host is free, ascending, each once.
    pub fn offer(&self, range: Interval) -> Vec<UnixSeconds> {
        let mut starts: Vec<UnixSeconds> = self
            .availabilities()
            .flat_map(|(_, availability)| availability.offer(range))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The first host who is free at `start`: `preferred`, then in the service's order. If there
    /// is none, the reason of the host who came closest.
    pub fn choose(
        &self,
        start: UnixSeconds,
        preferred: Option<&HostId>,
    ) -> Result<&wire::Host, Reason> {
        let mut closest = None;
        let mut first_free = None;
        for (host, availability) in self.availabilities() {
            match availability.judge(start) {
                Ok(()) if preferred.is_none_or(|id| *id == host.id) => return Ok(host),
                Ok(()) => first_free = first_free.or(Some(host)),
                Err(reason) => closest = closest.max(Some(reason)),
            }
        }
        // A service has a host, so there is a reason where nobody is free.
        first_free.ok_or(closest.unwrap_or(Reason::Unknown))
    }

    /// The host of a hold, if nothing has come in the way of `padded` since it was placed.
    ///
    /// The hold keeps its promise about hours, notice and window, whatever the owner has
    /// changed in those ten minutes; what has reached the host's calendar still counts.
    pub fn still_free(&self, id: &HostId, padded: Interval) -> Option<&wire::Host> {
        let supply = self.hosts.iter().find(|supply| supply.host.id == *id)?;
        let free = padded.end <= supply.known_until
            && supply
                .claims
                .iter()
                .all(|claim| !claim.padded.overlaps(padded));
        free.then_some(&supply.host)
    }

    /// The first instant past the booking window of every host.
    pub fn window_end(&self) -> UnixSeconds {
        let ends = self
            .availabilities()
            .map(|(_, availability)| availability.window_end());
        ends.max().unwrap_or(self.now)
    }
}

/// The schedules, each once, with their overrides on the dates that `reach` touches anywhere.
fn schedules<'a>(
    cx: &Context<'_>,
    rows: impl Iterator<Item = &'a wire::Schedule>,
    reach: Interval,
) -> Result<BTreeMap<ScheduleId, Schedule>, StoreError> {
    let rows: BTreeMap<&ScheduleId, &wire::Schedule> =
        rows.map(|schedule| (&schedule.id, schedule)).collect();
    // Local dates are within a day of UTC's, and a span may have begun the day before.
    let (first, last) = (
        local_date(Tz::UTC, reach.start),
        local_date(Tz::UTC, reach.end),
    );
    let first = Date(first.checked_sub_days(Days::new(2)).unwrap_or(first));
    let last = Date(last.checked_add_days(Days::new(2)).unwrap_or(last));
    let ids: Vec<&ScheduleId> = rows.keys().copied().collect();
    let mut overrides: BTreeMap<ScheduleId, Vec<wire::DateOverride>> = BTreeMap::new();
    for (id, date_override) in cx.store.overrides_between(&ids, first, last)? {
        overrides.entry(id).or_default().push(date_override);
    }
    rows.into_values()
        .map(|row| {
            let zone = parse_zone(&row.input.zone).map_err(|_| corrupt())?;
            let overrides = overrides.remove(&row.id).unwrap_or_default();
            Ok((row.id.clone(), Schedule::new(zone, &row.input, &overrides)))
        })
        .collect()
}

/// The service, or the refusal that names it.
pub fn service(
    cx: &Context<'_>,
    id: &slotstead_shared::ids::ServiceId,
) -> Result<Service, Refusal> {
    cx.store
        .service(id)?
        .ok_or_else(|| Refusal::not_found("service"))
}
