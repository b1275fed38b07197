//! Calendar feeds, as bytes and as lines that look like a calendar.
//!
//! Properties, whatever comes in:
//! - there is an answer, within the time and the memory of one case (`fuzz/README.md`);
//! - blocks are merged, ascending, inside the window, and no more than the limit;
//! - the same bytes give the same answer;
//! - an error is a sentence of ours: ASCII, short, and without a word of the calendar;
//! - *never free by addition*: one more event that has nothing to do with the others leaves every
//!   busy second busy, adds its own, and turns no error into an answer (but that of a file
//!   without a single line, which then is a calendar).
#![no_main]

use std::fmt::Write as _;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use slotstead_shared::{
    Interval, UnixSeconds,
    engine::Tz,
    interval::merge,
    limits::{FEED_BLOCKS, FEED_HORIZON_DAYS},
};
use slotstead_tenant::{
    connectors::feed::{FeedError, Reading, read},
    effect::FetchResponse,
};

/// Monday 1 March 2027, 07:00 in Oslo.
const NOW: UnixSeconds = 1_803_880_800;
const ZONES: [Tz; 3] = [Tz::Europe__Oslo, Tz::UTC, Tz::America__St_Johns];
/// A word that no sentence of ours has: it stands for what somebody wrote.
const CANARY: &str = "quixotic";

#[derive(Arbitrary, Debug)]
struct Case {
    zone: u8,
    calendar: Calendar,
}

#[derive(Arbitrary, Debug)]
enum Calendar {
    Bytes(Vec<u8>),
    /// Parts of one file, and a place to cut or to damage it.
    Parts {
        own_zone: Option<u8>,
        parts: Vec<Part>,
        damage: Option<(u16, u8)>,
    },
}

#[derive(Arbitrary, Debug)]
enum Part {
    Event { uid: u8, lines: Vec<Line> },
    Zone(Vec<Line>),
    Busy(Vec<Line>),
    Other(u8),
}

#[derive(Arbitrary, Debug)]
enum Line {
    Time {
        name: u8,
        zone: u8,
        at: At,
    },
    Length {
        end: bool,
        unit: u8,
        number: u16,
    },
    Rule {
        frequency: u8,
        parts: Vec<(u8, i16)>,
    },
    Word(u8),
    Offset {
        to: bool,
        minutes: i16,
    },
    Raw(String),
}

#[derive(Arbitrary, Debug)]
struct At {
    /// Days and minutes around the window, and now and then years away.
    day: i16,
    minute: u16,
    years: i8,
    kind: u8,
}

fn pick<'a>(from: &[&'a str], index: u8) -> &'a str {
    from[usize::from(index) % from.len()]
}

const ZONE_NAMES: [&str; 8] = [
    "",
    "",
    "Europe/Oslo",
    "America/New_York",
    "Ours",
    "Nowhere",
    "W. Europe Standard Time",
    "Australia/Lord_Howe",
];

impl At {
    fn write(&self, zone: &str, text: &mut String) {
        let day = i64::from(self.day) % 700;
        let year = 2_027 + i64::from(self.years) / 32;
        // Not every one of these exists, and that is meant.
        let (month, date) = (day.rem_euclid(372) / 31 + 1, day.rem_euclid(31) + 1);
        let (hour, minute) = (self.minute / 60 % 25, self.minute % 60);
        let utc = if zone.is_empty() && self.kind.is_multiple_of(2) {
            "Z"
        } else {
            ""
        };
        let _ = match self.kind % 5 {
            4 => write!(text, "{year:04}{month:02}{date:02}"),
            _ => write!(
                text,
                "{year:04}{month:02}{date:02}T{hour:02}{minute:02}00{utc}"
            ),
        };
    }
}

impl Line {
    fn write(&self, text: &mut String) {
        match self {
            Self::Time { name, zone, at } => {
                let names = [
                    "DTSTART",
                    "DTSTART",
                    "DTEND",
                    "EXDATE",
                    "RDATE",
                    "RECURRENCE-ID",
                    "RECURRENCE-ID;RANGE=THISANDFUTURE",
                ];
                let zone = pick(&ZONE_NAMES, *zone);
                text.push_str(pick(&names, *name));
                if !zone.is_empty() {
                    let _ = write!(text, ";TZID={zone}");
                }
                text.push(':');
                at.write(zone, text);
            }
            Self::Length { end, unit, number } => {
                let unit = pick(&["PT#S", "PT#M", "PT#H", "P#D", "P#W", "P1DT#H"], *unit);
                let length = unit.replace('#', &number.to_string());
                let _ = match end {
                    false => write!(text, "DURATION:{length}"),
                    true => write!(text, "FREEBUSY:20270310T080000Z/{length}"),
                };
            }
            Self::Rule { frequency, parts } => {
                let frequencies = [
                    "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY",
                ];
                let _ = write!(text, "RRULE:FREQ={}", pick(&frequencies, *frequency));
                for (part, number) in parts.iter().take(6) {
                    let names = [
                        "INTERVAL",
                        "COUNT",
                        "UNTIL=2028010",
                        "BYMONTH",
                        "BYWEEKNO",
                        "BYYEARDAY",
                        "BYMONTHDAY",
                        "BYHOUR",
                        "BYMINUTE",
                        "BYSECOND",
                        "BYSETPOS",
                        "BYDAY",
                        "WKST",
                    ];
                    let name = pick(&names, *part);
                    let day =
                        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][number.rem_euclid(7) as usize];
                    let _ = match name {
                        "BYDAY" if number % 3 == 0 => write!(text, ";BYDAY={}{day}", number / 256),
                        "BYDAY" => write!(text, ";BYDAY={day}"),
                        "WKST" => write!(text, ";WKST={day}"),
                        "UNTIL=2028010" => write!(text, ";{name}{}", number.rem_euclid(10)),
                        _ => write!(text, ";{name}={}", number / 64),
                    };
                }
            }
            Self::Word(word) => text.push_str(pick(
                &[
                    "STATUS:CANCELLED",
                    "TRANSP:TRANSPARENT",
                    "TRANSP:OPAQUE",
                    "SEQUENCE:2",
                    "SEQUENCE:-1",
                    "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
                    "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
                    "SUMMARY:quixotic",
                    "BEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM",
                    "TZID:Ours",
                    "TZID:W. Europe Standard Time",
                    " quixotic",
                ],
                *word,
            )),
            Self::Offset { to, minutes } => {
                let name = if *to { "TZOFFSETTO" } else { "TZOFFSETFROM" };
                let sign = if *minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs() % 1_500;
                let _ = write!(text, "{name}:{sign}{:02}{:02}", minutes / 60, minutes % 60);
            }
            Self::Raw(raw) => text.push_str(raw),
        }
        text.push('\n');
    }
}

