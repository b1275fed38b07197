//! What is in the store: its schema, its statements, its formats, and values that went bad.

use std::{cell::Cell, rc::Rc};

use serde_json::json;
use slotstead_shared::wire;
use slotstead_tenant::{
    Actor, Command, Refusal, Settings, Store, StoreError, Tenant,
    store::{INTEGER_MAX, Row, Value, sqlite::Sqlite},
};

use crate::kit::{
    World, book, booking, calendar, consult, held, new_booking, offer, owner, settings, slug,
    tenant_id, visitor, wire, with,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";

/// Something of every kind.
fn fill(world: &mut World) {
    let field = wire(json!({ "label": "Why?", "kind": "text" }));
    world.own(Command::PutField {
        id: slug("why"),
        field,
    });
    let value = wire(json!({ "spans": [{ "start": "09:00", "end": "10:00" }] }));
    let date = slug("2027-03-05");
    world.own(Command::PutOverride {
        schedule: slug("weekdays"),
        date,
        value,
    });
    world.put_feed("private", "ingrid");
    world.read_feed(&calendar(&[("20270302T111500Z", "20270302T114500Z")]));
    let first = world.booked("k1", NOON);
    world.book("k2", NOON).unwrap_err();
    world
        .hold("consult", "2027-03-01T13:00:00+01:00", "s1")
        .unwrap();
    world
        .reschedule("k3", &first.id, "2027-03-01T14:00:00+01:00")
        .unwrap();
    world.slots("consult", "2027-03-01", "2027-04-01", "Europe/Oslo");
    world.bookings();
    world.own(Command::DeleteFeed {
        id: slug("private"),
    });
    world.cancel(&first.id).unwrap();
}

#[test]
fn every_table_but_the_schema_version_has_the_tenant_in_its_key() {
    let world = World::demo();
    for table in world.tables() {
        let columns = world.sql(&format!(
            "SELECT name, pk FROM pragma_table_info('{table}')"
        ));
        let first_of_key = vec![Value::Text("tenant_id".to_owned()), Value::Integer(1)];
        assert_eq!(
            columns.contains(&first_of_key),
            table != "schema_version",
            "{table}"
        );
    }
}

#[test]
fn every_statement_names_its_tenant_and_keeps_to_the_common_dialect() {
    let mut world = World::demo();
    world.start_log();
    fill(&mut world);
    let log = world.take_log();
    assert!(log.len() > 60);
    let id = Value::Text(world.id.to_string());
    for (sql, parameters) in log {
        // Whose store it is has to be asked without knowing.
        if sql == "SELECT tenant_id FROM tenants" {
            continue;
        }
        assert_eq!(parameters.first(), Some(&id), "{sql}");
        let scoped = sql.contains("tenant_id = ?1") || sql.contains("INSERT INTO");
        assert!(scoped && sql.contains("?1"), "{sql}");
        assert!(
            parameters.len() <= 100,
            "a Durable Object takes 100 parameters: {sql}"
        );
        for word in [
            "rowid",
            "AUTOINCREMENT",
            "INSERT OR",
            "REPLACE",
            "json_",
            "IFNULL",
            "GLOB",
        ] {
            assert!(!sql.contains(word), "{word} is SQLite's own: {sql}");
        }
    }
}

#[test]
fn a_stored_value_that_cannot_be_read_is_an_error_and_never_free_time() {
    for damage in [
        "UPDATE schedules SET definition = '{}'",
        "UPDATE schedules SET definition = replace(definition, 'Europe/Oslo', 'Mars/Base')",
        "UPDATE schedule_overrides SET spans = 'closed'",
        "UPDATE services SET definition = ''",
        "UPDATE hosts SET schedule_id = 'gone'",
        "DELETE FROM hosts",
        "UPDATE feeds SET covered_until = 'always'",
        "UPDATE busy_blocks SET end_at = 'later'",
        "UPDATE ledger SET padded_end = 'later'",
        "UPDATE ledger SET kind = 'wish'",
        "UPDATE hosts SET limits = 'few'",
    ] {
        let mut world = World::demo();
        let value = wire(json!({ "spans": [] }));
        let date = slug("2027-03-02");
        world.own(Command::PutOverride {
            schedule: slug("weekdays"),
            date,
            value,
        });
        world.put_feed("private", "ingrid");
        world.read_feed(&calendar(&[("20270301T091500Z", "20270301T094500Z")]));
        world.booked("k1", NOON);
        world.sql(damage);
        // What was remembered of before is not the question.
        world.reopen(settings());
        let offered = world.ask(
            &visitor(),
            offer("consult", "2027-03-01", "2027-04-01", "UTC"),
        );
        assert!(
            matches!(offered, Err(Refusal::Store { .. })),
            "{damage}: {offered:?}"
        );
        let booked = world.ask(&visitor(), book("k2", "2027-03-01T12:10:00+01:00", None));
        assert!(
            matches!(booked, Err(Refusal::Store { .. })),
            "{damage}: {booked:?}"
        );
    }
}

#[test]
fn a_claim_or_a_booking_of_no_known_kind_is_an_error() {
    let mut world = World::demo();
    let damaged = |world: &mut World, sql: &str, actor: &Actor, command: Command| {
        world.sql(sql);
        world.reopen(settings());
        let answer = world.ask(actor, command);
        assert!(
            matches!(answer, Err(Refusal::Store { .. })),
            "{sql}: {answer:?}"
        );
    };
    let hold = held(world.hold("consult", NOON, "s1"));
    let confirm = book("k1", NOON, Some(&hold.id));
    let subject = "UPDATE ledger SET subject = 'pet:rex'";
    damaged(&mut world, subject, &visitor(), confirm);
    world.sql("DELETE FROM ledger");
    let made = world.booked("k2", NOON);
    let read = Command::GetBooking { id: made.id };
    let status = "UPDATE bookings SET status = 'maybe'";
    damaged(&mut world, status, &owner(), read);
}

#[test]
fn a_hold_and_a_booking_read_a_few_rows_of_the_ledger_however_many_there_are() {
    let mut world = World::demo();
    let start = "2027-03-02T12:00:00+01:00";
    world.start_log();
    let hold = held(world.hold("consult", start, "s1"));
    booking(world.ask(&visitor(), book("k1", start, Some(&hold.id))));
    let asked = world.take_log();
    let steps: Vec<String> = asked.iter().flat_map(|asked| world.plan(asked)).collect();
    let of_many = |step: &&String| step.contains("ledger") || step.contains("bookings");
    let steps: Vec<&String> = steps.iter().filter(of_many).collect();
    assert!(steps.len() > 4, "{steps:?}");
    for step in steps {
        let all = step.contains("SCAN") || step.contains("(tenant_id=?)");
        assert!(!all, "{step}");
    }
}

#[test]
fn a_store_of_two_tenants_serves_neither() {
    let mut world = World::demo();
    let id = tenant_id(2);
    world.sql(&format!(
        "INSERT INTO tenants SELECT '{id}', name, accent, created_at FROM tenants"
    ));
    world.reopen(settings());
    for id in [world.id.clone(), id] {
        world.id = id;
        let answer = world.ask(&owner(), Command::ListHosts);
        assert!(matches!(answer, Err(Refusal::Store { .. })), "{answer:?}");
    }
}

#[test]
fn the_formats_that_are_stored_stay_readable() {
    // What a release has written, a later one must read. Changing this needs a migration.
    let mut world = World::demo();
    fill(&mut world);
    let text = |sql: &str| match &world.sql(sql)[0][0] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        text("SELECT definition FROM services"),
        "{\"name\":\"Consultation\",\"location\":\"Bryggen 5, Bergen\",\"duration_minutes\":30,\
         \"slot_step_minutes\":30,\"buffer_before_minutes\":0,\"buffer_after_minutes\":0,\
         \"minimum_notice_minutes\":0,\"booking_window_days\":60,\"hosts\":[\"ingrid\"]}"
    );
    assert_eq!(
        text("SELECT spans FROM schedule_overrides"),
        "[{\"start\":\"09:00\",\"end\":\"10:00\"}]"
    );
    assert_eq!(
        text("SELECT definition FROM fields"),
        "{\"label\":\"Why?\",\"kind\":\"text\",\"required\":false,\"position\":0}"
    );
    assert_eq!(
        text("SELECT scopes FROM tokens"),
        "[\"setup:read\",\"setup:write\",\"bookings:read\",\"bookings:write\",\"tokens:write\"]"
    );
    let rules = text("SELECT definition FROM schedules");
    let start = "{\"zone\":\"Europe/Oslo\",\"rules\":[{\"weekday\":\"monday\",\"start\":\"09:00\",";
    assert!(rules.starts_with(start), "{rules}");
    let refusal = text("SELECT answer FROM idempotency WHERE idempotency_key = 'k2'");
    assert!(
        refusal.starts_with("{\"Err\":{\"slot_taken\":{\"alternatives\":["),
        "{refusal}"
    );
    let booked = text("SELECT answer FROM idempotency WHERE idempotency_key = 'k1'");
    assert!(
        booked.starts_with("{\"Ok\":{\"booking\":{\"booking\":{\"id\":\"bkg_"),
        "{booked}"
    );
}

