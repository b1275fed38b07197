//! Nothing of an event but its start and end leaves the connector (R1, R2).

use slotstead_shared::engine::parse_zone;
use slotstead_tenant::connectors::feed::{FeedError, read};

use crate::{NOW, response, unix};

/// Occurs nowhere else in the workspace.
const CANARY: &str = "zq7canary";

/// An event with the canary in every property, parameter and component that can hold it.
const FULL: &str = "BEGIN:VCALENDAR
PRODID:-//@//@//EN
VERSION:2.0
X-WR-CALNAME:@
X-WR-CALDESC:@
NAME:@
BEGIN:VTIMEZONE
TZID:@/zone
TZURL:https://@.example/
X-@:@
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
TZNAME:@
COMMENT:@
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:@
SUMMARY;LANGUAGE=@:@
DESCRIPTION;ALTREP=\"cid:@\":@\\n@
LOCATION:@
COMMENT:@
CATEGORIES:@,@
CONTACT:@
CLASS:@
RESOURCES:@
GEO:@
ATTACH:https://example.com/@
ATTACH;ENCODING=BASE64;VALUE=BINARY:@
URL:https://example.com/@
CONFERENCE:https://example.com/@
ORGANIZER;CN=@:mailto:@@example.com
ATTENDEE;CN=\"@\";DELEGATED-FROM=\"mailto:@@example.com\":mailto:@@example.com
RELATED-TO:@
REQUEST-STATUS:2.0;@;@
X-ALT-DESC;FMTTYPE=text/html:<p>@</p>
X-@-FIELD:@
STATUS:@
TRANSP:@
X-MICROSOFT-CDO-BUSYSTATUS:@
DTSTART;TZID=@/zone;X-@=@:20270308T090000
DURATION;X-P=@:PT1H
BEGIN:VALARM
ACTION:@
DESCRIPTION:@
TRIGGER:-PT5M
END:VALARM
BEGIN:X-@
NOTE:@
END:X-@
END:VEVENT
BEGIN:VTODO
SUMMARY:@
END:VTODO
BEGIN:X-@
NOTE:@
END:X-@
END:VCALENDAR
";

fn assert_silent(body: &str) -> Option<FeedError> {
    let body = body.replace('@', CANARY);
    let reading = read(
        &response(body),
        false,
        unix(NOW),
        parse_zone("Europe/Oslo").unwrap(),
    );
    let texts = match &reading {
        Ok(reading) => vec![
            format!("{reading:?}"),
            serde_json::to_string(reading).unwrap(),
        ],
        Err(error) => vec![
            format!("{error:?}"),
            error.to_string(),
            serde_json::to_string(error).unwrap(),
        ],
    };
    for text in texts {
        assert!(!text.to_ascii_lowercase().contains(CANARY), "{text}");
    }
    reading.err()
}

#[test]
fn a_full_event_leaves_two_numbers() {
    assert_eq!(assert_silent(FULL), None);
    let body = FULL.replace('@', CANARY);
    let reading = read(
        &response(body),
        false,
        unix(NOW),
        parse_zone("Europe/Oslo").unwrap(),
    )
    .unwrap();
    let json = serde_json::to_value(&reading).unwrap();
    let start = unix("2027-03-08T08:00:00Z");
    assert_eq!(
        json["busy"]["blocks"],
        serde_json::json!([{ "start": start, "end": start + 3_600 }])
    );
    let fields: Vec<_> = json["busy"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, ["blocks", "covered_until", "etag", "last_modified"]);
}

#[test]
fn no_error_quotes_the_calendar() {
    // Each breaks the full calendar in one place, with the canary where it breaks.
    for (line, broken) in [
        ("BEGIN:VCALENDAR\n", "@\n"),
        ("DTSTART;TZID=@/zone;X-@=@:20270308T090000\n", "DTSTART:@\n"),
        (
            "DTSTART;TZID=@/zone;X-@=@:20270308T090000\n",
            "DTSTART:20270230T000000;@\n",
        ),
        (
            "DTSTART;TZID=@/zone;X-@=@:20270308T090000\n",
            "DTSTART:20270230T000000\n",
        ),
        (
            "DTSTART;TZID=@/zone;X-@=@:20270308T090000\n",
            "DTSTART;TZID=@:20270308T090000\n",
        ),
        ("DTSTART;TZID=@/zone;X-@=@:20270308T090000\n", "X-@:\n"),
        ("DURATION;X-P=@:PT1H\n", "DURATION:@\n"),
        ("DURATION;X-P=@:PT1H\n", "DTEND;@\n"),
        ("DURATION;X-P=@:PT1H\n", "RRULE:FREQ=@\n"),
        ("DURATION;X-P=@:PT1H\n", "RRULE:FREQ=DAILY;@=1\n"),
        (
            "DURATION;X-P=@:PT1H\n",
            "DURATION:PT1H\nRRULE:FREQ=SECONDLY\n",
        ),
        (
            "DURATION;X-P=@:PT1H\n",
            "DURATION:PT1H\nRRULE:FREQ=MINUTELY\n",
        ),
        ("DURATION;X-P=@:PT1H\n", "RRULE:FREQ=WEEKLY;BYDAY=1MO\n"),
        ("DURATION;X-P=@:PT1H\n", "RDATE:@\n"),
        (
            "DURATION;X-P=@:PT1H\n",
            "RECURRENCE-ID;RANGE=@:20270308T090000\n",
        ),
        ("END:VEVENT\n", "END:@\n"),
        ("END:VEVENT\n", ""),
        ("END:VCALENDAR\n", ""),
        ("END:VCALENDAR\n", "END:VCALENDAR\n@\n"),
        ("BEGIN:VTODO\n", "BEGIN:VAVAILABILITY\n"),
        ("BEGIN:VTODO\n", "BEGIN:@\n"),
    ] {
        let body = FULL.replacen(line, broken, 1);
        assert_ne!(body, FULL, "{line}");
        assert!(assert_silent(&body).is_some(), "{broken} is no error");
    }
}
