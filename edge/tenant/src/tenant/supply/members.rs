//! The hosts and resources of a service, each with its hours, calendar, holds and bookings.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use slotstead_shared::{
    Date, Interval, UnixSeconds,
    engine::{Claim, ClaimKind, Policy, Schedule, Share, Tz, local_date},
    ids::{HostId, ResourceId, ScheduleId},
    wire::{self, Host, Resource, Service},
};

use super::{
    super::{Context, clocks::Clocks},
    Wish,
};
use crate::{
    store::StoreError,
    tables::{
        corrupt,
        holds::HoldRow,
        ledger::{ClaimRow, Subject},
    },
};

/// A host or a resource with its time.
pub(super) struct Party<T> {
    pub(super) who: T,
    pub(super) subject: Subject,
    pub(super) schedule: Schedule,
    pub(super) known_until: UnixSeconds,
    pub(super) claims: Vec<Claim>,
    /// The group of each claim; empty for a busy block.
    pub(super) labels: Vec<String>,
    /// Where a limit leaves no start.
    pub(super) closed: Vec<Interval>,
}

/// Bookings of this service that share a start by seats.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) members: BTreeSet<String>,
}

impl<T> Party<T> {
    /// Whether nothing is in the way of the hold but its own group, which has one of its `seats`
    /// left; `None` for one that the hold does not take.
    pub(super) fn still_free(&self, hold: &HoldRow, seats: usize) -> Option<bool> {
        if !hold.subjects.contains(&self.subject) {
            return None;
        }
        let claims = self.claims.iter().zip(&self.labels);
        let (mates, others): (Vec<_>, Vec<_>) =
            claims.partition(|(_, label)| **label == hold.group);
        let mut others = others.iter();
        let free = others.all(|(claim, _)| !claim.padded.overlaps(hold.padded));
        Some(free && mates.len() < seats && hold.padded.end <= self.known_until)
    }

    fn take(&mut self, claim: Claim, label: String) {
        self.claims.push(claim);
        self.labels.push(label);
    }
}

/// The hosts and resources of a service.
pub(super) struct Members {
    /// In the service's order.
    pub(super) hosts: Vec<Party<Host>>,
    /// For each need what will do.
    pub(super) needs: Vec<Vec<Party<Resource>>>,
    clocks: BTreeMap<HostId, Clocks>,
    /// The zone of the service: that of its first host's schedule.
    pub(super) zone: Tz,
}

impl Members {
    pub(super) fn of(
        cx: &Context<'_>,
        service: &Service,
        reach: Interval,
    ) -> Result<Self, StoreError> {
        let mut hosts: BTreeMap<HostId, (Host, wire::Schedule)> = BTreeMap::new();
        for (host, schedule) in cx.store.hosts_of(&service.id)? {
            hosts.insert(host.id.clone(), (host, schedule));
        }
        let mut resources: BTreeMap<ResourceId, Resource> = BTreeMap::new();
        if !service.input.resources.is_empty() {
            for resource in cx.store.resources_of(&service.id)? {
                resources.insert(resource.id.clone(), resource);
            }
        }
        let mut rows: BTreeMap<ScheduleId, wire::Schedule> = BTreeMap::new();
        for (_, schedule) in hosts.values() {
            rows.insert(schedule.id.clone(), schedule.clone());
        }
        for id in resources
            .values()
            .filter_map(|one| one.input.schedule.as_ref())
        {
            if !rows.contains_key(id) {
                rows.insert(id.clone(), cx.store.schedule(id)?.ok_or_else(corrupt)?);
            }
        }
        let schedules = schedules(cx, &rows, reach)?;
        let schedule = |id: &ScheduleId| schedules.get(id).cloned().ok_or_else(corrupt);
        let mut members = Self {
            hosts: Vec::new(),
            needs: Vec::new(),
            clocks: BTreeMap::new(),
            zone: Tz::UTC,
        };
        // In the service's order; one that is missing is an error, as its time would read as
        // anything but free.
        for id in &service.input.hosts {
            let (host, row) = hosts.remove(id).ok_or_else(corrupt)?;
            members.clocks.insert(id.clone(), Clocks::of(&row.input)?);
            let schedule = schedule(&row.id)?;
            members
                .hosts
                .push(party(host, Subject::Host(id.clone()), schedule));
        }
        members.zone = members.hosts.first().ok_or_else(corrupt)?.schedule.zone();
        for need in &service.input.resources {
            let mut one_of = Vec::new();
            for id in &need.any_of {
                let resource = resources.remove(id).ok_or_else(corrupt)?;
                let schedule = match &resource.input.schedule {
                    Some(id) => schedule(id)?,
                    None => Schedule::always(),
                };
                one_of.push(party(resource, Subject::Resource(id.clone()), schedule));
            }
            members.needs.push(one_of);
        }
        Ok(members)
    }

