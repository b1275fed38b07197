//! The stores of a region: one for each tenant, opened when it is needed, one writer at a time.
//!
//! Why there is one writer: the driver shuts other processes out, a tenant has one place in a map, and
//! whoever works with the tenant holds its lock, from before the store is opened until after it is closed.
//! Work runs on threads that may block. When it panics, the tenant is dropped with its connection, which
//! rolls an open transaction back, and is opened anew for the next call.

mod driver;
mod files;

use std::{
    collections::HashMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use slotstead_shared::TenantId;
use slotstead_tenant::{Settings, StoreError, Tenant, store::remembering::Remembering};
use tokio::{sync::OwnedMutexGuard, task::spawn_blocking, time::timeout};

pub(crate) use self::files::{lock, tenants};
pub use self::{
    driver::{AnyStore, Driver, Opened},
    files::{Files, Opener, sqlite},
};

/// How long a call waits for its tenant's lock: shorter than the edge's patience, so that the edge is
/// told in time that nothing was done.
const PATIENCE: Duration = Duration::from_secs(8);

/// An open tenant.
pub type Resident = Tenant<Remembering<AnyStore>>;

/// A tenant's place: empty while its store is closed.
type Place = Arc<tokio::sync::Mutex<Option<Open>>>;

struct Open {
    resident: Resident,
    usable: Box<dyn Fn() -> bool + Send>,
}

/// Why work was not done. But for the last two, nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// There is no store of this tenant.
    #[error("there is no store of this tenant")]
    NoStore,
    /// Others were at work with this tenant for too long.
    #[error("the tenant was busy for too long")]
    Busy,
    /// The store could not be opened.
    #[error("the store cannot be opened: {0}")]
    Unopened(String),
    /// The store stopped being usable meanwhile. Whether a commit was kept is not known.
    #[error("it is not known what became of the command")]
    Lost,
    /// The work panicked. What it had not committed was rolled back.
    #[error("the command panicked")]
    Panicked,
}

/// Why the stores cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum StoresError {
    /// Another process has the folder.
    #[error("{0} is used by another region server")]
    Taken(PathBuf),
    /// The folder cannot be used.
    #[error("{0} cannot be used: {1}")]
    Folder(PathBuf, io::Error),
}

/// See the module.
pub struct Stores {
    driver: Box<dyn Driver>,
    settings: Settings,
    most_open: usize,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    /// By tenant: its place, and when it was used last.
    by_tenant: HashMap<TenantId, (Place, u64)>,
    uses: u64,
    /// How often a tenant's store was replaced, for those that were.
    replaced: HashMap<TenantId, u64>,
}

impl Stores {
    /// The stores that `driver` has.
    #[must_use]
    pub fn new(driver: Box<dyn Driver>, settings: Settings, most_open: usize) -> Self {
        Self {
            driver,
            settings,
            most_open,
            places: Mutex::default(),
        }
    }

