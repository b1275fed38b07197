//! One answer for each idempotency key: a retry is told what the first call was told.
//!
//! Key, fingerprint and answer are written in the transaction of what they guard, so
//! either both are there or neither is. The fingerprint is a keyed hash of the command's
//! JSON: it tells a different request apart, and nothing else to anybody. Who booked is left out of a kept
//! answer and put back from the booking.

use slotstead_shared::{limits::IDEMPOTENCY_KEY_CHARS, problem::FieldError};

use super::{Context, bookings::find, sealing::Booker};
use crate::{
    call::{Actor, Answer, Command, Reply},
    refusal::Refusal,
    store::{Store, StoreError},
};

/// Runs `first`, unless the command's key has an answer already.
pub fn answer_once(cx: &Context<'_>, command: &Command, first: impl FnOnce() -> Answer) -> Answer {
    let Some(key) = key_of(command) else {
        return first();
    };
    check_key(key)?;
    let actor = actor_of(cx.actor);
    let fingerprint = fingerprint(cx, command)?;
    if let Some((kept_fingerprint, kept)) = cx.store.kept_answer(&actor, key, cx.now)? {
        if kept_fingerprint != fingerprint {
            return Err(Refusal::IdempotencyKeyReused);
        }
        return match kept? {
            Reply::Booking {
                mut booking,
                business,
                ..
            } => {
                // Who booked is kept in one place, and never changes.
                let booker = cx.booker_of(&find(cx, &booking.id)?)?;
                Booker::put_into(booker, &mut booking);
                Ok(Reply::Booking {
                    booking,
                    business,
                    replayed: true,
                })
            }
            other => Ok(other),
        };
    }
    let answer = first();
    if let Ok(reply) = &answer {
        let kept = Ok(without_booker(reply.clone()));
        cx.store.keep_answer(
            (&actor, cx.actor.client()),
            key,
            &fingerprint,
            &kept,
            cx.now,
        )?;
    }
    answer
}

/// Keeps a refusal that is the key's answer, in a transaction of its own.
pub fn keep_refusal(
    cx: &Context<'_>,
    store: &dyn Store,
    command: &Command,
    refusal: &Refusal,
) -> Result<(), Refusal> {
    let Some(key) = key_of(command) else {
        return Ok(());
    };
    if !refusal.is_decision() {
        return Ok(());
    }
    let actor = actor_of(cx.actor);
    let fingerprint = fingerprint(cx, command)?;
    let mut outcome = Ok(());
    store.transaction(&mut || {
        // A replayed refusal is there already.
        outcome = cx
            .store
            .kept_answer(&actor, key, cx.now)
            .and_then(|kept| match kept {
                Some(_) => Ok(()),
                None => cx.store.keep_answer(
                    (&actor, cx.actor.client()),
                    key,
                    &fingerprint,
                    &Err(refusal.clone()),
                    cx.now,
                ),
            });
        outcome.is_ok()
    })?;
    Ok(outcome?)
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
