//! The vault: where the objects of keyrings are kept, outside the store, and how a region host brings the
//! tenant what it needs from there.
//!
//! The loop is the same for every region host: execute; while the answer is [`Refusal::Keys`], do the key work
//! and execute again. This is the one for a vault that answers at once; a Durable Object has the same with
//! waits in between.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use slotstead_shared::TenantId;

use super::{Form, take_effect, written};
use crate::{
    call::{Answer, Call, Moment},
    effect::{Effect, Outcome},
    keyring::{Access, Done, Fill, KeyTask, KeyWork, Versioned, regional::SealingKeys},
    refusal::Refusal,
    store::Store,
    tenant::Tenant,
};

/// How often a call is executed at most while it asks for keys: it learns what it needs in two steps, the
/// tenant's own keys and then pages, and others may be at work in between.
pub const ROUNDS: u32 = 6;

/// Pieces of work of one round at most: a page of bookings may need a hundred pages.
pub const WORK_AT_ONCE: u32 = 300;

/// The vault could not do what it was asked, as a sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct VaultError(pub String);

/// A vault that answers at once.
pub trait Vault {
    /// An object and its version, if there is one.
    fn load(&self, tenant: &TenantId, name: &str) -> Result<Option<Versioned>, VaultError>;

    /// Stores an object, if it still has the version `after`, or with none, if it is not there. Returns its
    /// version, or nothing when the condition does not hold. What it returns is kept, come what may.
    fn store(
        &self,
        tenant: &TenantId,
        name: &str,
        bytes: &[u8],
        after: Option<&str>,
    ) -> Result<Option<String>, VaultError>;
}

/// Whether something was refused for want of a key.
pub const fn needs_keys<T>(outcome: &Result<T, Refusal>) -> bool {
    matches!(outcome, Err(Refusal::Keys))
}

/// The status and the body of an answer to who needs a key that cannot be had.
#[must_use]
pub fn without_keys(form: Form) -> (u16, Vec<u8>) {
    written(&Err(Refusal::Keys), form)
}

/// What became of a task, by what the tenant has now: others may have been at work.
pub fn outcome<S: Store>(tenant: &Tenant<S>, task: KeyTask) -> Outcome {
    if tenant.has_done_keys(task) {
        Outcome::KeysDone
    } else {
        Outcome::KeysFailed
    }
}

/// What a region host has for sealing.
#[derive(Clone, Copy)]
pub struct Sealing<'a> {
    /// Where keyrings are kept.
    pub vault: &'a dyn Vault,
    /// The region's own keys.
    pub keys: &'a SealingKeys,
}

impl Sealing<'_> {
    /// Executes a call with the keys that it turns out to need.
    ///
    /// `note` is given a sentence for the log when they cannot be had.
    pub fn execute<S: Store>(
        self,
        tenant: &mut Tenant<S>,
        call: &Call,
        moment: Moment,
        fill: Fill<'_>,
        note: &mut dyn FnMut(&str),
    ) -> Answer {
        self.with_keys(tenant, fill, note, |tenant, again| {
            tenant.execute_anew(call, moment, again)
        })
    }

    /// [`take_effect`] with the keys that it turns out to need.
    pub fn take_effect<S: Store>(
        self,
        tenant: &mut Tenant<S>,
        moment: Moment,
        fill: Fill<'_>,
        note: &mut dyn FnMut(&str),
    ) -> Result<Option<Effect>, Refusal> {
        self.with_keys(tenant, fill, note, |tenant, _| take_effect(tenant, moment))
    }

    /// `work` is told whether it is done again.
    fn with_keys<S: Store, T>(
        self,
        tenant: &mut Tenant<S>,
        fill: Fill<'_>,
        note: &mut dyn FnMut(&str),
        mut work: impl FnMut(&mut Tenant<S>, bool) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut done = work(tenant, false);
        for _ in 0..ROUNDS {
            if !needs_keys(&done) {
                break;
            }
            let brought = self.bring(tenant, fill);
            done = work(tenant, true);
            if let Err(why) = brought {
                note(&why);
                break;
            }
        }
        done
    }

    /// Carries out a task of the outbox.
    pub fn carry_out<S: Store>(
        self,
        tenant: &Tenant<S>,
        task: KeyTask,
        fill: Fill<'_>,
        note: &mut dyn FnMut(&str),
    ) -> Outcome {
        let taken_on = tenant.take_on_keys(task).map_err(|error| error.to_string());
        if let Err(why) = taken_on.and_then(|()| self.bring(tenant, fill)) {
            note(&why);
        }
        outcome(tenant, task)
    }

    /// Seals the tenant's own keys under the regional key that seals now; whether they are.
    pub fn seal_anew<S: Store>(
        self,
        tenant: &Tenant<S>,
        fill: Fill<'_>,
        note: &mut dyn FnMut(&str),
    ) -> bool {
        let wanted = tenant.seal_anew().map_err(|error| error.to_string());
        if let Err(why) = wanted.and_then(|()| self.bring(tenant, fill)) {
            note(&why);
        }
        tenant.is_sealed_under(self.keys.first().0)
    }

    /// Does all the key work there is.
    fn bring<S: Store>(self, tenant: &Tenant<S>, fill: Fill<'_>) -> Result<(), String> {
        for _ in 0..WORK_AT_ONCE {
            let Some(work) = tenant.key_work(self.keys, fill)? else {
                return Ok(());
            };
            let done = self.perform(&work).map_err(|VaultError(why)| why);
            tenant.key_done(&work, done, self.keys)?;
        }
        Err("there is no end to the work in the vault".to_owned())
    }

    fn perform(self, work: &KeyWork) -> Result<Done, VaultError> {
        let name = work.object.name();
        match &work.access {
            Access::Load => self.vault.load(&work.tenant, &name).map(Done::of_load),
            Access::Store { bytes, after } => self
                .vault
                .store(&work.tenant, &name, bytes, after.as_deref())
                .map(Done::of_store),
        }
    }
}

/// By tenant and name: an object, and how often it was stored.
type Objects = BTreeMap<(TenantId, String), (Vec<u8>, u64)>;

/// A vault in memory, beside a store in memory.
#[derive(Debug, Default)]
pub struct InMemory {
    objects: Mutex<Objects>,
}

impl Vault for InMemory {
    fn load(&self, tenant: &TenantId, name: &str) -> Result<Option<Versioned>, VaultError> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let object = objects.get(&(tenant.clone(), name.to_owned()));
        Ok(object.map(|(bytes, version)| (bytes.clone(), version.to_string())))
    }

    fn store(
        &self,
        tenant: &TenantId,
        name: &str,
        bytes: &[u8],
        after: Option<&str>,
    ) -> Result<Option<String>, VaultError> {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (tenant.clone(), name.to_owned());
        let known = objects.get(&place).map(|(_, version)| *version);
        if known.map(|version| version.to_string()).as_deref() != after {
            return Ok(None);
        }
        let version = known.unwrap_or(0) + 1;
        objects.insert(place, (bytes.to_owned(), version));
        Ok(Some(version.to_string()))
    }
}
