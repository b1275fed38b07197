//! A database that is killed, not up yet, or waits for a standby that is not there.

use std::{sync::Arc, thread};

use slotstead_region::{postgres::Postgres, stores::Driver};
use slotstead_shared::Region;
use slotstead_tenant::store::Value;
use xtask::stack::Cluster;

use crate::kit::{PATIENT, World, commit, numbers, open, sign_up, tenant};

const COUNT: &str = "SELECT last_effect_id FROM counters";
const UP: &str = "UPDATE counters SET last_effect_id = last_effect_id + 1 WHERE tenant_id = ?1";

fn up() -> [Value; 1] {
    [tenant(1).as_str().into()]
}

fn set(world: &World, setting: &str) {
    let set = format!("ALTER SYSTEM SET {setting}");
    world.cluster.as_superuser("postgres", &set).unwrap();
}

#[test]
fn a_killed_database_is_an_error_and_has_everything_when_it_is_back() {
    let mut world = World::on(Arc::new(Cluster::start().unwrap()));
    // Counts statements once it is started again.
    set(&world, "shared_preload_libraries = 'pg_stat_statements'");
    let driver = world.driver();
    sign_up(&driver, 1).unwrap();
    let opened = open(&driver, 1);
    for _ in 0..5 {
        commit(&opened.store, &[(UP, &up())]).unwrap();
    }
    let cluster = Arc::get_mut(&mut world.cluster).unwrap();
    cluster.kill_hard();
    assert!(commit(&opened.store, &[(UP, &up())]).is_err());
    while driver.check().is_ok() {}
    assert!(
        driver.open(&tenant(1), true).is_err(),
        "unknown is not free"
    );
    let era = driver.era();
    cluster.start_again().unwrap();
    assert!(!(opened.usable)());
    // The first connection to the server that is back may be one too early.
    while driver.check().is_err() {}
    assert_eq!(numbers(&open(&driver, 1).store, COUNT), Ok(vec![5]));
    assert_ne!(driver.era(), era, "what is planned is not what is stored");
    // Where statements are counted, they are kept without their tenants.
    let counted = |which: &str| {
        let count = "SELECT count(*) > 0 FROM pg_stat_statements WHERE query LIKE";
        let count = format!("{count} '%{which}%'");
        world.cluster.as_superuser(&world.name, &count).unwrap()
    };
    let make = "CREATE EXTENSION pg_stat_statements";
    world.cluster.as_superuser(&world.name, make).unwrap();
    commit(&open(&driver, 1).store, &[(UP, &up())]).unwrap();
    assert_eq!(counted("pg_advisory_xact_lock"), "t");
    assert_eq!(counted("cbr_"), "f");
    // A server that starts with its machine may be up before its database.
    driver.close();
    Arc::get_mut(&mut world.cluster).unwrap().stop();
    let gone = world.hasty_refusal(Region::Cbr);
    assert!(gone.contains("cannot be asked"), "{gone}");
    let database = world.database(4);
    let waiting = thread::spawn(move || Postgres::open(database, Region::Cbr, PATIENT));
    let cluster = Arc::get_mut(&mut world.cluster).unwrap();
    cluster.start_again().unwrap();
    let driver = waiting.join().unwrap().unwrap();
    assert_eq!(numbers(&open(&driver, 1).store, COUNT), Ok(vec![6]));
}

#[test]
fn a_commit_that_the_standby_did_not_get_is_not_acknowledged() {
    let world = World::on(Arc::new(Cluster::start().unwrap()));
    let driver = world.driver();
    sign_up(&driver, 1).unwrap();
    set(&world, "synchronous_standby_names = 'nobody'");
    let ask = |sql: &str| world.cluster.as_superuser("postgres", sql).unwrap();
    ask("SELECT pg_reload_conf()");
    let waits = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let (kept, lost, usable) = thread::scope(|scope| {
        let commits = scope.spawn(|| {
            let opened = open(&driver, 1);
            // Told to is not done yet: the first ones may not wait.
            for kept in 0.. {
                if let Err(error) = commit(&opened.store, &[(UP, &up())]) {
                    return (kept, error.0, (opened.usable)());
                }
            }
            unreachable!("the last one waits")
        });
        while ask(&format!("SELECT count(*) {waits}")) != "1" {}
        // What holds the database is named: it may well be a session of our own.
        let taken = world.hasty_refusal(Region::Cbr);
        let why = "whose commit waits for a standby, and 1 more";
        assert!(taken.contains(why), "{taken}");
        assert_eq!(ask(&format!("SELECT pg_cancel_backend(pid) {waits}")), "t");
        commits.join().unwrap()
    });
    let expected = "the database committed with a warning: a standby may not have it";
    assert_eq!(lost, expected);
    assert!(!usable, "what it remembers is in doubt");
    let stored = numbers(&open(&driver, 1).store, COUNT);
    assert_eq!(stored, Ok(vec![kept + 1]));
}