impl Part {
    fn write(&self, text: &mut String) {
        let mut around = |begin: &str, lines: &[Line], end: &str| {
            text.push_str(begin);
            for line in lines.iter().take(12) {
                line.write(text);
            }
            text.push_str(end);
        };
        match self {
            Self::Event { uid, lines } => {
                around(
                    &format!("BEGIN:VEVENT\nUID:{CANARY}{}\n", uid % 4),
                    lines,
                    "END:VEVENT\n",
                );
            }
            Self::Zone(lines) => around(
                "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\n",
                lines,
                "END:STANDARD\nEND:VTIMEZONE\n",
            ),
            Self::Busy(lines) => around("BEGIN:VFREEBUSY\n", lines, "END:VFREEBUSY\n"),
            Self::Other(name) => {
                let name = pick(
                    &[
                        "VTODO",
                        "VJOURNAL",
                        "VAVAILABILITY",
                        "X-QUIXOTIC",
                        "QUIXOTIC",
                    ],
                    *name,
                );
                let _ = writeln!(text, "BEGIN:{name}\nEND:{name}");
            }
        }
    }
}

impl Calendar {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Parts {
                own_zone,
                parts,
                damage,
            } => {
                let mut text = String::from("BEGIN:VCALENDAR\n");
                if let Some(zone) = own_zone {
                    let _ = writeln!(text, "X-WR-TIMEZONE:{}", pick(&ZONE_NAMES, *zone));
                }
                for part in parts.iter().take(24) {
                    part.write(&mut text);
                }
                text.push_str("END:VCALENDAR\n");
                let mut bytes = text.into_bytes();
                if let Some((at, byte)) = damage {
                    let at = usize::from(*at) % bytes.len();
                    if *byte == 0 {
                        bytes.truncate(at)
                    } else {
                        bytes[at] = *byte
                    }
                }
                bytes
            }
        }
    }
}

fn blocks(body: &[u8], zone: Tz) -> Result<Vec<Interval>, FeedError> {
    let response = FetchResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_vec(),
    };
    match read(&response, false, NOW, zone)? {
        Reading::Busy { blocks, .. } => Ok(blocks),
        Reading::NotModified => panic!("the status is 200"),
    }
}

fn covers(blocks: &[Interval], wanted: &[Interval]) -> bool {
    wanted.iter().all(|wanted| {
        let after = blocks.partition_point(|block| block.start <= wanted.start);
        after > 0 && blocks[after - 1].end >= wanted.end
    })
}

fuzz_target!(|case: Case| {
    let zone = ZONES[usize::from(case.zone) % ZONES.len()];
    let body = case.calendar.bytes();
    let answer = blocks(&body, zone);
    assert_eq!(
        answer,
        blocks(&body, zone),
        "the same bytes, another answer"
    );
    match &answer {
        Ok(busy) => {
            assert_eq!(&merge(busy.clone()), busy, "not merged");
            assert!(busy.len() <= FEED_BLOCKS);
            let (first, last) = (NOW - 86_400, NOW + FEED_HORIZON_DAYS * 86_400);
            assert!(
                busy.iter()
                    .all(|block| first <= block.start && block.end <= last)
            );
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(sentence.is_ascii() && sentence.len() < 300, "{sentence}");
            assert!(!sentence.to_lowercase().contains(CANARY), "{sentence}");
        }
    }
    // A second calendar in the file, and no UID, so that nothing of the first can be meant for its event.
    let own = Interval::new(1_803_981_600, 1_803_985_200);
    let mut more = body;
    more.extend_from_slice(
        b"\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270302T100000Z\nDTEND:20270302T110000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    match (&answer, blocks(&more, zone)) {
        (_, Err(_)) | (Err(FeedError::NotACalendar), Ok(_)) => {}
        (Ok(before), Ok(after)) => {
            assert!(covers(&after, before), "an event made time free");
            assert!(covers(&after, &[own]), "an event was lost");
        }
        (Err(error), Ok(_)) => panic!("an event took an error away: {error}"),
    }
});
