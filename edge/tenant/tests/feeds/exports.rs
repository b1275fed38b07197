//! Files as the large calendars write them.

use crate::oslo;

#[test]
fn google() {
    let found = oslo(include_str!("exports/google.ics")).unwrap();
    assert_eq!(
        found,
        [
            "03-08T09:00/10:00",
            // The 10th moved to the 11th; the 17th and the 24th do not take place.
            "03-11T14:00/15:00",
            "03-12T13:00/13:45",
            "03-15T09:00/10:00",
            "03-22T09:00/10:00",
            "03-29T09:00/10:00",
            "03-31T09:00/10:00",
            "04-01T00:00/04-03T00:00",
            "04-05T09:00/10:00",
        ]
    );
}

#[test]
fn outlook() {
    let found = oslo(include_str!("exports/outlook.ics")).unwrap();
    assert_eq!(
        found,
        [
            "03-09T09:00/11:30",
            "03-10T14:00/15:00",
            "03-15T00:00/03-17T00:00",
            // 15:00 at +05:30.
            "03-18T10:30/11:30",
            "04-01T10:00/11:00",
            "04-13T09:00/11:30",
        ]
    );
}

#[test]
fn apple() {
    let found = oslo(include_str!("exports/apple.ics")).unwrap();
    assert_eq!(
        found,
        [
            "03-10T09:00/09:30",
            // 9:00 in New York, before its own change of the clock on the 14th.
            "03-12T15:00/16:30",
            "03-20T00:00/03-21T00:00",
            "03-26T16:00/17:00",
            "03-29T16:00/17:00",
            "03-30T16:00/17:00",
        ]
    );
}

#[test]
fn fastmail() {
    let found = oslo(include_str!("exports/fastmail.ics")).unwrap();
    assert_eq!(
        found,
        [
            "03-02T10:00/11:00",
            "03-05T09:00/09:30",
            "03-07T09:00/09:30",
            "03-08T07:00/10:00",
            "03-09T10:00/12:00",
            "03-09T15:00/15:30",
            "03-09T17:00/18:00",
            // From the 16th on a day and three hours later, and two hours long.
            "03-17T13:00/15:00",
            "03-24T13:00/15:00",
            "03-31T13:00/15:00",
        ]
    );
}

#[test]
fn a_file_of_several_calendars_is_all_of_them() {
    let (google, apple) = (
        include_str!("exports/google.ics"),
        include_str!("exports/apple.ics"),
    );
    let found = oslo(&format!("{google}{apple}")).unwrap();
    for part in [google, apple] {
        for block in oslo(part).unwrap() {
            let is_there = found.contains(&block) || block == "04-01T00:00/04-03T00:00";
            assert!(is_there, "{block} in {found:?}");
        }
    }
}
