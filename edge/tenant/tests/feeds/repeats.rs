//! Repeats, their exceptions and their changes.

use slotstead_shared::{Interval, limits::FEED_HORIZON_DAYS};

use crate::{NOW, blocks_at, calendar, event, oslo, unix};

/// A weekly event on Mondays at 9 from 1 March 2027, with more lines and more events.
fn weekly(lines: &str, events: &str) -> String {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:w\nDTSTART;TZID=Europe/Oslo:20270301T090000\nDTEND;TZID=Europe/Oslo:20270301T100000\n\
         RRULE:FREQ=WEEKLY;COUNT=4\n{lines}\nEND:VEVENT\n{events}"
    ))
}

fn change(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:w\n{}\nEND:VEVENT", lines.trim())
}

const ALL: [&str; 4] = [
    "03-01T09:00/10:00",
    "03-08T09:00/10:00",
    "03-15T09:00/10:00",
    "03-22T09:00/10:00",
];

fn without(gone: usize) -> Vec<&'static str> {
    ALL.into_iter()
        .enumerate()
        .filter(|(index, _)| *index != gone)
        .map(|(_, block)| block)
        .collect()
}

#[test]
fn exceptions_are_understood_in_every_spelling() {
    assert_eq!(oslo(&weekly("", "")).unwrap(), ALL);
    for exdate in [
        "EXDATE;TZID=Europe/Oslo:20270308T090000",
        "exdate;tzid=\"Europe/Oslo\":20270308t090000",
        "EXDATE:20270308T080000Z",
        "EXDATE;TZID=America/New_York:20270308T030000",
        "EXDATE:20270308T090000",
    ] {
        assert_eq!(oslo(&weekly(exdate, "")).unwrap(), without(1), "{exdate}");
    }
    // One that names no occurrence, or not to every program, frees nothing.
    for exdate in [
        "EXDATE:",
        "EXDATE;VALUE=DATE:20270308",
        "EXRULE:FREQ=DAILY;INTERVAL=7;COUNT=2",
        "EXRULE:whatever",
        "EXDATE:20270308T090000Z",
        "EXDATE;TZID=Europe/Oslo:20270308T093000",
        "EXDATE;VALUE=DATE:20270309",
    ] {
        assert_eq!(oslo(&weekly(exdate, "")).unwrap(), ALL, "{exdate}");
    }
}

#[test]
fn a_moved_occurrence_leaves_its_old_time() {
    let moved =
        change("RECURRENCE-ID:20270308T080000Z\nDTSTART:20270310T120000Z\nDTEND:20270310T130000Z");
    let mut expected = without(1);
    expected.insert(1, "03-10T13:00/14:00");
    assert_eq!(oslo(&weekly("", &moved)).unwrap(), expected);
    // The change may come first in the file, or in a calendar of its own.
    let first = weekly("", "").replacen("BEGIN:VEVENT", &format!("{moved}\nBEGIN:VEVENT"), 1);
    assert_eq!(oslo(&first).unwrap(), expected);
    assert_eq!(
        oslo(&(weekly("", "") + &calendar(&moved))).unwrap(),
        expected
    );
}

#[test]
fn a_cancelled_or_free_occurrence_takes_no_time() {
    for lines in [
        "RECURRENCE-ID;TZID=Europe/Oslo:20270308T090000\nSTATUS:CANCELLED",
        "RECURRENCE-ID;TZID=Europe/Oslo:20270308T090000\nDTSTART:20270308T080000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT",
        "RECURRENCE-ID:20270308T090000\nDTSTART:20270308T080000Z\nSTATUS:cancelled",
    ] {
        assert_eq!(
            oslo(&weekly("", &change(lines))).unwrap(),
            without(1),
            "{lines}"
        );
    }
    // The date of an event with a time of day names no occurrence for sure.
    let dated = change("RECURRENCE-ID;VALUE=DATE:20270308\nSTATUS:CANCELLED");
    assert_eq!(oslo(&weekly("", &dated)).unwrap(), ALL);
    // A change of an event that is not in the file, and one of another event.
    let other =
        change("RECURRENCE-ID:20270308T080000Z\nSTATUS:CANCELLED").replace("UID:w", "UID:x");
    assert_eq!(oslo(&weekly("", &other)).unwrap(), ALL);
}