    /// Busy blocks of the hosts' calendars, and until when these are known.
    pub(super) fn add_calendars(
        &mut self,
        cx: &Context<'_>,
        reach: Interval,
    ) -> Result<(), StoreError> {
        let ids: Vec<HostId> = self.hosts.iter().map(|host| host.who.id.clone()).collect();
        let mut places = BTreeMap::new();
        for (place, host) in self.hosts.iter().enumerate() {
            places.insert(host.who.id.clone(), place);
        }
        let place = |id: &HostId| places.get(id).copied().ok_or_else(corrupt);
        let feeds = cx.store.feeds_of(&ids)?;
        if feeds.is_empty() {
            return Ok(());
        }
        let blocks = cx.store.busy_blocks(&ids, reach)?;
        for feed in feeds {
            let clocks = self.clocks.get(&feed.host).ok_or_else(corrupt)?;
            let known_until = match &blocks {
                Some(_) => feed.known_until(clocks.key(), cx.now),
                None => UnixSeconds::MIN,
            };
            let host = &mut self.hosts[place(&feed.host)?];
            host.known_until = host.known_until.min(known_until);
        }
        for (host, block) in blocks.into_iter().flatten() {
            let claim = Claim {
                kind: ClaimKind::Busy,
                share: Share::Apart,
                core: block,
                padded: block,
            };
            self.hosts[place(&host)?].take(claim, String::new());
        }
        Ok(())
    }

    /// Holds and bookings, and the groups of them whose seats a booking of `wish` could share.
    pub(super) fn add_claims(
        &mut self,
        cx: &Context<'_>,
        wish: &Wish,
        policy: &Policy,
        reach: Interval,
        except: &str,
    ) -> Result<Vec<Group>, StoreError> {
        let hosts = self.hosts.iter().map(|host| &host.subject);
        let resources = self
            .needs
            .iter()
            .flatten()
            .map(|resource| &resource.subject);
        let subjects: Vec<Subject> = hosts.chain(resources).cloned().collect();
        let rows = cx.store.claims(&subjects, cx.live(reach, except))?;
        let seats = wish.service.input.seats;
        let could_share = |row: &&ClaimRow| {
            seats > 1
                && row.service == wish.service.id
                && row.core == policy.core(row.core.start)
                && row.padded == policy.padded(row.core.start)
        };
        let mut members: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for row in rows.iter().filter(could_share) {
            members
                .entry(&row.group)
                .or_default()
                .insert(row.id.clone());
        }
        let groups: Vec<Group> = members
            .into_iter()
            .map(|(label, members)| Group {
                label: label.to_owned(),
                members,
            })
            .collect();
        for row in &rows {
            let at = groups.binary_search_by(|group| group.label.as_str().cmp(&row.group));
            let share = match at {
                Err(_) => Share::Apart,
                Ok(at) if groups[at].members.len() >= seats as usize => Share::Full,
                Ok(at) => Share::Open(u32::try_from(at).map_err(|_| corrupt())?),
            };
            let claim = Claim {
                kind: row.kind,
                share,
                core: row.core,
                padded: row.padded,
            };
            self.take(&row.subject, claim, &row.group)?;
        }
        Ok(groups)
    }

    fn take(&mut self, subject: &Subject, claim: Claim, label: &str) -> Result<(), StoreError> {
        if let Some(host) = self.hosts.iter_mut().find(|host| host.subject == *subject) {
            host.take(claim, label.to_owned());
            return Ok(());
        }
        let mut resources = self.needs.iter_mut().flatten();
        let resource = resources.find(|resource| resource.subject == *subject);
        resource.ok_or_else(corrupt)?.take(claim, label.to_owned());
        Ok(())
    }
}

fn party<T>(who: T, subject: Subject, schedule: Schedule) -> Party<T> {
    Party {
        who,
        subject,
        schedule,
        known_until: UnixSeconds::MAX,
        claims: Vec::new(),
        labels: Vec::new(),
        closed: Vec::new(),
    }
}

/// The schedules with their overrides on the dates that `reach` touches anywhere.
fn schedules(
    cx: &Context<'_>,
    rows: &BTreeMap<ScheduleId, wire::Schedule>,
    reach: Interval,
) -> Result<BTreeMap<ScheduleId, Schedule>, StoreError> {
    // Local dates are within a day of UTC's, and a span may have begun the day before; with a stay
    // elsewhere the dates of two zones are looked at.
    let (first, last) = (
        local_date(Tz::UTC, reach.start),
        local_date(Tz::UTC, reach.end),
    );
    let first = Date(first.checked_sub_days(Days::new(4)).unwrap_or(first));
    let last = Date(last.checked_add_days(Days::new(4)).unwrap_or(last));
    let ids: Vec<&ScheduleId> = rows.keys().collect();
    let mut overrides: BTreeMap<ScheduleId, Vec<wire::DateOverride>> = BTreeMap::new();
    for (id, date_override) in cx.store.overrides_between(&ids, first, last)? {
        overrides.entry(id).or_default().push(date_override);
    }
    rows.values()
        .map(|row| {
            let overrides = overrides.remove(&row.id).unwrap_or_default();
            let schedule = Schedule::new(&row.input, &overrides).map_err(|_| corrupt())?;
            Ok((row.id.clone(), schedule))
        })
        .collect()
}
