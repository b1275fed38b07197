//! Locks between processes: files that are locked while somebody works, free when they end, however
//! they end.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::say::Step;

/// Takes the lock, or `None` when somebody else has it. Held until it is dropped.
pub fn take(file: &Path) -> Result<Option<File>> {
    let what = || format!("{} cannot be locked", file.display());
    let lock = File::create(file).with_context(what)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).with_context(what),
    }
}

/// Takes the lock, and says that it waits for `whom` while it does.
pub fn wait_for(file: &Path, whom: &str) -> Result<File> {
    let mut waiting: Option<Step> = None;
    loop {
        if let Some(lock) = take(file)? {
            if let Some(step) = waiting {
                step.done();
            }
            return Ok(lock);
        }
        waiting
            .get_or_insert_with(|| Step::begin(&format!("Waiting for {whom}")))
            .tick();
        thread::sleep(Duration::from_millis(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let file = std::env::temp_dir().join(format!("slotstead-lock-{}", std::process::id()));
        let held = take(&file).unwrap();
        assert!(held.is_some());
        assert!(take(&file).unwrap().is_none());
        drop(held);
        assert!(take(&file).unwrap().is_some());
        std::fs::remove_file(file).unwrap();
    }
}
