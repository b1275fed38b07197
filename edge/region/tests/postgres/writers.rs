//! One writer: two region servers with one database, lost connections, a database that is killed.

use std::sync::Arc;

use slotstead_region::stores::Driver;
use slotstead_shared::Region;
use slotstead_tenant::{Store, store::Value};
use xtask::stack::Cluster;

use crate::kit::{World, commit, numbers, open, sign_up, tenant};

const COUNT: &str = "SELECT last_effect_id FROM tenants";
const UP: &str = "UPDATE tenants SET last_effect_id = last_effect_id + 1 WHERE tenant_id = ?1";

fn up(number: u8) -> [Value; 1] {
    [tenant(number).as_str().into()]
}

/// Ends connections of the test's role, on the server's side.
fn end_connections(world: &World, which: &str) -> String {
    let name = &world.name;
    let sql = format!(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
         WHERE usename = '{name}' AND {which}"
    );
    world.cluster.as_superuser(&world.name, &sql).unwrap()
}

/// The first connection of a reign.
const KEEPER: &str = "pid = (SELECT pid FROM pg_stat_activity
    WHERE usename = current_database() ORDER BY backend_start LIMIT 1)";

#[test]
fn a_second_server_is_refused_and_begins_when_the_first_is_gone() {
    let world = World::new();
    let first = world.driver();
    sign_up(&first, 1).unwrap();
    let busy = world.try_driver(Region::Cbr).err().unwrap().0;
    assert_eq!(busy, "the database is used by another region server");
    let other = world.try_driver(Region::Eu).err().unwrap().0;
    assert!(other.contains("used by another"), "{other}");
    let opened = open(&first, 1);
    first.close();
    assert!(!(opened.usable)());
    assert!(opened.store.run(COUNT, &[]).is_err(), "after the reign");
    let other = world.try_driver(Region::Eu).err().unwrap().0;
    assert_eq!(other, "the database is another region's");
    let second = world.driver();
    assert_eq!(numbers(&open(&second, 1).store, COUNT), Ok(vec![0]));
    // The first does not get it back, and gives no old answer.
    assert!(first.open(&tenant(1), false).is_err());
    assert!(opened.store.run(COUNT, &[]).is_err());
}

#[test]
fn nobody_else_begins_while_a_transaction_is_open_though_the_keeper_is_gone() {
    let world = World::new();
    let first = world.driver();
    sign_up(&first, 1).unwrap();
    let opened = open(&first, 1);
    let mut second = None;
    let committed = opened.store.transaction(&mut || {
        opened.store.run(UP, &up(1)).unwrap();
        assert_eq!(end_connections(&world, KEEPER), "1");
        // The first server may not have noticed; its transaction is whole, so it has to come first.
        second = Some(world.try_driver(Region::Cbr).err().unwrap().0);
        true
    });
    assert_eq!(
        second.as_deref(),
        Some("the database is used by another region server")
    );
    let second = world.driver();
    let expected = i64::from(committed.is_ok());
    assert_eq!(numbers(&open(&second, 1).store, COUNT), Ok(vec![expected]));
    assert!(commit(&opened.store, &[(UP, &up(1))]).is_err());
    assert_eq!(numbers(&open(&second, 1).store, COUNT), Ok(vec![expected]));
}

#[test]
fn a_transaction_that_we_gave_up_is_waited_for() {
    let world = World::new();
    let driver = world.driver();
    sign_up(&driver, 1).unwrap();
    // Somebody holds the tenant's lock on the server, as a transaction would whose answer was lost.
    let hold = format!(
        "SELECT pg_advisory_lock(hashtextextended('{}', 0)), pg_sleep(600)",
        tenant(1)
    );
    let count = |which: &str| {
        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1";
        world.psql(&format!("{locks} AND {which}")).unwrap()
    };
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| world.psql(&hold));
        while count("granted") != "1" {}
        let waits = scope.spawn(|| numbers(&open(&driver, 1).store, COUNT));
        while count("NOT granted") != "1" {
            assert!(!waits.is_finished(), "it did not wait");
        }
        assert_eq!(end_connections(&world, "query LIKE '%pg_sleep(600)'"), "1");
        assert!(holder.join().unwrap().is_err());
        assert_eq!(waits.join().unwrap(), Ok(vec![0]));
    });
}

