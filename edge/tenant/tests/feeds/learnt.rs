//! What the corpora of other programs taught (`cargo xtask corpora`), in vectors of our own: where
//! programs read one calendar in two ways, both are busy.

use slotstead_tenant::connectors::feed::FeedError;

use crate::{calendar, event, oslo};

#[test]
fn a_day_is_the_calendars_and_the_hosts() {
    let day = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270310\nDTEND;VALUE=DATE:20270312\nEND:VEVENT";
    for (own, expected) in [
        ("America/Los_Angeles", "03-10T00:00/03-12T09:00"),
        ("Asia/Tokyo", "03-09T16:00/03-12T00:00"),
        // Another name for the same clock.
        ("Europe/Berlin", "03-10T00:00/03-12T00:00"),
    ] {
        let body = calendar(&format!("X-WR-TIMEZONE:{own}\n{day}"));
        assert_eq!(oslo(&body).unwrap(), [expected], "{own}");
    }
}

#[test]
fn repeats_in_utc_are_also_read_on_the_calendars_wall() {
    // From 28 March on, 16:00 in Kyiv is 13:00 in UTC, and 14:00 in UTC is 17:00 in Kyiv.
    let weekly = "BEGIN:VEVENT\nDTSTART:20270317T140000Z\nDTEND:20270317T150000Z\n\
                  RRULE:FREQ=WEEKLY;UNTIL=20270401T000000Z\nEND:VEVENT";
    assert_eq!(
        oslo(&calendar(weekly)).unwrap(),
        [
            "03-17T15:00/16:00",
            "03-24T15:00/16:00",
            "03-31T16:00/17:00"
        ]
    );
    let both = calendar(&format!("X-WR-TIMEZONE:Europe/Kyiv\n{weekly}"));
    assert_eq!(
        oslo(&both).unwrap(),
        [
            "03-17T15:00/16:00",
            "03-24T15:00/16:00",
            "03-31T15:00/17:00"
        ]
    );
    // One that does not repeat has one reading.
    let once = both.replace("RRULE", "X-RRULE");
    assert_eq!(oslo(&once).unwrap(), ["03-17T15:00/16:00"]);
}

#[test]
fn hours_over_a_change_of_the_clock_are_the_longer_of_exact_and_wall() {
    // Oslo's 28 March has 23 hours, so 24 of them end an hour later on the wall.
    let spring = event("DTSTART;TZID=Europe/Oslo:20270328T000000\nDURATION:PT24H");
    assert_eq!(oslo(&spring).unwrap(), ["03-28T00:00/03-29T01:00"]);
    // New York's 1 November 2026 had 25.
    let autumn = event("DTSTART;TZID=America/New_York:20271107T000000\nDURATION:PT24H");
    let found = crate::blocks_at(crate::NOW, "UTC", &autumn).unwrap();
    assert_eq!(found[0].end - found[0].start, 25 * 3_600);
}

#[test]
fn a_definition_that_contradicts_its_windows_name_is_no_zone() {
    let zone = |from: &str, to: &str, since: &str| {
        calendar(&format!(
            "BEGIN:VTIMEZONE\nTZID:New Zealand Standard Time\nBEGIN:STANDARD\nDTSTART:{since}\n\
             TZOFFSETFROM:{from}\nTZOFFSETTO:{to}\nEND:STANDARD\nEND:VTIMEZONE\n\
             BEGIN:VEVENT\nDTSTART;TZID=New Zealand Standard Time:20270310T090000\nDURATION:PT1H\nEND:VEVENT"
        ))
    };
    let contradicts = zone("+0200", "+0100", "20191027T020000");
    assert_eq!(oslo(&contradicts), Err(FeedError::UnknownZone { line: 11 }));
    // An aged copy is not a contradiction; the name knows better by how much.
    for (from, to) in [("+1300", "+1200"), ("+1200", "+1300")] {
        assert_eq!(
            oslo(&zone(from, to, "16010101T000000")).unwrap(),
            ["03-09T21:00/22:00"],
            "{to}"
        );
    }
}

#[test]
fn a_sequence_may_be_a_moment_or_minus_one() {
    let version = |hour: u32, sequence: &str| {
        format!(
            "BEGIN:VEVENT\nUID:one\nDTSTART:20270310T{hour:02}0000Z\nDURATION:PT1H\nSEQUENCE:{sequence}\nEND:VEVENT\n"
        )
    };
    for (older, newer) in [
        ("-1", "0"),
        ("1493956582", "1493956583"),
        ("9", "20270301120000"),
    ] {
        let body = calendar(&(version(8, older) + &version(12, newer)));
        assert_eq!(
            oslo(&body).unwrap(),
            ["03-10T13:00/14:00"],
            "{older} {newer}"
        );
    }
    for unreadable in ["one", "--1", "1.5", "1234567890123456789"] {
        let error = Err(FeedError::Line {
            line: 7,
            property: "SEQUENCE",
        });
        assert_eq!(
            oslo(&calendar(&version(8, unreadable))),
            error,
            "{unreadable}"
        );
    }
}

