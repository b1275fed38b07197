//! The driver of stores that are backed up: files, whose logs are emptied when the backup allows it.

use std::{fs, io, sync::Arc, time::Duration};

use slotstead_shared::TenantId;
use slotstead_tenant::{
    Store, StoreError,
    store::{
        Row, Value,
        sqlite::{Log, Sqlite},
    },
};

use super::{Backup, Clock, watch::Watch};
use crate::stores::{Driver, Files, Opened};

/// See the module.
pub struct BackedUp {
    files: Files,
    backup: Arc<Backup>,
    /// How long stopping waits for the backup.
    patience: Duration,
}

impl BackedUp {
    /// Files that `backup` backs up.
    #[must_use]
    pub fn new(files: Files, backup: Arc<Backup>, patience: Duration) -> Self {
        Self {
            files,
            backup,
            patience,
        }
    }

    fn open_kept(&self, tenant: &TenantId) -> Result<Kept, StoreError> {
        let watch = Arc::clone(&self.backup.entry(tenant).watch);
        let in_words = |error: io::Error| StoreError(error.to_string());
        // Before SQLite locks it, so that nobody can be the last to let go of it while it is locked.
        let known = match watch.file() {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(in_words(error)),
        };
        let mut held = Held {
            watch: Arc::clone(&watch),
            file: known,
        };
        let mut store = Sqlite::in_file(&watch.path)?;
        if held.file.is_none() {
            held.file = Some(watch.file().map_err(in_words)?);
        }
        watch.opened();
        store.keep_log(Hook {
            watch,
            clock: Arc::clone(&self.backup.clock),
        })?;
        Ok(Kept {
            backup: Arc::clone(&self.backup),
            store,
            held,
        })
    }
}

impl Driver for BackedUp {
    fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        self.files.tenants()
    }

    fn open(&self, tenant: &TenantId, create: bool) -> Result<Option<Opened>, StoreError> {
        if !create && !self.files.path(tenant).exists() {
            return Ok(None);
        }
        Ok(Some(Opened {
            store: Box::new(self.open_kept(tenant)?),
            usable: Box::new(|| true),
        }))
    }

    fn discard(&self, tenant: &TenantId) {
        self.files.discard(tenant);
        self.backup.entry(tenant).watch.gone();
    }

    fn check(&self) -> Result<(), StoreError> {
        self.files.check()
    }

    fn close(&self) {
        self.backup.stop(self.patience);
        self.files.close();
    }
}

/// A store whose log is emptied when it is closed, if that is allowed.
struct Kept {
    backup: Arc<Backup>,
    /// Closed before the file below is let go.
    store: Sqlite,
    held: Held,
}

impl Store for Kept {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.store.run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.store.transaction(work)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let watch = &self.held.watch;
        // What is emptied now is in memory until it is in the backup: not while that may take long.
        if !self.backup.is_failing() && watch.may_close_empty() {
            let emptied = self.store.empty_log();
            watch.emptied(emptied, (self.backup.clock)());
        }
    }
}

/// Tells a watch what its store does.
struct Hook {
    /// The watch.
    watch: Arc<Watch>,
    /// The clock.
    clock: Clock,
}

impl Log for Hook {
    fn committed(&mut self, frames: u32) -> bool {
        self.watch.committed(frames, (self.clock)())
    }

    fn emptied(&mut self, done: bool) {
        self.watch.emptied(done, (self.clock)());
    }
}

/// The database's file, held open.
struct Held {
    watch: Arc<Watch>,
    file: Option<Arc<fs::File>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            self.watch.let_go(file);
        }
    }
}
