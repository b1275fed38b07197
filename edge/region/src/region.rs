//! The region: answers calls to its tenants, and carries out their effects.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use slotstead_shared::{Region as RegionName, TenantId, UnixSeconds};
use slotstead_tenant::{
    Call, Command, Effect, EffectId, Outcome, Refusal, StoreError,
    effect::Action,
    host::{self, EFFECTS_AT_ONCE, Form, REFUSED, keys::IdKey},
    keyring::KeyTask,
};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use crate::{
    backup::{Backup, Failure, replace},
    config::Limits,
    fetch::Fetcher,
    log,
    metrics::{Metrics, count},
    moment,
    stores::{Resident, Stores, Undone},
    timer::Timer,
    vault::Keys,
};

/// How often free hands look for what has become due while others are still busy.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Seconds after which a tenant is looked at again when it could not be found out what is due.
const RETRY_SECONDS: i64 = 30;

/// How long the timer sleeps at most: clocks are set, and a sleep does not notice.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// The status of a call that panicked, or of which nobody knows what became: the edge reads it as an answer
/// that was lost.
pub const LOST: u16 = 500;

/// See the module.
pub struct Region {
    name: RegionName,
    id_key: Option<IdKey>,
    stores: Arc<Stores>,
    keys: Arc<Keys>,
    fetcher: Fetcher,
    /// Effects under way, over all tenants.
    hands: Arc<Semaphore>,
    timer: Arc<Timer>,
    backup: Option<Arc<Backup>>,
    /// What is counted.
    pub(crate) metrics: Metrics,
}

impl Region {
    /// A region over its stores.
    #[must_use]
    pub fn new(
        name: RegionName,
        id_key: Option<IdKey>,
        stores: Stores,
        keys: Keys,
        fetcher: Fetcher,
        limits: &Limits,
    ) -> Self {
        Self {
            name,
            id_key,
            stores: Arc::new(stores),
            keys: Arc::new(keys),
            fetcher,
            hands: Arc::new(Semaphore::new(limits.effects)),
            timer: Arc::default(),
            backup: None,
            metrics: Metrics::default(),
        }
    }

    /// The same, with its stores backed up.
    #[must_use]
    pub fn backed_up(mut self, backup: Arc<Backup>) -> Self {
        self.backup = Some(backup);
        self
    }

    /// The stores.
    #[must_use]
    pub const fn stores(&self) -> &Arc<Stores> {
        &self.stores
    }

    /// Puts the restored store of a tenant in its place, between two calls to it.
    pub async fn replace(&self, tenant: TenantId, backup: Arc<Backup>) -> Result<(), String> {
        let id = tenant.clone();
        let put = move || {
            replace::put(backup.data(), &id, moment::now())?;
            backup.replaced(&id);
            Ok(())
        };
        let put: Result<(), Failure> = match self.stores.while_closed(&tenant, put).await {
            Ok(put) => put,
            Err(undone) => return Err(undone.to_string()),
        };
        put.map_err(|failure| failure.to_string())?;
        // Its effects are not those that the timer knows.
        let (timer, id) = (Arc::clone(&self.timer), tenant.clone());
        let look = move |resident: &mut Resident| timer.set(&id, planned(resident));
        let looked = self.stores.with(&tenant, look).await;
        looked.map_err(|undone| undone.to_string())
    }

    /// Whether the backup keeps up, in words for whoever asks; `None` without a backup.
    #[must_use]
    pub fn backup_state(&self) -> Option<Result<(), String>> {
        self.backup.as_ref().map(|backup| backup.state())
    }

    /// Answers a call: the status and the body.
    pub async fn answer(&self, call: &[u8], form: Form) -> (u16, Vec<u8>) {
        let admitted = host::read_call(call).and_then(|call| {
            self.admit(&call)?;
            Ok(call)
        });
        match admitted {
            Ok(call) => self.execute(call, form).await,
            Err(why) => self.refuse(&why),
        }
    }

