//! Our engine.

use slotstead_shared::{
    Interval, WallTime,
    engine::{self, Availability, Claim, ClaimKind, Policy, Schedule, Share, Window},
    wire::{AvailabilityRule, ScheduleInput, Weekday, WindowDays},
};

use crate::month::{Month, SLOT_MINUTES, ZONE};

/// A host with office hours and a calendar.
pub struct Host {
    schedule: Schedule,
    policy: Policy,
    claims: Vec<Claim>,
}

impl Host {
    pub fn new(month: &Month) -> Self {
        let wall = |text: &str| -> WallTime { text.parse().expect("a wall time") };
        let input = ScheduleInput {
            zone: ZONE.to_owned(),
            rules: Weekday::ALL[..5]
                .iter()
                .map(|&weekday| AvailabilityRule {
                    weekday,
                    start: wall("09:00"),
                    end: wall("17:00"),
                })
                .collect(),
            holidays: None,
            travel: Vec::new(),
        };
        let policy = Policy {
            duration: SLOT_MINUTES * 60,
            step: SLOT_MINUTES * 60,
            buffer_before: 0,
            buffer_after: 0,
            minimum_notice: 0,
            offset: 0,
            window: Window {
                days: 365,
                counts: WindowDays::Calendar,
                dates: None,
            },
        };
        let claim = |&(start, end): &(i64, i64)| {
            let core = Interval::new(start, end);
            Claim {
                kind: ClaimKind::Busy,
                share: Share::Apart,
                core,
                padded: core,
            }
        };
        Self {
            schedule: Schedule::new(&input, &[]).expect("a known zone"),
            policy,
            claims: month.busy.iter().map(claim).collect(),
        }
    }

    fn availability(&self, month: &Month) -> Availability<'_> {
        Availability::new(
            &self.schedule,
            self.policy,
            month.start,
            i64::MAX,
            &self.claims,
            Vec::new(),
        )
    }

    /// The month's starts.
    pub fn starts(&self, month: &Month) -> Vec<i64> {
        let range = Interval::new(month.start, month.end);
        self.availability(month).offer(range)
    }
}

/// Hosts of one service, of whom one takes a booking. Everybody has a calendar that is like the
/// month's, some minutes later than that of the one before.
pub struct Team(Vec<Host>);

impl Team {
    pub fn new(month: &Month, hosts: u8) -> Self {
        let mut team: Vec<Host> = (0..hosts).map(|_| Host::new(month)).collect();
        for (host, shift) in team.iter_mut().zip((0..).step_by(7 * 60)) {
            for claim in &mut host.claims {
                claim.core = Interval::new(claim.core.start + shift, claim.core.end + shift);
                claim.padded = claim.core;
            }
        }
        Self(team)
    }

    /// When somebody is free.
    pub fn starts(&self, month: &Month) -> Vec<i64> {
        let hosts = self.0.iter().map(|host| host.availability(month));
        let team = engine::Team::new(hosts.collect(), false, Vec::new(), Vec::new());
        team.offer(Interval::new(month.start, month.end))
    }

    /// When each is free, asked one by one.
    pub fn starts_of_each(&self, month: &Month) -> Vec<i64> {
        let starts = self.0.iter().flat_map(|host| host.starts(month));
        starts.collect()
    }
}
