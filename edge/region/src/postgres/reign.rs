//! The reign: from the moment when nobody else can write to the region's stores until that is no longer sure.
//!
//! The lock is an advisory one of the database, held by sessions. Whoever begins a reign holds it alone for
//! a moment, so nobody else has a connection at work; raises the number of the reign; brings the schema up to
//! date; and keeps the lock in shared mode from then on, as each further connection of the reign does. A
//! pooler that hands sessions around would break this, so there must be none in between.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use slotstead_shared::Region;
use slotstead_tenant::{
    StoreError,
    store::{Row, Value},
};
use tokio::runtime::Handle;

use super::{
    Database,
    connection::{Connection, Failure},
    schema,
};

/// The lock's key, for whoever looks at `pg_locks`: "slot", "cast".
const KEY: &str = "1936486260, 1667330932";

/// How often a server that starts asks for the lock, ten times a second: the one before it may have just been
/// killed, and the database may still be finishing what it was told last.
pub const USUAL_ASKS: u32 = 100;
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// See the module.
pub struct Reign {
    /// Its number, and when the database server was started that gave it.
    name: Row,
    over: Arc<AtomicBool>,
    /// The connection that holds the lock for the whole of the reign.
    keeper: Mutex<Option<Connection>>,
}

impl Reign {
    /// Begins one. Asks for the lock so often at most.
    pub fn begin(
        database: &Database,
        region: Region,
        runtime: &Handle,
        asks: u32,
    ) -> Result<Self, StoreError> {
        let over = Arc::new(AtomicBool::new(false));
        let mut keeper = Connection::open(database, runtime, Arc::clone(&over))?;
        fit(&keeper)?;
        let mut asked = 1;
        while !locked(&keeper, "pg_try_advisory_lock")? {
            if asked == asks {
                let detail = "the database is used by another region server";
                return Err(StoreError(detail.to_owned()));
            }
            asked += 1;
            sleep(ASK_AGAIN);
        }
        keeper.be_patient(true)?;
        schema::make_own(&keeper, region)?;
        let mut rows = keeper.ask(
            "UPDATE slotstead_region.reign SET epoch = epoch + 1
             RETURNING epoch, (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint",
            &[],
        )?;
        let mut keeper = schema::bring_up_to_date(keeper)?;
        keeper.be_patient(false)?;
        // A session's own locks do not stand in its way.
        keeper.batch(&format!("SELECT pg_advisory_lock_shared({KEY})"))?;
        keeper.batch(&format!("SELECT pg_advisory_unlock({KEY})"))?;
        Ok(Self {
            name: rows.pop().unwrap_or_default(),
            over,
            keeper: Mutex::new(Some(keeper)),
        })
    }

    /// Whether it is no longer sure that nobody else reigns.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Ends it.
    pub fn abdicate(&self) {
        self.over.store(true, Ordering::Release);
        self.keeper().take();
    }

    /// Another connection of this reign. An error once it is over.
    pub fn connection(
        &self,
        database: &Database,
        runtime: &Handle,
    ) -> Result<Connection, StoreError> {
        let connection = Connection::open(database, runtime, Arc::default())?;
        // The lock comes before the look: whoever begins a reign after the look has to wait for this
        // connection to end.
        let name = if locked(&connection, "pg_try_advisory_lock_shared")? {
            connection.ask(
                "SELECT epoch, (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
                 FROM slotstead_region.reign",
                &[],
            )?
        } else {
            Vec::new()
        };
        if name.first() != Some(&self.name) || self.is_over() {
            self.abdicate();
            return Err(over());
        }
        Ok(connection)
    }

    /// Asks something that is no tenant's.
    pub fn ask(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let keeper = self.keeper();
        let asked = keeper.as_ref().ok_or_else(over)?.ask(sql, parameters);
        drop(keeper);
        if let Err(Failure::Lost(_)) = asked {
            self.abdicate();
        }
        Ok(asked?)
    }

    fn keeper(&self) -> MutexGuard<'_, Option<Connection>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a store says whose reign is over.
pub(super) fn over() -> StoreError {
    StoreError("the database was taken by another region server, or started anew".to_owned())
}

/// Whether the database could be used. Changes nothing.
pub fn look(database: &Database, runtime: &Handle) -> Result<(), StoreError> {
    fit(&Connection::open(database, runtime, Arc::default())?)
}

fn locked(connection: &Connection, function: &str) -> Result<bool, StoreError> {
    let sql = format!("SELECT CASE WHEN {function}({KEY}) THEN 1 ELSE 0 END");
    Ok(connection.ask(&sql, &[])? == [[Value::Integer(1)]])
}

/// What a database must be, each with what to say where it is not.
const FITNESS: [(&str, &str); 7] = [
    (
        "current_setting('server_version_num')::bigint >= 150000",
        "is older than PostgreSQL 15",
    ),
    (
        "NOT pg_is_in_recovery()",
        "is a standby, which cannot be written to",
    ),
    (
        "current_setting('server_encoding') = 'UTF8'",
        "is not encoded in UTF8",
    ),
    // As SQLite compares, so that every driver gives the same bytes.
    (
        "'a-c' < 'ab' AND 'B' < 'a' AND lower('\u{c5}B') = '\u{c5}b'",
        "does not have LC_COLLATE and LC_CTYPE \"C\"",
    ),
    (
        "current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'",
        "runs with fsync or full_page_writes off: what is acknowledged would not be kept",
    ),
    (
        "NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)",
        "is used by a superuser or with BYPASSRLS, which row security does not hold back",
    ),
    (
        "EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist')",
        "has no extension btree_gist (on Debian it is in postgresql-15)",
    ),
];

fn fit(connection: &Connection) -> Result<(), StoreError> {
    let mut wrong = Vec::new();
    for (holds, otherwise) in FITNESS {
        let sql = format!("SELECT CASE WHEN {holds} THEN 1 ELSE 0 END");
        if connection.ask(&sql, &[])? != [[Value::Integer(1)]] {
            wrong.push(otherwise);
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(StoreError(format!("the database {}", wrong.join("; it "))))
    }
}
