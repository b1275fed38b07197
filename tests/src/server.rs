//! A running edge with a state directory of its own, and the one that the tests of a binary share.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use xtask::stack::{Options, Stack};

use crate::client::Client;

/// A directory that is removed when its owner is dropped.
#[derive(Debug)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// A new, empty directory under cargo's target directory.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = xtask::paths::target()
            .join("slotstead-tests")
            .join(format!("{name}-{}-{count}", process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("cargo's target directory can be written to");
        Self(dir)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running edge. Dropping it stops the process, then removes its state.
pub struct Server {
    /// The process.
    pub stack: Stack,
    _state: StateDir,
}

impl Server {
    /// Starts one; `change` may alter the options of a development stack with wide limits.
    #[must_use]
    pub fn start(name: &str, change: impl FnOnce(Options) -> Options) -> Self {
        let state = StateDir::new(name);
        let options = Options::new(state.path()).wide_rate_limits();
        let stack = Stack::start(change(options))
            .unwrap_or_else(|error| panic!("the edge did not start: {error:#}"));
        Self {
            stack,
            _state: state,
        }
    }

    /// The server that the tests of this binary share: a development stack with wide limits, and all
    /// three regions.
    ///
    /// It stops when the last test that holds it ends. A static that held it itself would never
    /// be dropped, and workerd would outlive the tests.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start("shared", Options::with_canberra));
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// A client for one test.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.stack.origin(), self.stack.operator_key())
    }
}
