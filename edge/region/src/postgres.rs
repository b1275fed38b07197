//! The driver for a region that outgrows one machine: the stores of all its tenants in one PostgreSQL database.
//!
//! All tenants share the tables, whose keys begin with the tenant's id. What keeps them apart is not only
//! that every statement names its tenant: each runs in a transaction that was begun for one tenant, and row
//! security shows it no other's rows.
//!
//! Why there is one writer, also when two region servers are given one database: every connection on which
//! a tenant's statement can run holds the region's lock in shared mode, from before its first statement
//! until the server has ended it, and saw the number of this process's `Reign` while it held it. The
//! number is raised only by who holds the lock alone. So as long as one connection of ours is at work, on our
//! side or only on the server's, nobody else begins a reign; and once somebody has, none of ours gets as far
//! as a statement. A reign also ends with its first connection: after a restart of the database, or a
//! failover to another one, everything that was remembered is forgotten.
//!
//! A statement whose answer is lost may still be at work on the server. So each transaction begins with the
//! tenant's own lock, which the lost one holds until it is done or undone, and a store that lost an answer
//! is not used again.

mod connection;
mod driving;
mod pool;
mod reign;
mod schema;
mod sql;
mod store;

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rustls::ClientConfig;
use slotstead_shared::{Region, TenantId};
use slotstead_tenant::{StoreError, store::Value};

use self::{
    driving::Driving,
    pool::{Lease, Pool},
    reign::Reign,
    store::OneTenant,
};
use crate::{
    backup::erased,
    stores::{Driver, Opened},
};

pub use self::reign::USUAL_PATIENCE;

/// Where the database is and how it is reached.
#[derive(Clone)]
pub struct Database {
    /// Address, name, role, password.
    pub config: tokio_postgres::Config,
    /// How it proves itself, if it is not on this machine.
    pub tls: Arc<ClientConfig>,
    /// Connections at work at a time. One more holds the reign.
    pub connections: usize,
    /// Where it stands, as its operator states.
    pub location: Option<String>,
}

impl fmt::Debug for Database {
    /// Without the address: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// What all stores of the region share.
struct Shared {
    database: Database,
    region: Region,
    pool: Arc<Pool>,
    reign: RwLock<Arc<Reign>>,
    /// How many have begun since the first.
    renewals: AtomicU64,
    /// Held by whoever begins the next reign.
    beginning: Mutex<()>,
    driving: Driving,
}

/// See the module.
pub struct Postgres(Arc<Shared>);

impl Postgres {
    /// Begins to reign over the database: everything that is missing in it is made. As long as another server
    /// has it, or it is not up yet, asks again until `patience` is over. Blocks, on a thread that may.
    pub fn open(
        database: Database,
        region: Region,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let driving = Driving::start()?;
        let reign = Reign::begin(&database, region, driving.handle(), patience)?;
        Ok(Self(Arc::new(Shared {
            pool: Arc::new(Pool::new(database.connections)),
            database,
            region,
            reign: RwLock::new(Arc::new(reign)),
            renewals: AtomicU64::new(0),
            beginning: Mutex::new(()),
            driving,
        })))
    }

    /// Tells a tenant that its rows are those of another time than its keys, once at least.
    fn tell_restored(&self, reign: &Arc<Reign>, tenant: &TenantId) -> Result<(), StoreError> {
        const TOLD: &str = "UPDATE slotstead_region.stores SET restored = 0 WHERE tenant_id = ?1";
        let (shared, reign_too) = (Arc::clone(&self.0), Arc::clone(reign));
        let store = OneTenant::new(shared, reign_too, tenant.clone(), Arc::default());
        erased::tell_in(store, tenant).map_err(StoreError)?;
        reign.ask(TOLD, &[tenant.as_str().into()]).map(drop)
    }

    /// Whether the database could be used: connects, looks, changes nothing.
    pub fn look(database: &Database) -> Result<(), StoreError> {
        reign::look(database, Driving::start()?.handle())
    }
}

impl Shared {
    /// The reign that goes on, or a new one if the last is over.
    fn reign(&self) -> Result<Arc<Reign>, StoreError> {
        let current = self.current();
        if !current.is_over() {
            return Ok(current);
        }
        // Who waited here for another to fail would fail as slowly: a database that is gone must not hold
        // up every thread.
        let Ok(_beginning) = self.beginning.try_lock() else {
            return Err(StoreError("the database is being taken again".to_owned()));
        };
        let current = self.current();
        if !current.is_over() {
            return Ok(current);
        }
        // Ours would be in our own way. Those at work end by themselves: their reign is over.
        self.pool.clear();
        current.abdicate();
        let runtime = self.driving.handle();
        let next = Reign::begin(&self.database, self.region, runtime, Duration::ZERO)?;
        let next = Arc::new(next);
        *self.reign.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        self.renewals.fetch_add(1, Ordering::AcqRel);
        Ok(next)
    }

    fn current(&self) -> Arc<Reign> {
        let reign = self.reign.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&reign)
    }

    /// A connection of this reign, which is not over.
    fn lease(&self, reign: &Arc<Reign>) -> Result<Lease, StoreError> {
        let runtime = self.driving.handle();
        self.pool
            .lease(runtime, reign, || reign.connection(&self.database, runtime))
    }
}

impl Driver for Postgres {
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let reign = self.0.reign()?;
        let rows = reign.ask("SELECT tenant_id FROM slotstead_region.stores", &[])?;
        let mut found = Vec::new();
        for row in rows {
            match &row[..] {
                [Value::Text(id)] => found.extend(id.parse::<TenantId>().ok()),
                _ => return Err(StoreError("a store has no name".to_owned())),
            }
        }
        Ok(found)
    }

    fn open(&self, tenant: &TenantId, create: bool) -> Result<Option<Opened>, StoreError> {
        const KNOWN: &str = "SELECT restored FROM slotstead_region.stores WHERE tenant_id = ?1";
        const NEW: &str = "INSERT INTO slotstead_region.stores (tenant_id) VALUES (?1)
            ON CONFLICT (tenant_id) DO NOTHING";
        let reign = self.0.reign()?;
        let name = [Value::from(tenant.as_str())];
        if create {
            reign.ask(NEW, &name)?;
        }
        match reign.ask(KNOWN, &name)?.first().map(|row| &row[..]) {
            None => return Ok(None),
            Some([Value::Integer(1)]) => self.tell_restored(&reign, tenant)?,
            Some(_) => {}
        }
        let broken = Arc::new(AtomicBool::new(false));
        let usable = {
            let (reign, broken) = (Arc::clone(&reign), Arc::clone(&broken));
            move || !broken.load(Ordering::Acquire) && !reign.is_over()
        };
        let store = OneTenant::new(Arc::clone(&self.0), reign, tenant.clone(), broken);
        Ok(Some(Opened {
            store: Box::new(store),
            usable: Box::new(usable),
        }))
    }

    fn discard(&self, tenant: &TenantId) {
        const GONE: &str = "DELETE FROM slotstead_region.stores WHERE tenant_id = ?1";
        if let Ok(reign) = self.0.reign() {
            let _ = reign.ask(GONE, &[tenant.as_str().into()]);
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        const COUNT: &str = "UPDATE slotstead_region.reign SET checks = checks + 1";
        self.0.reign()?.ask(COUNT, &[]).map(|_| ())
    }

    fn era(&self) -> u64 {
        self.0.renewals.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.0.current().abdicate();
        self.0.pool.clear();
    }
}