#[test]
fn of_two_versions_the_newer_counts_and_in_doubt_both() {
    let version = |hour: u32, sequence: &str| {
        change(&format!(
            "RECURRENCE-ID:20270308T080000Z\nDTSTART:20270308T{hour:02}0000Z\nDURATION:PT1H\n{sequence}"
        ))
    };
    let both = |one: &str, other: &str| {
        oslo(&weekly(
            "",
            &format!("{}\n{}", version(6, one), version(12, other)),
        ))
        .unwrap()
    };
    let with = |blocks: &[&'static str]| {
        let mut expected = without(1);
        expected.splice(1..1, blocks.iter().copied());
        expected
    };
    let (early, late) = ("03-08T07:00/08:00", "03-08T13:00/14:00");
    assert_eq!(both("SEQUENCE:1", "SEQUENCE:2"), with(&[late]));
    assert_eq!(both("SEQUENCE:10", "SEQUENCE:9"), with(&[early]));
    assert_eq!(both("SEQUENCE:0", ""), with(&[early, late]));
    // Of two versions of the event too; an older change of a newer event stays.
    let older = weekly("SEQUENCE:1", "").replace("END:VCALENDAR\n", "");
    let newer = weekly(
        "SEQUENCE:2\nEXDATE:20270315T080000Z",
        &version(6, "SEQUENCE:0"),
    );
    let newer = newer.replacen("BEGIN:VCALENDAR\nVERSION:2.0\n", "", 1);
    assert_eq!(oslo(&(older + &newer)).unwrap(), [ALL[0], early, ALL[3]]);
}

#[test]
fn a_changed_occurrence_that_copies_the_rule_is_one_occurrence() {
    let copy = change(
        "RECURRENCE-ID:20270308T080000Z\nDTSTART:20270308T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4",
    );
    let mut expected = without(1);
    expected.insert(1, "03-08T13:00/14:00");
    assert_eq!(oslo(&weekly("", &copy)).unwrap(), expected);
}

#[test]
fn a_change_of_all_later_occurrences_moves_them() {
    let later = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Oslo:20270308T090000\n";
    let moved = change(&format!(
        "{later}DTSTART;TZID=Europe/Oslo:20270309T110000\nDURATION:PT30M"
    ));
    let expected = [
        "03-01T09:00/10:00",
        "03-09T11:00/11:30",
        "03-16T11:00/11:30",
        "03-23T11:00/11:30",
    ];
    assert_eq!(oslo(&weekly("", &moved)).unwrap(), expected);
    // One of them is changed once more by itself; a later range takes over from the first.
    let single = change("RECURRENCE-ID:20270315T080000Z\nSTATUS:CANCELLED");
    let last = change(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270322T080000Z\nDTSTART:20270322T180000Z\nDURATION:PT1H",
    );
    let found = oslo(&weekly("", &format!("{moved}\n{single}\n{last}"))).unwrap();
    assert_eq!(
        found,
        [
            "03-01T09:00/10:00",
            "03-09T11:00/11:30",
            "03-22T19:00/20:00"
        ]
    );
    let cancelled = change(&format!("{later}STATUS:CANCELLED"));
    assert_eq!(oslo(&weekly("", &cancelled)).unwrap(), ALL[..1]);
    // Free until then, busy from then on.
    let free = weekly("TRANSP:TRANSPARENT", &moved);
    assert_eq!(oslo(&free).unwrap(), expected[1..]);
    // Moved to whole days.
    let days = change(&format!("{later}DTSTART;VALUE=DATE:20270309"));
    let found = oslo(&weekly("", &days)).unwrap();
    assert_eq!(
        found[1..3],
        ["03-09T00:00/03-10T00:00", "03-16T00:00/03-17T00:00"]
    );
}

