//! One answer for each idempotency key: a retry is told what the first call was told.
//!
//! Key, fingerprint and answer are written in the transaction of what they guard, so
//! either both are there or neither is. The fingerprint is a hash of the command's JSON:
//! it tells a different request apart and holds no personal data.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use slotstead_shared::{limits::IDEMPOTENCY_KEY_CHARS, problem::FieldError};

use super::Context;
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
    let fingerprint = fingerprint(command)?;
    if let Some((kept_fingerprint, kept)) = cx.store.kept_answer(&actor, key, cx.now)? {
        if kept_fingerprint != fingerprint {
            return Err(Refusal::IdempotencyKeyReused);
        }
        return kept.map(|reply| match reply {
            Reply::Booking {
                booking, business, ..
            } => Reply::Booking {
                booking,
                business,
                replayed: true,
            },
            other => other,
        });
    }
    let answer = first();
    if answer.is_ok() {
        cx.store
            .keep_answer(&actor, key, &fingerprint, &answer, cx.now)?;
    }
    answer
}

/// Keeps a refusal that is the key's answer, in a transaction of its own.
pub fn keep_refusal(
    cx: &Context<'_>,
    store: &dyn Store,
    command: &Command,
    refusal: &Refusal,
) -> Result<(), StoreError> {
    let Some(key) = key_of(command) else {
        return Ok(());
    };
    if !refusal.is_decision() {
        return Ok(());
    }
    let actor = actor_of(cx.actor);
    let fingerprint = fingerprint(command)?;
    let mut outcome = Ok(());
    store.transaction(&mut || {
        // A replayed refusal is there already.
        outcome = cx
            .store
            .kept_answer(&actor, key, cx.now)
            .and_then(|kept| match kept {
                Some(_) => Ok(()),
                None => {
                    cx.store
                        .keep_answer(&actor, key, &fingerprint, &Err(refusal.clone()), cx.now)
                }
            });
        outcome.is_ok()
    })?;
    outcome
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
        | Command::TakeEffects { .. }
        | Command::SettleEffect { .. } => None,
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

fn fingerprint(command: &Command) -> Result<String, StoreError> {
    let json = serde_json::to_vec(command)
        .map_err(|_| StoreError("a command cannot be written as JSON".to_owned()))?;
    Ok(HEXLOWER.encode(&Sha256::digest(json)))
}