#[test]
fn nothing_of_a_booker_can_be_read_in_the_store() {
    let mut world = World::demo();
    let secret = with(new_booking(NOON, None), json!({ "name": "Marker Person" }));
    booking(world.ask(&visitor(), crate::kit::book_with("k1", secret)));
    let rows = world.sql("SELECT fingerprint FROM idempotency");
    assert!(matches!(&rows[0][0], Value::Text(text) if text.len() == 64));
    let dump = world.dump();
    for text in ["Marker", "Person", "amal@example", "example.com"] {
        assert!(!dump.contains(text), "{text} in {dump}");
    }
    assert_eq!(world.bookings()[0].name, "Marker Person");
}

// ---------------------------------------------------------------- migrations

/// A store that fails at one step of its opening.
struct Brittle<'a> {
    sqlite: &'a Sqlite,
    steps: Rc<Cell<u32>>,
}

impl Store for Brittle<'_> {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        if left == 1 {
            return Err(StoreError("failed on purpose".to_owned()));
        }
        self.sqlite.run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.sqlite.transaction(work)
    }
}

#[test]
fn a_migration_that_breaks_off_is_done_whole_the_next_time() {
    let schema =
        |sqlite: &Sqlite| sqlite.run("SELECT name, sql FROM sqlite_master ORDER BY name", &[]);
    let whole = Sqlite::in_memory().unwrap();
    Tenant::open(
        Brittle {
            sqlite: &whole,
            steps: Rc::default(),
        },
        Settings::default(),
    )
    .unwrap();
    for step in 1.. {
        let sqlite = Sqlite::in_memory().unwrap();
        let steps = Rc::new(Cell::new(step));
        let open = || {
            let store = Brittle {
                sqlite: &sqlite,
                steps: Rc::clone(&steps),
            };
            Tenant::open(store, Settings::default()).map(|_| ())
        };
        if open().is_ok() {
            assert!(step > 20);
            break;
        }
        open().unwrap();
        assert_eq!(
            schema(&sqlite).unwrap(),
            schema(&whole).unwrap(),
            "step {step}"
        );
        open().unwrap();
    }
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let sqlite = Sqlite::in_memory().unwrap();
    let open = || {
        let store = Brittle {
            sqlite: &sqlite,
            steps: Rc::default(),
        };
        Tenant::open(store, Settings::default()).map(|_| ())
    };
    open().unwrap();
    sqlite
        .run("INSERT INTO schema_version (version) VALUES (1000)", &[])
        .unwrap();
    assert!(open().is_err());
}

#[test]
fn the_last_instants_and_the_largest_numbers_fit() {
    let mut world = World::demo();
    let list = Command::ListBookings {
        from: Some("1970-01-01T00:00:00Z".parse().unwrap()),
        to: Some("9999-12-31T23:59:59Z".parse().unwrap()),
        after: Some(format!("{INTEGER_MAX}.bkg_00000000000000000000000000")),
    };
    world.ask(&owner(), list).unwrap();
    world.put_service(
        "consult",
        &with(consult(), json!({ "buffer_after_minutes": 720 })),
    );
    let page: wire::BookingPage = wire(json!({ "items": [] }));
    assert_eq!(page.next, None);
    for start in ["9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00+23:59"] {
        assert!(world.book(start, start).is_err());
        assert!(world.hold("consult", start, "s1").is_err());
    }
}
