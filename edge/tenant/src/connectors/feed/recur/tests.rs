//! Rules against the examples of RFC 5545, and what they cost.

use super::*;
use crate::connectors::feed::{rule, time::Time, zone::Zone};
use calcard::icalendar::{ICalendar, ICalendarProperty, ICalendarValue};

pub(super) fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap()
}

/// The rule of `text` for an event that starts at `start`, and the parsed calendar around it.
fn rule_of(start: &str, text: &str) -> (Rule, ICalendar) {
    let calendar = ICalendar::parse(format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:{start}Z\nRRULE:{text}\nEND:VEVENT\nEND:VCALENDAR\n"
    ))
    .unwrap();
    let entry = calendar.components[1]
        .entries
        .iter()
        .find(|entry| entry.name == ICalendarProperty::Rrule)
        .unwrap();
    let [ICalendarValue::RecurrenceRule(parsed)] = entry.values.as_slice() else {
        panic!("{text}");
    };
    let start = Time {
        wall: at(start),
        is_date: false,
        is_floating: false,
        zone: Zone::utc(),
    };
    (rule::convert(parsed, &start).unwrap(), calendar)
}

pub(super) fn expand(start: &str, text: &str, from: &str, to: &str) -> Vec<NaiveDateTime> {
    let mut found = Vec::new();
    let (rule, _) = rule_of(start, text);
    rule.expand(
        at(start),
        at(from),
        at(to),
        &mut Budget::default(),
        &mut found,
    )
    .unwrap();
    found
}

/// RFC 5545 section 3.8.5.3, the examples whose results fit on a line: rule, start, the last
/// moment looked at, and the days as `YYYYMMDD` (with the time where it differs).
const EXAMPLES: [(&str, &str, &str, &str); 30] = [
    (
        "FREQ=DAILY;COUNT=3",
        "19970902",
        "19980101",
        "19970902 19970903 19970904",
    ),
    (
        "FREQ=DAILY;INTERVAL=10;COUNT=5",
        "19970902",
        "19980101",
        "19970902 19970912 19970922 19971002 19971012",
    ),
    (
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "19970902",
        "19980101",
        "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "19970902",
        "19980101",
        "19970902 19970904 19970916 19970918 19970930 19971002 19971014 19971016",
    ),
    (
        "FREQ=MONTHLY;COUNT=4;BYDAY=1FR",
        "19970905",
        "19980901",
        "19970905 19971003 19971107 19971205",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYDAY=1SU,-1SU",
        "19970907",
        "19980901",
        "19970907 19970928 19971102 19971130 19980104",
    ),
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=-2MO",
        "19970922",
        "19980901",
        "19970922 19971020 19971117",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "19970928",
        "19980101",
        "19970928 19971029 19971128 19971229",
    ),
    (
        "FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1",
        "19970930",
        "19980901",
        "19970930 19971001 19971031 19971101 19971130",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=4;BYMONTHDAY=10,11",
        "19970910",
        "20010101",
        "19970910 19970911 19990310 19990311",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "19970902",
        "19971201",
        "19970902 19970909 19970916 19970923 19970930 19971104 19971111 19971118 19971125",
    ),
    (
        "FREQ=YEARLY;COUNT=4;BYMONTH=6,7",
        "19970610",
        "20010101",
        "19970610 19970710 19980610 19980710",
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=4;BYMONTH=1,2,3",
        "19970310",
        "20040101",
        "19970310 19990110 19990210 19990310",
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=5;BYYEARDAY=1,100,200",
        "19970101",
        "20040101",
        "19970101 19970410 19970719 20000101 20000409",
    ),
    (
        "FREQ=YEARLY;BYDAY=20MO",
        "19970519",
        "20000101",
        "19970519 19980518 19990517",
    ),
    (
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "19970512",
        "20000101",
        "19970512 19980511 19990517",
    ),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "19970313",
        "19980401",
        "19970313 19970320 19970327 19980305 19980312 19980319 19980326",
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "19970902",
        "20010101",
        "19980213 19980313 19981113 19990813 20001013",
    ),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "19970913",
        "19980201",
        "19970913 19971011 19971108 19971213 19980110",
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "19961105",
        "20050101",
        "19961105 20001107 20041102",
    ),
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "19970904",
        "19980901",
        "19970904 19971007 19971106",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "19970929",
        "19980101",
        "19970929 19971030 19971127 19971230",
    ),
    (
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        "19970902",
        "19980101",
        "19970902T090000 19970902T120000 19970902T150000",
    ),
    (
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "19970902",
        "19980101",
        "19970902T090000 19970902T103000 19970902T120000 19970902T133000",
    ),
    (
        "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,40;COUNT=5",
        "19970902",
        "19980101",
        "19970902T090000 19970902T094000 19970902T100000 19970902T104000 19970903T090000",
    ),
    (
        "FREQ=MINUTELY;INTERVAL=40;BYHOUR=9,10;COUNT=4",
        "19970902",
        "19980101",
        "19970902T090000 19970902T094000 19970902T102000 19970903T090000",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "19970805",
        "19980101",
        "19970805 19970810 19970819 19970824",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "19970805",
        "19980101",
        "19970805 19970817 19970819 19970831",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "20070115",
        "20080101",
        "20070115 20070130 20070215 20070315 20070330",
    ),
    // Not from the RFC: positions count in the whole first week, though the start lies within it.
    (
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2;COUNT=3",
        "19970902",
        "19980101",
        "19970903 19970910 19970917",
    ),
];

