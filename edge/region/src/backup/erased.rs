//! Whoever was erased stays erased, also when an older store takes the place of a newer one: the keys are not
//! restored with it, and the restored store is told to look at them.

use std::path::Path;

use slotstead_shared::TenantId;
use slotstead_tenant::{
    Settings, Store, Tenant, host,
    store::{
        remembering::Remembering,
        sqlite::{Sqlite, log_of},
    },
};

use crate::moment;

/// Tells the tenant whose store was restored to `path` that it was.
pub fn tell(path: &Path, tenant: &TenantId) -> Result<(), String> {
    let store = Sqlite::in_file(path).map_err(|error| error.to_string())?;
    tell_in(store, tenant)?;
    // What was written is in the file itself, which is moved without a log.
    if log_of(path).exists() {
        return Err("the restored store kept a log".to_owned());
    }
    Ok(())
}

/// Tells the tenant in its restored store. What it does about it is in its outbox, so that the region server
/// carries it out whenever it opens the store.
pub fn tell_in(store: impl Store, tenant: &TenantId) -> Result<(), String> {
    let mut resident = Tenant::open(Remembering::new(store), Settings::default())
        .map_err(|error| format!("the restored store does not open: {error}"))?;
    match resident.resident().map_err(|error| error.to_string())? {
        Some(found) if found == *tenant => {}
        Some(_) => return Err("another tenant lives in the restored store".to_owned()),
        // As it was before the tenant signed up.
        None => return Ok(()),
    }
    let moment = moment::moment().map_err(|error| error.to_string())?;
    host::check_keys(&mut resident, moment).map_err(|refusal| refusal.to_string())
}
