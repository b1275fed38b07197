//! What drives the connections: threads of the driver's own.
//!
//! Whoever asks a store blocks a thread of the server meanwhile. Connections must not be made with what is
//! left of those threads: a name is looked up on a thread too, and behind callers that all wait for a
//! connection it would never have its turn.

use slotstead_tenant::StoreError;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads that read and write for all connections.
const THREADS: usize = 2;

/// See the module. It may be dropped anywhere: what is under way is cut off and not waited for.
pub struct Driving(Option<Runtime>, Handle);

impl Driving {
    /// Starts them.
    pub fn start() -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("database")
            .enable_all()
            .build()
            .map_err(|error| StoreError(format!("no threads for the database: {error}")))?;
        let handle = runtime.handle().clone();
        Ok(Self(Some(runtime), handle))
    }

    /// Where to run what is about a connection.
    pub const fn handle(&self) -> &Handle {
        &self.1
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
