//! The stores under the server: a database for each test.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use slotstead_region::{
    postgres::{Database, Postgres},
    stores::{Driver, Opened},
    tls,
};
use slotstead_shared::{Region, TenantId};
use slotstead_tenant::StoreError;
use tokio_postgres::config::SslMode;
use xtask::stack::Cluster;

/// The server that the tests share. It stops with the last test that holds it.
fn cluster() -> Arc<Cluster> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let cluster = Arc::new(Cluster::start().unwrap());
        *shared = Arc::downgrade(&cluster);
        cluster
    })
}

/// Keeps the server running as long as its stores are open.
struct Held {
    driver: Postgres,
    _cluster: Arc<Cluster>,
}

pub fn driver(folder: &Path) -> Box<dyn Driver> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let cluster = cluster();
    let name = format!("server_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let url = cluster.database(&name).unwrap();
    fs::write(folder.join("database"), &name).unwrap();
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    config.ssl_mode(SslMode::Disable);
    let database = Database {
        config,
        tls: tls::database(Vec::new()).unwrap(),
        connections: 4,
        location: None,
    };
    let driver = Postgres::open(database, Region::Cbr, Duration::ZERO).unwrap();
    Box::new(Held {
        driver,
        _cluster: cluster,
    })
}

/// How many stores there are.
pub fn found(folder: &Path) -> usize {
    let name = fs::read_to_string(folder.join("database")).unwrap();
    let count = "SELECT count(*) FROM slotstead_region.stores";
    cluster().sql(&name, &name, count).unwrap().parse().unwrap()
}

impl Driver for Held {
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        self.driver.tenants()
    }

    fn open(&self, tenant: &TenantId, create: bool) -> Result<Option<Opened>, StoreError> {
        self.driver.open(tenant, create)
    }

    fn discard(&self, tenant: &TenantId) {
        self.driver.discard(tenant);
    }

    fn check(&self) -> Result<(), StoreError> {
        self.driver.check()
    }

    fn era(&self) -> u64 {
        self.driver.era()
    }

    fn close(&self) {
        self.driver.close();
    }
}
