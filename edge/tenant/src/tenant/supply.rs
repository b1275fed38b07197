//! What a service has to give: its hosts and resources, when they can, and what takes their time.
//!
//! Loaded in one way for offering, holding, booking, rescheduling and explaining, so all of them
//! see the same. A stored value that cannot be read is an error here and never free time.

mod members;
mod wish;

use std::collections::BTreeMap;

use slotstead_shared::{
    Interval, Reason, UnixSeconds,
    engine::{Availability, Choice, Policy, Team, Tz, period_of},
    ids::{BookingId, HostId},
    wire::{Host, HostChoice, Period, Resource},
};

use self::members::{Group, Members, Party};
pub use self::wish::Wish;
use super::{Context, limits};
use crate::{
    store::StoreError,
    tables::{
        corrupt,
        holds::HoldRow,
        ledger::{Subject, Taking},
    },
};

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

    /// The seats left at each of these ascending starts; nothing where the service shares none.
    pub fn seats_left(&self, starts: &[UnixSeconds]) -> Vec<Option<u32>> {
        let seats = self.wish.service.input.seats;
        if seats == 1 {
            return vec![None; starts.len()];
        }
        let left = |choice| match choice {
            Ok(Choice::Seat(group)) => seats.saturating_sub(self.group_size(group)),
            Ok(Choice::Fresh { .. }) | Err(_) => seats,
        };
        let choices = self.team().choose_each(starts, &self.service_order());
        let choices = choices.into_iter();
        choices.map(|choice| Some(left(choice))).collect()
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

    /// What explains, start by start, why it cannot be booked.
    pub fn explained(&self) -> Explained<'_> {
        Explained {
            hosts: &self.hosts,
            team: self.team(),
            order: self.service_order(),
        }
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
            let live = cx.live(month, &self.except);
            let loads = cx.store.load_of_service(service, live)?;
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

/// A supply that is asked about many starts: why each cannot be booked.
pub struct Explained<'a> {
    hosts: &'a [Party<Host>],
    team: Team<'a>,
    order: Vec<usize>,
}

impl Explained<'_> {
    /// Why nobody can be booked at `start`, and for each host why not that one.
    pub fn reasons(&self, start: UnixSeconds) -> (Option<Reason>, Vec<(HostId, Option<Reason>)>) {
        let hosts = self.hosts.iter().enumerate();
        let hosts = hosts.map(|(place, host)| {
            let verdict = self.team.judge_host(place, start);
            (host.who.id.clone(), verdict.err())
        });
        let nobody = self.team.choose(start, &self.order).err();
        (nobody, hosts.collect())
    }
}

/// A label for a group of its own, which no other group has: a moved booking gets a new one, as those
/// who stay behind keep theirs.
fn fresh_label(cx: &Context<'_>) -> String {
    BookingId::from_random(cx.random).to_string()
}
