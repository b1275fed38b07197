//! The eight services of the histories, which between them have every rule of the ledger.

use serde_json::{Value as Json, json};
use slotstead_shared::{Interval, UnixSeconds};
use slotstead_tenant::Command;

use super::shop::{Limit, MINUTE, Per, WINDOW_DAYS, bookings, id_of, minutes};
use crate::kit::{slug, wire, with};

#[derive(Debug, Clone, Copy)]
pub enum Who {
    FirstFree,
    /// With these weights.
    RoundRobin(&'static [(&'static str, i64)]),
    Collective,
}

/// A service, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    pub id: &'static str,
    pub hosts: &'static [&'static str],
    pub who: Who,
    pub names_host: bool,
    /// The usual one first.
    pub durations: &'static [i64],
    pub step: i64,
    pub before: i64,
    pub after: i64,
    pub notice: i64,
    pub seats: usize,
    pub needs: &'static [&'static [&'static str]],
    pub limits: &'static [Limit],
    pub booker_limits: &'static [Limit],
    pub booker_upcoming: Option<usize>,
    /// What the owner sets in place of `after` and `seats`, and back.
    pub other: Option<(i64, usize)>,
}

const PLAIN: Offered = Offered {
    id: "",
    hosts: &[],
    who: Who::FirstFree,
    names_host: false,
    durations: &[30 * MINUTE],
    step: 30 * MINUTE,
    before: 0,
    after: 0,
    notice: 0,
    seats: 1,
    needs: &[],
    limits: &[],
    booker_limits: &[],
    booker_upcoming: None,
    other: None,
};

pub const SERVICES: [Offered; 8] = [
    Offered {
        id: "short",
        hosts: &["host:a", "host:b"],
        durations: &[30 * MINUTE, 45 * MINUTE],
        step: 15 * MINUTE,
        other: Some((15 * MINUTE, 1)),
        ..PLAIN
    },
    Offered {
        id: "long",
        hosts: &["host:b", "host:a"],
        durations: &[60 * MINUTE],
        before: 15 * MINUTE,
        after: 10 * MINUTE,
        notice: 90 * MINUTE,
        ..PLAIN
    },
    Offered {
        id: "alone",
        hosts: &["host:b"],
        durations: &[45 * MINUTE],
        step: 45 * MINUTE,
        after: 30 * MINUTE,
        notice: 10 * MINUTE,
        limits: &[bookings(Per::Day, 2), minutes(Per::Month, 3 * 45)],
        ..PLAIN
    },
    Offered {
        id: "class",
        hosts: &["host:c", "host:b"],
        durations: &[60 * MINUTE, 30 * MINUTE],
        after: 10 * MINUTE,
        seats: 3,
        needs: &[&["resource:room1", "resource:room2"]],
        other: Some((0, 2)),
        ..PLAIN
    },
    Offered {
        id: "robin",
        hosts: &["host:a", "host:b", "host:c"],
        who: Who::RoundRobin(&[("host:b", 2)]),
        names_host: true,
        durations: &[30 * MINUTE, 45 * MINUTE],
        step: 15 * MINUTE,
        booker_limits: &[bookings(Per::Day, 1), minutes(Per::Week, 75)],
        booker_upcoming: Some(2),
        ..PLAIN
    },
    Offered {
        id: "together",
        hosts: &["host:a", "host:c"],
        who: Who::Collective,
        needs: &[&["resource:room1"], &["resource:lamp", "resource:beamer"]],
        ..PLAIN
    },
    Offered {
        id: "course",
        hosts: &["host:b", "host:c"],
        who: Who::Collective,
        durations: &[45 * MINUTE],
        step: 15 * MINUTE,
        before: 5 * MINUTE,
        seats: 2,
        needs: &[&["resource:lamp"], &["resource:room2", "resource:room1"]],
        limits: &[minutes(Per::Day, 3 * 45)],
        ..PLAIN
    },
    Offered {
        id: "clinic",
        hosts: &["host:b", "host:c"],
        who: Who::RoundRobin(&[]),
        names_host: true,
        seats: 2,
        limits: &[bookings(Per::Week, 3)],
        ..PLAIN
    },
];

impl Offered {
    pub fn core(&self, start: UnixSeconds, duration: i64) -> Interval {
        debug_assert!(self.durations.contains(&duration));
        Interval::new(start, start + duration)
    }

    pub fn padded(&self, start: UnixSeconds, duration: i64) -> Interval {
        Interval::new(start - self.before, start + duration + self.after)
    }

    /// As the owner writes it.
    pub fn command(&self) -> Command {
        let ids = |subjects: &[&'static str]| -> Vec<&str> {
            subjects.iter().map(|one| id_of(one)).collect()
        };
        let limits = |limits: &[Limit]| -> Vec<Json> { limits.iter().map(Limit::json).collect() };
        let minutes = |seconds: &i64| seconds / MINUTE;
        let others: Vec<i64> = self.durations[1..].iter().map(minutes).collect();
        let needs = self.needs.iter().map(|need| json!({ "any_of": ids(need) }));
        let needs: Vec<Json> = needs.collect();
        let mut service = json!({
            "name": self.id, "hosts": ids(self.hosts), "duration_minutes": minutes(&self.durations[0]),
            "other_durations_minutes": others, "slot_step_minutes": minutes(&self.step),
            "buffer_before_minutes": minutes(&self.before),
            "buffer_after_minutes": minutes(&self.after),
            "minimum_notice_minutes": minutes(&self.notice),
            "booking_window_days": WINDOW_DAYS, "seats": self.seats, "resources": needs,
            "booker_names_host": self.names_host, "limits": limits(self.limits),
            "booker_limits": limits(self.booker_limits), "booker_upcoming": self.booker_upcoming,
        });
        let choice = match self.who {
            Who::FirstFree => json!({ "host_choice": "first_free" }),
            Who::Collective => json!({ "host_choice": "collective" }),
            Who::RoundRobin(weights) => {
                let weights = weights
                    .iter()
                    .map(|(host, weight)| (id_of(host).to_owned(), json!(weight)));
                json!({ "host_choice": "round_robin", "host_weights": Json::Object(weights.collect()) })
            }
        };
        service = with(service, choice);
        Command::PutService {
            id: slug(self.id),
            service: wire(service),
        }
    }
}
