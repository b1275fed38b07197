//! One writer: two region servers with one database, lost connections.

use slotstead_region::{postgres::Postgres, stores::Driver};
use slotstead_shared::Region;
use slotstead_tenant::{Store, store::Value};

use crate::kit::{PATIENT, World, commit, numbers, open, sign_up, tenant};

const TAKEN: &str = "the database is used by another region server";
const COUNT: &str = "SELECT last_effect_id FROM counters";
const UP: &str = "UPDATE counters SET last_effect_id = last_effect_id + 1 WHERE tenant_id = ?1";

fn up(number: u8) -> [Value; 1] {
    [tenant(number).as_str().into()]
}

/// The first connection of a reign.
const KEEPER: &str = "pid = (SELECT pid FROM pg_stat_activity
    WHERE usename = current_database() ORDER BY backend_start LIMIT 1)";

#[test]
fn a_second_server_is_refused_and_begins_when_the_first_is_gone() {
    let world = World::new();
    let mut database = world.database(4);
    database.config.application_name("The first");
    let first = Postgres::open(database, Region::Cbr, PATIENT).unwrap();
    sign_up(&first, 1).unwrap();
    let busy = world.hasty_refusal(Region::Cbr);
    assert!(busy.starts_with(TAKEN), "{busy}");
    let by_whom = ": The first from this machine since 20";
    assert!(busy.contains(by_whom), "{busy}");
    let other = world.hasty_refusal(Region::Eu);
    assert!(other.starts_with(TAKEN), "{other}");
    let opened = open(&first, 1);
    first.close();
    assert!(!(opened.usable)());
    assert!(opened.store.run(COUNT, &[]).is_err(), "after the reign");
    let other = world.refusal(Region::Eu);
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
        assert_eq!(world.end_connections(KEEPER), "1");
        // The first server may not have noticed; its transaction is whole, so it has to come first.
        second = Some(world.hasty_refusal(Region::Cbr));
        true
    });
    assert!(second.unwrap().starts_with(TAKEN));
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
        assert_eq!(world.end_connections("query LIKE '%pg_sleep(600)'"), "1");
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
        assert_eq!(world.end_connections("state = 'idle in transaction'"), "1");
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
    assert_eq!(world.end_connections(KEEPER), "1");
    while (again.usable)() {
        std::thread::yield_now();
    }
    assert!(again.store.run(COUNT, &[]).is_err());
    assert_eq!(numbers(&open(&driver, 1).store, COUNT), Ok(vec![1]));
}
