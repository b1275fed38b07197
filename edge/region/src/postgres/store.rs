//! The store of one tenant: its rows, reached in transactions that were begun for it.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use slotstead_shared::TenantId;
use slotstead_tenant::{
    Store, StoreError,
    store::{Row, Value},
};

use super::{
    Shared,
    connection::Failure,
    pool::Lease,
    reign::{self, Reign},
    sql,
};

/// See the module.
pub struct OneTenant {
    shared: Arc<Shared>,
    reign: Arc<Reign>,
    tenant: TenantId,
    /// An answer was lost: what is stored is not known any more to whoever remembers.
    broken: Arc<AtomicBool>,
    state: RefCell<State>,
}

enum State {
    Outside,
    /// In a transaction in which nothing was asked: mostly all is remembered, and then the database hears
    /// nothing of it.
    Quiet,
    Inside(Box<Inside>),
    /// In a transaction that could not be begun.
    Failed,
}

struct Inside {
    lease: Lease,
    /// A statement was refused. The server commits nothing after that, and would not say so.
    failed: bool,
}

impl OneTenant {
    pub fn new(
        shared: Arc<Shared>,
        reign: Arc<Reign>,
        tenant: TenantId,
        broken: Arc<AtomicBool>,
    ) -> Self {
        Self {
            shared,
            reign,
            tenant,
            broken,
            state: RefCell::new(State::Outside),
        }
    }

    /// Begins a transaction for this tenant. It waits for the end of any other one that was begun for it,
    /// be it one that we gave up. Every statement sees what was committed before it, so also what that one did.
    fn begin(&self) -> Result<Box<Inside>, StoreError> {
        if self.broken.load(Ordering::Acquire) || self.reign.is_over() {
            return Err(reign::over());
        }
        // Where nothing could be asked nothing is known either: the store is opened anew by the next call.
        let lease = self.shared.lease(&self.reign);
        let lease = lease.map_err(|error| self.lost(Failure::Lost(error)))?;
        // An id has letters, digits and an underscore. What is selected is kept without its values where the
        // database counts statements; a SET would be kept with the id.
        let tenant = self.tenant.as_str();
        let begun = lease.connection.batch(&format!(
            "BEGIN; SELECT set_config('slotstead.tenant', '{tenant}', true),
                pg_advisory_xact_lock(hashtextextended('{tenant}', 0))"
        ));
        begun.map_err(|failure| self.lost(failure))?;
        Ok(Box::new(Inside {
            lease,
            failed: false,
        }))
    }

    /// Ends it. Without an answer nobody knows how.
    fn end(&self, inside: Inside, commit: bool) -> Result<(), StoreError> {
        let Inside { lease, failed } = inside;
        if self.broken.load(Ordering::Acquire) {
            // An answer was lost in it. A word more would be waited for in vain; the connection ends instead, and
            // with it the transaction.
            return Err(StoreError("an answer of the database was lost".to_owned()));
        }
        let ended = if commit && !failed {
            lease.connection.commit()
        } else {
            lease.connection.batch("ROLLBACK")
        };
        ended.map_err(|failure| self.lost(failure))?;
        lease.give_back();
        if commit && failed {
            return Err(rolled_back());
        }
        Ok(())
    }

    fn lost(&self, failure: Failure) -> StoreError {
        if let Failure::Lost(_) = failure {
            self.broken.store(true, Ordering::Release);
        }
        failure.into()
    }

    fn ask(
        &self,
        inside: &mut Inside,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        inside
            .lease
            .connection
            .ask(sql, parameters)
            .map_err(|failure| {
                inside.failed = true;
                self.lost(failure)
            })
    }
}

impl Store for OneTenant {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        sql::check(parameters)?;
        let mut state = self.state.borrow_mut();
        match &mut *state {
            State::Inside(inside) => self.ask(inside, sql, parameters),
            State::Failed => Err(rolled_back()),
            State::Quiet => {
                *state = State::Failed;
                let mut inside = self.begin()?;
                let rows = self.ask(&mut inside, sql, parameters);
                *state = State::Inside(inside);
                rows
            }
            State::Outside => {
                let mut inside = self.begin()?;
                let rows = self.ask(&mut inside, sql, parameters);
                self.end(*inside, rows.is_ok())?;
                rows
            }
        }
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        let outer = self.state.replace(State::Quiet);
        debug_assert!(matches!(outer, State::Outside), "transactions do not nest");
        let running = Running(&self.state);
        let commit = work();
        match running.finish() {
            State::Inside(inside) => self.end(*inside, commit),
            State::Failed if commit => Err(rolled_back()),
            State::Quiet | State::Outside | State::Failed => Ok(()),
        }
    }
}

fn rolled_back() -> StoreError {
    StoreError("the transaction was rolled back by the database".to_owned())
}

/// A transaction under way. When it panics its connection ends, and the server rolls back.
struct Running<'a>(&'a RefCell<State>);

impl Running<'_> {
    fn finish(&self) -> State {
        self.0.replace(State::Outside)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        drop(self.finish());
    }
}
