//! An SQLite store in memory that fails when it is told to, and writes down what it is asked.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use slotstead_tenant::{
    Store, StoreError,
    store::{Row, Value, sqlite::Sqlite},
};

/// How a store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The n-th step from now (counted from 1) fails, whether a statement or a commit; a failed
    /// commit keeps nothing.
    AtStep(u32),
    /// The next commit of a transaction is kept, and reported as failed.
    AfterCommit,
}

/// A statement and its parameters.
pub type Asked = (String, Vec<Value>);

/// What a test tells its store, and is told by it.
#[derive(Default)]
pub struct Controls {
    pub fault: Cell<Option<Fault>>,
    pub failed: Cell<bool>,
    pub log: RefCell<Option<Vec<Asked>>>,
}

impl Controls {
    /// Counts a step; whether it fails.
    fn step(&self) -> Result<(), StoreError> {
        match self.fault.get() {
            Some(Fault::AtStep(1)) => {
                self.fault.set(None);
                self.failed.set(true);
                Err(StoreError("failed on purpose".to_owned()))
            }
            Some(Fault::AtStep(steps)) => {
                self.fault.set(Some(Fault::AtStep(steps - 1)));
                Ok(())
            }
            Some(Fault::AfterCommit) | None => Ok(()),
        }
    }
}

/// An SQLite store in memory that fails when it is told to.
pub struct TestStore {
    pub sqlite: Rc<Sqlite>,
    pub controls: Rc<Controls>,
}

impl Store for TestStore {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.controls.step()?;
        if let Some(log) = self.controls.log.borrow_mut().as_mut() {
            log.push((sql.to_owned(), parameters.to_vec()));
        }
        self.sqlite.run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.controls.step()?;
        let mut commit = Ok(());
        let mut committed = false;
        self.sqlite.transaction(&mut || {
            let wanted = work();
            if wanted {
                commit = self.controls.step();
            }
            committed = wanted && commit.is_ok();
            committed
        })?;
        commit?;
        if committed && self.controls.fault.get() == Some(Fault::AfterCommit) {
            self.controls.fault.set(None);
            self.controls.failed.set(true);
            return Err(StoreError(
                "failed on purpose, after keeping the write".to_owned(),
            ));
        }
        Ok(())
    }
}