    /// Refuses what is not ours (fail closed).
    fn admit(&self, call: &Call) -> Result<(), String> {
        if call.tenant.region() != self.name {
            let (theirs, ours) = (call.tenant.region(), self.name);
            return Err(format!(
                "a tenant of {theirs} was sent to the region server of {ours}"
            ));
        }
        match &self.id_key {
            Some(key) if !key.is_genuine(&call.tenant) => {
                Err("the tenant's id is not genuine".to_owned())
            }
            _ => Ok(()),
        }
    }

    async fn execute(&self, call: Call, form: Form) -> (u16, Vec<u8>) {
        let begun = moment::Stopwatch::start();
        let moment = match moment::moment() {
            Ok(moment) => moment,
            Err(error) => return self.refuse(&format!("no randomness: {error}")),
        };
        let tenant = call.tenant.clone();
        let only_reads = call.command.only_reads();
        let creates = matches!(call.command, Command::CreateTenant { .. });
        let timer = Arc::clone(&self.timer);
        let keys = Arc::clone(&self.keys);
        let work = move |resident: &mut Resident| {
            let execute = |resident: &mut Resident, again| {
                if again {
                    resident.execute_again(&call, moment)
                } else {
                    resident.execute(&call, moment)
                }
            };
            let answer = with_keys(&keys, resident, execute);
            let answer = host::written(&answer, form);
            // While the tenant is ours, so that plans are made in the order of the commands.
            if !only_reads {
                timer.set(&call.tenant, planned(resident));
            }
            answer
        };
        let outcome = if creates {
            self.stores.with_new(&tenant, work).await
        } else {
            self.stores.with(&tenant, work).await
        };
        match outcome {
            Ok(answer) => {
                self.metrics.answered_in(begun.elapsed());
                answer
            }
            // What a tenant says of itself in an empty store.
            Err(Undone::NoStore) => {
                self.metrics.answered_in(begun.elapsed());
                host::written(&Err(Refusal::NoTenant), form)
            }
            Err(Undone::Panicked) => {
                count(&self.metrics.panicked);
                (LOST, Undone::Panicked.to_string().into_bytes())
            }
            Err(error @ Undone::Lost) => {
                count(&self.metrics.lost);
                log::failure("answer lost", &error);
                (LOST, error.to_string().into_bytes())
            }
            Err(error @ Undone::Unopened(_)) => {
                count(&self.metrics.unopened);
                log::failure("store unopened", &error);
                self.refuse(&error.to_string())
            }
            Err(error @ Undone::Busy) => self.refuse(&error.to_string()),
        }
    }

    fn refuse(&self, why: &str) -> (u16, Vec<u8>) {
        count(&self.metrics.refused);
        log::failure("call refused", why);
        (REFUSED, why.as_bytes().to_vec())
    }

