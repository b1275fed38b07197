//! What a Durable Object seals with: the keys of its region, and the bucket with its tenant's keyring.
//!
//! Whoever needs something from the bucket while somebody fetches already waits for the same fetch: a thousand
//! calls that come to an object that has just been started cost the bucket as much as one.

use std::{cell::RefCell, rc::Rc};

use js_sys::Promise;
use slotstead_shared::Region;
use slotstead_tenant::{
    Store, Tenant,
    host::vault::WORK_AT_ONCE,
    keyring::{Access, Done, KeyWork},
};
use wasm_bindgen::JsValue;
use worker::{
    Env,
    wasm_bindgen_futures::{JsFuture, future_to_promise},
};

use super::vault::Bucket;
use crate::config::Config;

/// See the module.
pub struct Keys<S> {
    errands: Rc<Errands<S>>,
    /// Who fetches, while somebody does.
    under_way: Rc<RefCell<Option<Promise>>>,
}

struct Errands<S> {
    env: Env,
    config: Config,
    tenant: Rc<RefCell<Tenant<S>>>,
}

impl<S: Store + 'static> Keys<S> {
    pub fn new(env: Env, config: Config, tenant: Rc<RefCell<Tenant<S>>>) -> Self {
        Self {
            errands: Rc::new(Errands {
                env,
                config,
                tenant,
            }),
            under_way: Rc::default(),
        }
    }

    /// Does all the work that the tenant has in its vault; whether all that was wanted is at hand then.
    pub async fn bring(&self, region: Region) -> bool {
        let known = self.under_way.borrow().clone();
        let fetching = known.unwrap_or_else(|| self.start(region));
        let brought = JsFuture::from(fetching).await;
        brought.is_ok_and(|brought| brought.is_truthy())
    }

    fn start(&self, region: Region) -> Promise {
        let (errands, under_way) = (Rc::clone(&self.errands), Rc::clone(&self.under_way));
        // It begins after this function has returned, so it ends after it is noted.
        let fetching = future_to_promise(async move {
            let brought = errands.run(region).await;
            if let Err(why) = &brought {
                worker::console_error!("keys: {why}");
            }
            under_way.borrow_mut().take();
            Ok(JsValue::from_bool(brought.is_ok()))
        });
        self.under_way.borrow_mut().replace(fetching.clone());
        fetching
    }
}

impl<S: Store> Errands<S> {
    async fn run(&self, region: Region) -> Result<(), String> {
        let regional = self.config.sealing_keys(region);
        let regional = regional.ok_or("the region has no sealing keys")?;
        for _ in 0..WORK_AT_ONCE {
            let work = self.tenant.borrow().key_work(regional, &mut fill)?;
            let Some(work) = work else {
                return Ok(());
            };
            let done = self.perform(&work, region).await;
            self.tenant.borrow().key_done(&work, done, regional)?;
        }
        Err("there is no end to the work in the vault".to_owned())
    }

    async fn perform(&self, work: &KeyWork, region: Region) -> Result<Done, String> {
        let bucket = Bucket::of(&self.env, region)?;
        let folder = self.config.id_key.vault_name(&work.tenant);
        let name = work.object.name();
        match &work.access {
            Access::Load => {
                let loaded = bucket.load(&folder, &name).await;
                loaded.map(Done::of_load)
            }
            Access::Store { bytes, after } => {
                let stored = bucket.store(&folder, &name, bytes.clone(), after.as_deref());
                stored.await.map(Done::of_store)
            }
        }
    }
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the platform has randomness for every request");
}
