//! Robustness: whatever comes in, there is an answer, and not half of one.

use slotstead_shared::{engine::parse_zone, interval::merge};
use slotstead_tenant::connectors::feed::{FeedError, Reading, read};

use crate::{NOW, response, unix};

fn survives(body: &[u8]) -> Result<(), FeedError> {
    let zone = parse_zone("Europe/Oslo").unwrap();
    match read(&response(body), false, unix(NOW), zone)? {
        Reading::Busy {
            blocks,
            covered_until,
            ..
        } => {
            assert_eq!(merge(blocks.clone()), blocks);
            let window = (unix(NOW) - 86_400)..=covered_until;
            assert!(
                blocks
                    .iter()
                    .all(|block| window.contains(&block.start) && window.contains(&block.end))
            );
            Ok(())
        }
        Reading::NotModified => panic!("the status is 200"),
    }
}

const EXPORTS: [&str; 4] = [
    include_str!("exports/google.ics"),
    include_str!("exports/outlook.ics"),
    include_str!("exports/apple.ics"),
    include_str!("exports/fastmail.ics"),
];

#[test]
fn a_file_cut_anywhere_is_never_a_shorter_calendar() {
    for export in EXPORTS {
        let whole = export.trim_end().len();
        // Every line end, and a stride that meets every place within a line.
        let ends = export
            .match_indices('\n')
            .map(|(at, _)| at + 1)
            .filter(|at| *at < whole);
        for len in ends.chain((0..whole).step_by(37)) {
            assert!(
                survives(&export.as_bytes()[..len]).is_err(),
                "{len} of {whole}"
            );
        }
        assert_eq!(survives(export.as_bytes()), Ok(()));
    }
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}

const NOISE: &[u8] = b"0123456789:;=,T\"\r\n \\-";

#[test]
fn damaged_files_get_an_answer() {
    let seed = 0x5107_57EA_D000_0001;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    for _ in 0..600 {
        let mut bytes = EXPORTS[random.below(EXPORTS.len())].as_bytes().to_vec();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, NOISE[random.below(NOISE.len())]),
                _ => {
                    let end = (at + random.below(40)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
            }
        }
        let _ = survives(&bytes);
    }
}

/// Lines with the edges of every number, put together at random: bounded work, no panic.
#[test]
fn extreme_events_get_an_answer() {
    const STARTS: [&str; 9] = [
        "DTSTART:00000101T000000Z",
        "DTSTART:99991231T235959Z",
        "DTSTART;VALUE=DATE:99991231",
        "DTSTART:20270310T080000Z",
        "DTSTART;TZID=Europe/Oslo:20270328T023000",
        "DTSTART:19700101T000000",
        "DTSTART:20270310T235960Z",
        "DTSTART;TZID=Pacific/Apia:20111230T120000",
        "DTSTART;VALUE=DATE:00000101",
    ];
    const ENDS: [&str; 8] = [
        "DTEND:99991231T235959Z",
        "DTEND:00000101T000000Z",
        "DURATION:P9999999W",
        "DURATION:P9999999DT9999999H",
        "DURATION:PT0S",
        "DTEND;VALUE=DATE:99991231",
        "DURATION:PT1H",
        "X-NONE:1",
    ];
    const REPEATS: [&str; 14] = [
        "RRULE:FREQ=YEARLY;INTERVAL=65535",
        "RRULE:FREQ=YEARLY;COUNT=999999999",
        "RRULE:FREQ=SECONDLY;INTERVAL=65535;UNTIL=20270401",
        "RRULE:FREQ=YEARLY;BYWEEKNO=-53,53;BYDAY=SU",
        "RRULE:FREQ=YEARLY;BYYEARDAY=-366,366;BYSETPOS=-366",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-31,31;BYHOUR=23;BYMINUTE=59;BYSECOND=60",
        "RRULE:FREQ=HOURLY;BYSETPOS=-1;BYMINUTE=0,59",
        "RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "RRULE:FREQ=DAILY;UNTIL=00000101",
        "RRULE:FREQ=MONTHLY;BYDAY=53MO",
        "RDATE:00000101T000000Z,99991231T235959Z",
        "RDATE;VALUE=PERIOD:20270310T080000Z/99991231T235959Z",
        "EXDATE:00000101T000000Z,20270310T080000Z",
        "SEQUENCE:-999999999999999999",
    ];
    const CHANGES: [&str; 4] = [
        "",
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:00000101T000000Z\nDTSTART:99991231T235959Z\nDURATION:P9999999W\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:99991231T235959Z\nDTSTART:00000101T000000Z\nDURATION:PT1H\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;VALUE=DATE:20270310\nDTSTART:20270310T080000Z\nEND:VEVENT\n",
    ];
    for (row, start) in STARTS.into_iter().enumerate() {
        // Every third pair: each start and each rule meets several of the others.
        for (column, repeat) in REPEATS.into_iter().enumerate().skip(row % 3).step_by(3) {
            let end = ENDS[(row * 3 + column) % ENDS.len()];
            let change = CHANGES[(row + column) % CHANGES.len()];
            let body = format!(
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{start}\n{end}\n{repeat}\nEND:VEVENT\n{change}END:VCALENDAR\n"
            );
            let _ = survives(body.as_bytes());
        }
    }
}
