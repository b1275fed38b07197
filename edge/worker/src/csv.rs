//! Bookings as CSV (RFC 4180): UTF-8, a header line, lines that end in CR LF.
//!
//! What a booker wrote is text and not a formula: where a spreadsheet would take it for one, an apostrophe comes
//! first. The JSON of an export has every text as it is.

use slotstead_shared::wire::{Answer, BookingRecord, BookingStatus};

use crate::exchange::{Content, Outgoing};

const HEADER: [&str; 19] = [
    "id",
    "status",
    "service",
    "service_name",
    "location",
    "host",
    "host_name",
    "co_hosts",
    "resources",
    "start",
    "end",
    "zone",
    "name",
    "email",
    "answers",
    "erased",
    "sequence",
    "created_at",
    "changed_at",
];

/// A line for each booking as it is now.
#[must_use]
pub fn bookings(records: &[BookingRecord]) -> Outgoing {
    let mut text = String::new();
    line(&mut text, HEADER.map(str::to_owned));
    for record in records {
        line(&mut text, fields(record));
    }
    Outgoing::of(
        200,
        "text/csv; charset=utf-8; header=present",
        Content::Bytes(text.into_bytes()),
    )
    .with(
        "content-disposition",
        "attachment; filename=\"bookings.csv\"",
    )
}

fn fields(record: &BookingRecord) -> [String; HEADER.len()] {
    let booking = &record.booking;
    let status = match booking.status {
        BookingStatus::Confirmed => "confirmed",
        BookingStatus::Cancelled => "cancelled",
    };
    let changed_at = record.changes.last().map(|change| change.changed_at);
    [
        booking.id.to_string(),
        status.to_owned(),
        booking.service.to_string(),
        booking.service_name.clone(),
        booking.location.clone().unwrap_or_default(),
        booking.host.to_string(),
        booking.host_name.clone(),
        names(booking.co_hosts.iter().map(|host| host.id.as_str())),
        names(
            booking
                .resources
                .iter()
                .map(|resource| resource.id.as_str()),
        ),
        booking.start.to_string(),
        booking.end.to_string(),
        booking.zone.clone(),
        booking.name.clone(),
        booking.email.clone(),
        answers(&booking.answers),
        booking.erased.to_string(),
        booking.sequence.to_string(),
        booking.created_at.to_string(),
        changed_at.map(|at| at.to_string()).unwrap_or_default(),
    ]
}

fn names<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.collect::<Vec<_>>().join(" ")
}

/// As JSON, because how many there are is the owner's to say.
fn answers(answers: &[Answer]) -> String {
    if answers.is_empty() {
        return String::new();
    }
    serde_json::to_string(answers).expect("ids and texts")
}

fn line(text: &mut String, fields: [String; HEADER.len()]) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        let field = without_formulas(&field);
        if field.contains(['"', ',', '\r', '\n']) {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&field);
        }
    }
    text.push_str("\r\n");
}

/// `text` with an apostrophe wherever a spreadsheet would begin a formula: at the start, and after what some of
/// them take for the end of a field or of a line.
fn without_formulas(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if begins && matches!(letter, '=' | '+' | '-' | '@') {
            safe.push('\'');
        }
        begins = matches!(letter, ';' | '\t' | '\r' | '\n') || (begins && letter.is_whitespace());
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_a_field_stays_one_field_and_no_formula() {
        let mut fields: [String; HEADER.len()] = Default::default();
        fields[0] = "=HYPERLINK(\"x\")".to_owned();
        fields[1] = "a, b".to_owned();
        fields[2] = "two\r\nlines".to_owned();
        fields[3] = "plain".to_owned();
        fields[4] = "+47 12 34".to_owned();
        fields[5] = "x;=cmd|'/C calc'!A0;y".to_owned();
        let mut text = String::new();
        line(&mut text, fields);
        assert_eq!(
            text,
            format!(
                "\"'=HYPERLINK(\"\"x\"\")\",\"a, b\",\"two\r\nlines\",plain,'+47 12 34,x;'=cmd|'/C calc'!A0;y{}\r\n",
                ",".repeat(13)
            )
        );
    }
}