#[test]
fn a_lost_connection_is_an_error_and_the_store_is_opened_anew() {
    let world = World::new();
    let driver = world.driver();
    sign_up(&driver, 1).unwrap();
    let opened = open(&driver, 1);
    let lost = opened.store.transaction(&mut || {
        opened.store.run(UP, &up(1)).unwrap();
        assert_eq!(
            end_connections(&world, "state = 'idle in transaction'"),
            "1"
        );
        assert!(opened.store.run(UP, &up(1)).is_err());
        true
    });
    assert!(lost.is_err());
    assert!(!(opened.usable)(), "what it remembers is in doubt");
    assert!(opened.store.run(COUNT, &[]).is_err());
    let again = open(&driver, 1);
    assert_eq!(numbers(&again.store, COUNT), Ok(vec![0]));
    assert!((again.usable)());
    commit(&again.store, &[(UP, &up(1))]).unwrap();
    // Without the keeper nobody can be sure, so everything is opened anew.
    assert_eq!(end_connections(&world, KEEPER), "1");
    while (again.usable)() {
        std::thread::yield_now();
    }
    assert!(again.store.run(COUNT, &[]).is_err());
    assert_eq!(numbers(&open(&driver, 1).store, COUNT), Ok(vec![1]));
}

#[test]
fn a_killed_database_is_an_error_and_has_everything_when_it_is_back() {
    let mut world = World::on(Arc::new(Cluster::start().unwrap()));
    let driver = world.driver();
    sign_up(&driver, 1).unwrap();
    let opened = open(&driver, 1);
    for _ in 0..5 {
        commit(&opened.store, &[(UP, &up(1))]).unwrap();
    }
    let cluster = Arc::get_mut(&mut world.cluster).unwrap();
    cluster.kill_hard();
    assert!(commit(&opened.store, &[(UP, &up(1))]).is_err());
    while driver.check().is_ok() {}
    assert!(
        driver.open(&tenant(1), true).is_err(),
        "unknown is not free"
    );
    cluster.start_again().unwrap();
    assert!(!(opened.usable)());
    // The first connection to the server that is back may be one too early.
    while driver.check().is_err() {}
    assert_eq!(numbers(&open(&driver, 1).store, COUNT), Ok(vec![5]));
}

#[test]
fn a_database_that_would_not_keep_its_promises_is_refused() {
    let world = World::new();
    let refusal = |url: &str| {
        let database = crate::kit::database(url, 2);
        let opened = slotstead_region::postgres::Postgres::open(
            database,
            Region::Cbr,
            world.runtime.handle().clone(),
            3,
        );
        opened.err().unwrap().0
    };
    let (cluster, name) = (&world.cluster, &world.name);
    let superuser = refusal(&cluster.url("postgres", name));
    assert_eq!(
        superuser,
        "the database is used by a superuser or with BYPASSRLS, which row security does not hold back"
    );
    let make = format!(
        "CREATE DATABASE {name}_utf8 OWNER {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    );
    cluster.as_superuser("postgres", &make).unwrap();
    let ctype = refusal(&cluster.url(name, &format!("{name}_utf8")));
    assert_eq!(
        ctype,
        "the database does not have LC_COLLATE and LC_CTYPE \"C\""
    );
    let wrong = refusal(&world.url.replace("hidden-", "guessed-"));
    assert!(!wrong.contains("guessed-"), "{wrong}");
    assert!(wrong.contains("28P01"), "{wrong}");
}
