use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::*;
use crate::store::sqlite::Sqlite;

/// A store that counts statements and can fail to commit, before or after it kept the writes.
struct Counting {
    sqlite: Sqlite,
    asked: Cell<usize>,
    lose: Cell<Option<bool>>,
}

impl Store for Counting {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.asked.set(self.asked.get() + 1);
        self.sqlite.run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        let lose = self.lose.take();
        self.sqlite
            .transaction(&mut || work() && lose != Some(false))?;
        match lose {
            Some(_) => Err(StoreError("lost".to_owned())),
            None => Ok(()),
        }
    }
}

fn store() -> Remembering<Counting> {
    let store = Remembering::new(Counting {
        sqlite: Sqlite::in_memory().expect("memory"),
        asked: Cell::new(0),
        lose: Cell::new(None),
    });
    for table in ["hosts", "services"] {
        let sql = format!("CREATE TABLE {table} (id BIGINT NOT NULL, PRIMARY KEY (id))");
        store.run(&sql, &[]).expect("a table");
    }
    store
}

fn count(store: &impl Store, table: &str) -> Value {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE id >= ?1");
    store.run(&sql, &[0_i64.into()]).expect("a row")[0][0].clone()
}

fn insert(store: &impl Store, table: &str, id: i64) {
    let sql = format!("INSERT INTO {table} (id) VALUES (?1)");
    store.run(&sql, &[id.into()]).expect("a write");
}

#[test]
fn the_same_question_is_asked_once_until_its_table_is_written() {
    let store = store();
    insert(&store, "hosts", 1);
    let asked = || store.store.asked.replace(0);
    asked();
    for _ in 0..3 {
        assert_eq!(count(&store, "hosts"), Value::Integer(1));
        assert_eq!(count(&store, "services"), Value::Integer(0));
    }
    assert_eq!(asked(), 2);
    insert(&store, "hosts", 2);
    assert_eq!(count(&store, "hosts"), Value::Integer(2));
    assert_eq!(count(&store, "services"), Value::Integer(0));
    assert_eq!(asked(), 2, "the write and the one question it touches");
    store.run("UPDATE hosts SET id = id + 10", &[]).unwrap();
    assert_eq!(count(&store, "hosts"), Value::Integer(2));
    store
        .run("WITH x AS (SELECT 1) SELECT * FROM x", &[])
        .unwrap();
    assert_eq!(count(&store, "services"), Value::Integer(0));
    assert_eq!(asked(), 4, "what is not understood forgets everything");
}

#[test]
fn what_was_not_committed_was_never_read() {
    for end in ["refused", "lost", "kept and lost", "panic"] {
        let store = store();
        insert(&store, "hosts", 1);
        assert_eq!(count(&store, "hosts"), Value::Integer(1));
        match end {
            "lost" => store.store.lose.set(Some(false)),
            "kept and lost" => store.store.lose.set(Some(true)),
            _ => {}
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            store.transaction(&mut || {
                insert(&store, "hosts", 2);
                assert_eq!(count(&store, "hosts"), Value::Integer(2));
                assert!(end != "panic", "on purpose");
                end != "refused"
            })
        }));
        assert_eq!(outcome.is_err(), end == "panic");
        let there = if end == "kept and lost" { 2 } else { 1 };
        assert_eq!(count(&store, "hosts"), Value::Integer(there), "{end}");
    }
}

/// Whatever is read and written in whatever order, the answers are those of the store itself.
#[test]
fn it_answers_like_the_store_under_it() {
    let store = store();
    let mut seed = 20_261_122_u64;
    let mut random = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for step in 0..20_000 {
        let table = ["hosts", "services"][usize::try_from(random(2)).unwrap()];
        let id = Value::Integer(i64::try_from(random(30)).unwrap());
        let commit = random(3) > 0;
        store
            .transaction(&mut || {
                for _ in 0..random(4) {
                    let sql = match random(4) {
                        0 => format!("DELETE FROM {table} WHERE id = ?1"),
                        1 => format!("INSERT INTO {table} (id) VALUES (?1) ON CONFLICT DO NOTHING"),
                        _ => format!("SELECT id FROM {table} WHERE id > ?1 ORDER BY id"),
                    };
                    store.run(&sql, std::slice::from_ref(&id)).unwrap();
                }
                commit
            })
            .unwrap();
        for table in ["hosts", "services"] {
            let sql = format!("SELECT id FROM {table} WHERE id > ?1 ORDER BY id");
            let parameters = std::slice::from_ref(&id);
            let direct = store.store.sqlite.run(&sql, parameters).unwrap();
            assert_eq!(store.run(&sql, parameters).unwrap(), direct, "step {step}");
        }
    }
}