    /// Whether the stores can be written to: health is more than a process that runs.
    pub async fn is_healthy(&self) -> bool {
        let (stores, keys) = (Arc::clone(&self.stores), Arc::clone(&self.keys));
        match spawn_blocking(move || {
            stores.check()?;
            let failed = |error: std::io::Error| StoreError(format!("the keys: {error}"));
            keys.check().map_err(failed)
        })
        .await
        {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                log::failure("stores cannot be written", &error);
                false
            }
            Err(_) => false,
        }
    }

    /// Closes every store, once nobody works with it any more.
    pub async fn close(&self) {
        self.stores.close().await;
    }

    /// The page of figures.
    #[must_use]
    pub fn figures(&self) -> String {
        let (open, waiting) = (self.stores.open_count(), self.timer.waiting());
        let mut page = self.metrics.render(open, waiting);
        if let Some(backup) = &self.backup {
            page.push_str(&backup.figures());
        }
        page
    }

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

    async fn take_effect(&self, tenant: &TenantId) -> Result<Option<Effect>, String> {
        let moment = moment::moment().map_err(|error| error.to_string())?;
        let keys = Arc::clone(&self.keys);
        let take = move |resident: &mut Resident| {
            with_keys(&keys, resident, |resident, _| {
                host::take_effect(resident, moment)
            })
        };
        let taken = self.stores.with(tenant, take).await;
        let taken = taken.map_err(|error| error.to_string())?;
        taken.map_err(|refusal| refusal.to_string())
    }

    async fn carry_out(
        self: Arc<Self>,
        tenant: TenantId,
        effect: Effect,
        _hand: OwnedSemaphorePermit,
    ) {
        let outcome = match &effect.action {
            Action::Fetch(request) => Ok(self.fetcher.fetch(request).await),
            Action::Keys(task) => self.carry_out_keys(&tenant, *task).await,
        };
        count(match &outcome {
            Ok(Outcome::Fetched(_) | Outcome::KeysDone) => &self.metrics.effects_done,
            Ok(Outcome::Failed(_) | Outcome::KeysFailed) | Err(_) => &self.metrics.effects_failed,
        });
        let settled = match outcome {
            Ok(outcome) => self.settle(&tenant, effect.id, outcome).await,
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
        outcome: Outcome,
    ) -> Result<(), String> {
        let moment = moment::moment().map_err(|error| error.to_string())?;
        let settle =
            move |resident: &mut Resident| host::settle_effect(resident, id, outcome, moment);
        let settled = self.stores.with(tenant, settle).await;
        let settled = settled.map_err(|error| error.to_string())?;
        settled.map_err(|refusal| refusal.to_string())
    }

    async fn carry_out_keys(&self, tenant: &TenantId, task: KeyTask) -> Result<Outcome, String> {
        let keys = Arc::clone(&self.keys);
        let carry_out = move |resident: &mut Resident| {
            keys.sealing()
                .carry_out(resident, task, &mut moment::fill, &mut note)
        };
        let outcome = self.stores.with(tenant, carry_out).await;
        outcome.map_err(|error| error.to_string())
    }

    /// Asks every store for what is due: the timer's memory starts empty.
    async fn look_at_all(self: Arc<Self>, stop: watch::Receiver<bool>) {
        let stores = Arc::clone(&self.stores);
        let tenants = match spawn_blocking(move || stores.tenants()).await {
            Ok(Ok(tenants)) => tenants,
            Ok(Err(error)) => return log::failure("stores not found", &error),
            Err(error) => return log::failure("stores not found", &error),
        };
        let (all, mut unread) = (tenants.len(), 0_u32);
        for tenant in tenants {
            if *stop.borrow() {
                return;
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
            if self.keys.is_to_be_sealed_anew(&tenant) {
                self.seal_anew(&tenant).await;
            }
        }
        self.tell_of_old_keys().await;
        log::line("stores found", &json!({ "all": all, "unread": unread }));
    }
}

impl Region {
    async fn seal_anew(&self, tenant: &TenantId) {
        let keys = Arc::clone(&self.keys);
        let seal_anew = move |resident: &mut Resident| {
            keys.sealing()
                .seal_anew(resident, &mut moment::fill, &mut note)
        };
        if let Err(error) = self.stores.with(tenant, seal_anew).await {
            log::failure("keyring not sealed anew", &error);
        }
    }

    /// A regional key can be taken out of the configuration once this says that none is left.
    async fn tell_of_old_keys(&self) {
        let keys = Arc::clone(&self.keys);
        match spawn_blocking(move || keys.left_under_old_keys()).await {
            Ok(Ok(left)) => log::line("keyrings under old keys", &json!({ "left": left })),
            Ok(Err(error)) => log::failure("keyrings not counted", &error),
            Err(error) => log::failure("keyrings not counted", &error),
        }
    }
}

/// Does `work` with the keys that it needs.
fn with_keys<T>(
    keys: &Keys,
    resident: &mut Resident,
    work: impl FnMut(&mut Resident, bool) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    keys.sealing()
        .with_keys(resident, &mut moment::fill, &mut note, work)
}

fn note(why: &str) {
    log::failure("keys not reached", why);
}

/// When the tenant is to be looked at next: if that cannot be read, soon.
fn planned(resident: &Resident) -> Option<UnixSeconds> {
    resident
        .next_due()
        .unwrap_or_else(|_| Some(moment::now() + RETRY_SECONDS))
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
