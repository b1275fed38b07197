//! What is due: the timer's loop, effects and their outcomes, and what is looked at when the server starts.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::{
    Effect, EffectId, Outcome, Refusal,
    effect::Action,
    host::{self, EFFECTS_AT_ONCE},
    keyring::KeyTask,
};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, watch},
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use super::{RETRY_SECONDS, Region, note, planned};
use crate::{log, metrics::count, moment, stores::Resident, timer::Timer};

/// How often free hands look for what has become due while others are still busy.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long the timer sleeps at most: clocks are set, and a sleep does not notice.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

impl Region {
    /// Carries out what is due until it is asked to stop; then finishes what is under way, for `grace`
    /// at most. What is cut off is due again when its lease ends.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>, grace: Duration) {
        let mut alarms = JoinSet::new();
        alarms.spawn(Arc::clone(&self).look_at_all(stop.clone()));
        while !*stop.borrow_and_update() {
            for tenant in self.timer.take_due(moment::now()) {
                alarms.spawn(Arc::clone(&self).alarm(tenant, stop.clone()));
            }
            let next = self.timer.next().map_or(LONGEST_SLEEP, until);
            select! {
                _ = stop.changed() => {}
                () = self.timer.changed() => {}
                () = sleep(next) => {}
                Some(_) = alarms.join_next() => {}
            }
        }
        let finished = async { while alarms.join_next().await.is_some() {} };
        if timeout(grace, finished).await.is_err() {
            log::failure("effects cut off", &alarms.len());
        }
    }

    /// Carries out one tenant's effects, until none is due and nothing is under way: a slow one keeps no
    /// other waiting, not even one that becomes due meanwhile.
    async fn alarm(self: Arc<Self>, tenant: TenantId, stop: watch::Receiver<bool>) {
        let mut at_work = AtWork {
            timer: Arc::clone(&self.timer),
            tenant: tenant.clone(),
            rested: false,
        };
        let mut busy = JoinSet::new();
        let most = usize::try_from(EFFECTS_AT_ONCE).unwrap_or(1);
        let mut failed = false;
        loop {
            while busy.len() < most && !failed && !*stop.borrow() {
                let Ok(hand) = Arc::clone(&self.hands).acquire_owned().await else {
                    break;
                };
                match self.take_effect(&tenant).await {
                    Ok(Some(effect)) => {
                        let region = Arc::clone(&self);
                        busy.spawn(region.carry_out(tenant.clone(), effect, hand));
                    }
                    Ok(None) => break,
                    Err(error) => {
                        log::failure("effect not taken", &error);
                        failed = true;
                    }
                }
            }
            if busy.is_empty() {
                break;
            }
            select! {
                _ = busy.join_next() => {}
                () = sleep(LOOK_AGAIN) => {}
            }
        }
        if failed {
            return;
        }
        let rest = move |resident: &mut Resident| {
            at_work.timer.rest(&at_work.tenant, planned(resident));
            at_work.rested = true;
        };
        if let Err(error) = self.stores.with(&tenant, rest).await {
            log::failure("tenant not looked at", &error);
        }
    }

    async fn take_effect(&self, tenant: &TenantId) -> Result<Option<Taken>, String> {
        let moment = moment::moment().map_err(in_words)?;
        let (keys, stores) = (Arc::clone(&self.keys), Arc::clone(&self.stores));
        let id = tenant.clone();
        let take = move |resident: &mut Resident| -> Result<_, Refusal> {
            let effect =
                keys.sealing()
                    .take_effect(resident, moment, &mut moment::fill, &mut note)?;
            let of = stores.incarnation(&id);
            Ok(effect.map(|effect| Taken { effect, of }))
        };
        let taken = self.stores.with(tenant, take).await;
        taken.map_err(in_words)?.map_err(in_words)
    }

    async fn carry_out(
        self: Arc<Self>,
        tenant: TenantId,
        Taken { effect, of }: Taken,
        _hand: OwnedSemaphorePermit,
    ) {
        let outcome = match &effect.action {
            Action::Fetch(request) => Ok(self.fetcher.fetch(request).await),
            Action::Keys(task) => self.carry_out_keys(&tenant, *task, of).await,
        };
        count(match &outcome {
            Ok(Outcome::Fetched(_) | Outcome::KeysDone) => &self.metrics.effects_done,
            Ok(Outcome::Failed(_) | Outcome::KeysFailed) | Err(_) => &self.metrics.effects_failed,
        });
        let settled = match outcome {
            Ok(outcome) => self.settle(&tenant, effect.id, of, outcome).await,
            Err(error) => Err(error),
        };
        if let Err(error) = settled {
            log::failure("effect not settled", &error);
        }
    }

    async fn settle(
        &self,
        tenant: &TenantId,
        id: EffectId,
        of: u64,
        outcome: Outcome,
    ) -> Result<(), String> {
        let moment = moment::moment().map_err(in_words)?;
        let settle =
            move |resident: &mut Resident| host::settle_effect(resident, id, outcome, moment);
        let settled = self.stores.with_same(tenant, of, settle).await;
        // A restored store has an effect of the same number, perhaps, and it is another.
        settled
            .map_err(in_words)?
            .unwrap_or(Ok(()))
            .map_err(in_words)
    }

    async fn carry_out_keys(
        &self,
        tenant: &TenantId,
        task: KeyTask,
        of: u64,
    ) -> Result<Outcome, String> {
        let keys = Arc::clone(&self.keys);
        let carry_out = move |resident: &mut Resident| {
            keys.sealing()
                .carry_out(resident, task, &mut moment::fill, &mut note)
        };
        let outcome = self.stores.with_same(tenant, of, carry_out).await;
        let outcome = outcome.map(|outcome| outcome.unwrap_or(Outcome::KeysFailed));
        outcome.map_err(|error| error.to_string())
    }

    /// Asks every store for what is due, as the timer's memory starts empty; and again whenever somebody else
    /// may have written. Until they are found there is nothing to wait for, so it is tried again.
    async fn look_at_all(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut seen = None;
        loop {
            let era = Some(self.stores.era());
            if seen != era && self.look_once(&stop).await {
                seen = era;
            }
            let again = Duration::from_secs(RETRY_SECONDS.unsigned_abs());
            select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = sleep(again) => {}
            }
        }
    }

    /// Whether they were found.
    async fn look_once(&self, stop: &watch::Receiver<bool>) -> bool {
        let stores = Arc::clone(&self.stores);
        let found = spawn_blocking(move || stores.tenants().map_err(|error| error.to_string()));
        let tenants = match found.await.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(tenants) => tenants,
            Err(error) => {
                log::failure("stores not found", &error);
                return false;
            }
        };
        let (all, mut unread) = (tenants.len(), 0_u32);
        for tenant in tenants {
            if *stop.borrow() {
                return true;
            }
            let timer = Arc::clone(&self.timer);
            let id = tenant.clone();
            let look = move |resident: &mut Resident| timer.set(&id, planned(resident));
            if let Err(error) = self.stores.with(&tenant, look).await {
                unread += 1;
                log::failure("store unread", &error);
                let later = moment::now() + RETRY_SECONDS;
                self.timer.set(&tenant, Some(later));
            }
        }
        self.leave_old_keys(stop).await;
        log::line("stores found", &json!({ "all": all, "unread": unread }));
        true
    }

    /// Seals what is sealed under an old regional key under the one that seals now. An old key can be taken
    /// out of the configuration once this says that nothing is left.
    async fn leave_old_keys(&self, stop: &watch::Receiver<bool>) {
        let under_old_keys = || {
            let keys = Arc::clone(&self.keys);
            async move {
                match spawn_blocking(move || keys.under_old_keys()).await {
                    Ok(found) => found.map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                }
            }
        };
        let mut found = under_old_keys().await;
        if let Ok(tenants) = &found
            && !tenants.is_empty()
        {
            for tenant in tenants {
                if *stop.borrow() {
                    return;
                }
                self.seal_anew(tenant).await;
            }
            found = under_old_keys().await;
        }
        // In the backup of keys, too: what it holds last would need the old key.
        match (found, self.keep_keys().await) {
            (Ok(left), Ok(())) => {
                log::line("keyrings under old keys", &json!({ "left": left.len() }));
            }
            (Err(error), _) | (_, Err(error)) => log::failure("keyrings not counted", &error),
        }
    }

    async fn keep_keys(&self) -> Result<(), String> {
        let Some(backup) = self.backup.clone() else {
            return Ok(());
        };
        let kept = spawn_blocking(move || backup.keep_keys()).await;
        kept.map_err(in_words)?.map_err(in_words)
    }

    async fn seal_anew(&self, tenant: &TenantId) {
        let (keys, timer, id) = (
            Arc::clone(&self.keys),
            Arc::clone(&self.timer),
            tenant.clone(),
        );
        let seal_anew = move |resident: &mut Resident| {
            let sealing = keys.sealing();
            if !sealing.seal_anew(resident, &mut moment::fill, &mut note) {
                return Err("it stays under the key that it is under".to_owned());
            }
            // The tenant's own key has changed with it, and its pages follow.
            let moment = moment::moment().map_err(|error| error.to_string())?;
            host::check_keys(resident, moment).map_err(|refusal| refusal.to_string())?;
            timer.set(&id, planned(resident));
            Ok::<_, String>(())
        };
        let sealed = self.stores.with(tenant, seal_anew).await;
        if let Err(error) = sealed.map_err(|undone| undone.to_string()).flatten() {
            log::failure("keyring not sealed anew", &error);
        }
    }
}

/// An effect, and which [`Stores::incarnation`] of its tenant it is of.
struct Taken {
    effect: Effect,
    of: u64,
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn in_words(error: impl ToString) -> String {
    error.to_string()
}

/// A tenant whose effects are being carried out. However that ends, the tenant is looked at again.
struct AtWork {
    timer: Arc<Timer>,
    tenant: TenantId,
    rested: bool,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        if !self.rested {
            let soon = moment::now() + RETRY_SECONDS;
            self.timer.rest(&self.tenant, Some(soon));
        }
    }
}

/// How long until then, as far as one sleep goes.
fn until(due: UnixSeconds) -> Duration {
    let seconds = u64::try_from(due - moment::now()).unwrap_or(0);
    Duration::from_secs(seconds).min(LONGEST_SLEEP)
}
