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
    wish::Wish,
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
        /// How long, and with whom.
        wish: Wish,
        /// The booking that is to move: its own time is not in its way, and the rest is known of it.
        moving: Option<BookingId>,
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
    /// Delete what it holds of the booker.
    Erase(BookingId),
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
        matches!(
            self,
            Self::Look(_)
                | Self::Cancel(_)
                | Self::Erase(_)
                | Self::Move { .. }
                | Self::Slots {
                    moving: Some(_),
                    ..
                }
        )
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
                wish,
                moving,
            } => {
                let range = format!("from={from}&to={to}&zone={}", encode(zone));
                let path = match moving {
                    Some(booking) => format!("/bookings/{booking}/slots?{range}"),
                    None => format!("/slots?service={service}&{range}{}", wish.query()),
                };
                ("GET", path, None)
            }
            Self::Keep(hold) => ("POST", "/holds".to_owned(), Some(hold_body(hold))),
            Self::Release(hold) => ("DELETE", format!("/holds/{hold}"), None),
            Self::Book { booking, .. } => {
                ("POST", "/bookings".to_owned(), Some(booking_body(booking)))
            }
            Self::Look(booking) => ("GET", format!("/bookings/{booking}"), None),
            Self::Cancel(booking) => ("POST", format!("/bookings/{booking}/cancel"), None),
            Self::Erase(booking) => ("POST", format!("/bookings/{booking}/erase"), None),
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
                Self::Erase(_) => Some(Reply::Erased),
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
    /// To [`Call::Erase`].
    Erased,
    /// To [`Call::Book`], [`Call::Look`], [`Call::Cancel`] and [`Call::Move`].
    Booked(Box<BookedView>),
}

fn text(value: &impl ToString) -> Value {
    Value::Text(value.to_string())
}

fn minutes(value: Option<u32>) -> Value {
    value.map_or(Value::Null, |minutes| Value::Number(minutes.into()))
}

fn hold_body(hold: &NewHold) -> String {
    object([
        ("service", text(&hold.service)),
        ("start", text(&hold.start)),
        ("duration_minutes", minutes(hold.duration_minutes)),
        ("host", hold.host.as_ref().map_or(Value::Null, text)),
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
        ("duration_minutes", minutes(booking.duration_minutes)),
        ("host", booking.host.as_ref().map_or(Value::Null, text)),
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
mod tests;
