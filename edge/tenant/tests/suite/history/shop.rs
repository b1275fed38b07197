//! What the tenant of the histories offers: three hosts and four resources with their hours. Its
//! services are next door.
//!
//! All clocks show UTC, but those of a stay, so the model needs no zones.

use serde_json::{Value as Json, json};
use slotstead_shared::UnixSeconds;
use slotstead_tenant::Command;

use super::services::SERVICES;
use crate::kit::{ORIGIN, World, at, settings, slug, title, wire, with};

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
/// Midnight of 1 March 2027, a Monday: a month begins, and a week.
const MARCH: UnixSeconds = 1_803_859_200;
/// The first day on which a history may begin: a Thursday.
pub const FIRST_DAY: UnixSeconds = MARCH - 4 * DAY;
/// The days on which anything happens.
pub const DAYS: i64 = 9;
/// The last bookable date is so many days from today.
pub const WINDOW_DAYS: i64 = 2;
/// The host whose calendar is connected.
pub const CONNECTED: &str = "host:a";
pub const SUBJECTS: [&str; 7] = [
    "host:a",
    "host:b",
    "host:c",
    "resource:beamer",
    "resource:lamp",
    "resource:room1",
    "resource:room2",
];

/// The same subject, for good.
pub fn subject(text: &str) -> &'static str {
    SUBJECTS.into_iter().find(|one| *one == text).unwrap()
}

/// `a` of `host:a`.
pub fn id_of(subject: &str) -> &str {
    subject.split_once(':').unwrap().1
}

/// Spans of a day, in minutes from midnight.
pub type Spans = &'static [(i64, i64)];

/// When somebody works, each day of the week.
pub struct Hours {
    pub id: &'static str,
    pub spans: Spans,
    /// Closed on Bulgaria's Liberation Day.
    pub holiday: bool,
    /// Away from Sunday to Monday, one hour ahead.
    pub travels: bool,
}

/// Bulgaria's Liberation Day, and the days of the stay in Lagos, counted from the first day.
pub const HOLIDAY: i64 = 6;
pub const STAY: std::ops::RangeInclusive<i64> = 3..=4;

pub const HOURS: [Hours; 3] = [
    Hours {
        id: "mornings",
        spans: &[(480, 720)],
        holiday: false,
        travels: false,
    },
    Hours {
        id: "split",
        spans: &[(480, 570), (600, 780)],
        holiday: true,
        travels: true,
    },
    Hours {
        id: "lit",
        spans: &[(510, 660)],
        holiday: false,
        travels: false,
    },
];

/// The place in [`HOURS`] of when this subject can be taken; `None` for always.
pub fn hours_of(subject: &str) -> Option<usize> {
    match subject {
        "host:a" | "host:b" => Some(0),
        "host:c" => Some(1),
        "resource:lamp" => Some(2),
        _ => None,
    }
}

/// What an override can put in place of a day.
pub const OVERRIDES: [Spans; 4] = [&[], &[(420, 540)], &[(600, 780)], &[(480, 570), (600, 690)]];

#[derive(Debug, Clone, Copy)]
pub enum Per {
    Day,
    Week,
    Month,
}

impl Per {
    /// A number of the period that `at` lies in.
    pub fn number(self, at: UnixSeconds) -> i64 {
        let day = at.div_euclid(DAY);
        match self {
            Self::Day => day,
            // The first of January 1970 was a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => i64::from(at >= MARCH),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// At most so many bookings, or so many seconds of them.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub per: Per,
    pub bookings: Option<i64>,
    pub seconds: Option<i64>,
}

pub const fn bookings(per: Per, most: i64) -> Limit {
    Limit {
        per,
        bookings: Some(most),
        seconds: None,
    }
}

pub const fn minutes(per: Per, most: i64) -> Limit {
    Limit {
        per,
        bookings: None,
        seconds: Some(most * MINUTE),
    }
}

impl Limit {
    pub fn json(&self) -> Json {
        let limit = json!({ "per": self.per.name() });
        match (self.bookings, self.seconds) {
            (Some(most), _) => with(limit, json!({ "bookings": most })),
            (None, most) => with(limit, json!({ "minutes": most.unwrap() / MINUTE })),
        }
    }
}

/// The limits of a host.
pub fn limits_of(host: &str) -> &'static [Limit] {
    const OF_C: &[Limit] = &[bookings(Per::Day, 2), minutes(Per::Week, 4 * 60)];
    if host == "host:c" { OF_C } else { &[] }
}

/// `08:30` of 510.
pub fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The tenant as its owner set it up.
pub fn set_up() -> World {
    let mut world = World::signed_up(settings());
    world.as_json = false;
    assert_eq!(at("2027-03-01T00:00:00Z"), MARCH);
    world.now = FIRST_DAY;
    world.own(Command::PutOrigins {
        origins: wire(json!({ "origins": [ORIGIN] })),
    });
    for hours in &HOURS {
        world.put_schedule(hours.id, &schedule(hours));
    }
    for subject in SUBJECTS {
        let (id, hours) = (id_of(subject), hours_of(subject));
        let mut input = json!({ "name": title(id) });
        if let Some(hours) = hours {
            input = with(input, json!({ "schedule": HOURS[hours].id }));
        }
        if subject.starts_with("host:") {
            let limits: Vec<Json> = limits_of(subject).iter().map(Limit::json).collect();
            let host = wire(with(input, json!({ "limits": limits })));
            world.own(Command::PutHost { id: slug(id), host });
        } else {
            world.own(Command::PutResource {
                id: slug(id),
                resource: wire(input),
            });
        }
    }
    world.put_feed("calendar", id_of(CONNECTED));
    for service in &SERVICES {
        world.own(service.command());
    }
    world.save();
    world
}

fn schedule(hours: &Hours) -> Json {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rules = days.iter().flat_map(|day| {
        let rule = move |(start, end): &(i64, i64)| {
            json!({ "weekday": day, "start": clock(*start), "end": clock(*end) })
        };
        hours.spans.iter().map(rule)
    });
    let mut schedule = json!({ "zone": "UTC", "rules": rules.collect::<Vec<_>>() });
    if hours.holiday {
        schedule = with(schedule, json!({ "holidays": { "country": "BG" } }));
    }
    if hours.travels {
        let stay = json!({ "first": "2027-02-28", "last": "2027-03-01", "zone": "Africa/Lagos" });
        schedule = with(schedule, json!({ "travel": [stay] }));
    }
    schedule
}