    /// Every tenant with a store here. May block.
    pub fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        self.driver.tenants()
    }

    /// See [`Driver::era`].
    pub fn era(&self) -> u64 {
        self.driver.era()
    }

    /// How many stores are open. One that somebody works with counts.
    pub fn open_count(&self) -> usize {
        let places = self.places();
        let open = places.by_tenant.values().filter(|(place, _)| {
            let free = place.try_lock();
            free.is_err() || free.is_ok_and(|guard| guard.is_some())
        });
        open.count()
    }

    /// Works with the tenant of an existing store.
    pub async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &TenantId,
        work: impl FnOnce(&mut Resident) -> T + Send + 'static,
    ) -> Result<T, Undone> {
        self.run(tenant, false, work).await
    }

    /// The same, unless another store has taken the place of the one of that [`Stores::incarnation`].
    pub async fn with_same<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &TenantId,
        incarnation: u64,
        work: impl FnOnce(&mut Resident) -> T + Send + 'static,
    ) -> Result<Option<T>, Undone> {
        let (stores, id) = (Arc::clone(self), tenant.clone());
        let work = move |resident: &mut Resident| {
            (stores.incarnation(&id) == incarnation).then(|| work(resident))
        };
        self.with(tenant, work).await
    }

    /// Which of the stores that were in the tenant's place, one after the other, is there. It stays for whoever
    /// works with the tenant.
    pub fn incarnation(&self, tenant: &TenantId) -> u64 {
        self.places().replaced.get(tenant).copied().unwrap_or(0)
    }

    /// The same as [`Stores::with`], and makes the store if there is none. One in which no tenant was created is removed.
    pub async fn with_new<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &TenantId,
        work: impl FnOnce(&mut Resident) -> T + Send + 'static,
    ) -> Result<T, Undone> {
        self.run(tenant, true, work).await
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &TenantId,
        create: bool,
        work: impl FnOnce(&mut Resident) -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let place = self.place(tenant);
        let guard = timeout(PATIENCE, place.lock_owned())
            .await
            .map_err(|_| Undone::Busy)?;
        let (stores, tenant) = (Arc::clone(self), tenant.clone());
        let outcome = spawn_blocking(move || stores.work(guard, &tenant, create, work)).await;
        self.close_some();
        // The work's own panic is caught inside; only a runtime that ends cancels it.
        outcome.unwrap_or(Err(Undone::Panicked))
    }

    /// Works while the tenant's store is closed, and nobody opens it. What is there after is another store. Not if
    /// the store that is there has a reason against it; one that does not open has none.
    pub async fn while_closed<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &TenantId,
        objection: impl FnOnce(&mut Resident) -> Option<String> + Send + 'static,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, String>, Undone> {
        let mut guard = timeout(PATIENCE, self.place(tenant).lock_owned())
            .await
            .map_err(|_| Undone::Busy)?;
        let (stores, tenant) = (Arc::clone(self), tenant.clone());
        let outcome = spawn_blocking(move || {
            let open = guard.take().filter(|open| (open.usable)());
            if let Some(mut open) = open.or_else(|| stores.open_store(&tenant, false).ok())
                && let Some(why) = objection(&mut open.resident)
            {
                *guard = Some(open);
                return Ok(Err(why));
            }
            *stores.places().replaced.entry(tenant).or_default() += 1;
            let done = catch_unwind(AssertUnwindSafe(work));
            drop(guard);
            done.map(Ok).map_err(|_| Undone::Panicked)
        });
        outcome.await.unwrap_or(Err(Undone::Panicked))
    }

    fn work<T>(
        &self,
        mut guard: OwnedMutexGuard<Option<Open>>,
        tenant: &TenantId,
        create: bool,
        work: impl FnOnce(&mut Resident) -> T,
    ) -> Result<T, Undone> {
        let mut open = match guard.take().filter(|open| (open.usable)()) {
            Some(open) => open,
            None => self.open_store(tenant, create)?,
        };
        // What the work leaves behind when it panics is dropped and not looked at.
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut open.resident)));
        match done {
            Ok(_) if !(open.usable)() => Err(Undone::Lost),
            Ok(done) => {
                if create && matches!(open.resident.resident(), Ok(None)) {
                    drop(open);
                    self.driver.discard(tenant);
                } else {
                    *guard = Some(open);
                }
                Ok(done)
            }
            Err(_) => Err(Undone::Panicked),
        }
    }

    fn open_store(&self, tenant: &TenantId, create: bool) -> Result<Open, Undone> {
        let unopened = |error: StoreError| Undone::Unopened(error.to_string());
        let opened = self.driver.open(tenant, create).map_err(unopened)?;
        let Opened { store, usable } = opened.ok_or(Undone::NoStore)?;
        let resident = Tenant::open(Remembering::new(store), self.settings.clone());
        Ok(Open {
            resident: resident.map_err(unopened)?,
            usable,
        })
    }

    fn place(&self, tenant: &TenantId) -> Place {
        let mut places = self.places();
        places.uses += 1;
        let now = places.uses;
        let (place, used) = places.by_tenant.entry(tenant.clone()).or_default();
        *used = now;
        Arc::clone(place)
    }

    /// Closes the stores that were not used for the longest time when there are too many, and a
    /// sixteenth more, so that this is not to be done for every call.
    fn close_some(self: &Arc<Self>) {
        let mut places = self.places();
        if places.by_tenant.len() <= self.most_open {
            return;
        }
        // Empty places cost nothing to find again. A place is taken from the map under its lock only,
        // so nobody has one that the map alone has.
        places.by_tenant.retain(|_, (place, _)| {
            Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|guard| guard.is_some())
        });
        let keep = self.most_open - self.most_open / 16;
        let too_many = places.by_tenant.len().saturating_sub(keep);
        let mut oldest: Vec<_> = places
            .by_tenant
            .values()
            .map(|(place, used)| (*used, Arc::clone(place)))
            .collect();
        drop(places);
        oldest.sort_by_key(|(used, _)| *used);
        for (_, place) in oldest.into_iter().take(too_many) {
            // Who waits for the place finds it empty and opens the store again, after it was closed.
            if let Ok(mut guard) = place.try_lock_owned() {
                spawn_blocking(move || drop(guard.take()));
            }
        }
    }

    /// Whether what is written is kept. May block.
    pub fn check(&self) -> Result<(), StoreError> {
        self.driver.check()
    }

    /// Closes every store, once nobody works with it any more.
    pub async fn close(self: &Arc<Self>) {
        let all: Vec<Place> = {
            let mut places = self.places();
            places
                .by_tenant
                .drain()
                .map(|(_, (place, _))| place)
                .collect()
        };
        for place in all {
            let mut guard = place.lock_owned().await;
            let closed = spawn_blocking(move || drop(guard.take())).await;
            debug_assert!(closed.is_ok(), "closing does not panic");
        }
        let stores = Arc::clone(self);
        let closed = spawn_blocking(move || stores.driver.close()).await;
        debug_assert!(closed.is_ok(), "closing does not panic");
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
