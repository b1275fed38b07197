//! What a calendar says twice, and differently: no order of two lines makes a busy time free.

use slotstead_tenant::connectors::feed::FeedError;

use crate::{calendar, event, oslo};

const HOUR: &str = "DTSTART:20270310T080000Z\nDURATION:PT1H";
const BUSY: [&str; 1] = ["03-10T09:00/10:00"];

#[test]
fn a_time_in_two_zones_or_of_two_types_is_an_error() {
    for start in [
        "DTSTART;TZID=Europe/Oslo;TZID=Asia/Tokyo:20270310T090000",
        "DTSTART;VALUE=DATE;VALUE=DATE-TIME:20270310",
        "DTSTART;VALUE=DATE:20270310T090000",
    ] {
        let error = Err(FeedError::Line {
            line: 5,
            property: "DTSTART",
        });
        let body = event(&format!("{start}\nDURATION:PT1H"));
        assert_eq!(oslo(&body), error, "{start}");
    }
    // So some programs write a day.
    let day = event("DTSTART;VALUE=DATE:20270310T000000\nDTEND;VALUE=DATE:20270311T000000");
    assert_eq!(oslo(&day).unwrap(), ["03-10T00:00/03-11T00:00"]);
}

/// A title is somebody else's text: who invites a host must not free the host's time with it.
#[test]
fn a_lone_carriage_return_is_a_part_of_a_title() {
    for line in [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "END:VEVENT",
        "DTSTART:20270301T000000Z",
    ] {
        let body = event(&format!("SUMMARY:lunch\r{line}\n{HOUR}"));
        for body in [body.replace('\n', "\r\n"), body] {
            assert_eq!(oslo(&body).unwrap(), BUSY, "{line}");
        }
        // In a line that matters it is nothing that can be read.
        let uid = event(HOUR).replace("UID:one", &format!("UID:one\r{line}"));
        let error = Err(FeedError::Line {
            line: 4,
            property: "UID",
        });
        assert_eq!(oslo(&uid), error, "{line}");
    }
    let old_mac = event(HOUR).replace('\n', "\r");
    assert_eq!(oslo(&old_mac).unwrap(), BUSY);
    assert_eq!(oslo(&format!("{old_mac}\n")).unwrap(), BUSY);
    // Written out twice over, with a fold.
    let twice = event(&format!("SUMMARY:a\n  b\n{HOUR}")).replace('\n', "\r\r\n");
    assert_eq!(oslo(&twice).unwrap(), BUSY);
}

#[test]
fn a_change_of_one_occurrence_leaves_that_of_all_later_ones() {
    let original = "BEGIN:VEVENT\nUID:a\nDTSTART:20270301T080000Z\nDURATION:PT1H\n\
                    RRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n";
    let later = "BEGIN:VEVENT\nUID:a\nSEQUENCE:1\n\
                 RECURRENCE-ID;RANGE=THISANDFUTURE:20270308T080000Z\nDTSTART:20270308T120000Z\n\
                 DURATION:PT1H\nEND:VEVENT\n";
    let cancelled = "BEGIN:VEVENT\nUID:a\nSEQUENCE:2\nRECURRENCE-ID:20270308T080000Z\n\
                     STATUS:CANCELLED\nEND:VEVENT\n";
    let expected = [
        "03-01T09:00/10:00",
        "03-08T13:00/14:00",
        "03-15T13:00/14:00",
        "03-22T13:00/14:00",
    ];
    let body = calendar(&format!("{original}{later}{cancelled}"));
    assert_eq!(oslo(&body).unwrap(), expected);
    // Two of them from the same occurrence on, neither newer: what either has busy is busy.
    let all_cancelled = cancelled
        .replace("SEQUENCE:2", "SEQUENCE:1")
        .replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE");
    for changes in [[later, &all_cancelled], [&all_cancelled, later]] {
        let body = calendar(&format!("{original}{}", changes.concat()));
        assert_eq!(oslo(&body).unwrap(), expected);
    }
}

#[test]
fn two_definitions_of_one_zone_are_none() {
    let zone = |offset: &str| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\nDTSTART:20000101T000000\n\
             TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
    };
    let of = |zones: String| {
        oslo(&calendar(&format!(
            "{zones}BEGIN:VEVENT\nDTSTART;TZID=Customized Time Zone:20270310T090000\nDURATION:PT1H\nEND:VEVENT"
        )))
    };
    assert_eq!(of(zone("+0100") + &zone("+0100")).unwrap(), BUSY);
    for (one, other) in [("+0100", "+0900"), ("+0900", "+0100")] {
        let error = Err(FeedError::UnknownZone { line: 19 });
        assert_eq!(of(zone(one) + &zone(other)), error, "{one} {other}");
    }
}
