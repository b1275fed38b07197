//! Ctrl-C and its relatives: whatever we started ends with us.

use std::{
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use anyhow::Result;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::stack;

static ASKED: AtomicBool = AtomicBool::new(false);
static IN_ORDER: AtomicBool = AtomicBool::new(false);

/// Listens from now on. A signal ends this process at once, what it started first, unless
/// [`end_in_order`] was called: then the first one only sets [`asked_to_end`].
pub fn listen() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let again = ASKED.swap(true, Ordering::SeqCst);
            if again || !IN_ORDER.load(Ordering::SeqCst) {
                stack::stop_all();
                process::exit(128 + signal);
            }
        }
    });
    Ok(())
}

/// Whether a signal has come.
#[must_use]
pub fn asked_to_end() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// From now on the caller watches [`asked_to_end`] and cleans up itself.
pub fn end_in_order() {
    IN_ORDER.store(true, Ordering::SeqCst);
}
