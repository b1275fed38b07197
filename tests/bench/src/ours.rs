//! Our engine.

use slotstead_shared::{
    Interval, WallTime,
    engine::{Availability, Claim, ClaimKind, Policy, Schedule, Share, Window},
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

    /// The month's starts.
    pub fn starts(&self, month: &Month) -> Vec<i64> {
        Availability::new(
            &self.schedule,
            self.policy,
            month.start,
            i64::MAX,
            &self.claims,
            Vec::new(),
        )
        .offer(Interval::new(month.start, month.end))
    }
}
