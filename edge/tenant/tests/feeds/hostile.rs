//! Hostile and broken bodies: bounded work and an error with a name for each, and what only looks
//! broken is read.

use crate::{bodies::hostile, event, oslo, response};
use slotstead_shared::engine::Tz;
use slotstead_tenant::connectors::feed::read;

#[test]
fn each_hostile_body_has_its_error() {
    for (name, body, expected) in hostile() {
        let found = read(&response(body), false, crate::unix(crate::NOW), Tz::UTC);
        assert_eq!(found, Err(expected), "{name}");
    }
}

#[test]
fn what_only_looks_broken_is_read() {
    let hour = event("SUMMARY:caf?\nDTSTART:20270310T080000Z\nDURATION:PT1H");
    let busy = ["03-10T09:00/10:00"];
    assert_eq!(oslo(&hour).unwrap(), busy);
    assert_eq!(oslo(&format!("\u{feff}{hour}")).unwrap(), busy);
    // Latin-1, and bytes that are nothing at all, in what is not kept anyway.
    for byte in [0xe9, 0xff, 0x1b] {
        let mut bytes = hour.clone().into_bytes();
        let at = hour.find('?').unwrap();
        bytes[at] = byte;
        let read = read(&response(bytes), false, crate::unix(crate::NOW), Tz::UTC);
        assert_eq!(
            read,
            self::read(
                &response(hour.clone()),
                false,
                crate::unix(crate::NOW),
                Tz::UTC
            ),
            "{byte}"
        );
    }
    // Endless, but rare.
    let endless =
        event("DTSTART:19000101T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10");
    assert_eq!(oslo(&endless).unwrap(), busy);
    // One huge line of text in a hundred thousand folds.
    let folded = hour.replace("caf?", &"\r\n x".repeat(100_000));
    assert_eq!(oslo(&folded).unwrap(), busy);
}
