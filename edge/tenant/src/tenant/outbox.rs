//! The outbox as the region host sees it: effects taken and settled, whatever they are about.

use slotstead_shared::ids::ErasureId;

use super::{Context, erasures, feeds, upkeep};
use crate::{
    call::{Answer, Reply},
    effect::{Action, Effect, EffectId, Outcome},
    keyring::KeyTask,
    refusal::Refusal,
    store::StoreError,
    tables::outbox::{EffectRow, Task},
};

/// Effects handed out at a time, whatever is asked.
const TAKEN: u32 = 100;
/// How long a task of the keyring is its taker's.
const KEY_LEASE_SECONDS: i64 = 60;
/// Seconds until a task of the keyring is tried again.
const KEY_RETRY_SECONDS: i64 = 30;

/// Hands out what is due, each effect leased under a new number.
pub fn take(cx: &Context<'_>, at_most: u32) -> Answer {
    let mut effects = Vec::new();
    let mut lacks_keys = false;
    for effect in cx.store.due_effects(cx.now, TAKEN)? {
        if effects.len() >= at_most as usize {
            break;
        }
        let (action, lease) = match &effect.task {
            Task::Fetch(feed) => match feeds::request(cx, &effect, feed) {
                Ok(Some(request)) => (Action::Fetch(request), feeds::LEASE_SECONDS),
                Ok(None) => continue,
                // It keeps no other waiting.
                Err(Refusal::Keys) => {
                    lacks_keys = true;
                    continue;
                }
                Err(refusal) => return Err(refusal),
            },
            Task::Keys(task, _) => (Action::Keys(*task), KEY_LEASE_SECONDS),
        };
        let until = cx.now + lease;
        let id = cx.store.move_effect(effect.id, until, until)?;
        effects.push(Effect { id, action });
    }
    if lacks_keys && effects.is_empty() {
        return Err(Refusal::Keys);
    }
    Ok(Reply::Effects(effects))
}

/// Takes in what became of an effect. An outcome comes too late and changes nothing once its lease has
/// ended, and under a number that is no longer known (its subject was changed or deleted).
pub fn settle(cx: &Context<'_>, id: EffectId, outcome: &Outcome) -> Answer {
    let Some(effect) = cx
        .store
        .effect(id)?
        .filter(|effect| effect.leased_until > cx.now)
    else {
        return Ok(Reply::Done);
    };
    match &effect.task {
        Task::Fetch(feed) => feeds::settle(cx, &effect, feed, outcome)?,
        Task::Keys(task, erasure) => settle_keys(cx, &effect, *task, erasure.as_ref(), outcome)?,
    }
    Ok(Reply::Done)
}

fn settle_keys(
    cx: &Context<'_>,
    effect: &EffectRow,
    task: KeyTask,
    erasure: Option<&ErasureId>,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    if *outcome != Outcome::KeysDone {
        let again = cx.now + KEY_RETRY_SECONDS;
        return cx.store.move_effect(effect.id, again, 0).map(drop);
    }
    cx.store.delete_effect(effect.id)?;
    match (task, erasure) {
        (KeyTask::Destroy(_), Some(erasure)) => erasures::key_destroyed(cx, erasure),
        (KeyTask::Check(page), _) => upkeep::checked(cx, page),
        (KeyTask::Destroy(_) | KeyTask::Make(_), _) => Ok(()),
    }
}
