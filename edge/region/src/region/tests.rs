//! The listing of stores, on which quiet tenants depend.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use slotstead_tenant::{Settings, keyring::regional::SealingKeys};
use tokio::{sync::watch, time::timeout};

use super::*;
use crate::{
    stores::{Driver, Opened},
    tls,
};

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A driver that is asked for its stores, in vain at first.
struct Listed {
    era: Arc<AtomicU64>,
    listed: watch::Sender<u32>,
}

impl Driver for Listed {
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        self.listed.send_modify(|listed| *listed += 1);
        match *self.listed.borrow() {
            1 => Err(StoreError("not now".to_owned())),
            _ => Ok(Vec::new()),
        }
    }

    fn open(&self, _: &TenantId, _: bool) -> Result<Option<Opened>, StoreError> {
        Ok(None)
    }

    fn discard(&self, _: &TenantId) {}

    fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }
}

#[tokio::test(start_paused = true)]
async fn stores_are_looked_for_until_they_are_found_and_again_when_others_may_have_written() {
    const LONG: Duration = Duration::from_hours(1);
    let name = format!("slotstead-listed-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    fs::create_dir_all(&folder.0).unwrap();
    let sealing = SealingKeys::parse("k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc").unwrap();
    let keys = Keys::open(&folder.0, sealing).unwrap();
    let (sender, mut listed) = watch::channel(0);
    let era = Arc::new(AtomicU64::new(0));
    let driver = Listed {
        era: Arc::clone(&era),
        listed: sender,
    };
    let limits = Limits {
        connections: 1,
        open_stores: 1,
        effects: 1,
        idle: LONG,
        stop: LONG,
    };
    let stores = Stores::new(Box::new(driver), Settings::default(), 1);
    let fetcher = Fetcher::new(tls::outside().unwrap(), false);
    let region = Region::new(RegionName::Cbr, None, stores, keys, fetcher, &limits);
    let (ask, stop) = watch::channel(false);
    let run = tokio::spawn(Arc::new(region).run(stop, LONG));
    // The clock goes on by itself whenever all wait.
    let mut until = async |count| {
        let reached = timeout(LONG, listed.wait_for(|listed| *listed == count));
        reached.await.is_ok()
    };
    assert!(until(2).await, "nobody looks again");
    assert!(!until(3).await, "they were found");
    era.store(1, Ordering::Release);
    assert!(until(3).await, "others may have written");
    ask.send(true).unwrap();
    run.await.unwrap();
}
