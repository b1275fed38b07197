//! What a driver of stores does: files here, a database elsewhere.

use slotstead_shared::TenantId;
use slotstead_tenant::{Store, StoreError};

/// A store of any driver.
pub type AnyStore = Box<dyn Store + Send>;

/// A store that was opened, and whether it may be used still.
pub struct Opened {
    /// The store.
    pub store: AnyStore,
    /// Asked before each use. When it says no, the store is dropped with all that is remembered of it.
    pub usable: Box<dyn Fn() -> bool + Send>,
}

/// Where the stores of a region are. Everything here may block.
///
/// As long as a driver lives, no other process writes to its stores. It need not keep two callers from one
/// store: [`super::Stores`] does.
pub trait Driver: Send + Sync {
    /// Every tenant with a store here.
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError>;

    /// Opens the tenant's store. Where there is none, it is made if `create` says so.
    fn open(&self, tenant: &TenantId, create: bool) -> Result<Option<Opened>, StoreError>;

    /// Removes the closed store of a tenant that was not created. If it stays, it is found empty.
    fn discard(&self, tenant: &TenantId);

    /// Whether what is written is kept.
    fn check(&self) -> Result<(), StoreError>;

    /// Changes when somebody else may have written, or what was written was lost: what is remembered of all
    /// tenants is in doubt.
    fn era(&self) -> u64 {
        0
    }

    /// Lets go of everything, once every store is closed.
    fn close(&self) {}
}
