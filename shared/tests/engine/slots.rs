//! The months of `vectors/g30_*.json` (March 2027 in Oslo, Monday to Friday from 09:00 to
//! 17:00, every 30 minutes), whose free starts a brute-force search found.

use serde::Deserialize;
use slotstead_shared::{
    Interval, Reason, UnixSeconds,
    engine::{Availability, Claim, ClaimKind, Policy, Schedule, Share, Window},
    wire::{AvailabilityRule, ScheduleInput, Weekday, WindowDays},
};

const HALF_AN_HOUR: i64 = 1_800;

#[derive(Deserialize)]
struct Month {
    start: UnixSeconds,
    end: UnixSeconds,
    busy: Vec<(UnixSeconds, UnixSeconds)>,
    slots: Vec<UnixSeconds>,
}

impl Month {
    fn read(n: usize) -> Self {
        let path = format!("{}/tests/vectors/g30_{n}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the file is there");
        let month: Self = serde_json::from_str(&text).expect("the file has these fields");
        assert_eq!(month.busy.len(), n);
        month
    }

    fn claims(&self) -> Vec<Claim> {
        let claim = |&(start, end): &(UnixSeconds, UnixSeconds)| {
            let core = Interval::new(start, end);
            Claim {
                kind: ClaimKind::Busy,
                share: Share::Apart,
                core,
                padded: core,
            }
        };
        self.busy.iter().map(claim).collect()
    }
}

fn office_hours() -> Schedule {
    let wall = |text: &str| text.parse().expect("a wall time");
    let input = ScheduleInput {
        zone: "Europe/Oslo".to_owned(),
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
    Schedule::new(&input, &[]).expect("a known zone")
}

const HALF_HOURS: Policy = Policy {
    duration: HALF_AN_HOUR,
    step: HALF_AN_HOUR,
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

#[test]
fn the_offered_starts_are_those_of_the_file() {
    let schedule = office_hours();
    for n in [0, 10, 100, 1_000] {
        let month = Month::read(n);
        let claims = month.claims();
        let host = Availability::new(
            &schedule,
            HALF_HOURS,
            month.start,
            i64::MAX,
            &claims,
            Vec::new(),
        );
        let offered = host.offer(Interval::new(month.start, month.end));
        assert_eq!(offered, month.slots, "{n} busy blocks");
    }
}

#[test]
fn the_judge_agrees_with_the_file_on_every_half_hour() {
    let schedule = office_hours();
    for n in [0, 10, 100, 1_000] {
        let month = Month::read(n);
        let claims = month.claims();
        let host = Availability::new(
            &schedule,
            HALF_HOURS,
            month.start,
            i64::MAX,
            &claims,
            Vec::new(),
        );
        for start in (month.start..month.end).step_by(1_800) {
            let core = HALF_HOURS.core(start);
            let taken = claims.iter().any(|claim| claim.core.overlaps(core));
            let listed = month.slots.binary_search(&start).is_ok();
            match host.judge(start) {
                Ok(()) => assert!(listed && !taken, "{start}"),
                Err(Reason::Busy) => assert!(!listed && taken, "{start}"),
                Err(reason) => {
                    assert!(!listed, "{start}");
                    assert_eq!(reason, Reason::OutsideHours, "{start}");
                }
            }
        }
    }
}
