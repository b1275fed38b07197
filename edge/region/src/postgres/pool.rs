//! The connections on which tenants' statements run: so many, and no more.
//!
//! A connection for each tenant would be a process of the server for each. Tenants take turns instead: one
//! has a connection for a transaction.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use slotstead_tenant::StoreError;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{connection::Connection, reign::Reign};

/// How long a transaction waits for a connection.
const PATIENCE: Duration = Duration::from_secs(4);

/// See the module.
pub struct Pool {
    places: Arc<Semaphore>,
    /// The used ones, the last one last.
    idle: Mutex<Vec<(Arc<Reign>, Connection)>>,
}

impl Pool {
    /// A pool of so many connections, none of them made yet.
    pub fn new(connections: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(connections)),
            idle: Mutex::default(),
        }
    }

    /// A connection of `reign`: one that is idle, or a new one.
    pub fn lease(
        self: &Arc<Self>,
        runtime: &Handle,
        reign: &Arc<Reign>,
        connect: impl FnOnce() -> Result<Connection, StoreError>,
    ) -> Result<Lease, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned();
        let Ok(Ok(place)) = runtime.block_on(async { timeout(PATIENCE, place).await }) else {
            let detail = "every connection to the database was busy for too long";
            return Err(StoreError(detail.to_owned()));
        };
        let connection = match self.take_idle(reign) {
            Some(connection) => connection,
            None => connect()?,
        };
        Ok(Lease {
            connection,
            reign: Arc::clone(reign),
            pool: Arc::clone(self),
            _place: place,
        })
    }

    fn take_idle(&self, reign: &Arc<Reign>) -> Option<Connection> {
        loop {
            let (of, connection) = self.idle().pop()?;
            if Arc::ptr_eq(&of, reign) && !connection.is_closed() {
                return Some(connection);
            }
        }
    }

    /// Ends the idle ones.
    pub fn clear(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Arc<Reign>, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for a while. It ends when this is dropped, and with it what was under way, unless it is given
/// back.
pub struct Lease {
    /// The connection.
    pub connection: Connection,
    reign: Arc<Reign>,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

impl Lease {
    /// Nothing is under way on it.
    pub fn give_back(self) {
        if !self.reign.is_over() {
            self.pool.idle().push((self.reign, self.connection));
        }
    }
}
