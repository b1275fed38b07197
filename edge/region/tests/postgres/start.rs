//! What a server looks at and what it changes when it starts: whether the database will do, the schema, the
//! guards.

use slotstead_region::{postgres::Postgres, stores::Driver};
use slotstead_shared::Region;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

use crate::kit::{PATIENT, World, database, refusal};

/// A session that stays.
struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    fn new(world: &World) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let connected = runtime.block_on(tokio_postgres::connect(&world.url, NoTls));
        let (client, connection) = connected.unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    fn run(&self, statements: &str) {
        let done = self.runtime.block_on(self.client.batch_execute(statements));
        done.unwrap();
    }
}

/// How many tables are not guarded, and how many have no rule.
fn unguarded(world: &World) -> String {
    let count = "SELECT count(*) FILTER (WHERE NOT (relrowsecurity AND relforcerowsecurity)), count(*) -
            (SELECT count(*) FROM pg_policies WHERE schemaname = 'slotstead' AND policyname = 'one_tenant')
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'slotstead'::regnamespace
        AND relname <> 'schema_version'";
    world.psql(count).unwrap()
}

const NONE: &str = "0|0";

#[test]
fn a_start_changes_nothing_where_all_is_as_it_should_be() {
    let world = World::new();
    world.driver().close();
    assert_eq!(unguarded(&world), NONE);
    // Somebody reads, as `pg_dump` does: nothing can be altered meanwhile.
    let reader = Session::new(&world);
    let lock =
        "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r'
        AND relnamespace IN ('slotstead'::regnamespace, 'slotstead_region'::regnamespace)
        LOOP EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', t); END LOOP; END $$";
    reader.run(&format!("BEGIN; {lock}"));
    let driver = world.driver();
    // The reign ends, and another one begins by itself.
    let era = driver.era();
    let keeper = "application_name <> 'psql' AND query NOT LIKE '%LOCK TABLE%'";
    assert_eq!(world.end_connections(keeper), "1");
    while driver.era() == era {
        // It may not have heard of it yet, but it is not kept from it by the reader.
        if let Err(error) = driver.check() {
            assert!(!error.0.contains("55P03"), "{error}");
        }
    }
    driver.close();
}

#[test]
fn guards_are_up_whatever_becomes_of_a_migration() {
    let world = World::new();
    world.driver().close();
    world
        .psql("INSERT INTO slotstead.schema_version VALUES (999)")
        .unwrap();
    let newer = world.refusal(Region::Cbr);
    assert!(newer.contains("newer version of the program"), "{newer}");
    assert_eq!(unguarded(&world), NONE);
    // As if no step had been taken yet: the first one fails on what it has made already.
    world.psql("DELETE FROM slotstead.schema_version").unwrap();
    let failed = world.refusal(Region::Cbr);
    assert!(failed.contains("42P07"), "{failed}");
    assert_eq!(unguarded(&world), NONE);
}

#[test]
fn what_is_missing_of_the_guards_is_put_up_again() {
    let world = World::new();
    world.driver().close();
    for (change, left) in [
        (
            "ALTER TABLE slotstead.hosts NO FORCE ROW LEVEL SECURITY",
            "1|0",
        ),
        (
            "ALTER TABLE slotstead.tokens DISABLE ROW LEVEL SECURITY",
            "1|0",
        ),
        ("DROP POLICY one_tenant ON slotstead.ledger", "0|1"),
    ] {
        world.psql(change).unwrap();
        assert_eq!(unguarded(&world), left, "{change}");
        world.driver().close();
        assert_eq!(unguarded(&world), NONE, "{change}");
    }
    // A tenant that is nobody is an error, also in a session that had one before.
    let empty = "SET slotstead.tenant = ''; SELECT * FROM slotstead.tenants";
    let driver = world.driver();
    crate::kit::sign_up(&driver, 1).unwrap();
    let error = world.psql(empty).unwrap_err();
    assert!(error.contains("slotstead.nobody"), "{error}");
}

#[test]
fn a_database_that_would_not_keep_its_promises_is_refused() {
    let world = World::new();
    let (cluster, name) = (&world.cluster, &world.name);
    // Told by a look already, and not by the start alone.
    let refusal = |url: &str| {
        let looked = Postgres::look(&database(url, 4)).unwrap_err().0;
        assert_eq!(refusal(database(url, 4), Region::Cbr, PATIENT), looked);
        looked
    };
    let as_superuser = |sql: &str| cluster.as_superuser("postgres", sql).unwrap();
    let superuser = refusal(&cluster.url("postgres", name));
    assert_eq!(
        superuser,
        "the database is used by a superuser or with BYPASSRLS, which row security does not hold back"
    );
    let other = |more: &str, rest: &str| {
        as_superuser(&format!(
            "CREATE DATABASE {name}_{more} TEMPLATE template0 {rest}"
        ));
        refusal(&cluster.url(name, &format!("{name}_{more}")))
    };
    let ctype = format!("OWNER {name} LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'");
    assert_eq!(
        other("utf8", &ctype),
        "the database does not have LC_COLLATE and LC_CTYPE \"C\""
    );
    let not_ours = "the database or something in it is not owned by the role";
    assert_eq!(other("not_ours", ""), not_ours);
    let wrong = refusal(&world.url.replace("hidden-", "guessed-"));
    assert!(!wrong.contains("guessed-"), "{wrong}");
    let settings = "see database.url and database.password_file";
    assert!(
        wrong.contains("28P01") && wrong.ends_with(settings),
        "{wrong}"
    );
    let role = format!("ALTER ROLE {name}");
    as_superuser(&format!("{role} SET default_transaction_read_only = on"));
    let read_only = refusal(&world.url);
    assert!(read_only.contains("cannot be written to"), "{read_only}");
    as_superuser(&format!("{role} RESET ALL"));
    // Four connections, and the one that reigns.
    as_superuser(&format!("{role} CONNECTION LIMIT 4"));
    let few = refusal(&world.url);
    assert!(few.contains("fewer sessions than `connections`"), "{few}");
    as_superuser(&format!("{role} CONNECTION LIMIT 5"));
    world.driver().close();
    as_superuser(&format!("{role} CONNECTION LIMIT -1"));
    let many = Postgres::look(&database(&world.url, 1_000)).unwrap_err().0;
    assert_eq!(many, few);
    let given_away = "ALTER TABLE slotstead.hosts OWNER TO postgres";
    cluster.as_superuser(name, given_away).unwrap();
    assert_eq!(refusal(&world.url), not_ours);
}
