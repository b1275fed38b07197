//! One connection: opened with the settings that everything here relies on, asked with a deadline.

use std::{
    cell::RefCell,
    collections::HashMap,
    error::Error as _,
    future::{Future, poll_fn},
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
use tokio_postgres::{
    AsyncMessage, Client, Config, Statement,
    error::{Severity, SqlState},
    types::ToSql,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Database,
    sql::{self, Parameter},
};

/// How long it may take to connect, and of that to reach one address. A name may have several, and a lost packet
/// is sent again after a second.
const CONNECT: Duration = Duration::from_secs(3);
const REACH: Duration = Duration::from_millis(1_400);
/// How long an answer may take. The server gives up before, see [`SETTINGS`], so that mostly its reason is told.
const ANSWER: Duration = Duration::from_secs(6);
/// The same while the schema is brought up to date.
const LONG_ANSWER: Duration = Duration::from_mins(10);

/// Statements kept prepared. Lists of every length make more than there are statements.
const PREPARED: usize = 256;

/// The other side may be gone without a word: a machine that died, a network that was cut. After so much
/// silence it is asked, so often, this far apart; then the connection is given up, and so is whatever stays
/// unread for as long. The server does the same, see [`SETTINGS`]: what a dead region server holds there is free after
/// [`GONE`], and not when the system's own two hours are over.
const SILENCE: Duration = Duration::from_secs(5);
const QUESTIONS: u32 = 3;
const APART: Duration = Duration::from_secs(2);
/// All of that.
pub const GONE: Duration = Duration::from_secs(11);

/// What is said once on each connection. Commits are on the disk before they are acknowledged, whatever the
/// server's own configuration says.
const SETTINGS: &str = "
    SET synchronous_commit = on;
    SET search_path = slotstead;
    SET default_transaction_isolation = 'read committed';
    SET standard_conforming_strings = on;
    SET client_min_messages = warning;
    SET jit = off;
    SET lock_timeout = '4s';
    SET statement_timeout = '5s';
    SET idle_in_transaction_session_timeout = '10s';
    SET idle_session_timeout = 0;
    SET tcp_keepalives_idle = 5;
    SET tcp_keepalives_count = 3;
    SET tcp_keepalives_interval = 2;
    SET tcp_user_timeout = '11s'";

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The server refused the statement; the connection is as good as before. Of a connection: it would
    /// be refused again.
    Refused(StoreError),
    /// Nobody knows what became of the statement. Of a connection: the server was not reached, or not ready.
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
    /// The server warned of something.
    warned: Arc<AtomicBool>,
}

impl Connection {
    /// Connects. `ended` becomes true when the connection ends.
    pub fn open(
        database: &Database,
        runtime: &Handle,
        ended: Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let tls = MakeRustlsConnect::new((*database.tls).clone());
        let config = with_deadlines(&database.config);
        let connected = runtime.block_on(async { timeout(CONNECT, config.connect(tls)).await });
        let (client, mut connection) = match connected {
            Ok(Ok(both)) => both,
            Ok(Err(error)) if is_final(&error) => {
                return Err(Failure::Refused(with_setting(&error)));
            }
            Ok(Err(error)) => return Err(Failure::Lost(with_setting(&error))),
            Err(_) => {
                let detail = "the database does not answer: see database.url";
                return Err(Failure::Lost(StoreError(detail.to_owned())));
            }
        };
        let warned = Arc::new(AtomicBool::new(false));
        let warns = Arc::clone(&warned);
        runtime.spawn(async move {
            // How it ended is told to whoever asks next.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                // In the order of the answers: before the one that it is about.
                if is_warning(&message) {
                    warns.store(true, Ordering::Release);
                }
            }
            ended.store(true, Ordering::Release);
        });
        let connection = Self {
            client,
            runtime: runtime.clone(),
            statements: RefCell::default(),
            answer: ANSWER,
            warned,
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

    /// Commits. A commit that waits for a standby can be cut short by whoever may cancel statements: then it
    /// is said to be done, with a warning, and the standby may not have it.
    pub fn commit(&self) -> Result<(), Failure> {
        self.warned.store(false, Ordering::Release);
        self.batch("COMMIT")?;
        if self.warned.load(Ordering::Acquire) {
            let detail = "the database committed with a warning: a standby may not have it";
            return Err(Failure::Lost(StoreError(detail.to_owned())));
        }
        Ok(())
    }

    /// Runs one of the tenant's statements.
    pub fn ask(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Failure> {
        if parameters.is_empty() && !is_kept(sql) {
            self.batch(&sql::in_postgres(sql))?;
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
        let statement = self.wait(self.client.prepare(&sql::in_postgres(sql)))?;
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

fn with_deadlines(config: &Config) -> Config {
    let mut config = config.clone();
    config
        .connect_timeout(REACH)
        .keepalives(true)
        .keepalives_idle(SILENCE)
        .keepalives_retries(QUESTIONS)
        .keepalives_interval(APART)
        .tcp_user_timeout(GONE);
    config
}

fn is_warning(message: &AsyncMessage) -> bool {
    match message {
        AsyncMessage::Notice(notice) => notice.parsed_severity() == Some(Severity::Warning),
        _ => false,
    }
}

/// Whether a server that was reached would refuse the connection again: it is not just starting, stopping or full.
fn is_final(error: &tokio_postgres::Error) -> bool {
    // The classes of SQLSTATE: insufficient resources, operator intervention.
    error.code().is_some_and(|code| {
        let passes = ["53", "57"];
        !passes.iter().any(|class| code.code().starts_with(class))
    })
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

/// Why there is no connection, and the setting to look at.
fn with_setting(error: &tokio_postgres::Error) -> StoreError {
    let StoreError(detail) = in_words(error);
    let see = match error.code().map(SqlState::code) {
        Some("28P01") => {
            "the role or its password is wrong, see database.url and database.password_file"
        }
        Some("28000") => {
            "the role may not connect, see database.url and the database's pg_hba.conf"
        }
        Some("3D000") => "there is no database of this name, see database.url",
        // Mostly a server that is starting or full, which passes.
        Some(_) => return StoreError(detail),
        None => "see database.url, database.ca and database.password_file",
    };
    StoreError(format!("{detail}: {see}"))
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
