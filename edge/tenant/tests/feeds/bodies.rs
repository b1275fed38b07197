//! Bodies that somebody hostile or broken may send in place of a calendar, and the error of each.
//!
//! Shared with the tenant's suite, which shows that after each of them the known blocks stay.

use std::fmt::Write as _;

use slotstead_shared::limits::FEED_BYTES;
use slotstead_tenant::connectors::feed::FeedError;

/// What it is called, what comes, and what it is an error of.
pub type Hostile = (&'static str, Vec<u8>, FeedError);

/// An hour on 10 March 2027 with one more line, which is the seventh of the file.
fn hour(line: &str) -> Vec<u8> {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:one\nDTSTART:20270310T080000Z\nDURATION:PT1H\n{line}\n\
         END:VEVENT\nEND:VCALENDAR\n"
    )
    .into_bytes()
}

fn utf_16(bytes: &[u8], mark: [u8; 2], low_first: bool) -> Vec<u8> {
    let mut wide = mark.to_vec();
    for byte in bytes {
        wide.extend(if low_first { [*byte, 0] } else { [0, *byte] });
    }
    wide
}

fn line(property: &'static str) -> FeedError {
    FeedError::Line { line: 7, property }
}

/// Every one of them.
pub fn hostile() -> Vec<Hostile> {
    let whole = hour("SUMMARY:secret");
    let text = String::from_utf8(whole.clone()).unwrap_or_default();
    let many = |part: &str, bytes: usize| part.repeat(bytes / part.len());
    let mut all = rules();
    all.extend([
        ("nothing", Vec::new(), FeedError::NotACalendar),
        (
            "a sign-in page",
            b"<!doctype html><title>Sign in</title>".to_vec(),
            FeedError::NotACalendar,
        ),
        (
            "deep nesting",
            (String::from("BEGIN:VCALENDAR\nBEGIN:VEVENT\n") + &many("BEGIN:X-DEEP\n", 200_000))
                .into_bytes(),
            FeedError::Structure { line: 17 },
        ),
        (
            "a calendar in a calendar",
            many("BEGIN:VCALENDAR\n", 200_000).into_bytes(),
            FeedError::Structure { line: 2 },
        ),
        (
            "more bytes than the limit",
            [whole.clone(), many("X-REMARK:\n", FEED_BYTES).into_bytes()].concat(),
            FeedError::TooLarge,
        ),
        (
            "a huge line of digits",
            hour(&format!("EXDATE:{}", many("2", 300_000))),
            line("EXDATE"),
        ),
        (
            "a huge line in a hundred thousand folds",
            hour(&format!("DURATION:PT{}1H", many("\n 0", 300_000))),
            line("DURATION"),
        ),
        (
            "UTF-16 with its mark",
            utf_16(&whole, [0xff, 0xfe], true),
            FeedError::Utf16,
        ),
        (
            "the other UTF-16",
            utf_16(&whole, [0xfe, 0xff], false),
            FeedError::Utf16,
        ),
        (
            "UTF-16 without a mark",
            utf_16(&whole, [0xff, 0xfe], true)[2..].to_vec(),
            FeedError::Utf16,
        ),
        (
            "a NUL in a value",
            hour("DURATION:PT\u{0}2H"),
            line("a NUL byte"),
        ),
        // Without its name an event's end would be lost, and the event take no time.
        (
            "a NUL in a name",
            hour("DUR\u{0}ATION:PT2H"),
            line("a NUL byte"),
        ),
        (
            "a NUL in a title",
            hour("SUMMARY:\u{0}"),
            line("a NUL byte"),
        ),
        (
            "half a file",
            text.as_bytes()[..text.find("DURATION").unwrap_or_default()].to_vec(),
            FeedError::Truncated,
        ),
        (
            "a file without its last line",
            text.replace("END:VCALENDAR\n", "").into_bytes(),
            FeedError::Truncated,
        ),
        (
            "an event without its end",
            text.replace("END:VEVENT\n", "").into_bytes(),
            FeedError::Structure { line: 8 },
        ),
        (
            "a zone nobody knows",
            text.replace(
                "DTSTART:20270310T080000Z",
                "DTSTART;TZID=Atlantis:20270310T080000",
            )
            .into_bytes(),
            FeedError::UnknownZone { line: 3 },
        ),
    ]);
    all
}

/// Rules whose occurrences nobody can count.
fn rules() -> Vec<Hostile> {
    let rule = |text: &str| hour(&format!("RRULE:{text}"));
    let too_many = FeedError::TooManyInstances;
    let mut moved = String::new();
    for number in 0..3_000 {
        let _ = write!(
            moved,
            "BEGIN:VEVENT\nUID:one\nDTSTART:20270310T080000Z\nDURATION:PT1H\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:one\nRECURRENCE-ID:20270310T08{:02}{:02}Z\nDTSTART:20270310T080000Z\nEND:VEVENT\n",
            number / 60,
            number % 60
        );
    }
    vec![
        ("every second", rule("FREQ=SECONDLY"), too_many.clone()),
        (
            // Found by fuzzing: what takes no time is no instance, and was worked out for nothing.
            "a quarter of a million moments without length",
            b"BEGIN:VCALENDAR\nX-WR-TIMEZONE:Asia/Tokyo\nBEGIN:VEVENT\nDTSTART:20270310T080000Z\n\
              RRULE:FREQ=SECONDLY;INTERVAL=300\nEND:VEVENT\nEND:VCALENDAR\n"
                .to_vec(),
            too_many.clone(),
        ),
        (
            "a billion instances",
            rule("FREQ=SECONDLY;COUNT=999999999"),
            too_many.clone(),
        ),
        (
            "every second of every day, said otherwise",
            rule(&format!(
                "FREQ=DAILY;BYHOUR={};BYMINUTE={};BYSECOND={}",
                numbers(24),
                numbers(60),
                numbers(60)
            )),
            too_many.clone(),
        ),
        (
            "a hundred thousand names of one day, looked at every second",
            rule(&format!(
                "FREQ=SECONDLY;BYMONTHDAY={}30;BYYEARDAY=1",
                "30,".repeat(100_000)
            )),
            too_many.clone(),
        ),
        (
            "a hundred thousand instances by name",
            hour(&format!("RDATE:20270310T080000Z{}", instants(100_000))),
            too_many.clone(),
        ),
        (
            "each of three thousand versions with three thousand changes",
            format!("BEGIN:VCALENDAR\n{moved}END:VCALENDAR\n").into_bytes(),
            too_many,
        ),
    ]
}

fn numbers(below: u32) -> String {
    let all: Vec<String> = (0..below).map(|number| number.to_string()).collect();
    all.join(",")
}

/// As many seconds from 11 March on, after a comma each.
fn instants(count: u32) -> String {
    let mut text = String::new();
    for number in 0..count {
        let (day, second) = (11 + number / 86_400, number % 86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let _ = write!(text, ",202703{day:02}T{hour:02}{minute:02}{second:02}Z");
    }
    text
}
