//! The region: answers calls to its tenants, and carries out their effects (`effects.rs`).

mod effects;

use std::sync::Arc;

use slotstead_shared::{Region as RegionName, TenantId, UnixSeconds};
use slotstead_tenant::{
    Call, Command, Refusal, StoreError,
    host::{self, Form, REFUSED, keys::IdKey},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    backup::{Backup, Failure, replace},
    config::Limits,
    fetch::Fetcher,
    log,
    metrics::{Metrics, count},
    moment,
    stores::{Resident, Stores, Undone},
    timer::Timer,
    vault::{Keys, Lacking},
};

/// Seconds after which a tenant is looked at again when it could not be found out what is due.
const RETRY_SECONDS: i64 = 30;

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
        // What is still to be destroyed only the store that goes knows: the keys would be there for good.
        let objection = |resident: &mut Resident| {
            let left = resident.keys_to_destroy().ok().filter(|left| *left > 0)?;
            Some(format!(
                "{left} keys are still to be destroyed, and would stay for good: it takes seconds once the folder of \
                 keys can be written"
            ))
        };
        let id = tenant.clone();
        let put = move || {
            let put = replace::put(backup.data(), &id, moment::now());
            // Even if it failed: a doubt costs a copy.
            backup.replaced(&id);
            put
        };
        let put = self.stores.while_closed(&tenant, objection, put).await;
        let put: Result<(), Failure> = put.map_err(|undone| undone.to_string())??;
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
            let sealing = keys.sealing();
            let answer = sealing.execute(resident, &call, moment, &mut moment::fill, &mut note);
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

    /// Whether the configuration has every key that is needed, in words for whoever asks.
    pub async fn keys_state(&self) -> Result<(), String> {
        let lacking = self.lacking().await?;
        let mistakes: Vec<_> = lacking
            .mistakes()
            .map(|mistake| mistake.to_string())
            .collect();
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(mistakes.join("\n"))
        }
    }

    async fn lacking(&self) -> Result<Lacking, String> {
        let keys = Arc::clone(&self.keys);
        let looked = spawn_blocking(move || keys.lacking()).await;
        let looked = looked.map_err(|error| error.to_string())?;
        looked.map_err(|error| format!("keys.folder cannot be read: {error}"))
    }

    /// Closes every store, once nobody works with it any more.
    pub async fn close(&self) {
        self.stores.close().await;
    }

    /// The page of figures.
    pub async fn figures(&self) -> String {
        let mut now = vec![
            ("open_stores", self.stores.open_count()),
            ("tenants_with_effects", self.timer.waiting()),
        ];
        // What is not known is not told.
        if let Ok(lacking) = self.lacking().await {
            now.push(("keyrings_without_key", lacking.keyrings()));
        }
        let mut page = self.metrics.render(&now);
        if let Some(backup) = &self.backup {
            page.push_str(&backup.figures());
        }
        page
    }
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

#[cfg(test)]
mod tests;
