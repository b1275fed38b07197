//! What a service has to give: its hosts and resources, when they can, and what takes their time.
//!
//! Loaded in one way for offering, holding, booking, rescheduling and explaining, so all of them
//! see the same. A stored value that cannot be read is an error here and never free time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use slotstead_shared::{
    Date, Interval, Reason, UnixSeconds,
    engine::{
        Availability, Choice, Claim, ClaimKind, Policy, Schedule, Share, Team, Tz, local_date,
        period_of,
    },
    ids::{BookingId, HostId, ResourceId, ScheduleId, ServiceId},
    problem::FieldError,
    wire::{self, Host, HostChoice, Period, Resource, Service},
};

use super::{Context, clocks::Clocks, limits};
use crate::{
    refusal::Refusal,
    store::StoreError,
    tables::{
        corrupt,
        ledger::{ClaimRow, HoldRow, Subject, Taking},
    },
};

/// What somebody wants of a service: how long, and with whom.
#[derive(Debug, Clone)]
pub struct Wish {
    pub service: Service,
    pub duration_minutes: u32,
    /// The host whom the booker named.
    pub host: Option<HostId>,
}

impl Wish {
    /// The wish, or the refusal that names what is wrong with it.
    pub fn find(
        cx: &Context<'_>,
        id: &ServiceId,
        duration_minutes: Option<u32>,
        host: Option<&HostId>,
    ) -> Result<Self, Refusal> {
        let service = service(cx, id)?;
        let input = &service.input;
        let mut errors = Vec::new();
        let duration = duration_minutes.unwrap_or(input.duration_minutes);
        if !offers_duration(&service, duration) {
            let detail = "This is not one of the durations of the service";
            errors.push(FieldError::new("duration_minutes", detail));
        }
        if let Some(host) = host {
            if !input.booker_names_host {
                let detail = "The host of this service is not for the booker to name";
                errors.push(FieldError::new("host", detail));
            } else if !input.hosts.contains(host) {
                errors.push(FieldError::new(
                    "host",
                    "This host does not give the service",
                ));
            }
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        Ok(Self {
            service,
            duration_minutes: duration,
            host: host.cloned(),
        })
    }

    /// The service as it is offered now for a booking that was made earlier: its own duration and
    /// named host, as far as the service still has them.
    pub fn again(
        cx: &Context<'_>,
        id: &ServiceId,
        core: Interval,
        named: Option<&HostId>,
    ) -> Result<Self, Refusal> {
        let service = service(cx, id)?;
        let duration = u32::try_from((core.end - core.start) / 60).unwrap_or(0);
        let duration_minutes = if offers_duration(&service, duration) {
            duration
        } else {
            service.input.duration_minutes
        };
        let together = service.input.host_choice == HostChoice::Collective;
        let named = named.filter(|host| !together && service.input.hosts.contains(host));
        Ok(Self {
            duration_minutes,
            host: named.cloned(),
            service,
        })
    }

    pub fn policy(&self) -> Policy {
        Policy::of(&self.service.input, self.duration_minutes)
    }
}

fn offers_duration(service: &Service, minutes: u32) -> bool {
    let input = &service.input;
    input.duration_minutes == minutes || input.other_durations_minutes.contains(&minutes)
}

/// A wish with the state of who could fulfil it in a range of time.
pub struct Supply {
    pub wish: Wish,
    pub policy: Policy,
    /// The zone of the service: that of its first host's schedule.
    pub zone: Tz,
    /// In the service's order; only the named one where the booker named one.
    hosts: Vec<Party<Host>>,
    /// For each need what will do.
    needs: Vec<Vec<Party<Resource>>>,
    /// Where a limit of the service leaves no start.
    closed: Vec<Interval>,
    /// The groups whose seats a booking could share.
    groups: Vec<Group>,
    now: UnixSeconds,
    /// The claim that was left out.
    except: String,
}

/// A host or a resource with its time.
struct Party<T> {
    who: T,
    subject: Subject,
    schedule: Schedule,
    known_until: UnixSeconds,
    claims: Vec<Claim>,
    /// The group of each claim; empty for a busy block.
    labels: Vec<String>,
    /// Where a limit leaves no start.
    closed: Vec<Interval>,
}

/// Bookings of this service that share a start by seats.
struct Group {
    label: String,
    members: BTreeSet<String>,
}

/// What a booking takes, with the names.
pub struct Taken {
    /// Who leads.
    pub host: Host,
    pub co_hosts: Vec<Host>,
    pub resources: Vec<Resource>,
    pub taking: Taking,
}

impl Supply {
    /// All that bears on starts within `range`. The claim with the id `except` is left out.
    pub fn load(
        cx: &Context<'_>,
        wish: Wish,
        range: Interval,
        except: &str,
    ) -> Result<Self, StoreError> {
        let policy = wish.policy();
        let reach = Interval::new(
            policy.padded(range.start).start,
            policy.padded(range.end).end,
        );
        let service = &wish.service;
        let mut members = Members::of(cx, service, reach)?;
        let zone = members.zone;
        if let Some(named) = &wish.host {
            members.hosts.retain(|host| host.who.id == *named);
        }
        members.add_calendars(cx, reach)?;
        let groups = members.add_claims(cx, &wish, &policy, reach, except)?;
        for host in &mut members.hosts {
            let (zone, limits) = (host.schedule.zone(), &host.who.input.limits);
            host.closed =
                limits::closed_for_host(cx, &host.subject, limits, &policy, zone, range, except)?;
        }
        let closed = limits::closed_for_service(cx, service, &policy, zone, range, except)?;
        Ok(Self {
            policy,
            zone,
            hosts: members.hosts,
            needs: members.needs,
            closed,
            groups,
            now: cx.now,
            except: except.to_owned(),
            wish,
        })
    }

