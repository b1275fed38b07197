//! One tenant's store: values, transactions, and whose rows are seen.

use slotstead_region::stores::Driver;
use slotstead_tenant::{
    Store,
    store::{INTEGER_MAX, Value},
};

use crate::kit::{World, commit, numbers, open, sign_up, tenant};

const NEW: &str = "INSERT INTO effects (tenant_id, effect_id, kind, subject, due_at, leased_until)
    VALUES (?1, ?2, 'a', ?3, ?4, 0)";
const ALL: &str = "SELECT effect_id FROM effects ORDER BY effect_id";

fn effect(number: u8, id: i64, subject: &str, due: i64) -> [Value; 4] {
    [
        tenant(number).as_str().into(),
        id.into(),
        subject.into(),
        due.into(),
    ]
}

#[test]
fn values_come_back_as_they_went_in_and_others_are_refused() {
    let world = World::new();
    let driver = world.driver();
    let store = open(&driver, 1).store;
    let subject = "Åse's \"?1\" $1 \\ 日本";
    let row = effect(1, -INTEGER_MAX, subject, INTEGER_MAX);
    store.run(NEW, &row).unwrap();
    let found = store
        .run("SELECT effect_id, subject, due_at, '?1' FROM effects", &[])
        .unwrap();
    let mut expected = row[1..].to_vec();
    expected.push("?1".into());
    assert_eq!(found, [expected]);
    for (what, wrong) in [
        ("a large number", effect(1, INTEGER_MAX + 1, "s", 1)),
        (
            "a text for a number",
            [
                tenant(1).as_str().into(),
                "1".into(),
                "s".into(),
                1_i64.into(),
            ],
        ),
        (
            "a number for a text",
            [
                tenant(1).as_str().into(),
                1_i64.into(),
                1_i64.into(),
                1_i64.into(),
            ],
        ),
        ("a text with an end in it", effect(1, 1, "a\0b", 1)),
    ] {
        let store = open(&driver, 1).store;
        assert!(store.run(NEW, &wrong).is_err(), "{what}");
    }
    let store = open(&driver, 1).store;
    assert!(store.run("SELECT 9007199254740992", &[]).is_err());
    assert!(store.run("SELECT 1.5", &[]).is_err());
    assert!(store.run("SELECT 'a'::bytea", &[]).is_err());
    assert_eq!(numbers(&store, ALL), Ok(vec![-INTEGER_MAX]));
}

#[test]
fn a_transaction_keeps_all_or_nothing() {
    let world = World::new();
    let driver = world.driver();
    let store = open(&driver, 1).store;
    let insert = |id: i64| store.run(NEW, &effect(1, id, "s", 0));
    store.transaction(&mut || insert(1).is_ok()).unwrap();
    store
        .transaction(&mut || {
            insert(2).unwrap();
            false
        })
        .unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.transaction(&mut || {
            insert(3).unwrap();
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    // The server commits nothing after an error, whatever it is told, and says "done" all the same.
    let refused = store.transaction(&mut || {
        insert(4).unwrap();
        insert(1).unwrap_err();
        assert!(insert(5).is_err(), "it goes on after an error");
        true
    });
    assert!(refused.is_err());
    store.transaction(&mut || insert(6).is_ok()).unwrap();
    assert_eq!(numbers(&store, ALL), Ok(vec![1, 6]));
    // What was refused is named by the server's code, without the values.
    let refused = insert(6).unwrap_err().0;
    assert_eq!(refused, "the database refused: 23505 (effects_pkey)");
}

#[test]
fn a_statement_that_forgets_its_tenant_sees_its_own_rows_and_no_others() {
    let world = World::new();
    let driver = world.driver();
    for number in [1, 2] {
        sign_up(&driver, number).unwrap();
        let store = open(&driver, number).store;
        commit(&store, &[(NEW, &effect(number, i64::from(number), "s", 0))]).unwrap();
    }
    let one = open(&driver, 1).store;
    assert_eq!(numbers(&one, ALL), Ok(vec![1]));
    let seen = one.run("SELECT tenant_id FROM tenants", &[]).unwrap();
    assert_eq!(seen, [[Value::from(tenant(1).as_str())]]);
    one.run("UPDATE effects SET due_at = 7", &[]).unwrap();
    one.run("DELETE FROM tenants", &[]).unwrap();
    assert!(
        one.run(NEW, &effect(2, 9, "s", 0)).is_err(),
        "another's row"
    );
    let two = open(&driver, 2).store;
    assert_eq!(numbers(&two, "SELECT due_at FROM effects"), Ok(vec![0]));
    assert_eq!(
        two.run("SELECT tenant_id FROM tenants", &[]).unwrap().len(),
        1
    );
    // Whoever is nobody's sees nothing, also with the server's own role.
    let nobody = world.psql("SELECT * FROM slotstead.tenants").unwrap_err();
    assert!(nobody.contains("slotstead.tenant"), "{nobody}");
    assert_eq!(
        world
            .psql_as(&tenant(2), "SELECT count(*) FROM tenants")
            .unwrap(),
        "1"
    );
    // Every table but the one about the schema is guarded, whatever migrations there are.
    let open_tables = world
        .psql(
            "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r'
             AND relnamespace = 'slotstead'::regnamespace
             AND NOT (relrowsecurity AND relforcerowsecurity)",
        )
        .unwrap();
    assert_eq!(open_tables, "schema_version");
}

#[test]
fn a_store_is_there_from_the_first_opening_until_it_is_discarded() {
    let world = World::new();
    let driver = world.driver();
    assert!(driver.open(&tenant(1), false).unwrap().is_none());
    drop(open(&driver, 1));
    assert!(driver.open(&tenant(1), false).unwrap().is_some());
    assert_eq!(driver.tenants().unwrap(), [tenant(1)]);
    driver.discard(&tenant(1));
    assert!(driver.tenants().unwrap().is_empty());
    driver.check().unwrap();
}

#[test]
fn many_tenants_share_few_connections() {
    let world = World::new();
    let driver = slotstead_region::postgres::Postgres::open(
        world.database(2),
        slotstead_shared::Region::Cbr,
        std::time::Duration::ZERO,
    )
    .unwrap();
    std::thread::scope(|scope| {
        for number in 0..12 {
            let driver = &driver;
            scope.spawn(move || sign_up(driver, number).unwrap());
        }
    });
    assert_eq!(driver.tenants().unwrap().len(), 12);
    let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name <> 'psql'
        AND usename = current_user";
    assert_eq!(
        world.psql(count).unwrap(),
        "3",
        "two, and the one that reigns"
    );
}