#[test]
fn the_week_of_a_position_begins_where_the_rule_says() {
    let first = |week_start: &str| {
        let lines = format!(
            "DTSTART:20270307T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=SU,WE;BYSETPOS=1;COUNT=3{week_start}"
        );
        oslo(&event(&lines)).unwrap()
    };
    // With weeks from Monday the first of a week is its Wednesday; the start counts in any case.
    for monday in ["", ";WKST=MO"] {
        let expected = [
            "03-07T09:00/10:00",
            "03-10T09:00/10:00",
            "03-17T09:00/10:00",
            "03-24T09:00/10:00",
        ];
        assert_eq!(first(monday), expected, "{monday}");
    }
    let expected = [
        "03-07T09:00/10:00",
        "03-14T09:00/10:00",
        "03-21T09:00/10:00",
    ];
    assert_eq!(first(";WKST=SU"), expected);
}

#[test]
fn an_event_with_two_ends_is_busy_until_both() {
    let start = "DTSTART:20270310T080000Z";
    let of = |ends: &str| oslo(&event(&format!("{start}\n{ends}"))).unwrap();
    for ends in [
        "DTEND:20270310T100000Z\nDTEND:20270310T083000Z",
        "DTEND:20270310T083000Z\nDTEND:20270310T100000Z",
        "DURATION:PT2H\nDURATION:PT30M",
        "DURATION:PT30M\nDURATION:PT2H",
        "DTEND:20270310T083000Z\nDURATION:PT2H",
        "DURATION:PT30M\nDTEND:20270310T100000Z",
        // As exporters write it that give every event a DURATION.
        "DTEND:20270310T100000Z\nDURATION:PT0S",
    ] {
        assert_eq!(of(ends), ["03-10T09:00/11:00"], "{ends}");
    }
    // An end before the start, and one after it.
    let around = of("DTEND:20270310T070000Z\nDTEND:20270310T090000Z");
    assert_eq!(around, ["03-10T08:00/10:00"]);
    let weekly = of("DTEND:20270310T083000Z\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;COUNT=2");
    assert_eq!(weekly, ["03-10T09:00/11:00", "03-17T09:00/11:00"]);
}

#[test]
fn an_event_that_is_free_in_one_line_and_busy_in_another_is_busy() {
    let hour = "DTSTART:20270310T080000Z\nDTEND:20270310T090000Z";
    for (one, other) in [
        ("STATUS:CANCELLED", "STATUS:CONFIRMED"),
        ("STATUS:CANCELLED", "STATUS:WHATEVER"),
        ("TRANSP:TRANSPARENT", "TRANSP:OPAQUE"),
        ("TRANSP:TRANSPARENT", "TRANSP:SOMETIMES"),
        (
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        ),
        (
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-MICROSOFT-CDO-BUSYSTATUS:NEWER",
        ),
    ] {
        for lines in [format!("{one}\n{other}"), format!("{other}\n{one}")] {
            let found = oslo(&event(&format!("{hour}\n{lines}")));
            assert_eq!(found.unwrap(), ["03-10T09:00/10:00"], "{lines}");
        }
        let found = oslo(&event(&format!("{hour}\n{one}\n{one}")));
        assert!(found.unwrap().is_empty(), "{one} twice");
    }
    // What Exchange writes for a free event of a calendar that it publishes without its subjects.
    let exchange = "TRANSP:OPAQUE\nSTATUS:CONFIRMED\nX-MICROSOFT-CDO-BUSYSTATUS:FREE";
    let found = oslo(&event(&format!("{hour}\n{exchange}")));
    assert!(found.unwrap().is_empty());
}

#[test]
fn a_component_that_contradicts_itself_is_named() {
    let contradicted = |line, property| Err(FeedError::Contradiction { line, property });
    let moved = "DTSTART:20270310T080000Z\nDTEND:20270310T090000Z\n\
                 RECURRENCE-ID:20270310T070000Z\nSEQUENCE:1";
    for (again, otherwise, property) in [
        ("UID:one", "UID:two", "UID"),
        (
            "DTSTART:20270310T080000Z",
            "DTSTART:20270311T080000Z",
            "DTSTART",
        ),
        (
            "RECURRENCE-ID:20270310T070000Z",
            "RECURRENCE-ID:20270311T070000Z",
            "RECURRENCE-ID",
        ),
        ("SEQUENCE:1", "SEQUENCE:2", "SEQUENCE"),
    ] {
        let found = oslo(&event(&format!("{moved}\n{again}")));
        assert_eq!(found.unwrap(), ["03-10T09:00/10:00"], "{again}");
        let found = oslo(&event(&format!("{moved}\n{otherwise}")));
        assert_eq!(found, contradicted(9, property), "{otherwise}");
    }
    let zone = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
                TZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nTZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE";
    assert_eq!(oslo(&calendar(zone)), contradicted(9, "TZOFFSETTO"));
    // Another component may say otherwise, and so may the one around it.
    let outer = "UID:a\nX-WR-TIMEZONE:Europe/Oslo";
    assert!(
        oslo(&calendar(&format!(
            "{outer}\nBEGIN:VEVENT\nUID:b\n{moved}\nEND:VEVENT"
        )))
        .is_ok()
    );
}
