//! Values of the wire, calendars and responses, from a few words.

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use slotstead_shared::{
    Stamp, UnixSeconds,
    ids::{BookingId, HoldId},
    wire,
};
use slotstead_tenant::{
    Answer, Command, Refusal, Reply,
    effect::{Action, Effect, FetchResponse, Outcome},
};

pub fn at(text: &str) -> UnixSeconds {
    text.parse::<Stamp>().expect(text).unix_seconds()
}

/// A value of the wire from its JSON.
pub fn wire<T: DeserializeOwned>(value: Json) -> T {
    serde_json::from_value(value).unwrap()
}

pub fn slug<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub fn title(id: &str) -> String {
    id[..1].to_uppercase() + &id[1..]
}

pub fn weekdays(zone: &str) -> Json {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let rule = |day| json!({ "weekday": day, "start": "09:00", "end": "17:00" });
    json!({ "zone": zone, "rules": days.map(rule) })
}

pub fn consult() -> Json {
    json!({
        "name": "Consultation", "location": "Bryggen 5, Bergen", "duration_minutes": 30,
        "slot_step_minutes": 30, "booking_window_days": 60, "hosts": ["ingrid"],
    })
}

/// `base` with these members set.
pub fn with(mut base: Json, members: Json) -> Json {
    let Json::Object(members) = members else {
        panic!()
    };
    base.as_object_mut().unwrap().extend(members);
    base
}

pub fn offer(service: &str, from: &str, to: &str, zone: &str) -> Command {
    Command::OfferSlots {
        service: slug(service),
        from: slug(from),
        to: slug(to),
        zone: zone.to_owned(),
        duration_minutes: None,
        host: None,
    }
}

/// The slots to which a booking can move.
pub fn moves(id: &BookingId, from: &str, to: &str) -> Command {
    Command::OfferMoves {
        id: id.clone(),
        from: slug(from),
        to: slug(to),
        zone: "Europe/Oslo".to_owned(),
    }
}

pub fn starts(slots: &wire::Slots) -> Vec<String> {
    slots
        .days
        .iter()
        .flat_map(|day| &day.slots)
        .map(|slot| slot.start.to_string())
        .collect()
}

pub fn new_booking(start: &str, hold: Option<&HoldId>) -> Json {
    let mut booking = json!({
        "service": "consult", "start": start, "zone": "Europe/Oslo",
        "name": "Amal Berg", "email": "amal@example.com",
    });
    if let Some(hold) = hold {
        booking["hold"] = json!(hold);
    }
    booking
}

pub fn book(key: &str, start: &str, hold: Option<&HoldId>) -> Command {
    book_with(key, new_booking(start, hold))
}

pub fn book_with(key: &str, booking: Json) -> Command {
    Command::Book {
        idempotency_key: key.to_owned(),
        booking: wire(booking),
    }
}

pub fn reschedule(key: &str, id: &BookingId, start: &str) -> Command {
    Command::Reschedule {
        idempotency_key: key.to_owned(),
        id: id.clone(),
        to: wire(json!({ "start": start, "zone": "Europe/Oslo" })),
    }
}

pub fn booking(answer: Answer) -> wire::Booking {
    match answer {
        Ok(Reply::Booking { booking, .. }) => *booking,
        other => panic!("{other:?}"),
    }
}

pub fn held(answer: Answer) -> wire::Hold {
    match answer {
        Ok(Reply::Hold(hold)) => hold,
        other => panic!("{other:?}"),
    }
}

/// The fields that a refusal names.
pub fn wrong(answer: Answer) -> Vec<String> {
    match answer {
        Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("{other:?}"),
    }
}

pub fn is_conflict(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::Conflict { .. }))
}

pub fn is_missing(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::NotFound { .. }))
}

pub fn alternatives(answer: Answer) -> Vec<String> {
    match answer {
        Err(Refusal::SlotTaken { alternatives } | Refusal::SlotNotOffered { alternatives, .. }) => {
            alternatives
                .iter()
                .map(|slot| slot.start.to_string())
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

/// An iCalendar file with these events, each a start and an end in UTC basic format.
pub fn calendar(events: &[(&str, &str)]) -> String {
    use std::fmt::Write as _;

    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kit//EN\r\n".to_owned();
    for (number, (start, end)) in events.iter().enumerate() {
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}@kit\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:{start}\r\n\
             DTEND:{end}\r\nSUMMARY:CANARY\r\nEND:VEVENT\r\n"
        )
        .unwrap();
    }
    text + "END:VCALENDAR\r\n"
}

pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Outcome::Fetched(FetchResponse {
        status,
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    })
}

pub fn fetched(calendar: &str) -> Outcome {
    response(
        200,
        &[("content-type", "text/calendar"), ("etag", "\"1\"")],
        calendar,
    )
}

pub fn header<'a>(effect: &'a Effect, name: &str) -> Option<&'a str> {
    let Action::Fetch(request) = &effect.action else {
        panic!("not a fetch")
    };
    request
        .headers
        .iter()
        .find(|(header, _)| header == name)
        .map(|(_, value)| value.as_str())
}
