//! Unknown means busy: what is refused by name, what is widened, and what is free on purpose.

use slotstead_tenant::connectors::feed::FeedError;

use crate::{calendar, event, oslo};

const HOUR: &str = "DTSTART:20270310T080000Z\nDTEND:20270310T090000Z";
const BUSY: [&str; 1] = ["03-10T09:00/10:00"];

#[test]
fn what_takes_time_and_what_does_not() {
    for line in [
        "",
        "TRANSP:OPAQUE",
        "TRANSP:",
        "TRANSP:SOMETIMES",
        "STATUS:CONFIRMED",
        "STATUS:TENTATIVE",
        "STATUS:WHATEVER",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        "X-MICROSOFT-CDO-BUSYSTATUS:NEWER",
        "TRANSP:TRANSPARENT\nX-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "CLASS:PRIVATE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:me@example.com",
        "BEGIN:VALARM\nTRIGGER:-PT5M\nSTATUS:CANCELLED\nTRANSP:TRANSPARENT\nEND:VALARM",
    ] {
        assert_eq!(
            oslo(&event(&format!("{HOUR}\n{line}"))).unwrap(),
            BUSY,
            "{line}"
        );
    }
    for line in [
        "TRANSP:TRANSPARENT",
        "transp:transparent",
        "STATUS:CANCELLED",
        "status:Cancelled",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "x-microsoft-cdo-busystatus:free",
        "STATUS:CANCELLED\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ] {
        assert!(
            oslo(&event(&format!("{HOUR}\n{line}"))).unwrap().is_empty(),
            "{line}"
        );
    }
    // A time without length takes none; neither do to-dos and journals.
    assert!(oslo(&event("DTSTART:20270310T080000Z")).unwrap().is_empty());
    assert!(
        oslo(&event("DTSTART:20270310T080000Z\nDTEND:20270310T080000Z"))
            .unwrap()
            .is_empty()
    );
    for component in ["VTODO", "VJOURNAL", "X-SOMETHING"] {
        assert!(
            oslo(&event(HOUR).replace("VEVENT", component))
                .unwrap()
                .is_empty(),
            "{component}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_an_error_with_a_name() {
    let line = |line, property| FeedError::Line { line, property };
    let value = |property| FeedError::Value { line: 3, property };
    for (lines, expected) in [
        ("DTEND:20270310T090000Z", FeedError::NoStart { line: 3 }),
        ("DTSTART:20270310", FeedError::Structure { line: 0 }),
        (
            "DTSTART:tomorrow\nDTEND:20270310T090000Z",
            line(5, "DTSTART"),
        ),
        ("DTSTART\nDTEND:20270310T090000Z", line(5, "DTSTART")),
        (
            "DTSTART;TZID=\"Europe/Oslo:20270310T090000",
            line(5, "DTSTART"),
        ),
        ("DTSTART:20270230T090000Z\nDURATION:PT1H", value("DTSTART")),
        ("DTSTART:20270310T250000Z\nDURATION:PT1H", value("DTSTART")),
        ("DTSTART:20270310T080000Z\nDTEND:20270310", value("DTEND")),
        (
            "DTSTART;VALUE=DATE:20270310\nDTEND;VALUE=DATE:20270309",
            value("DTEND"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:-PT1H",
            line(6, "DURATION"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:an hour",
            line(6, "DURATION"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:D1 #10",
            line(7, "RRULE"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=FORTNIGHTLY",
            value("RRULE"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:PT1H\nEXDATE:20270310T080000Z,x",
            line(7, "EXDATE"),
        ),
        (
            "DTSTART:20270310T080000Z\nDURATION:PT1H\nRDATE:20270311",
            value("RDATE"),
        ),
        (
            "DTSTART;TZID=Nowhere:20270310T080000\nDURATION:PT1H",
            FeedError::UnknownZone { line: 3 },
        ),
        (
            "DTSTART;TZID=\"(UTC+01:00) Nowhere\":20270310T080000\nDURATION:PT1H",
            FeedError::UnknownZone { line: 3 },
        ),
        (
            "DTSTART:20270301T080000Z\nDURATION:PT1H\nRRULE:FREQ=MINUTELY",
            FeedError::TooManyInstances,
        ),
        (
            "DTSTART:20050103T080000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY",
            FeedError::TooManyInstances,
        ),
    ] {
        let found = oslo(&event(lines));
        if expected == (FeedError::Structure { line: 0 }) {
            assert!(found.is_ok(), "{lines}");
        } else {
            assert_eq!(found, Err(expected), "{lines}");
        }
    }
}

#[test]
fn rules_that_are_not_supported_are_named() {
    let rule = |text: &str| {
        oslo(&event(&format!(
            "DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:{text}"
        )))
    };
    for text in [
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=10",
        "FREQ=MONTHLY;BYWEEKNO=10",
        "FREQ=DAILY;BYYEARDAY=100",
        "FREQ=YEARLY;BYWEEKNO=10;BYDAY=1MO",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=DAILY;COUNT=3;UNTIL=20270401",
        // Several readings, of which the count would cut one short.
        "FREQ=YEARLY;BYWEEKNO=10;COUNT=3",
        "FREQ=YEARLY;BYMONTHDAY=10;COUNT=3",
        "FREQ=YEARLY;BYMONTHDAY=10,11;BYSETPOS=1",
    ] {
        let Err(FeedError::Unsupported { line: 3, .. }) = rule(text) else {
            panic!("{text}: {:?}", rule(text));
        };
    }
    for text in [
        "FREQ=MONTHLY;RSCALE=CHINESE",
        "FREQ=MONTHLY;SKIP=FORWARD",
        "FREQ=YEARLY;BYEASTER=0",
        "INTERVAL=1",
    ] {
        assert_eq!(
            rule(text),
            Err(FeedError::Line {
                line: 7,
                property: "RRULE"
            }),
            "{text}"
        );
    }
    for (lines, what) in [
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20270310T080000Z\nDTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY",
            "a change of all later occurrences that repeats by itself",
        ),
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20270310T080000Z\nDTSTART:20270310T080000Z\nDURATION:PT1H",
            "a change of all later occurrences of an event that is missing",
        ),
    ] {
        assert_eq!(
            oslo(&event(lines)),
            Err(FeedError::Unsupported { line: 3, what })
        );
    }
}

#[test]
fn rules_with_several_readings_are_widened_to_all_of_them() {
    // The weekday of the start, or the whole week?
    let week = event("DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYWEEKNO=10,11");
    let found = oslo(&week).unwrap();
    assert_eq!(found.first().map(String::as_str), Some("03-10T09:00/10:00"));
    assert_eq!(found.len(), 5 + 7, "{found:?}");
    // The month of the start, or every month?
    let month =
        event("DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTHDAY=10,20");
    let found = oslo(&month).unwrap();
    assert_eq!(
        found,
        [
            "03-10T09:00/10:00",
            "03-20T09:00/10:00",
            "04-10T10:00/11:00",
            "04-20T10:00/11:00"
        ]
    );
    // A start that its rule does not name.
    let off = event("DTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2");
    assert_eq!(
        oslo(&off).unwrap(),
        [
            "03-10T09:00/10:00",
            "03-15T09:00/10:00",
            "03-22T09:00/10:00"
        ]
    );
    // An end before the start.
    let back = event("DTSTART:20270310T090000Z\nDTEND:20270310T080000Z");
    assert_eq!(oslo(&back).unwrap(), BUSY);
}

#[test]
fn free_and_past_events_need_no_understanding() {
    for lines in [
        "TRANSP:TRANSPARENT\nDTSTART;TZID=Nowhere:20270310T080000\nDURATION:PT1H",
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT\nDTSTART:20270310T080000Z\nDURATION:PT1H\nRRULE:FREQ=MINUTELY",
        "DTSTART;TZID=Nowhere:20190310T080000\nDURATION:PT1H",
        "DTSTART;TZID=Nowhere:20190310T080000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z",
    ] {
        assert_eq!(oslo(&event(lines)), Ok(Vec::new()), "{lines}");
    }
    let again = event("DTSTART;TZID=Nowhere:20190310T080000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY");
    assert_eq!(oslo(&again), Err(FeedError::UnknownZone { line: 3 }));
}

#[test]
fn a_broken_definition_of_a_zone_is_an_unknown_zone() {
    let zone = |lines: &str| {
        calendar(&format!(
            "BEGIN:VTIMEZONE\nTZID:Ours\n{lines}\nEND:VTIMEZONE\n\
             BEGIN:VEVENT\nDTSTART;TZID=Ours:20270310T080000\nDURATION:PT1H\nEND:VEVENT"
        ))
    };
    let part = "BEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD";
    assert_eq!(oslo(&zone(part)).unwrap(), ["03-10T08:00/09:00"]);
    for broken in [
        String::new(),
        part.replace("DTSTART:20000101T000000\n", ""),
        part.replace("TZOFFSETTO:+0100\n", ""),
        part.replace(
            "TZOFFSETTO:+0100",
            "TZOFFSETTO:+0100\nRRULE:FREQ=WEEKLY;BYDAY=1MO",
        ),
    ] {
        assert!(
            matches!(oslo(&zone(&broken)), Err(FeedError::UnknownZone { .. })),
            "{broken}"
        );
    }
    let unreadable = zone(&part.replace("TZOFFSETTO:+0100", "TZOFFSETTO:east"));
    assert_eq!(
        oslo(&unreadable),
        Err(FeedError::Line {
            line: 8,
            property: "TZOFFSETTO"
        })
    );
}

#[test]
fn published_availability_is_named() {
    let body = calendar("BEGIN:VAVAILABILITY\nDTSTART:20270310T080000Z\nEND:VAVAILABILITY");
    assert!(matches!(
        oslo(&body),
        Err(FeedError::Unsupported { line: 3, .. })
    ));
}

#[test]
fn many_events_are_bounded() {
    use std::fmt::Write as _;
    // 200 daily events since 2005 are 86,000 occurrences.
    let mut lines = String::new();
    for number in 0..200 {
        let _ = write!(
            lines,
            "BEGIN:VEVENT\nUID:{number}\nDTSTART:20050103T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
        );
    }
    assert_eq!(oslo(&calendar(&lines)), Err(FeedError::TooManyInstances));
    // 30,000 separate times are more blocks than are kept.
    let mut lines = String::new();
    for number in 0..30_000 {
        let (day, hour) = (number / 1_000 + 1, number % 1_000);
        let (hour, minute) = (hour / 60, hour % 60);
        let _ = write!(
            lines,
            "BEGIN:VEVENT\nDTSTART:202704{day:02}T{hour:02}{minute:02}00Z\nDURATION:PT1S\nEND:VEVENT\n"
        );
    }
    assert_eq!(oslo(&calendar(&lines)), Err(FeedError::TooManyBlocks));
}
