//! What every region host does alike: how a call comes in and how its answer goes out, how an effect is
//! taken and settled, how a fetch goes from one address to the next. A Durable Object and the region
//! server differ only in where they run.
//!
//! The edge asks a region host by HTTP. The path is a [`Form`]: what kind of answer is wanted. The call is
//! JSON, in the body of a `POST` or, when it is short and holds nothing of a person, in the header
//! [`CALL_HEADER`] of a `GET`. The answer has one of three statuses: [`ANSWERED`] with an [`Answer`] as
//! JSON, [`FINISHED`] with a body that goes out as it is, or [`REFUSED`] with a sentence: nothing was done.
//! A Durable Object takes several calls in one request, too ([`together`]).

pub mod journey;
pub mod keys;
pub mod together;
pub mod vault;

use serde::Serialize;

use crate::{
    call::{Actor, Answer, Call, Command, Moment, Reply},
    effect::{Effect, EffectId, Outcome},
    refusal::Refusal,
    store::{Store, StoreError},
    tenant::Tenant,
};

/// The status of an [`Answer`].
pub const ANSWERED: u16 = 200;

/// The status of a finished body, which an answer never has.
pub const FINISHED: u16 = 203;

/// The status with which a region host refuses to work at all: misdirected request. Nothing was done.
pub const REFUSED: u16 = 421;

/// The header that a short call travels in.
pub const CALL_HEADER: &str = "call";

/// Bytes of a call that travels as a header, at most.
const HEADER_BYTES: usize = 2_048;

/// Effects of one tenant carried out at the same time; each may hold a calendar of 5 MB, and a
/// Durable Object has 128 MB.
pub const EFFECTS_AT_ONCE: u32 = 6;

/// What kind of answer is wanted, as the path says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The whole [`Answer`], which the edge reads.
    Whole,
    /// The finished body of the reply where there is one, which the edge passes on.
    Body,
}

impl Form {
    /// The path of a call.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Whole => "/",
            Self::Body => "/body",
        }
    }

    /// The form that this path stands for.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        [Self::Whole, Self::Body]
            .into_iter()
            .find(|form| form.path() == path)
    }
}

/// Whether a call can travel as a header.
#[must_use]
pub fn fits_header(call: &str) -> bool {
    call.len() <= HEADER_BYTES && call.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A call as it came in. The error is a sentence for the log, and quotes nothing of the call. What only
/// the region host says, to itself, is refused from outside: effects hold the addresses of feeds.
pub fn read_call(call: &[u8]) -> Result<Call, String> {
    let call: Call = serde_json::from_slice(call)
        .map_err(|error| format!("the call is malformed at column {}", error.column()))?;
    match call.actor {
        Actor::RegionHost => Err("a call in the name of the region host came from outside".into()),
        Actor::Operator | Actor::Owner { .. } | Actor::Visitor { .. } | Actor::Booker { .. } => {
            Ok(call)
        }
    }
}

/// An answer as it goes out.
#[must_use]
pub fn written(answer: &Answer, form: Form) -> (u16, Vec<u8>) {
    let finished = match (answer, form) {
        (Ok(reply), Form::Body) => body_of(reply),
        (Ok(_) | Err(_), _) => None,
    };
    match finished {
        Some(body) => (FINISHED, body),
        None => (ANSWERED, json_bytes(answer)),
    }
}

/// The body that a region host makes of a reply: free times, which are many and need nothing of the edge.
#[must_use]
pub fn body_of(reply: &Reply) -> Option<Vec<u8>> {
    match reply {
        Reply::Slots(slots) => Some(slots.json().to_vec()),
        _ => None,
    }
}

/// `value` as JSON.
#[must_use]
pub fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value)
        .expect("the types on the wire have text keys and no failing serialisers")
}

/// Takes the effect that has been due for the longest, leased until its outcome is settled.
pub fn take_effect<S: Store>(
    tenant: &mut Tenant<S>,
    moment: Moment,
) -> Result<Option<Effect>, Refusal> {
    let due = tenant.next_due()?;
    if due.is_none_or(|due| due > moment.now) {
        return Ok(None);
    }
    match order(tenant, Command::TakeEffects { at_most: 1 }, moment)? {
        Reply::Effects(mut effects) => Ok(effects.pop()),
        _ => Err(StoreError("TakeEffects was answered with something else".to_owned()).into()),
    }
}

/// Settles an effect. One that is not settled stays leased for a while and is then due again.
pub fn settle_effect<S: Store>(
    tenant: &mut Tenant<S>,
    id: EffectId,
    outcome: Outcome,
    moment: Moment,
) -> Result<(), Refusal> {
    order(tenant, Command::SettleEffect { id, outcome }, moment).map(drop)
}

/// Has a tenant look at all its keys: its store is an older one than they are, or its own key is changed.
pub fn check_keys<S: Store>(tenant: &mut Tenant<S>, moment: Moment) -> Result<(), Refusal> {
    order(tenant, Command::CheckKeys, moment).map(drop)
}

/// A call of the region host itself.
fn order<S: Store>(
    tenant: &mut Tenant<S>,
    command: Command,
    moment: Moment,
) -> Result<Reply, Refusal> {
    let call = Call {
        tenant: tenant.resident()?.ok_or(Refusal::NoTenant)?,
        actor: Actor::RegionHost,
        command,
    };
    tenant.execute(&call, moment)
}

#[cfg(test)]
mod tests {
    use slotstead_shared::Region;

    use super::*;

    #[test]
    fn a_path_is_a_form_and_nothing_else_is() {
        for form in [Form::Whole, Form::Body] {
            assert_eq!(Form::of_path(form.path()), Some(form));
        }
        for path in ["", "/body/", "//", "/healthz"] {
            assert_eq!(Form::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn only_what_a_header_can_carry_travels_as_one() {
        assert!(fits_header(&"a".repeat(HEADER_BYTES)));
        assert!(!fits_header(&"a".repeat(HEADER_BYTES + 1)));
        for text in ["å", "a\r\nb", "\t", "\u{7f}"] {
            assert!(!fits_header(text), "{text:?}");
        }
    }

    #[test]
    fn nobody_outside_speaks_as_the_region_host() {
        let call = |actor| Call {
            tenant: keys::IdKey::new([1; 32]).new_tenant(Region::Cbr, [2; 16]),
            actor,
            command: Command::TakeEffects { at_most: 1 },
        };
        let operator = call(Actor::Operator);
        assert_eq!(read_call(&json_bytes(&operator)), Ok(operator));
        assert!(read_call(&json_bytes(&call(Actor::RegionHost))).is_err());
    }

    #[test]
    fn every_list_and_the_reasons_only_read() {
        let explain = Command::Explain {
            service: "cut".parse().unwrap(),
            date: "2027-03-02".parse().unwrap(),
            time: None,
            duration_minutes: None,
        };
        assert!(explain.only_reads());
        for list in [
            Command::ListResources,
            Command::ListServices,
            Command::ListFeeds,
        ] {
            assert!(list.only_reads(), "{list:?}");
        }
        assert!(!Command::TakeEffects { at_most: 1 }.only_reads());
    }

    #[test]
    fn a_malformed_call_is_not_quoted() {
        let error = read_call(br#"{"tenant":"amal@example.com"}"#).unwrap_err();
        assert!(
            error.contains("column") && !error.contains("amal"),
            "{error}"
        );
    }
}
