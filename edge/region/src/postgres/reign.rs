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
    connection::{Connection, Failure, GONE},
    schema,
};
use crate::moment::{Monotonic, monotonic};

/// The lock's key, for whoever looks at `pg_locks`: "slot", "cast".
const KEY: &str = "1936486260, 1667330932";

/// How long a server that starts asks for the lock, ten times a second: the one before it may have just been
/// killed, and the database may still be finishing what it was told last, or have to find out that the
/// machine is gone. The database itself may be just starting.
pub const USUAL_PATIENCE: Duration = Duration::from_secs(GONE.as_secs() + 4);
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
    /// Begins one. Asks for the database and its lock until `patience` is over, and once at least.
    pub fn begin(
        database: &Database,
        region: Region,
        runtime: &Handle,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let until = monotonic() + patience;
        let (mut keeper, over) = reached(database, runtime, until)?;
        fit(&keeper, database.connections)?;
        while !locked(&keeper, "pg_try_advisory_lock")? {
            if monotonic() >= until {
                return Err(taken(&keeper)?);
            }
            sleep(ASK_AGAIN);
        }
        keeper.be_patient(true)?;
        schema::make_own(&keeper, region)?;
        let mut rows = keeper.ask(
            "UPDATE slotstead_region.reign SET epoch = epoch + 1
             RETURNING epoch, (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint",
            &[],
        )?;
        schema::bring_up_to_date(&keeper)?;
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
    let connection = Connection::open(database, runtime, Arc::default())?;
    fit(&connection, database.connections)
}

/// The first connection of a reign, and what becomes true with its end.
fn reached(
    database: &Database,
    runtime: &Handle,
    until: Monotonic,
) -> Result<(Connection, Arc<AtomicBool>), StoreError> {
    loop {
        let over = Arc::new(AtomicBool::new(false));
        match Connection::open(database, runtime, Arc::clone(&over)) {
            Err(Failure::Lost(_)) if monotonic() < until => sleep(ASK_AGAIN),
            opened => return Ok((opened?, over)),
        }
    }
}

/// Says who holds the lock, by the database's own views: the one that waits for a standby, or else the
/// oldest. It may be a session that a server left behind, ours too.
fn taken(connection: &Connection) -> Result<StoreError, StoreError> {
    let holders = connection.ask(
        &format!(
            "SELECT concat(a.application_name,
                ' from ' || CASE WHEN a.client_addr IS NOT DISTINCT FROM inet_client_addr()
                    THEN 'this machine' ELSE host(a.client_addr) END,
                ' since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'),
                ', process ', a.pid,
                CASE a.wait_event WHEN 'SyncRep' THEN ', whose commit waits for a standby' END),
                count(*) OVER ()
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (l.classid::bigint, l.objid::bigint) = ({KEY})
            ORDER BY (a.wait_event = 'SyncRep') IS TRUE DESC, a.backend_start LIMIT 1"
        ),
        &[],
    )?;
    let who = match holders.first().map(|row| &row[..]) {
        Some([Value::Text(one), Value::Integer(1)]) => format!(": {one}"),
        Some([Value::Text(one), Value::Integer(all)]) => format!(": {one}, and {} more", all - 1),
        _ => String::new(),
    };
    let detail = "the database is used by another region server, or by sessions that one left";
    Ok(StoreError(format!("{detail}{who}")))
}

fn locked(connection: &Connection, function: &str) -> Result<bool, StoreError> {
    let sql = format!("SELECT CASE WHEN {function}({KEY}) THEN 1 ELSE 0 END");
    Ok(connection.ask(&sql, &[])? == [[Value::Integer(1)]])
}

/// What a database must be, each with what to say where it is not. `?1` is how many sessions there will be.
const FITNESS: [(&str, &str); 9] = [
    (
        "current_setting('server_version_num')::bigint >= 150000",
        "is older than PostgreSQL 15",
    ),
    (
        "current_setting('transaction_read_only') = 'off'",
        "cannot be written to: it is a standby, or default_transaction_read_only is on",
    ),
    (
        "EXISTS (SELECT 1 FROM pg_database WHERE datname = current_database()
            AND pg_has_role(datdba, 'USAGE'))
         AND NOT EXISTS (SELECT 1 FROM pg_class WHERE NOT pg_has_role(relowner, 'USAGE')
            AND relnamespace::regnamespace::text IN ('slotstead', 'slotstead_region'))",
        "or something in it is not owned by the role",
    ),
    (
        "?1 <= LEAST(
            current_setting('max_connections')::bigint
                - current_setting('superuser_reserved_connections')::bigint
                - COALESCE(current_setting('reserved_connections', true)::bigint, 0),
            (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
            (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database()))",
        "allows fewer sessions than `connections` and one more (max_connections, or a limit of the role or the \
         database)",
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

fn fit(connection: &Connection, connections: usize) -> Result<(), StoreError> {
    // The one that reigns has one of its own.
    let sessions = (connections + 1).to_string();
    let mut wrong = Vec::new();
    for (holds, otherwise) in FITNESS {
        let holds = holds.replace("?1", &sessions);
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
