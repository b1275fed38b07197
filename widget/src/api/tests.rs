//! Requests as the API wants them, answers as it gives them.

use slotstead_shared::problem::ProblemKind;

use super::*;

fn place() -> Place {
    Place {
        edge: "https://edge.example".to_owned(),
        tenant: "us_abc".to_owned(),
    }
}

fn wish_for_ingrid() -> Wish {
    Wish {
        duration_minutes: Some(30),
        host: Some("ingrid".parse().unwrap()),
    }
}

#[test]
fn requests_are_those_of_the_api() {
    let mut slots = Call::Slots {
        service: "first".parse().unwrap(),
        from: "2027-03-01".parse().unwrap(),
        to: "2027-04-01".parse().unwrap(),
        zone: "Etc/GMT+5".to_owned(),
        wish: Wish::default(),
        moving: None,
    };
    let request = slots.request(&place(), Some("t"));
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.url,
        "https://edge.example/v1/us_abc/slots?service=first&from=2027-03-01&to=2027-04-01&zone=Etc%2FGMT%2B5"
    );
    assert_eq!(request.bearer.as_deref(), Some("t"));
    assert!(!slots.needs_capability());
    let Call::Slots { wish, .. } = &mut slots else {
        unreachable!("it was just made")
    };
    *wish = wish_for_ingrid();
    let url = slots.request(&place(), None).url;
    assert!(
        url.ends_with("&zone=Etc%2FGMT%2B5&duration_minutes=30&host=ingrid"),
        "{url}"
    );
    let Call::Slots { moving, .. } = &mut slots else {
        unreachable!("it was just made")
    };
    let booking = BookingId::from_random([1; 16]);
    *moving = Some(booking.clone());
    let url = slots.request(&place(), None).url;
    let range = "from=2027-03-01&to=2027-04-01&zone=Etc%2FGMT%2B5";
    assert_eq!(
        url,
        format!("https://edge.example/v1/us_abc/bookings/{booking}/slots?{range}")
    );
    assert!(slots.needs_capability());
    let id = HoldId::from_random([1; 16]);
    let release = Call::Release(id.clone()).request(&place(), None);
    assert_eq!((release.method, release.keepalive), ("DELETE", true));
    assert!(release.url.ends_with(id.as_str()));
}

#[test]
fn a_booking_carries_its_key_and_a_tenant_from_a_page_cannot_leave_its_path() {
    let booking = Call::Book {
        key: "k1".to_owned(),
        booking: Box::new(NewBooking {
            service: "first".parse().unwrap(),
            start: "2027-03-11T14:30:00+01:00".parse().unwrap(),
            duration_minutes: None,
            host: None,
            hold: None,
            zone: "Europe/Oslo".to_owned(),
            name: "Amal \"A\"".to_owned(),
            email: "amal@example.com".to_owned(),
            answers: Vec::new(),
        }),
    };
    let evil = Place {
        tenant: "../x?y#z".to_owned(),
        ..place()
    };
    let request = booking.request(&evil, None);
    assert_eq!(request.idempotency_key.as_deref(), Some("k1"));
    assert_eq!(
        request.url,
        "https://edge.example/v1/..%2Fx%3Fy%23z/bookings"
    );
    let body: NewBooking = serde_json::from_str(&request.body.unwrap()).unwrap();
    assert_eq!(body.name, "Amal \"A\"");
}

/// The bodies are written by hand; this pins them to the types of the wire.
#[test]
fn bodies_are_read_back_as_the_types_they_were() {
    let start = "2027-03-11T14:30:00+01:00".parse().unwrap();
    for wish in [Wish::default(), wish_for_ingrid()] {
        let hold = NewHold {
            duration_minutes: wish.duration_minutes,
            host: wish.host,
            service: "first".parse().unwrap(),
            start,
            zone: "Europe/Oslo".to_owned(),
        };
        assert_eq!(
            serde_json::from_str::<NewHold>(&hold_body(&hold)).unwrap(),
            hold
        );
    }
    let to = Reschedule {
        start,
        zone: "Europe/Oslo".to_owned(),
    };
    assert_eq!(
        serde_json::from_str::<Reschedule>(&move_body(&to)).unwrap(),
        to
    );
    for (hold, wish) in [
        (None, wish_for_ingrid()),
        (Some(HoldId::from_random([3; 16])), Wish::default()),
    ] {
        let booking = NewBooking {
            duration_minutes: wish.duration_minutes,
            host: wish.host,
            service: "first".parse().unwrap(),
            start,
            hold,
            zone: "Europe/Oslo".to_owned(),
            name: "Å \"\\\n".to_owned(),
            email: "a@b.no".to_owned(),
            answers: vec![slotstead_shared::wire::Answer {
                field: "phone".parse().unwrap(),
                value: "1".to_owned(),
            }],
        };
        assert_eq!(
            serde_json::from_str::<NewBooking>(&booking_body(&booking)).unwrap(),
            booking
        );
    }
}

#[test]
fn what_is_not_our_api_is_no_answer() {
    let look = Call::Look(BookingId::from_random([1; 16]));
    for (status, body) in [
        (200, ""),
        (200, "<html>"),
        (200, "{}"),
        (502, "<html>Bad gateway"),
        (404, "{}"),
        (302, ""),
    ] {
        assert_eq!(
            look.read(status, body),
            Outcome::Silent(Silence::Garbled),
            "{status} {body}"
        );
    }
    assert_eq!(
        Call::Release(HoldId::from_random([1; 16])).read(204, ""),
        Outcome::Done(Reply::Released)
    );
}

#[test]
fn problems_are_read_with_what_they_carry() {
    let body = r#"{"type":"urn:slotstead:problem:slot-taken","title":"t","status":409,"detail":"d",
        "alternatives":[{"start":"2027-03-11T15:15:00+01:00"}],"request_id":"r"}"#;
    let Outcome::Refused(problem) = Call::Open.read(409, body) else {
        panic!("a problem")
    };
    assert_eq!(problem.kind, ProblemKind::SlotTaken);
    assert_eq!(problem.alternatives.len(), 1);
}
