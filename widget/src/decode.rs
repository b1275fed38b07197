//! From JSON values to the types of the wire, for the answers that the widget reads.
//!
//! Member by member, without the readers that `serde` would derive (see [`crate::json`]
//! for why). Members we do not know are passed over, as a newer server may send them;
//! one that is missing or of another kind makes the whole answer unreadable. The
//! tests write every type with `serde_json` and read it back here.

use std::str::FromStr;

use slotstead_shared::{
    Date, Stamp,
    ids::{BookingId, FieldId, HoldId, HostId, ResourceId, ServiceId},
    problem::{FieldError, Problem, ProblemKind},
    wire::{
        self, Answer, BookedView, Booking, BookingStatus, Field, FieldInput, FieldKind, Hold,
        OfferedService, Profile, Session, Slot, SlotDay, Slots,
    },
};

use crate::json::{self, Value};

/// Reads a type of the wire out of an answer's body.
#[must_use]
pub fn read<T: Decode>(body: &str) -> Option<T> {
    T::decode(json::parse(body)?)
}

/// Reads one member of an object.
#[must_use]
pub fn member<T: Decode>(value: Value, name: &str) -> Option<T> {
    Members::of(value)?.take(name)
}

/// A type that can be read.
pub trait Decode: Sized {
    /// Reads it; `None` if the value is not of this kind.
    fn decode(value: Value) -> Option<Self>;
}

/// The members of an object, taken out one by one.
struct Members(Vec<(String, Value)>);

impl Members {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    fn value(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().rposition(|(member, _)| member == name)?;
        Some(self.0.swap_remove(place).1)
    }

    fn take<T: Decode>(&mut self, name: &str) -> Option<T> {
        T::decode(self.value(name)?)
    }

    /// A member that may be missing or null; of another kind it is still an error.
    #[allow(
        clippy::option_option,
        reason = "outside: readable or not; inside: there or not"
    )]
    fn maybe<T: Decode>(&mut self, name: &str) -> Option<Option<T>> {
        match self.value(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => T::decode(value).map(Some),
        }
    }

    /// The same for what has a value when it is missing.
    fn or_default<T: Decode + Default>(&mut self, name: &str) -> Option<T> {
        self.maybe(name).map(Option::unwrap_or_default)
    }
}

impl Decode for String {
    fn decode(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Decode for bool {
    fn decode(value: Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }
}

impl Decode for i64 {
    fn decode(value: Value) -> Option<Self> {
        match value {
            Value::Number(value) => Some(value),
            _ => None,
        }
    }
}

impl Decode for u32 {
    fn decode(value: Value) -> Option<Self> {
        i64::decode(value)?.try_into().ok()
    }
}

impl Decode for u16 {
    fn decode(value: Value) -> Option<Self> {
        i64::decode(value)?.try_into().ok()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(value: Value) -> Option<Self> {
        match value {
            Value::List(items) => items.into_iter().map(T::decode).collect(),
            _ => None,
        }
    }
}

fn parsed<T: FromStr>(value: Value) -> Option<T> {
    String::decode(value)?.parse().ok()
}

macro_rules! parsed {
    ($($kind:ty),*) => {$(
        impl Decode for $kind {
            fn decode(value: Value) -> Option<Self> {
                parsed(value)
            }
        }
    )*};
}
parsed!(
    Date, Stamp, BookingId, FieldId, HoldId, HostId, ResourceId, ServiceId
);

/// The names of a type's values on the wire.
trait Named: Copy + 'static {
    const NAMES: &'static [(&'static str, Self)];
}

fn named<T: Named>(value: Value) -> Option<T> {
    let text = String::decode(value)?;
    T::NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, value)| *value)
}

impl Named for FieldKind {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("long_text", Self::LongText),
        ("phone", Self::Phone),
        ("choice", Self::Choice),
        ("checkbox", Self::Checkbox),
    ];
}

impl Named for BookingStatus {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("confirmed", Self::Confirmed),
        ("cancelled", Self::Cancelled),
    ];
}

