//! How the backup is doing, in figures that name no tenant.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
};

use super::Backup;

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub records: AtomicU64,
    pub bytes: AtomicU64,
    pub snapshots: AtomicU64,
    pub generations: AtomicU64,
    pub failures: AtomicU64,
    pub pruned: AtomicU64,
    /// When the backup of keys was swept last, all of it.
    pub keys_pruned_at: AtomicI64,
}

impl Backup {
    /// How many seconds ago the oldest commit was made that is not in the backup, and how many tenants
    /// have any such.
    pub fn behind(&self) -> (i64, usize) {
        let now = (self.clock)();
        let (mut seconds, mut tenants) = (0, 0);
        for entry in self.entries().values() {
            if let Some(since) = entry.watch.behind_since() {
                seconds = seconds.max(now - since);
                tenants += 1;
            }
        }
        (seconds, tenants)
    }

    /// Whether the last thing that was tried failed.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Relaxed)
    }

    /// Whether the backup keeps up; if not, how far it is behind.
    pub fn state(&self) -> Result<(), String> {
        let (seconds, tenants) = self.behind();
        if seconds <= self.complain_after {
            return Ok(());
        }
        Err(format!(
            "the backup of {tenants} tenants is {seconds} seconds behind"
        ))
    }

    /// The figures of the backup, for the page of figures.
    #[must_use]
    pub fn figures(&self) -> String {
        let (seconds, tenants) = self.behind();
        let figures = &self.figures;
        let mut page = String::new();
        for (name, value) in [
            ("records", &figures.records),
            ("bytes", &figures.bytes),
            ("snapshots", &figures.snapshots),
            ("generations", &figures.generations),
            ("failures", &figures.failures),
            ("pruned_files", &figures.pruned),
        ] {
            let value = value.load(Relaxed);
            let _ = write!(
                page,
                "# TYPE slotstead_backup_{name}_total counter\nslotstead_backup_{name}_total {value}\n"
            );
        }
        for (name, value) in [
            ("lag_seconds", seconds.to_string()),
            ("tenants_behind", tenants.to_string()),
            ("failing", u8::from(self.is_failing()).to_string()),
            (
                "on_same_disk",
                u8::from(self.link.is_on_same_disk()).to_string(),
            ),
            (
                "keys_pruned_at_seconds",
                figures.keys_pruned_at.load(Relaxed).to_string(),
            ),
        ] {
            let _ = write!(
                page,
                "# TYPE slotstead_backup_{name} gauge\nslotstead_backup_{name} {value}\n"
            );
        }
        page
    }
}
