//! Requests to the edge and answers from it, as plain data.
//!
//! Building and reading happen here, sending in `browser`. What is not an answer
//! of our API (a proxy's page, half a document) reads as [`Silence::Garbled`] and
//! never as an empty success.

use slotstead_shared::{
    Date,
    ids::{BookingId, HoldId, ServiceId},
    problem::Problem,
    wire::{BookedView, Hold, NewBooking, NewHold, Reschedule, Session, Slots},
};

use crate::{
    decode,
    json::{Value, object},
};

/// Milliseconds after which a request that only reads is given up.
const READ_TIMEOUT_MS: u32 = 10_000;
/// Milliseconds after which a request that changes something is given up; its outcome is then unknown.
const WRITE_TIMEOUT_MS: u32 = 15_000;

/// The edge and the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The edge's origin, without a slash at its end.
    pub edge: String,
    /// The tenant's id as the page gives it; the edge checks it.
    pub tenant: String,
}

/// One request in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A session for this page.
    Open,
    /// The free times of a range of dates.
    Slots {
        /// The service.
        service: ServiceId,
        /// The first date.
        from: Date,
        /// The first date after the range.
        to: Date,
        /// The booker's zone.
        zone: String,
    },
    /// Keep a slot.
    Keep(NewHold),
    /// Stop keeping it.
    Release(HoldId),
    /// Book.
    Book {
        /// The same for every try of the same booking.
        key: String,
        /// The booking.
        booking: Box<NewBooking>,
    },
    /// Look at a booking.
    Look(BookingId),
    /// Cancel it.
    Cancel(BookingId),
    /// Move it.
    Move {
        /// The booking.
        booking: BookingId,
        /// The same for every try of the same move.
        key: String,
        /// To when.
        to: Reschedule,
    },
}

/// A request as `fetch` needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// The token for `Authorization`.
    pub bearer: Option<String>,
    /// For `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The body, as JSON.
    pub body: Option<String>,
    /// Give up after this long.
    pub timeout_ms: u32,
    /// Let it finish even if the page goes away.
    pub keepalive: bool,
}

impl Call {
    /// Whether only the booker who holds the capability may do this.
    #[must_use]
    pub const fn needs_capability(&self) -> bool {
        matches!(self, Self::Look(_) | Self::Cancel(_) | Self::Move { .. })
    }

    /// The request, with `bearer` as its token.
    #[must_use]
    pub fn request(&self, place: &Place, bearer: Option<&str>) -> HttpRequest {
        let base = format!("{}/v1/{}", place.edge, encode(&place.tenant));
        let (method, path, body) = match self {
            Self::Open => ("POST", "/sessions".to_owned(), None),
            Self::Slots {
                service,
                from,
                to,
                zone,
            } => (
                "GET",
                format!(
                    "/slots?service={service}&from={from}&to={to}&zone={}",
                    encode(zone)
                ),
                None,
            ),
            Self::Keep(hold) => ("POST", "/holds".to_owned(), Some(hold_body(hold))),
            Self::Release(hold) => ("DELETE", format!("/holds/{hold}"), None),
            Self::Book { booking, .. } => {
                ("POST", "/bookings".to_owned(), Some(booking_body(booking)))
            }
            Self::Look(booking) => ("GET", format!("/bookings/{booking}"), None),
            Self::Cancel(booking) => ("POST", format!("/bookings/{booking}/cancel"), None),
            Self::Move { booking, to, .. } => (
                "POST",
                format!("/bookings/{booking}/reschedule"),
                Some(move_body(to)),
            ),
        };
        let idempotency_key = match self {
            Self::Book { key, .. } | Self::Move { key, .. } => Some(key.clone()),
            _ => None,
        };
        HttpRequest {
            method,
            url: base + &path,
            bearer: bearer.map(str::to_owned),
            idempotency_key,
            body,
            timeout_ms: if method == "GET" {
                READ_TIMEOUT_MS
            } else {
                WRITE_TIMEOUT_MS
            },
            keepalive: matches!(self, Self::Release(_)),
        }
    }

    /// What came of this call, from its answer or the lack of one.
    #[must_use]
    pub fn outcome(&self, answer: Result<(u16, String), Silence>) -> Outcome {
        match answer {
            Ok((status, body)) => self.read(status, &body),
            Err(silence) => Outcome::Silent(silence),
        }
    }