impl Named for ProblemKind {
    const NAMES: &'static [(&'static str, Self)] = &[
        (
            "urn:slotstead:problem:invalid-request",
            Self::InvalidRequest,
        ),
        ("urn:slotstead:problem:invalid-field", Self::InvalidField),
        (
            "urn:slotstead:problem:unauthenticated",
            Self::Unauthenticated,
        ),
        ("urn:slotstead:problem:token-expired", Self::TokenExpired),
        ("urn:slotstead:problem:not-allowed", Self::NotAllowed),
        (
            "urn:slotstead:problem:origin-not-allowed",
            Self::OriginNotAllowed,
        ),
        ("urn:slotstead:problem:not-found", Self::NotFound),
        (
            "urn:slotstead:problem:method-not-allowed",
            Self::MethodNotAllowed,
        ),
        ("urn:slotstead:problem:slot-taken", Self::SlotTaken),
        (
            "urn:slotstead:problem:slot-not-offered",
            Self::SlotNotOffered,
        ),
        ("urn:slotstead:problem:booking-closed", Self::BookingClosed),
        (
            "urn:slotstead:problem:idempotency-key-reused",
            Self::IdempotencyKeyReused,
        ),
        ("urn:slotstead:problem:conflict", Self::Conflict),
        ("urn:slotstead:problem:too-large", Self::TooLarge),
        (
            "urn:slotstead:problem:unsupported-media-type",
            Self::UnsupportedMediaType,
        ),
        ("urn:slotstead:problem:rate-limited", Self::RateLimited),
        ("urn:slotstead:problem:https-required", Self::HttpsRequired),
        (
            "urn:slotstead:problem:region-unavailable",
            Self::RegionUnavailable,
        ),
        ("urn:slotstead:problem:misconfigured", Self::Misconfigured),
        ("urn:slotstead:problem:internal", Self::Internal),
    ];
}

macro_rules! decode_named {
    ($($kind:ty),*) => {$(
        impl Decode for $kind {
            fn decode(value: Value) -> Option<Self> {
                named(value)
            }
        }
    )*};
}
decode_named!(FieldKind, BookingStatus, ProblemKind);

/// Reads a struct whose members have the names of its fields: `take`n, `maybe` there,
/// or with a `default`; `flat` reads a field out of the same object.
macro_rules! decode_struct {
    ($($kind:ident { $($how:ident $field:ident),* $(,)? })*) => {$(
        impl Decode for $kind {
            fn decode(value: Value) -> Option<Self> {
                let mut members = Members::of(value)?;
                Some(Self { $($field: members.$how(stringify!($field))?),* })
            }
        }
    )*};
}

decode_struct! {
    Profile { take name, maybe accent }
    OfferedService {
        take id, take name, maybe description, maybe location, take duration_minutes,
        or_default other_durations_minutes, take zone, take hosts, or_default together,
        or_default host_choices,
    }
    FieldInput { take label, take kind, or_default required, or_default options, or_default position }
    Session { take token, take expires_in_seconds, take profile, take services, take fields }
    Slot { take start, maybe service_start, maybe seats_left }
    SlotDay { take date, take slots }
    Slots {
        take service, take zone, take service_zone, take today, take now, take last_date, take days, maybe next_free,
    }
    Hold { take id, take service, take start, take expires_at, take expires_in_seconds }
    Answer { take field, take value }
    Booking {
        take id, take status, take service, take service_name, maybe location, take host, take host_name,
        or_default host_named, or_default co_hosts, or_default resources,
        take start, take end, take service_start, take service_end, take zone, take service_zone,
        take name, take email, or_default answers, or_default erased, take sequence, take created_at,
        take can_change,
    }
    FieldError { take field, take detail }
}

impl<I: Decode> Decode for wire::Named<I> {
    fn decode(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            id: members.take("id")?,
            name: members.take("name")?,
        })
    }
}

impl Decode for Field {
    fn decode(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            id: members.take("id")?,
            input: FieldInput::decode(Value::Object(members.0))?,
        })
    }
}

impl Decode for BookedView {
    fn decode(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            capability: members.take("capability")?,
            manage_url: members.take("manage_url")?,
            calendar_file: members.take("calendar_file")?,
            booking: Booking::decode(Value::Object(members.0))?,
        })
    }
}

impl Decode for Problem {
    fn decode(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            kind: members.take("type")?,
            title: members.take("title")?,
            status: members.take("status")?,
            detail: members.take("detail")?,
            errors: members.or_default("errors")?,
            alternatives: members.or_default("alternatives")?,
            retry_after_seconds: members.maybe("retry_after_seconds")?,
            request_id: members.or_default("request_id")?,
        })
    }
}

#[cfg(test)]
mod tests;
