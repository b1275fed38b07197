//! The kit: a server for all tests of this binary, a database for each test, and drivers over it.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use slotstead_region::{
    postgres::{Database, Postgres},
    stores::{AnyStore, Driver, Opened},
    tls,
};
use slotstead_shared::{Region, TenantId, ids::TokenId, wire::SignUp};
use slotstead_tenant::{
    Actor, Answer, Call, Command, Moment, Settings, StoreError, Tenant,
    store::{Row, Value},
};
use xtask::stack::Cluster;

/// The server that the tests share. It stops when the last test that holds it ends.
pub fn cluster() -> Arc<Cluster> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let cluster = Arc::new(Cluster::start().unwrap());
        *shared = Arc::downgrade(&cluster);
        cluster
    })
}

/// How long a driver may ask for its database: until it has it, or once more after it did not get it.
pub const PATIENT: Duration = Duration::from_secs(30);
const HASTY: Duration = Duration::from_millis(100);

/// A database of the test's own.
pub struct World {
    pub cluster: Arc<Cluster>,
    pub name: String,
    pub url: String,
}

impl World {
    pub fn new() -> Self {
        Self::on(cluster())
    }

    pub fn on(cluster: Arc<Cluster>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self {
            url: cluster.database(&name).unwrap(),
            cluster,
            name,
        }
    }

    pub fn database(&self, connections: usize) -> Database {
        database(&self.url, connections)
    }

    pub fn driver(&self) -> Postgres {
        Postgres::open(self.database(4), Region::Cbr, PATIENT).unwrap()
    }

    /// What is said to one that is not given the database.
    pub fn refusal(&self, region: Region) -> String {
        refusal(self.database(4), region, PATIENT)
    }

    /// The same where it would wait for another one to go.
    pub fn hasty_refusal(&self, region: Region) -> String {
        refusal(self.database(4), region, HASTY)
    }

    /// Ends connections of the test's role, on the server's side.
    pub fn end_connections(&self, which: &str) -> String {
        let name = &self.name;
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE usename = '{name}' AND {which}"
        );
        self.cluster.as_superuser(name, &sql).unwrap()
    }

    /// As the server's own role, past all of our code.
    pub fn psql(&self, statements: &str) -> Result<String, String> {
        let done = self.cluster.sql(&self.name, &self.name, statements);
        done.map_err(|error| error.to_string())
    }

    /// The same for the rows of a tenant.
    pub fn psql_as(&self, tenant: &TenantId, statements: &str) -> Result<String, String> {
        let set = format!("SET search_path = slotstead; SET slotstead.tenant = '{tenant}'");
        self.psql(&format!("{set}; {statements}"))
    }
}

pub fn database(url: &str, connections: usize) -> Database {
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    config.ssl_mode(tokio_postgres::config::SslMode::Disable);
    Database {
        config,
        tls: tls::database(Vec::new()).unwrap(),
        connections,
        location: None,
    }
}

pub fn refusal(database: Database, region: Region, patience: Duration) -> String {
    let opened = Postgres::open(database, region, patience);
    opened.err().unwrap().0
}

pub fn tenant(number: u8) -> TenantId {
    TenantId::assemble(Region::Cbr, [number; 16], |_| [0; 10])
}

/// The tenant's store, which is made if there is none.
pub fn open(driver: &Postgres, number: u8) -> Opened {
    driver.open(&tenant(number), true).unwrap().unwrap()
}

pub fn numbers(store: &AnyStore, sql: &str) -> Result<Vec<i64>, StoreError> {
    let rows = store.run(sql, &[])?;
    let number = |row: Row| match row[..] {
        [Value::Integer(number)] => number,
        _ => panic!("{row:?}"),
    };
    Ok(rows.into_iter().map(number).collect())
}

/// Commits these statements, if all succeed.
pub fn commit(store: &AnyStore, statements: &[(&str, &[Value])]) -> Result<(), StoreError> {
    let mut done = Ok(());
    store.transaction(&mut || {
        done = statements
            .iter()
            .try_for_each(|(sql, parameters)| store.run(sql, parameters).map(|_| ()));
        done.is_ok()
    })?;
    done
}

/// Signs the tenant up in its store.
pub fn sign_up(driver: &Postgres, number: u8) -> Answer {
    let store = open(driver, number).store;
    let mut resident = Tenant::open(store, Settings::default()).unwrap();
    let call = Call {
        tenant: tenant(number),
        actor: Actor::Operator,
        command: Command::CreateTenant {
            sign_up: SignUp {
                name: format!("Tenant {number}"),
                region: Region::Cbr,
            },
            token: TokenId::from_random([number; 16]),
        },
    };
    let moment = Moment {
        now: 1_800_000_000,
        random: [number; 16],
    };
    resident.execute(&call, moment)
}
