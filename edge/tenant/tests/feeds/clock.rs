//! Zones, and the hours in which the clock changes.

use slotstead_shared::Interval;
use slotstead_tenant::connectors::feed::FeedError;

use crate::{NOW, blocks_at, calendar, event, oslo, unix};

fn one(now: &str, zone: &str, body: &str) -> (String, String) {
    let found = blocks_at(now, zone, body).unwrap();
    let [Interval { start, end }] = found[..] else {
        panic!("{found:?}");
    };
    let show = |at| {
        slotstead_shared::engine::stamp(slotstead_shared::engine::Tz::UTC, at)
            .unwrap()
            .to_string()[5..16]
            .to_owned()
    };
    (show(start), show(end))
}

#[test]
fn zone_names_of_every_kind() {
    for (tzid, expected) in [
        ("Europe/Oslo", "03-10T09:00/10:00"),
        ("europe/oslo", "03-10T09:00/10:00"),
        ("\"Europe/Oslo\"", "03-10T09:00/10:00"),
        (
            "/freeassociation.sourceforge.net/Europe/Oslo",
            "03-10T09:00/10:00",
        ),
        ("/mozilla.org/20050126_1/Europe/Oslo", "03-10T09:00/10:00"),
        (
            "/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires",
            "03-10T13:00/14:00",
        ),
        ("W. Europe Standard Time", "03-10T09:00/10:00"),
        ("Eastern Standard Time", "03-10T15:00/16:00"),
        ("India Standard Time", "03-10T04:30/05:30"),
        (
            "\"(UTC-05:00) Eastern Time (US & Canada)\"",
            "03-10T15:00/16:00",
        ),
        ("Etc/GMT-3", "03-10T07:00/08:00"),
        ("UTC", "03-10T10:00/11:00"),
        ("/freeassociation.sourceforge.net/UTC", "03-10T10:00/11:00"),
        ("\"tzone://Microsoft/Utc\"", "03-10T10:00/11:00"),
        ("Asia/Kathmandu", "03-10T04:15/05:15"),
    ] {
        let body = event(&format!(
            "DTSTART;TZID={tzid}:20270310T090000\nDURATION:PT1H"
        ));
        assert_eq!(oslo(&body).unwrap(), [expected], "{tzid}");
    }
}

#[test]
fn zones_follow_the_rules_of_this_year() {
    // British Columbia stays on summer time from November 2026 on, whatever the file says.
    let body = calendar(
        "BEGIN:VTIMEZONE\nTZID:America/Vancouver\nBEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0700\nTZOFFSETTO:-0800\n\
         RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0800\n\
         TZOFFSETTO:-0700\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nDTSTART;TZID=America/Vancouver:20271210T090000\nDURATION:PT1H\nEND:VEVENT",
    );
    assert_eq!(
        one(NOW, "UTC", &body),
        ("12-10T16:00".into(), "12-10T17:00".into())
    );
}

/// New York's rules under a name that says nothing.
const DEFINED: &str = "BEGIN:VTIMEZONE\nTZID:Our zone\n\
    BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\n\
    BEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\n\
    END:VTIMEZONE\n";

#[test]
fn a_zone_that_only_the_file_defines_is_used() {
    let at = |wall: &str| {
        calendar(&format!(
            "{DEFINED}BEGIN:VEVENT\nDTSTART;TZID=Our zone:{wall}\nDURATION:PT1H\nEND:VEVENT"
        ))
    };
    for (wall, start) in [
        ("20270313T090000", "03-13T14:00"),
        ("20270314T013000", "03-14T06:30"),
        ("20270314T023000", "03-14T07:30"), // skipped: the offset before
        ("20270314T033000", "03-14T07:30"),
        ("20271107T013000", "11-07T05:30"), // twice: the first
        ("20271107T023000", "11-07T07:30"),
        ("20280101T000000", "01-01T05:00"),
    ] {
        assert_eq!(one(NOW, "UTC", &at(wall)).0, start, "{wall}");
    }
    // The same, name for name, as the zone it copies.
    for wall in ["20270314T023000", "20271107T013000", "20270601T120000"] {
        let copy = at(wall).replace("TZID=Our zone", "TZID=America/New_York");
        assert_eq!(one(NOW, "UTC", &at(wall)), one(NOW, "UTC", &copy), "{wall}");
    }
    // X-LIC-LOCATION names what the definition copies; a display name is not enough to go by.
    let lic = at("20270313T090000").replace(
        "TZID:Our zone\n",
        "TZID:Our zone\nX-LIC-LOCATION:Asia/Tokyo\n",
    );
    assert_eq!(one(NOW, "UTC", &lic).0, "03-13T00:00");
    let misleading = at("20270313T090000").replace("Our zone", "Eastern");
    assert_eq!(one(NOW, "UTC", &misleading).0, "03-13T14:00");
}

#[test]
fn a_period_in_a_zone_that_it_names_is_read_by_that_clock_alone() {
    let zone = "TZID=America/New_York";
    let event = format!(
        "BEGIN:VEVENT\nDTSTART;{zone}:20270309T090000\nDURATION:PT1H\n\
         RDATE;{zone};VALUE=PERIOD:20270310T090000/20270310T100000\nEND:VEVENT"
    );
    assert_eq!(
        oslo(&calendar(&event)).unwrap(),
        ["03-09T15:00/16:00", "03-10T15:00/16:00"]
    );
}

