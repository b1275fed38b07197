//! Who has something to be backed up, and when somebody looks at it: a moment after the first commit, so
//! that what is committed within that moment goes together. Who is idle is not in here.

use std::{
    collections::BTreeSet,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use slotstead_shared::TenantId;

use crate::moment::{self, Monotonic};

/// How long commits are gathered.
const TOGETHER: Duration = Duration::from_secs(1);

/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    due: BTreeSet<(Monotonic, TenantId)>,
    busy: usize,
    stopping: bool,
}

impl Queue {
    /// The tenant has something new.
    pub fn add(&self, tenant: &TenantId) {
        self.put(&mut self.state(), tenant, TOGETHER);
    }

    /// The tenant's turn failed. When this is about to stop, it is found at the next start.
    pub fn again(&self, tenant: &TenantId) {
        let mut state = self.state();
        if !state.stopping {
            self.put(&mut state, tenant, RETRY);
        }
    }

    fn put(&self, state: &mut State, tenant: &TenantId, after: Duration) {
        state
            .due
            .insert((moment::monotonic() + after, tenant.clone()));
        self.changed.notify_one();
    }

    /// Waits for a tenant whose time has come. `None` when there will be none any more.
    pub fn take(&self) -> Option<TenantId> {
        let mut state = self.state();
        loop {
            let first = state.due.first().map(|(due, _)| *due);
            let now = moment::monotonic();
            state = match first {
                Some(due) if due <= now || state.stopping => {
                    state.busy += 1;
                    return state.due.pop_first().map(|(_, tenant)| tenant);
                }
                Some(due) => {
                    let waited = self.changed.wait_timeout(state, due - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None if state.stopping => return None,
                None => {
                    let waited = self.changed.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    /// Whoever took a tenant is done with it.
    pub fn done(&self) {
        self.state().busy -= 1;
        self.changed.notify_all();
    }

    /// Everybody's time has come, and nobody waits any more for more. Whether all was done in time.
    pub fn stop(&self, patience: Duration) -> bool {
        let mut state = self.state();
        state.stopping = true;
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, patience, |state| {
            state.busy > 0 || !state.due.is_empty()
        });
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Whether the end comes within this time. Waits for it.
    pub fn ends_within(&self, time: Duration) -> bool {
        let state = self.state();
        let waited = self
            .changed
            .wait_timeout_while(state, time, |state| !state.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