    fn team(&self) -> Team<'_> {
        let needs = self.needs.iter();
        let needs = needs.map(|need| need.iter().map(|one| self.availability(one)).collect());
        Team::new(
            self.hosts
                .iter()
                .map(|host| self.availability(host))
                .collect(),
            self.wish.service.input.host_choice == HostChoice::Collective,
            needs.collect(),
            self.closed.clone(),
        )
    }

    fn availability<'a, T>(&self, of: &'a Party<T>) -> Availability<'a> {
        let (claims, closed) = (&of.claims, of.closed.clone());
        Availability::new(
            &of.schedule,
            self.policy,
            self.now,
            of.known_until,
            claims,
            closed,
        )
    }

    /// The starts within `range` that can be booked, ascending, each once.
    pub fn offer(&self, range: Interval) -> Vec<UnixSeconds> {
        self.team().offer(range)
    }

    /// The first instant past the booking window of every host.
    pub fn window_end(&self) -> UnixSeconds {
        self.team().window_end().unwrap_or(self.now)
    }

    /// The starts within `range` that hours and steps give, free or not.
    pub fn steps_within(&self, range: Interval) -> Vec<UnixSeconds> {
        self.team().steps_within(range)
    }

    /// The seats left at each of these starts; nothing where the service shares none.
    pub fn seats_left(&self, starts: &[UnixSeconds]) -> Vec<Option<u32>> {
        let seats = self.wish.service.input.seats;
        if seats == 1 {
            return vec![None; starts.len()];
        }
        let (team, order) = (self.team(), self.service_order());
        let left = |start: &UnixSeconds| match team.choose(*start, &order) {
            Ok(Choice::Seat(group)) => seats.saturating_sub(self.group_size(group)),
            Ok(Choice::Fresh { .. }) | Err(_) => seats,
        };
        starts.iter().map(|start| Some(left(start))).collect()
    }

    fn group_size(&self, group: u32) -> u32 {
        let group = self.groups.get(group as usize);
        group.map_or(0, |group| {
            u32::try_from(group.members.len()).unwrap_or(u32::MAX)
        })
    }

    fn service_order(&self) -> Vec<usize> {
        (0..self.hosts.len()).collect()
    }

    /// Why nobody can be booked at `start`, and for each host why not that one.
    pub fn reasons(&self, start: UnixSeconds) -> (Option<Reason>, Vec<(HostId, Option<Reason>)>) {
        let (team, order) = (self.team(), self.service_order());
        let hosts = self.hosts.iter().enumerate();
        let hosts =
            hosts.map(|(place, host)| (host.who.id.clone(), team.judge_host(place, start).err()));
        (team.choose(start, &order).err(), hosts.collect())
    }

    /// The hosts' places in the order in which they are tried for a booking at `start`: `preferred`
    /// first, then as the service says.
    fn order(
        &self,
        cx: &Context<'_>,
        start: UnixSeconds,
        preferred: Option<&HostId>,
    ) -> Result<Vec<usize>, StoreError> {
        let input = &self.wish.service.input;
        let mut order = self.service_order();
        if input.host_choice == HostChoice::RoundRobin {
            let month = period_of(self.zone, Period::Month, start);
            let service = &self.wish.service.id;
            let loads = cx
                .store
                .load_of_service(service, month, cx.now, &self.except)?;
            let loads: BTreeMap<Subject, i64> = loads.into_iter().collect();
            let share = |place: &usize| {
                let host = &self.hosts[*place];
                let weight = input.host_weights.get(&host.who.id).copied().unwrap_or(1);
                let load = loads.get(&host.subject).copied().unwrap_or(0);
                (load, i64::from(weight.max(1)))
            };
            order.sort_by(|one, other| {
                let ((load, weight), (others_load, others_weight)) = (share(one), share(other));
                (load * others_weight).cmp(&(others_load * weight))
            });
        }
        if let Some(preferred) = preferred {
            // Stable: false comes first.
            order.sort_by_key(|place| self.hosts[*place].who.id != *preferred);
        }
        Ok(order)
    }

    /// What a booking at `start` takes, or why nobody can be booked.
    pub fn choose(
        &self,
        cx: &Context<'_>,
        start: UnixSeconds,
        preferred: Option<&HostId>,
    ) -> Result<Result<Taken, Reason>, StoreError> {
        let order = self.order(cx, start, preferred)?;
        let choice = match self.team().choose(start, &order) {
            Ok(choice) => choice,
            Err(reason) => return Ok(Err(reason)),
        };
        let (label, subjects) = match choice {
            Choice::Fresh { hosts, resources } => {
                let hosts = hosts.into_iter().map(|place| &self.hosts[place].subject);
                let needs = self.needs.iter().zip(resources);
                let resources = needs.map(|(need, place)| &need[place].subject);
                (fresh_label(cx), hosts.chain(resources).cloned().collect())
            }
            Choice::Seat(group) => {
                let label = &self.groups.get(group as usize).ok_or_else(corrupt)?.label;
                let has = |host: &&Party<Host>| host.labels.contains(label);
                let host = self.hosts.iter().find(has).ok_or_else(corrupt)?;
                let subjects = cx.store.subjects_of_group(label, &host.subject, cx.now)?;
                (label.clone(), subjects)
            }
        };
        self.taken(cx, start, label, subjects).map(Ok)
    }

    /// What a hold keeps, if it is for this wish as the service is now and nothing has come in its
    /// way since it was placed.
    ///
    /// The hold keeps its promise about hours, notice, window and limits, whatever the owner has
    /// changed in those ten minutes; what has reached the calendars still counts.
    pub fn kept(
        &self,
        cx: &Context<'_>,
        hold: &HoldRow,
        start: UnixSeconds,
    ) -> Result<Option<Taken>, StoreError> {
        let same = hold.service == self.wish.service.id
            && hold.core == self.policy.core(start)
            && hold.padded == self.policy.padded(start)
            && start >= cx.now;
        let seats = self.wish.service.input.seats as usize;
        let named = self.wish.host.as_ref();
        let with = named.is_none_or(|host| hold.subjects.contains(&Subject::Host(host.clone())));
        let hosts = self.hosts.iter().map(|host| host.still_free(hold, seats));
        let needs = self.needs.iter().flatten();
        let resources = needs.map(|resource| resource.still_free(hold, seats));
        let found: Vec<bool> = hosts.chain(resources).flatten().collect();
        // Whoever is no longer part of the service is not found.
        if !same || !with || found.len() < hold.subjects.len() || found.contains(&false) {
            return Ok(None);
        }
        let taken = self.taken(cx, start, hold.group.clone(), hold.subjects.clone())?;
        Ok(Some(taken))
    }

    fn taken(
        &self,
        cx: &Context<'_>,
        start: UnixSeconds,
        group: String,
        subjects: Vec<Subject>,
    ) -> Result<Taken, StoreError> {
        let (mut hosts, mut resources) = (Vec::new(), Vec::new());
        for subject in &subjects {
            match subject {
                Subject::Host(id) => hosts.push(cx.store.host(id)?.ok_or_else(corrupt)?),
                Subject::Resource(id) => {
                    resources.push(cx.store.resource(id)?.ok_or_else(corrupt)?);
                }
            }
        }
        let input = &self.wish.service.input;
        hosts.sort_by_key(|host| input.hosts.iter().position(|id| *id == host.id));
        let mut hosts = hosts.into_iter();
        Ok(Taken {
            host: hosts.next().ok_or_else(corrupt)?,
            co_hosts: hosts.collect(),
            resources,
            taking: Taking {
                group,
                seats: input.seats,
                service: self.wish.service.id.clone(),
                subjects,
                core: self.policy.core(start),
                padded: self.policy.padded(start),
            },
        })
    }
}

