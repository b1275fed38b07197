//! The native driver: a store in one SQLite database, in memory or in a file.
//!
//! A file is opened with a write-ahead log and `synchronous=FULL`: a commit that was
//! answered is on the disk. One `Sqlite` owns its connection, and a file is locked for it:
//! nobody else writes, and nobody else reads what is not whole.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    Connection, config::DbConfig, hooks::Wal, limits::Limit, params_from_iter, types::ValueRef,
    wal::CheckpointMode,
};

use super::{PARAMETERS, Row, Store, StoreError, Value, in_range};

/// Statements kept prepared: all that the tenant has, and room.
const PREPARED: usize = 200;

/// Who decides when the log of a store is emptied into its database, because they copy it elsewhere.
pub trait Log: Send + 'static {
    /// A transaction was committed: the log has this many frames, all of them committed. Whether to
    /// empty it now.
    fn committed(&mut self, frames: u32) -> bool;

    /// Whether the log was emptied after [`Log::committed`] asked for it. If not, the database may hold
    /// some of it already.
    fn emptied(&mut self, done: bool);
}

/// The log beside a database.
#[must_use]
pub fn log_of(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    name.into()
}

/// A store over rusqlite.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// An empty store that vanishes with this value.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::over(Connection::open_in_memory()?)
    }

    /// The store in this file, created if there is none. An error while another one has it.
    pub fn in_file(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        // Whoever else has the file keeps it: to wait for that would take a caller's time.
        connection.busy_timeout(Duration::ZERO)?;
        // As long as it is not known that what is in the log is on the disk, and whose it is to empty it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // Before the first reading of a file with a log, so that no memory is shared for it either.
        let _: String =
            connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get(0))?;
        // The pragma answers with the mode that it reached.
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError(format!("the journal mode is {mode}, not wal")));
        }
        connection.execute_batch("PRAGMA synchronous = FULL")?;
        // The file is locked for us, so nobody else writes it meanwhile.
        write_again(&log_of(path))
            .map_err(|error| StoreError(format!("the log cannot be written: {error}")))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Self::over(connection)
    }

    /// Leaves it to `log` when the log is emptied. Closing the store empties it no more.
    pub fn keep_log(&mut self, mut log: impl Log) -> Result<(), StoreError> {
        self.connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // It takes the place of the hook by which SQLite empties the log itself.
        self.connection
            .wal_hook(Some(move |wal: &mut Wal, frames| {
                if log.committed(u32::try_from(frames).unwrap_or(0)) {
                    let emptied = wal.checkpoint_v2(CheckpointMode::TRUNCATE);
                    log.emptied(emptied.is_ok_and(|left| left == (0, 0)));
                }
                // An error would make a commit that is kept look as if it were not.
                Ok(())
            }))?;
        Ok(())
    }

    /// Empties the log into the database. Whether nothing is left in it.
    #[must_use]
    pub fn empty_log(&self) -> bool {
        let emptied = self
            .connection
            .wal_checkpoint_v2(None::<&str>, CheckpointMode::TRUNCATE);
        emptied.is_ok_and(|left| left == (0, 0))
    }

    fn over(connection: Connection) -> Result<Self, StoreError> {
        // What a Durable Object refuses must not work here: the same tenant runs in both.
        let parameters = i32::try_from(PARAMETERS).unwrap_or(i32::MAX);
        connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, parameters)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        // One plan for each statement, whatever its parameters: without this SQLite parses many
        // of them again at every call, to look at the values first.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { connection })
    }
}

impl Store for Sqlite {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        for parameter in parameters {
            if let Value::Integer(number) = parameter {
                in_range(*number)?;
            }
        }
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| read(row.get_ref(column)?));
            answer.push(values.collect::<Result<Row, StoreError>>()?);
        }
        Ok(answer)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        // Rolls back when it is dropped, so also when `work` panics.
        let transaction = self.connection.unchecked_transaction()?;
        let commit = work();
        if self.connection.is_autocommit() {
            // SQLite rolls back by itself on a full disk or an I/O error.
            return Err(StoreError(
                "the transaction was rolled back by the database".to_owned(),
            ));
        }
        if commit {
            transaction.commit()?;
        } else {
            transaction.rollback()?;
        }
        Ok(())
    }
}

