//! When which tenant has an effect due. Kept in memory; the stores know it too, and are asked at the start.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use slotstead_shared::{TenantId, UnixSeconds};
use tokio::sync::Notify;

/// See the module.
#[derive(Debug, Default)]
pub struct Timer {
    plan: Mutex<Plan>,
    /// Something is due earlier than before.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Plan {
    by_time: BTreeSet<(UnixSeconds, TenantId)>,
    by_tenant: HashMap<TenantId, UnixSeconds>,
    /// Whose effects are being carried out: they look themselves for what becomes due.
    at_work: HashSet<TenantId>,
}

impl Timer {
    /// From now on the tenant's next effect is due at `due`, or there is none.
    pub fn set(&self, tenant: &TenantId, due: Option<UnixSeconds>) {
        self.plan().set(tenant, due);
        self.changed.notify_one();
    }

    /// The tenants with something due at `now`. Each is at work until [`Timer::rest`].
    pub fn take_due(&self, now: UnixSeconds) -> Vec<TenantId> {
        let mut plan = self.plan();
        let due: Vec<TenantId> = plan
            .by_time
            .iter()
            .take_while(|(due, _)| *due <= now)
            .map(|(_, tenant)| tenant.clone())
            .collect();
        for tenant in &due {
            plan.set(tenant, None);
            plan.at_work.insert(tenant.clone());
        }
        due
    }

    /// The tenant's effects are carried out; the next one is due at `due`.
    pub fn rest(&self, tenant: &TenantId, due: Option<UnixSeconds>) {
        let mut plan = self.plan();
        plan.at_work.remove(tenant);
        plan.set(tenant, due);
        drop(plan);
        self.changed.notify_one();
    }

    /// When the next tenant has something due.
    pub fn next(&self) -> Option<UnixSeconds> {
        self.plan().by_time.first().map(|(due, _)| *due)
    }

    /// Waits until something was planned.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Tenants that have an effect planned or under way.
    pub fn waiting(&self) -> usize {
        let plan = self.plan();
        plan.by_tenant.len() + plan.at_work.len()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    fn set(&mut self, tenant: &TenantId, due: Option<UnixSeconds>) {
        if let Some(planned) = self.by_tenant.remove(tenant) {
            self.by_time.remove(&(planned, tenant.clone()));
        }
        if let Some(due) = due.filter(|_| !self.at_work.contains(tenant)) {
            self.by_tenant.insert(tenant.clone(), due);
            self.by_time.insert((due, tenant.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use slotstead_shared::Region;

    use super::*;

    fn tenant(number: u8) -> TenantId {
        TenantId::assemble(Region::Cbr, [number; 16], |_| [0; 10])
    }

    #[test]
    fn who_is_due_is_taken_once_until_they_rest() {
        let timer = Timer::default();
        timer.set(&tenant(1), Some(10));
        timer.set(&tenant(2), Some(5));
        timer.set(&tenant(2), Some(20));
        assert_eq!((timer.next(), timer.waiting()), (Some(10), 2));
        assert_eq!(timer.take_due(10), [tenant(1)]);
        // A command of a tenant at work plans nothing: those at work look themselves.
        timer.set(&tenant(1), Some(11));
        assert!(timer.take_due(15).is_empty());
        timer.rest(&tenant(1), Some(30));
        assert_eq!(timer.take_due(30), [tenant(2), tenant(1)]);
        timer.rest(&tenant(1), None);
        assert_eq!((timer.next(), timer.waiting()), (None, 1));
    }
}