/// A label for a group of its own, which no other group has: a moved booking gets a new one, as those
/// who stay behind keep theirs.
fn fresh_label(cx: &Context<'_>) -> String {
    BookingId::from_random(cx.random).to_string()
}

impl<T> Party<T> {
    /// Whether nothing is in the way of the hold but its own group, which has one of its `seats`
    /// left; `None` for one that the hold does not take.
    fn still_free(&self, hold: &HoldRow, seats: usize) -> Option<bool> {
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
struct Members {
    hosts: Vec<Party<Host>>,
    needs: Vec<Vec<Party<Resource>>>,
    clocks: BTreeMap<HostId, Clocks>,
    zone: Tz,
}

impl Members {
    fn of(cx: &Context<'_>, service: &Service, reach: Interval) -> Result<Self, StoreError> {
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
    fn add_calendars(&mut self, cx: &Context<'_>, reach: Interval) -> Result<(), StoreError> {
        let ids: Vec<HostId> = self.hosts.iter().map(|host| host.who.id.clone()).collect();
        let mut places = BTreeMap::new();
        for (place, host) in self.hosts.iter().enumerate() {
            places.insert(host.who.id.clone(), place);
        }
        let place = |id: &HostId| places.get(id).copied().ok_or_else(corrupt);
        for feed in cx.store.feeds_of(&ids)? {
            let clocks = self.clocks.get(&feed.host).ok_or_else(corrupt)?;
            let known_until = feed.known_until(clocks.key(), cx.now);
            let host = &mut self.hosts[place(&feed.host)?];
            host.known_until = host.known_until.min(known_until);
        }
        for (host, block) in cx.store.busy_blocks(&ids, reach)? {
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
    fn add_claims(
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
        let rows = cx.store.claims(&subjects, reach, cx.now, except)?;
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

/// The service, or the refusal that names it.
pub fn service(cx: &Context<'_>, id: &ServiceId) -> Result<Service, Refusal> {
    cx.store
        .service(id)?
        .ok_or_else(|| Refusal::not_found_in("service", "service"))
}