/// Writes a log that was left behind once more, as it is, through to the disk.
///
/// After a flush that failed, the system may hold as clean what never reached the disk. What was refused
/// then would be read from there as if it had been committed, the next commits would be written behind it,
/// and a power cut would take all of them. Only what is written anew is surely flushed.
fn write_again(log: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    if file.read_to_end(&mut bytes)? == 0 {
        return Ok(());
    }
    // By this a backup knows when the last commit was.
    let modified = file.metadata()?.modified()?;
    file.rewind()?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    file.set_modified(modified)
}

fn read(value: ValueRef<'_>) -> Result<Value, StoreError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => in_range(number).map(Value::Integer),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(StoreError("a stored text is not UTF-8".to_owned())),
        },
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError(
            "a stored value is neither an integer nor a text".to_owned(),
        )),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(rusqlite::types::Null.into()),
            Self::Integer(number) => Ok((*number).into()),
            Self::Text(text) => Ok(text.as_str().into()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    /// SQLite's own words name tables and columns, never values.
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::INTEGER_MAX, *};

    fn store() -> Sqlite {
        let store = Sqlite::in_memory().unwrap();
        store.run("CREATE TABLE t (a BIGINT, b TEXT)", &[]).unwrap();
        store
    }

    fn rows(store: &Sqlite) -> Vec<Row> {
        store.run("SELECT a, b FROM t ORDER BY a", &[]).unwrap()
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let store = store();
        let row = vec![
            Value::Integer(-INTEGER_MAX),
            Value::Text("Åse's \"?1\"".to_owned()),
        ];
        store.run("INSERT INTO t VALUES (?1, ?2)", &row).unwrap();
        store
            .run(
                "INSERT INTO t VALUES (?1, ?2)",
                &[1_i64.into(), Value::Null],
            )
            .unwrap();
        assert_eq!(rows(&store), [row, vec![Value::Integer(1), Value::Null]]);
    }

    #[test]
    fn integers_that_another_store_would_bend_are_refused() {
        let store = store();
        let too_large = [Value::Integer(INTEGER_MAX + 1), Value::Null];
        assert!(
            store
                .run("INSERT INTO t VALUES (?1, ?2)", &too_large)
                .is_err()
        );
        assert!(store.run("SELECT 9007199254740992", &[]).is_err());
        assert!(store.run("SELECT 1.5", &[]).is_err());
    }

    #[test]
    fn a_transaction_keeps_all_or_nothing() {
        let store = store();
        let insert = |a: i64| {
            store
                .run("INSERT INTO t VALUES (?1, NULL)", &[a.into()])
                .unwrap();
        };
        store
            .transaction(&mut || {
                insert(1);
                true
            })
            .unwrap();
        store
            .transaction(&mut || {
                insert(2);
                false
            })
            .unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.transaction(&mut || {
                insert(3);
                panic!("on purpose")
            })
        }));
        assert!(panicked.is_err());
        store
            .transaction(&mut || {
                insert(4);
                true
            })
            .unwrap();
        assert_eq!(rows(&store).len(), 2);
    }

    #[test]
    fn a_file_survives_its_store() {
        let folder = std::env::temp_dir().join(format!("slotstead-sqlite-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("store.sqlite");
        {
            let store = Sqlite::in_file(&path).unwrap();
            store.run("CREATE TABLE t (a BIGINT, b TEXT)", &[]).unwrap();
            store.run("INSERT INTO t VALUES (7, NULL)", &[]).unwrap();
            let second = Sqlite::in_file(&path).expect_err("the file is taken");
            assert!(second.0.contains("locked"), "{second}");
        }
        assert_eq!(rows(&Sqlite::in_file(&path).unwrap()).len(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