#[test]
fn a_table_is_forgotten_by_its_whole_name() {
    let known = |written: &str| {
        let mut known = Known::default();
        for sql in [
            "SELECT a FROM hosts WHERE a = ?1",
            "SELECT a FROM service_hosts",
            "SELECT a FROM past UNION ALL SELECT a FROM hosts",
            "SELECT (SELECT MIN(a) FROM hosts), b.a FROM past b",
            "SELECT hosts.a FROM hosts JOIN past ON past.a=hosts.a",
        ] {
            known.remember(sql, &[], &[]);
        }
        known.forget_table(written);
        assert_eq!(known.statements.len(), 5);
        remembered(&known).count()
    };
    assert_eq!(known("hosts"), 1);
    assert_eq!(known("service_hosts"), 4);
    assert_eq!(known("past"), 2);
    assert_eq!(known("host"), 5);
}

#[test]
fn statements_are_bounded_too() {
    let mut known = Known::default();
    for number in 0..3 * STATEMENTS {
        known.remember(&format!("SELECT {number}"), &[], &[]);
        assert!((1..=STATEMENTS).contains(&known.statements.len()));
    }
}

fn remembered(known: &Known) -> impl Iterator<Item = &Remembered> {
    let questions = known.statements.values();
    questions.flat_map(|question| &question.answers)
}

#[test]
fn memory_is_bounded() {
    let store = store();
    for id in 0..200 {
        insert(&store, "hosts", id);
    }
    for from in 0..1_000_i64 {
        let sql = format!("SELECT id, {from} FROM hosts WHERE id >= ?1");
        store.run(&sql, &[0_i64.into()]).expect("a row");
        store
            .run("SELECT id FROM hosts WHERE id >= ?1", &[from.into()])
            .unwrap();
        let known = store.known.borrow();
        let counted: usize = remembered(&known)
            .map(|(parameters, rows)| size(parameters, rows))
            .sum();
        assert_eq!(known.bytes, counted);
        assert!(known.bytes <= BYTES);
        assert!(known.statements.len() <= STATEMENTS);
        let mut questions = known.statements.values();
        assert!(questions.all(|question| question.answers.len() <= ANSWERS));
    }
}

/// Bookers write what is remembered, 160 KB in one booking, and an owner turns the pages.
#[test]
fn long_texts_count_by_their_length() {
    let store = store();
    let long = Value::Text("å".repeat(50_000));
    for number in 0..200 {
        let sql = format!("SELECT ?1, {number} WHERE 1 = 1");
        store.run(&sql, std::slice::from_ref(&long)).unwrap();
    }
    let known = store.known.borrow();
    let texts = remembered(&known).map(|(asked, rows)| {
        let values = asked.iter().chain(rows.iter().flatten());
        let text = |value: &Value| match value {
            Value::Text(text) => text.len(),
            Value::Null | Value::Integer(_) => 0,
        };
        values.map(text).sum::<usize>()
    });
    assert!((100_000..=4_000_000).contains(&texts.sum::<usize>()));
}

#[test]
fn a_question_writes_nothing_and_every_write_is_counted() {
    let store = store();
    let mut outcome = Ok(Vec::new());
    let insert_one = "INSERT INTO hosts (id) VALUES (1)";
    for sql in [insert_one, "DROP TABLE hosts"] {
        let writes = store.writes();
        store
            .read(&mut || {
                outcome = store.run(sql, &[]);
                true
            })
            .expect("a question");
        assert!(outcome.is_err(), "{sql}");
        assert_eq!(store.writes(), writes, "{sql}");
    }
    assert_eq!(count(&store, "hosts"), Value::Integer(0));

    let writes = store.writes();
    store
        .transaction(&mut || {
            outcome = store.run(insert_one, &[]);
            false
        })
        .expect("a roll-back");
    assert!(outcome.is_ok());
    assert!(store.writes() > writes, "a write that was undone is one");
    let writes = store.writes();
    assert_eq!(count(&store, "hosts"), Value::Integer(0));
    assert_eq!(store.writes(), writes);
}

#[test]
fn only_a_statement_that_names_its_table_counts_as_one() {
    assert_eq!(effect("SELECT a FROM b"), Effect::Reads);
    assert_eq!(effect("UPDATE hosts SET a = 1"), Effect::Writes("hosts"));
    assert_eq!(
        effect("INSERT INTO service_hosts (a)\n VALUES (1)"),
        Effect::Writes("service_hosts")
    );
    assert_eq!(
        effect("DELETE FROM hosts WHERE a = 1"),
        Effect::Writes("hosts")
    );
    for sql in [
        "",
        "INSERT OR REPLACE INTO hosts (a) VALUES (1)",
        "DELETE FROM hosts; DELETE FROM services",
        "INSERT INTO hosts(a) VALUES (1)",
        "UPDATE \"hosts\" SET a = 1",
        "WITH x AS (SELECT 1) DELETE FROM hosts",
        "DROP TABLE hosts",
        "select 1",
    ] {
        assert_eq!(effect(sql), Effect::Unclear, "{sql}");
    }
}