#[test]
fn the_examples_of_the_rfc_hold() {
    for (rule, start, to, expected) in EXAMPLES {
        let start = format!("{start}T090000");
        let found = expand(&start, rule, &start, &format!("{to}T000000"));
        let expected: Vec<_> = expected
            .split_whitespace()
            .map(|day| {
                at(&if day.len() == 8 {
                    format!("{day}T090000")
                } else {
                    day.to_owned()
                })
            })
            .collect();
        assert_eq!(found, expected, "{rule}");
    }
}

#[test]
fn a_window_far_ahead_costs_no_more_than_a_near_one() {
    for (rule, steps) in [
        ("FREQ=DAILY", 1_500),
        ("FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=3", 1_500),
        ("FREQ=MONTHLY;BYDAY=-1FR", 2_000),
        ("FREQ=YEARLY", 1_000),
        ("FREQ=HOURLY;INTERVAL=2", 30_000),
    ] {
        let (rule, _) = rule_of("20050103T090000", rule);
        let mut budget = Budget(steps);
        let mut found = Vec::new();
        let (from, to) = (at("20270101T000000"), at("20280101T000000"));
        assert_eq!(
            rule.expand(at("20050103T090000"), from, to, &mut budget, &mut found),
            Ok(())
        );
        assert!(
            found
                .first()
                .is_some_and(|first| *first >= from && *first < to),
            "{rule:?}"
        );
        // The same occurrences as when all since the start are looked at.
        let mut all = Vec::new();
        let start = at("20050103T090000");
        rule.expand(start, start, to, &mut Budget::default(), &mut all)
            .unwrap();
        all.retain(|wall| *wall >= from);
        assert_eq!(found, all, "{rule:?}");
    }
}

#[test]
fn work_is_bounded() {
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19;\
         BYSECOND=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29",
    ] {
        let (rule, _) = rule_of("20050103T090000", rule);
        let mut found = Vec::new();
        let spent = rule.expand(
            at("20050103T090000"),
            at("20270101T000000"),
            at("20280301T000000"),
            &mut Budget::default(),
            &mut found,
        );
        assert_eq!(spent, Err(Spent));
    }
    // What never occurs ends with the window.
    assert_eq!(
        expand(
            "20050103T090000",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "20270101T000000",
            "20280301T000000"
        ),
        []
    );
}