#[test]
fn all_day_events_repeat_by_date() {
    let days = event(
        "DTSTART;VALUE=DATE:20270326\nDTEND;VALUE=DATE:20270328\nRRULE:FREQ=WEEKLY;UNTIL=20270402\nEXDATE:20270402T000000Z",
    );
    assert_eq!(oslo(&days).unwrap(), ["03-26T00:00/03-28T00:00"]);
    // Without VALUE=DATE, ending on the day it starts, or of no stated length.
    for lines in [
        "DTSTART:20270326",
        "DTSTART;VALUE=DATE:20270326\nDTEND;VALUE=DATE:20270326",
        "DTSTART;VALUE=DATE:20270326\nDURATION:P1D",
    ] {
        assert_eq!(
            oslo(&event(lines)).unwrap(),
            ["03-26T00:00/03-27T00:00"],
            "{lines}"
        );
    }
    // The day of the change has 23 hours.
    let found = blocks_at(NOW, "Europe/Oslo", &event("DTSTART;VALUE=DATE:20270328")).unwrap();
    assert_eq!(
        found,
        [Interval::new(
            unix("2027-03-27T23:00:00Z"),
            unix("2027-03-28T22:00:00Z")
        )]
    );
}

#[test]
fn until_counts_the_day_or_the_moment_it_names() {
    let until = |text: &str| {
        oslo(&event(&format!(
            "DTSTART;TZID=Europe/Oslo:20270301T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL={text}"
        )))
    };
    for text in [
        "20270322T080000Z",
        "20270322",
        "20270322T090000",
        "20270328T235959Z",
    ] {
        assert_eq!(until(text).unwrap(), ALL, "{text}");
    }
    assert_eq!(until("20270322T075959Z").unwrap(), ALL[..3]);
    // A count that says it is none.
    assert_eq!(until("20270322;COUNT=-1").unwrap(), ALL);
}

#[test]
fn an_endless_rule_of_long_ago_reaches_the_horizon() {
    let daily = event("DTSTART;TZID=Europe/Oslo:20050103T090000\nDURATION:PT30M\nRRULE:FREQ=DAILY");
    let found = blocks_at(NOW, "Europe/Oslo", &daily).unwrap();
    // The first is of yesterday noon or later, the last before the horizon.
    assert_eq!(found.len(), usize::try_from(FEED_HORIZON_DAYS).unwrap() + 1);
    assert_eq!(found[0].start, unix("2027-03-01T09:00:00+01:00"));
    let hourly = event("DTSTART:20050103T090000Z\nDURATION:PT30M\nRRULE:FREQ=HOURLY");
    let expected = usize::try_from((FEED_HORIZON_DAYS + 1) * 24).unwrap();
    assert_eq!(
        blocks_at(NOW, "Europe/Oslo", &hourly).unwrap().len(),
        expected
    );
    // Back to back they are one block, clipped to the window.
    let always = event("DTSTART:20050103T090000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY");
    let window = Interval::new(unix(NOW) - 86_400, unix(NOW) + FEED_HORIZON_DAYS * 86_400);
    assert_eq!(blocks_at(NOW, "Europe/Oslo", &always).unwrap(), [window]);
}

#[test]
fn a_long_occurrence_that_began_before_the_window_is_busy() {
    let long = event("DTSTART:20260101T000000Z\nDURATION:P70D\nRRULE:FREQ=YEARLY");
    let found = blocks_at(NOW, "UTC", &long).unwrap();
    assert_eq!(
        found[0],
        Interval::new(unix(NOW) - 86_400, unix("2027-03-12T00:00:00Z"))
    );
}
