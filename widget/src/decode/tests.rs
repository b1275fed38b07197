//! Every type of the wire, written by `serde_json` and read back.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::*;

/// Reads a document as `serde` reads it, and refuses it with any one required member gone.
fn same<T: Decode + DeserializeOwned + Serialize + PartialEq + Debug>(
    document: &serde_json::Value,
    optional: &[&str],
) {
    let text = document.to_string();
    let ours: T = read(&text).expect("readable");
    assert_eq!(ours, serde_json::from_str::<T>(&text).unwrap());
    let written = serde_json::to_string(&ours).unwrap();
    assert_eq!(read::<T>(&written).as_ref(), Some(&ours));
    for name in document.as_object().unwrap().keys() {
        let mut less = document.clone();
        less.as_object_mut().unwrap().remove(name);
        let less = less.to_string();
        assert_eq!(
            read::<T>(&less),
            serde_json::from_str(&less).ok(),
            "without {name}"
        );
        assert_eq!(
            read::<T>(&less).is_some(),
            optional.contains(&name.as_str()),
            "without {name}"
        );
    }
}

fn id<T: ToString>(make: fn([u8; 16]) -> T) -> String {
    make([7; 16]).to_string()
}

#[test]
fn a_session_is_read_as_serde_reads_it() {
    let document = json!({
        "token": "t", "expires_in_seconds": 900, "later": {"unknown": [1, 2]},
        "profile": {"name": "Fjord", "accent": "#0f6b52"},
        "services": [
            {"id": "a", "name": "A", "description": "d", "location": "l", "duration_minutes": 45, "zone": "Europe/Oslo", "hosts": ["Ingrid"]},
            {"id": "b", "name": "B", "duration_minutes": 5, "zone": "UTC", "hosts": []},
        ],
        "fields": [
            {"id": "size", "label": "Size", "kind": "choice", "required": true, "options": ["S", "M"], "position": 3},
            {"id": "note", "label": "Note", "kind": "long_text"},
        ],
    });
    same::<Session>(&document, &["later"]);
}

#[test]
fn slots_and_holds_are_read_as_serde_reads_them() {
    let start = "2027-03-11T13:30:00+00:00";
    let document = json!({
        "service": "a", "zone": "Europe/London", "service_zone": "Europe/Oslo", "today": "2027-03-02",
        "now": start, "last_date": "2027-05-01",
        "days": [{"date": "2027-03-11", "slots": [{"start": start, "service_start": "2027-03-11T14:30:00+01:00"}, {"start": start}]}],
        "next_free": {"start": start, "service_start": null},
    });
    same::<Slots>(&document, &["next_free"]);
    let hold = json!({"id": id(HoldId::from_random), "service": "a", "start": start, "expires_at": start, "expires_in_seconds": 600});
    same::<Hold>(&hold, &[]);
}

#[test]
fn a_booking_is_read_as_serde_reads_it() {
    let start = "2027-03-11T13:30:00+00:00";
    let document = json!({
        "id": id(BookingId::from_random), "status": "cancelled", "service": "a", "service_name": "A", "location": "l",
        "host": "ingrid", "host_name": "Ingrid", "start": start, "end": start, "service_start": start,
        "service_end": start, "zone": "UTC", "service_zone": "UTC", "name": "Amal", "email": "a@b.no",
        "answers": [{"field": "note", "value": "x"}], "sequence": 2, "created_at": start, "can_change": false,
        "capability": "c", "manage_url": "u", "calendar_file": "f",
    });
    same::<BookedView>(&document, &["location", "answers"]);
}

#[test]
fn a_problem_is_read_as_serde_reads_it() {
    let document = json!({
        "type": "urn:slotstead:problem:slot-taken", "title": "t", "status": 409, "detail": "d",
        "errors": [{"field": "email", "detail": "x"}], "alternatives": [{"start": "2027-03-11T13:30:00+00:00"}],
        "retry_after_seconds": 3, "request_id": "r",
    });
    same::<Problem>(
        &document,
        &[
            "errors",
            "alternatives",
            "retry_after_seconds",
            "request_id",
        ],
    );
}

#[test]
fn the_names_are_those_of_the_wire_and_none_is_missing() {
    fn check<T: Named + Serialize + PartialEq + Debug>(count: usize) {
        assert_eq!(T::NAMES.len(), count);
        for (place, (name, value)) in T::NAMES.iter().enumerate() {
            assert_eq!(serde_json::to_value(value).unwrap(), *name);
            assert!(
                T::NAMES[..place].iter().all(|(_, other)| other != value),
                "{name} twice"
            );
        }
    }
    // Numbers of variants; the matches in `flow::fault` and `flow::booking` fail to
    // compile when a kind of problem is added, and lead here.
    check::<ProblemKind>(20);
    check::<FieldKind>(5);
    check::<BookingStatus>(2);
}

#[test]
fn values_of_another_kind_are_refused() {
    assert_eq!(read::<u16>("70000"), None);
    assert_eq!(read::<u32>("-1"), None);
    assert_eq!(read::<bool>("1"), None);
    assert_eq!(read::<Vec<u32>>("[1,\"2\"]"), None);
    assert_eq!(read::<Slot>(r#"{"start":"tomorrow"}"#), None);
    assert_eq!(
        read::<Slot>(r#"{"start":"2027-03-11T13:30:00+00:00","service_start":1}"#),
        None
    );
    assert_eq!(read::<Profile>("[]"), None);
}