    /// Reads the answer to this call.
    #[must_use]
    pub fn read(&self, status: u16, body: &str) -> Outcome {
        let reply = match status {
            200..=299 => match self {
                Self::Open => decode::read(body).map(|session| Reply::Session(Box::new(session))),
                Self::Slots { .. } => decode::read(body).map(Reply::Slots),
                Self::Keep(_) => decode::read(body).map(Reply::Hold),
                Self::Release(_) => Some(Reply::Released),
                Self::Book { .. } | Self::Look(_) | Self::Cancel(_) | Self::Move { .. } => {
                    decode::read(body).map(|booked| Reply::Booked(Box::new(booked)))
                }
            },
            _ => {
                return decode::read(body).map_or(Outcome::Silent(Silence::Garbled), |problem| {
                    Outcome::Refused(Box::new(problem))
                });
            }
        };
        reply.map_or(Outcome::Silent(Silence::Garbled), Outcome::Done)
    }
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server did it.
    Done(Reply),
    /// The server said why not.
    Refused(Box<Problem>),
    /// There is no answer, so nothing is known of what the server did.
    Silent(Silence),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The device has no network.
    Offline,
    /// The connection failed.
    Broken,
    /// It took too long.
    TimedOut,
    /// Something answered that is not our API.
    Garbled,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To [`Call::Open`].
    Session(Box<Session>),
    /// To [`Call::Slots`].
    Slots(Slots),
    /// To [`Call::Keep`].
    Hold(Hold),
    /// To [`Call::Release`].
    Released,
    /// To [`Call::Book`], [`Call::Look`], [`Call::Cancel`] and [`Call::Move`].
    Booked(Box<BookedView>),
}

fn text(value: &impl ToString) -> Value {
    Value::Text(value.to_string())
}

fn hold_body(hold: &NewHold) -> String {
    object([
        ("service", text(&hold.service)),
        ("start", text(&hold.start)),
        ("zone", text(&hold.zone)),
    ])
    .to_string()
}

fn booking_body(booking: &NewBooking) -> String {
    let answers = booking.answers.iter().map(|answer| {
        object([
            ("field", text(&answer.field)),
            ("value", text(&answer.value)),
        ])
    });
    object([
        ("service", text(&booking.service)),
        ("start", text(&booking.start)),
        ("hold", booking.hold.as_ref().map_or(Value::Null, text)),
        ("zone", text(&booking.zone)),
        ("name", text(&booking.name)),
        ("email", text(&booking.email)),
        ("answers", Value::List(answers.collect())),
    ])
    .to_string()
}

fn move_body(to: &Reschedule) -> String {
    object([("start", text(&to.start)), ("zone", text(&to.zone))]).to_string()
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 section 2.3).
fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to memory does not fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use slotstead_shared::problem::ProblemKind;

    use super::*;

    fn place() -> Place {
        Place {
            edge: "https://edge.example".to_owned(),
            tenant: "us_abc".to_owned(),
        }
    }

    #[test]
    fn requests_are_those_of_the_api() {
        let slots = Call::Slots {
            service: "first".parse().unwrap(),
            from: "2027-03-01".parse().unwrap(),
            to: "2027-04-01".parse().unwrap(),
            zone: "Etc/GMT+5".to_owned(),
        };
        let request = slots.request(&place(), Some("t"));
        assert_eq!(request.method, "GET");
        assert_eq!(
            request.url,
            "https://edge.example/v1/us_abc/slots?service=first&from=2027-03-01&to=2027-04-01&zone=Etc%2FGMT%2B5"
        );
        assert_eq!(request.bearer.as_deref(), Some("t"));
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
        let hold = NewHold {
            service: "first".parse().unwrap(),
            start,
            zone: "Europe/Oslo".to_owned(),
        };
        assert_eq!(
            serde_json::from_str::<NewHold>(&hold_body(&hold)).unwrap(),
            hold
        );
        let to = Reschedule {
            start,
            zone: "Europe/Oslo".to_owned(),
        };
        assert_eq!(
            serde_json::from_str::<Reschedule>(&move_body(&to)).unwrap(),
            to
        );
        for hold in [None, Some(HoldId::from_random([3; 16]))] {
            let booking = NewBooking {
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
}
