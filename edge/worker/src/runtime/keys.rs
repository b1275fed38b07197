//! What a Durable Object seals with: the keys of its region, and the bucket with its tenant's keyring.

use std::cell::RefCell;

use slotstead_shared::Region;
use slotstead_tenant::{
    Store, Tenant,
    host::vault::WORK_AT_ONCE,
    keyring::{Access, Done, KeyWork, regional::SealingKeys},
};
use worker::Env;

use super::vault::Bucket;
use crate::config::Config;

/// See the module.
pub struct Keys {
    env: Env,
    config: Config,
}

impl Keys {
    pub const fn new(env: Env, config: Config) -> Self {
        Self { env, config }
    }

    /// Does all the work that the tenant has in its vault. Calls that come in meanwhile may do some of it too:
    /// what is stored has conditions, and of what is reported twice the first counts.
    pub async fn bring<S: Store>(
        &self,
        tenant: &RefCell<Tenant<S>>,
        region: Region,
    ) -> Result<(), String> {
        let regional = self.config.sealing_keys(region);
        let regional = regional.ok_or("the region has no sealing keys")?;
        for _ in 0..WORK_AT_ONCE {
            let work = tenant.borrow().key_work(regional, &mut fill)?;
            let Some(work) = work else {
                return Ok(());
            };
            let done = self.perform(&work, region).await;
            report(&tenant.borrow(), &work, done, regional)?;
        }
        Err("there is no end to the work in the vault".to_owned())
    }

    async fn perform(&self, work: &KeyWork, region: Region) -> Result<Done, String> {
        let bucket = Bucket::of(&self.env, region)?;
        let folder = self.config.id_key.vault_name(&work.tenant);
        let name = work.object.name();
        match &work.access {
            Access::Load => {
                let loaded = bucket.load(&folder, &name).await?;
                Ok(loaded.map_or(Done::Absent, |(bytes, version)| {
                    Done::Loaded(bytes, version)
                }))
            }
            Access::Store { bytes, after } => {
                let stored = bucket.store(&folder, &name, bytes.clone(), after.as_deref());
                Ok(stored.await?.map_or(Done::Changed, Done::Stored))
            }
        }
    }
}

/// Reports what became of a piece of work. A failure of the vault is the one that is told.
fn report<S: Store>(
    tenant: &Tenant<S>,
    work: &KeyWork,
    done: Result<Done, String>,
    regional: &SealingKeys,
) -> Result<(), String> {
    match done {
        Ok(done) => tenant.key_done(work, Some(done), regional),
        Err(why) => tenant
            .key_done(work, None, regional)
            .and(Ok(()))
            .or(Err(why)),
    }
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the platform has randomness for every request");
}
