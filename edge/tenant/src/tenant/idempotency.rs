//! One answer for each idempotency key: a retry is told what the first call was told.
//!
//! Key, fingerprint and answer are written in the transaction of what they guard, so
//! either both are there or neither is. Nobody asks first whether there is an answer: a retry does all over again,
//! until its key cannot be written a second time or something else refuses it, and that is undone. Then the
//! first answer is looked for. So a first call, which most are, costs no question. The fingerprint is a keyed hash of the command's
//! JSON: it tells a different request apart, and nothing else to anybody. Who booked is left out of a kept
//! answer and put back from the booking.

use slotstead_shared::{limits::IDEMPOTENCY_KEY_CHARS, problem::FieldError};

use super::{Context, bookings::find, sealing::Booker};
use crate::{
    call::{Actor, Answer, Command, Reply},
    refusal::Refusal,
    store::{Store, StoreError},
};

/// Runs `first` and keeps its answer under the command's key. If the key has an answer already, this is refused, as
/// if it were another request's; [`answer_of_key`] knows better.
pub fn answer_once(cx: &Context<'_>, command: &Command, first: impl FnOnce() -> Answer) -> Answer {
    let Some(key) = key_of(command) else {
        return first();
    };
    check_key(key)?;
    let reply = first()?;
    if keep(cx, command, key, &Ok(without_booker(reply.clone())))? {
        Ok(reply)
    } else {
        Err(Refusal::IdempotencyKeyReused)
    }
}

/// What a call is told that was refused like this, and whose writes were undone: the answer of its key if it has one.
/// If not, and the refusal decides, it is the key's answer from now on. In a transaction of its own.
pub fn answer_of_key(
    cx: &Context<'_>,
    store: &dyn Store,
    command: &Command,
    refusal: Refusal,
) -> Answer {
    let key = key_of(command).filter(|key| check_key(key).is_ok());
    let Some(key) = key.filter(|_| !matches!(refusal, Refusal::Store { .. })) else {
        return Err(refusal);
    };
    let mut answer = Err(refusal);
    store.transaction(&mut || {
        let told = kept(cx, command, key).and_then(|kept| match (kept, &answer) {
            (Some(kept), _) => Ok(kept),
            (None, Err(refusal)) if refusal.is_decision() => {
                keep(cx, command, key, &answer)?;
                Ok(answer.clone())
            }
            (None, _) => Ok(answer.clone()),
        });
        let is_known = told.is_ok();
        answer = told.unwrap_or_else(Err);
        is_known
    })?;
    answer
}

/// The answer that the command's key has.
fn kept(cx: &Context<'_>, command: &Command, key: &str) -> Result<Option<Answer>, Refusal> {
    let kept = cx.store.kept_answer(&actor_of(cx.actor), key, cx.now)?;
    let Some((kept_fingerprint, kept)) = kept else {
        return Ok(None);
    };
    if kept_fingerprint != fingerprint(cx, command)? {
        return Err(Refusal::IdempotencyKeyReused);
    }
    Ok(Some(match kept {
        Ok(Reply::Booking {
            mut booking,
            business,
            ..
        }) => {
            // Who booked is kept in one place, and never changes.
            let booker = cx.booker_of(&find(cx, &booking.id)?)?;
            Booker::put_into(booker, &mut booking);
            Ok(Reply::Booking {
                booking,
                business,
                replayed: true,
            })
        }
        other => other,
    }))
}

/// Keeps an answer under the command's key, unless the key has one. Whether it does now.
fn keep(cx: &Context<'_>, command: &Command, key: &str, answer: &Answer) -> Result<bool, Refusal> {
    let actor = (&*actor_of(cx.actor), cx.actor.client());
    let fingerprint = fingerprint(cx, command)?;
    Ok(cx
        .store
        .keep_answer(actor, key, &fingerprint, answer, cx.now)?)
}

fn key_of(command: &Command) -> Option<&str> {
    match command {
        Command::Book {
            idempotency_key, ..
        }
        | Command::Reschedule {
            idempotency_key, ..
        } => Some(idempotency_key),
        // What is put under an id, deleted, held, cancelled or read is the same when done twice.
        Command::CreateTenant { .. }
        | Command::IssueToken { .. }
        | Command::ListTokens
        | Command::RevokeToken { .. }
        | Command::GetProfile
        | Command::PutProfile { .. }
        | Command::GetOrigins
        | Command::PutOrigins { .. }
        | Command::ListServices
        | Command::PutService { .. }
        | Command::DeleteService { .. }
        | Command::ListHosts
        | Command::PutHost { .. }
        | Command::DeleteHost { .. }
        | Command::ListResources
        | Command::PutResource { .. }
        | Command::DeleteResource { .. }
        | Command::ListSchedules
        | Command::PutSchedule { .. }
        | Command::DeleteSchedule { .. }
        | Command::ListOverrides { .. }
        | Command::PutOverride { .. }
        | Command::PutOverrides { .. }
        | Command::DeleteOverride { .. }
        | Command::ListFields
        | Command::PutField { .. }
        | Command::DeleteField { .. }
        | Command::ListFeeds
        | Command::Residency
        | Command::PutFeed { .. }
        | Command::DeleteFeed { .. }
        | Command::SyncFeed { .. }
        | Command::CheckOrigin
        | Command::OpenSession
        | Command::OfferSlots { .. }
        | Command::OfferMoves { .. }
        | Command::Explain { .. }
        | Command::PlaceHold { .. }
        | Command::ReleaseHold { .. }
        | Command::GetBooking { .. }
        | Command::Cancel { .. }
        | Command::ListBookings { .. }
        | Command::Export { .. }
        | Command::ExportBooking { .. }
        | Command::ErasePerson { .. }
        | Command::EraseBooker { .. }
        | Command::ListErasures { .. }
        | Command::TakeEffects { .. }
        | Command::SettleEffect { .. }
        | Command::CheckKeys => None,
    }
}

fn check_key(key: &str) -> Result<(), Refusal> {
    let fits = (1..=IDEMPOTENCY_KEY_CHARS).contains(&key.len());
    if fits && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Refusal::Invalid(vec![FieldError::new(
        "Idempotency-Key",
        "An idempotency key has 1 to 128 visible ASCII characters; a random UUID is a good one",
    )]))
}

/// Keys of different kinds of actors, and of different bookings' holders, are apart.
fn actor_of(actor: &Actor) -> String {
    match actor {
        Actor::Operator => "operator".to_owned(),
        Actor::Owner { .. } => "owner".to_owned(),
        Actor::Visitor { .. } => "visitor".to_owned(),
        Actor::Booker { booking, .. } => format!("booker {booking}"),
        Actor::RegionHost => "region host".to_owned(),
    }
}

/// A reply without who booked.
fn without_booker(mut reply: Reply) -> Reply {
    if let Reply::Booking { booking, .. } = &mut reply {
        Booker::put_into(None, booking);
    }
    reply
}

fn fingerprint(cx: &Context<'_>, command: &Command) -> Result<String, Refusal> {
    let json = serde_json::to_vec(command)
        .map_err(|_| StoreError("a command cannot be written as JSON".to_owned()))?;
    cx.tag("request", &json)
}
