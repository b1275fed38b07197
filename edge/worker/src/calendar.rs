//! A booking as an iCalendar file (RFC 5545), `METHOD:PUBLISH` (RFC 5546 section 3.2.1).
//!
//! Forty lines of our own: the crate at hand folds after 76 octets, lets a bare carriage return
//! through, and brings a clock and random ids that must not be in this crate.

use std::fmt::Write as _;

use chrono::DateTime;
use slotstead_shared::{
    UnixSeconds,
    wire::{Booking, BookingStatus},
};

/// Octets of a line at most, its end not counted (RFC 5545 section 3.1).
const LINE_OCTETS: usize = 75;

/// The file of a booking, made at `now`. One UID for life; `SEQUENCE` rises with each change.
#[must_use]
pub fn file(booking: &Booking, business: &str, manage_url: &str, now: UnixSeconds) -> String {
    let summary = format!("{} – {business}", booking.service_name);
    let status = match booking.status {
        BookingStatus::Confirmed => "CONFIRMED",
        BookingStatus::Cancelled => "CANCELLED",
    };
    let mut lines = Lines::default();
    lines.put("BEGIN", "VCALENDAR");
    lines.put("VERSION", "2.0");
    lines.put("PRODID", "-//Slotstead//Booker//EN");
    lines.put("CALSCALE", "GREGORIAN");
    lines.put("METHOD", "PUBLISH");
    lines.put("BEGIN", "VEVENT");
    lines.put("UID", &format!("{}@slotstead", booking.id));
    lines.put("SEQUENCE", &booking.sequence.to_string());
    lines.put("DTSTAMP", &utc(now));
    lines.put("DTSTART", &utc(booking.start.unix_seconds()));
    lines.put("DTEND", &utc(booking.end.unix_seconds()));
    lines.put("SUMMARY", &escape(&summary));
    if let Some(location) = &booking.location {
        lines.put("LOCATION", &escape(location));
    }
    lines.put("URL", manage_url);
    lines.put("STATUS", status);
    lines.put(
        "TRANSP",
        if status == "CANCELLED" {
            "TRANSPARENT"
        } else {
            "OPAQUE"
        },
    );
    lines.put("END", "VEVENT");
    lines.put("END", "VCALENDAR");
    lines.0
}

/// A date-time in UTC (section 3.3.5, form 2).
fn utc(at: UnixSeconds) -> String {
    DateTime::from_timestamp(at, 0)
        .unwrap_or_default()
        .format("%Y%m%dT%H%M%SZ")
        .to_string()
}

/// A text value (section 3.3.11). Other control characters have no place in one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            _ if letter.is_control() => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds a line, folded between characters: each part ends before [`LINE_OCTETS`] are exceeded,
    /// the space that starts a continuation included.
    fn put(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut octets = 0;
        for letter in line.chars() {
            if octets + letter.len_utf8() > LINE_OCTETS {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            let written = self.0.write_char(letter);
            debug_assert!(written.is_ok(), "a String takes every character");
            octets += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use icalendar::{Calendar, EventLike as _};

    use super::*;

    fn booking(service_name: &str, location: Option<&str>) -> Booking {
        serde_json::from_value(serde_json::json!({
            "id": "bkg_0c1g60r30c1g60r30c1g60r30c", "status": "confirmed", "service": "cut",
            "service_name": service_name, "location": location, "host": "ingrid", "host_name": "Ingrid",
            "start": "2027-03-28T10:00:00+02:00", "end": "2027-03-28T10:30:00+02:00",
            "service_start": "2027-03-28T10:00:00+02:00", "service_end": "2027-03-28T10:30:00+02:00",
            "zone": "Europe/Oslo", "service_zone": "Europe/Oslo", "name": "Amal", "email": "amal@example.com",
            "sequence": 2, "created_at": "2027-03-01T10:00:00+01:00", "can_change": true
        }))
        .unwrap()
    }

    const NOW: UnixSeconds = 1_804_757_400;

    #[test]
    fn the_whole_file_of_a_plain_booking() {
        let file = file(
            &booking("Cut", None),
            "Fjord Hair",
            "https://edge.example/manage/x#y",
            NOW,
        );
        assert_eq!(
            file,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Slotstead//Booker//EN\r\nCALSCALE:GREGORIAN\r\n\
             METHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:bkg_0c1g60r30c1g60r30c1g60r30c@slotstead\r\nSEQUENCE:2\r\n\
             DTSTAMP:20270311T093000Z\r\nDTSTART:20270328T080000Z\r\nDTEND:20270328T083000Z\r\n\
             SUMMARY:Cut – Fjord Hair\r\nURL:https://edge.example/manage/x#y\r\nSTATUS:CONFIRMED\r\n\
             TRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
    }

    #[test]
    fn a_cancelled_booking_is_cancelled_and_takes_no_time() {
        let mut booking = booking("Cut", None);
        booking.status = BookingStatus::Cancelled;
        let file = file(&booking, "Fjord Hair", "https://edge.example/", NOW);
        assert!(
            file.contains("\r\nSTATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\n"),
            "{file}"
        );
        assert!(file.contains("SUMMARY:Cut – Fjord Hair\r\n"), "{file}");
    }

    /// Another crate's parser reads back every character, and no line is longer than allowed.
    #[test]
    fn strange_texts_come_back_whole() {
        for text in [
            "Cut, colour; wash \\ dry",
            "two\nlines\r\nthree\rfour",
            "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
            &"å".repeat(200),
            &"👩‍🔬🏳️‍🌈".repeat(30),
            &"a".repeat(200),
            &format!("{}👍", "a".repeat(63)),
            " leading and trailing ",
            "a:b\"c\"=;",
        ] {
            let file = file(
                &booking("Cut", Some(text)),
                "Fjord Hair",
                "https://edge.example/",
                NOW,
            );
            assert!(file.ends_with("\r\n"));
            for line in file.split("\r\n") {
                assert!(line.len() <= LINE_OCTETS, "{} octets: {line}", line.len());
                assert!(!line.contains(['\r', '\n']), "{line:?}");
            }
            let parsed: Calendar = file.parse().unwrap();
            let events: Vec<_> = parsed.events().collect();
            let [event] = events.as_slice() else {
                panic!("{} events", events.len())
            };
            let wanted = text.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(event.get_location(), Some(wanted.as_str()));
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_file() {
        let file = file(
            &booking("a\u{0}b\u{7f}c\u{85}d", None),
            "Fjord Hair",
            "https://edge.example/",
            NOW,
        );
        assert!(file.contains("SUMMARY:abcd – Fjord Hair\r\n"), "{file}");
    }
}
