//! One connection: opened with the settings that everything here relies on, asked with a deadline.

use std::{
    cell::RefCell,
    collections::HashMap,
    error::Error as _,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use slotstead_tenant::{
    StoreError,
    store::{Row, Value},
};
use tokio::{runtime::Handle, time::timeout};
use tokio_postgres::{Client, Statement, error::Severity, types::ToSql};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Database,
    sql::{self, Parameter},
};

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take. The server gives up before, see [`SETTINGS`], so that mostly its reason is told.
const ANSWER: Duration = Duration::from_secs(6);
/// The same while the schema is brought up to date.
const LONG_ANSWER: Duration = Duration::from_mins(10);

/// Statements kept prepared. Lists of every length make more than there are statements.
const PREPARED: usize = 256;

/// What is said once on each connection. Commits are on the disk before they are acknowledged, whatever the
/// server's own configuration says. Plans are made once, as SQLite's are.
const SETTINGS: &str = "
    SET synchronous_commit = on;
    SET search_path = slotstead;
    SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = off;
    SET standard_conforming_strings = on;
    SET client_min_messages = warning;
    SET jit = off;
    SET lock_timeout = '4s';
    SET statement_timeout = '5s';
    SET idle_in_transaction_session_timeout = '10s'";

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The server refused the statement; the connection is as good as before.
    Refused(StoreError),
    /// Nobody knows what became of the statement.
    Lost(StoreError),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) | Failure::Lost(error) => error,
        }
    }
}

/// See the module. Its methods block.
pub struct Connection {
    client: Client,
    runtime: Handle,
    statements: RefCell<HashMap<String, Statement>>,
    answer: Duration,
}

impl Connection {
    /// Connects. `ended` becomes true when the connection ends.
    pub fn open(
        database: &Database,
        runtime: &Handle,
        ended: Arc<AtomicBool>,
    ) -> Result<Self, StoreError> {
        let tls = MakeRustlsConnect::new((*database.tls).clone());
        let connected =
            runtime.block_on(async { timeout(CONNECT, database.config.connect(tls)).await });
        let (client, connection) = match connected {
            Ok(Ok(both)) => both,
            Ok(Err(error)) => return Err(in_words(&error)),
            Err(_) => return Err(StoreError("the database does not answer".to_owned())),
        };
        runtime.spawn(async move {
            // How it ended is told to whoever asks next.
            let _ = connection.await;
            ended.store(true, Ordering::Release);
        });
        let connection = Self {
            client,
            runtime: runtime.clone(),
            statements: RefCell::default(),
            answer: ANSWER,
        };
        connection.batch(SETTINGS)?;
        Ok(connection)
    }

    /// From now on statements may take minutes, or not.
    pub fn be_patient(&mut self, patient: bool) -> Result<(), StoreError> {
        let (answer, seconds) = if patient {
            (LONG_ANSWER, 600)
        } else {
            (ANSWER, 5)
        };
        self.answer = answer;
        Ok(self.batch(&format!("SET statement_timeout = '{seconds}s'"))?)
    }

    /// Whether it is known to have ended.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs statements that give nothing back.
    pub fn batch(&self, statements: &str) -> Result<(), Failure> {
        self.wait(self.client.batch_execute(statements))
    }

    /// Runs one of the tenant's statements.
    pub fn ask(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Failure> {
        if parameters.is_empty() && !is_kept(sql) {
            self.batch(sql)?;
            return Ok(Vec::new());
        }
        let statement = self.prepared(sql)?;
        let parameters: Vec<Parameter<'_>> = parameters.iter().map(Parameter).collect();
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters
            .iter()
            .map(|parameter| -> &(dyn ToSql + Sync) { parameter })
            .collect();
        let rows = self.wait(self.client.query(&statement, &parameters))?;
        let rows: Result<Vec<Row>, StoreError> = rows.iter().map(sql::read).collect();
        rows.map_err(Failure::Refused)
    }

    fn prepared(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(self.client.prepare(&sql::with_dollars(sql)))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() == PREPARED {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        match self
            .runtime
            .block_on(async { timeout(self.answer, answer).await })
        {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if goes_on(&error) => Err(Failure::Refused(in_words(&error))),
            Ok(Err(error)) => Err(Failure::Lost(in_words(&error))),
            Err(_) => Err(Failure::Lost(StoreError(
                "the database did not answer in time".to_owned(),
            ))),
        }
    }
}

/// Whether the server said no and goes on listening.
fn goes_on(error: &tokio_postgres::Error) -> bool {
    error
        .as_db_error()
        .is_some_and(|refusal| refusal.parsed_severity() == Some(Severity::Error))
}

/// Whether a statement is one of those that come again.
fn is_kept(sql: &str) -> bool {
    let first = sql.split_ascii_whitespace().next();
    matches!(first, Some("SELECT" | "INSERT" | "UPDATE" | "DELETE"))
}

/// The server's message may quote a value, so its code is told, and what the code is about.
pub fn in_words(error: &tokio_postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        // These are about the connection and hold nothing that was stored.
        let cause = error.source().map(|cause| format!(": {cause}"));
        let cause = cause.unwrap_or_default();
        return StoreError(format!("the database cannot be asked: {error}{cause}"));
    };
    let about = refusal.constraint().or(refusal.table());
    let about = about.map(|name| format!(" ({name})")).unwrap_or_default();
    StoreError(format!(
        "the database refused: {}{about}",
        refusal.code().code()
    ))
}