#[test]
fn floating_times_and_days_are_in_the_calendars_zone() {
    let floating = "BEGIN:VEVENT\nDTSTART:20270310T090000\nDURATION:PT1H\nEND:VEVENT";
    let day = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270310\nEND:VEVENT";
    for (own, times, date) in [
        ("", &["03-10T09:00/10:00"][..], "03-10T00:00/03-11T00:00"),
        (
            "X-WR-TIMEZONE:America/New_York\n",
            // By whose clock it is, programs differ: both.
            &["03-10T09:00/10:00", "03-10T15:00/16:00"],
            "03-10T00:00/03-11T06:00",
        ),
        (
            "X-WR-TIMEZONE:Eastern Standard Time\n",
            // By whose clock it is, programs differ: both.
            &["03-10T09:00/10:00", "03-10T15:00/16:00"],
            "03-10T00:00/03-11T06:00",
        ),
    ] {
        assert_eq!(
            oslo(&calendar(&format!("{own}{floating}"))).unwrap(),
            times,
            "{own}"
        );
        assert_eq!(
            oslo(&calendar(&format!("{own}{day}"))).unwrap(),
            [date],
            "{own}"
        );
    }
    // A zone of its own that nobody knows harms only what depends on it.
    let own = "X-WR-TIMEZONE:Atlantis\n";
    let body = calendar(&format!(
        "{own}BEGIN:VEVENT\nDTSTART:20270310T080000Z\nDURATION:PT1H\nEND:VEVENT"
    ));
    assert_eq!(oslo(&body).unwrap(), ["03-10T09:00/10:00"]);
    assert_eq!(
        oslo(&calendar(&format!("{own}{floating}"))),
        Err(FeedError::UnknownZone { line: 4 })
    );
    assert_eq!(
        oslo(&calendar(&format!("{own}{day}"))),
        Err(FeedError::UnknownZone { line: 4 })
    );
}

#[test]
fn the_skipped_and_the_repeated_hour() {
    // RFC 5545 section 3.3.5: 02:30 does not exist on 28 March 2027 in Oslo, and is 01:30 in UTC.
    let at = |start: &str, end: &str| {
        event(&format!(
            "DTSTART;TZID=Europe/Oslo:{start}\nDTEND;TZID=Europe/Oslo:{end}"
        ))
    };
    let utc = |start: &str, end: &str| one(NOW, "UTC", &at(start, end));
    assert_eq!(
        utc("20270328T023000", "20270328T040000"),
        ("03-28T01:30".into(), "03-28T02:00".into())
    );
    // Read so, it starts after its end; it keeps the length it has on the wall.
    assert_eq!(
        utc("20270328T023000", "20270328T030000"),
        ("03-28T01:30".into(), "03-28T02:00".into())
    );
    assert_eq!(
        utc("20271031T023000", "20271031T024500"),
        ("10-31T00:30".into(), "10-31T00:45".into())
    );
    assert_eq!(
        utc("20271031T010000", "20271031T040000"),
        ("10-30T23:00".into(), "10-31T03:00".into())
    );
}

#[test]
fn a_night_shift_over_the_change_keeps_the_longer_reading() {
    // 22:00 to 06:00 every day: exact hours and wall times part for one night.
    let nights = |start: &str| {
        event(&format!(
            "DTSTART;TZID=Europe/Oslo:{start}T220000\nDTEND;TZID=Europe/Oslo:{}T060000\nRRULE:FREQ=DAILY;COUNT=2",
            start.parse::<u32>().unwrap() + 1
        ))
    };
    let found = blocks_at(NOW, "UTC", &nights("20270326")).unwrap();
    // Eight exact hours end at 07:00 on the wall.
    assert_eq!(
        found[1],
        Interval::new(unix("2027-03-27T21:00:00Z"), unix("2027-03-28T05:00:00Z"))
    );
    let found = blocks_at(NOW, "UTC", &nights("20271029")).unwrap();
    // 06:00 on the wall is nine hours later.
    assert_eq!(
        found[1],
        Interval::new(unix("2027-10-30T20:00:00Z"), unix("2027-10-31T05:00:00Z"))
    );
    // A DURATION in days is a wall time, one in hours is exact (section 3.3.6).
    let span = |text: &str| {
        one(
            NOW,
            "UTC",
            &event(&format!(
                "DTSTART;TZID=Europe/Oslo:20270327T120000\nDURATION:{text}"
            )),
        )
        .1
    };
    assert_eq!(
        (span("P1D"), span("PT24H"), span("P1DT1H")),
        (
            "03-28T10:00".into(),
            "03-28T11:00".into(),
            "03-28T11:00".into()
        )
    );
}

#[test]
fn an_hourly_rule_goes_on_while_the_hour_repeats() {
    let body =
        event("DTSTART;TZID=Europe/Oslo:20271031T000000\nDURATION:PT1H\nRRULE:FREQ=HOURLY;COUNT=6");
    // 00:00 to 05:00 on the wall are seven hours.
    assert_eq!(
        one(NOW, "UTC", &body),
        ("10-30T22:00".into(), "10-31T05:00".into())
    );
}

#[test]
fn start_and_end_may_be_in_two_zones() {
    let body =
        event("DTSTART;TZID=Europe/Oslo:20270310T080000\nDTEND;TZID=Europe/London:20270310T090000");
    assert_eq!(oslo(&body).unwrap(), ["03-10T08:00/10:00"]);
    let both = event("DTSTART;TZID=Asia/Tokyo:20270310T080000Z\nDTEND:20270310T090000Z");
    assert_eq!(
        oslo(&both),
        Err(FeedError::Line {
            line: 5,
            property: "DTSTART"
        })
    );
    let day = event("DTSTART;TZID=America/New_York:20270310");
    assert_eq!(oslo(&day).unwrap(), ["03-10T00:00/03-11T06:00"]);
}
