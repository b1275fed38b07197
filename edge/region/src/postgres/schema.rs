//! What the database has beside the tenant's own schema: which stores there are, who may see which rows, and
//! the rule against overlaps once more.
//!
//! The tables are the tenant's, made by the tenant's migrations. Nothing here knows them by name but the
//! ledger: every table with a `tenant_id` is guarded, and one without would not be.

use slotstead_shared::Region;
use slotstead_tenant::{
    Store, StoreError, migrate,
    store::{Row, Value},
};

use super::connection::Connection;

/// The driver's own tables, in a schema of their own.
const OWN: &str = "
    CREATE SCHEMA IF NOT EXISTS slotstead;
    CREATE SCHEMA IF NOT EXISTS slotstead_region;
    CREATE TABLE IF NOT EXISTS slotstead_region.reign (
        one BIGINT PRIMARY KEY CHECK (one = 1), region TEXT NOT NULL,
        epoch BIGINT NOT NULL, checks BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS slotstead_region.stores (tenant_id TEXT PRIMARY KEY)";

/// The tenants' tables, and whether each has a tenant in its rows.
const TABLES: &str = "SELECT c.relname::text, CASE WHEN EXISTS (SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) THEN 1 ELSE 0 END
    FROM pg_class c WHERE c.relnamespace = 'slotstead'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname";

/// Describes the store itself, so it is nobody's.
const NOBODYS: &str = "schema_version";

/// Two claims of one subject overlap only as seats of one class: with the same group, service and times. It
/// is what the ledger's own guard says, but for how many seats there are. The texts in the key have no `|`.
/// An empty range would overlap nothing, so there is none.
const NO_OVERLAP: &str = "
    CREATE EXTENSION IF NOT EXISTS btree_gist;
    ALTER TABLE slotstead.ledger
        ADD CONSTRAINT ledger_takes_time CHECK (padded_start < padded_end),
        ADD CONSTRAINT ledger_no_overlap EXCLUDE USING gist (
            tenant_id WITH =, subject WITH =, int8range(padded_start, padded_end) WITH &&,
            (group_id || '|' || service_id || '|' || core_start::text || '|' || core_end::text || '|' ||
                padded_start::text || '|' || padded_end::text) WITH <>)";

/// Makes the driver's own tables. The database belongs to the first region that reigns in it.
pub fn make_own(connection: &Connection, region: Region) -> Result<(), StoreError> {
    connection.batch(OWN)?;
    connection.ask(
        "INSERT INTO slotstead_region.reign (one, region, epoch, checks) VALUES (1, ?1, 0, 0)
         ON CONFLICT (one) DO NOTHING",
        &[region.as_str().into()],
    )?;
    let whose = connection.ask("SELECT region FROM slotstead_region.reign", &[])?;
    if whose == [[Value::from(region.as_str())]] {
        Ok(())
    } else {
        Err(StoreError("the database is another region's".to_owned()))
    }
}

/// Migrates, and guards what there is now. Nobody else uses the database meanwhile.
pub fn bring_up_to_date(connection: Connection) -> Result<Connection, StoreError> {
    // A migration moves the rows of all tenants: with the guards up it would see none and lose them.
    for (table, _) in tables(&connection)? {
        connection.batch(&format!(
            "ALTER TABLE slotstead.\"{table}\" NO FORCE ROW LEVEL SECURITY"
        ))?;
    }
    let all = AllTenants(connection);
    migrate(&all)?;
    let AllTenants(connection) = all;
    let is_held = connection.ask(
        "SELECT 1 FROM pg_constraint WHERE conname = 'ledger_no_overlap'
         AND conrelid = 'slotstead.ledger'::regclass",
        &[],
    )?;
    if is_held.is_empty() {
        connection.batch(NO_OVERLAP)?;
    }
    for (table, has_tenant) in tables(&connection)? {
        if has_tenant {
            connection.batch(&guard(&table))?;
        } else if table != NOBODYS {
            return Err(StoreError(format!("the rows of {table} are no tenant's")));
        }
    }
    Ok(connection)
}

/// Shows a transaction the rows of the tenant that it was begun for, and no others. One that was begun for
/// nobody is an error.
fn guard(table: &str) -> String {
    format!(
        "ALTER TABLE slotstead.\"{table}\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         DROP POLICY IF EXISTS own_rows ON slotstead.\"{table}\";
         CREATE POLICY own_rows ON slotstead.\"{table}\"
             USING (tenant_id = current_setting('slotstead.tenant'))"
    )
}

fn tables(connection: &Connection) -> Result<Vec<(String, bool)>, StoreError> {
    let rows = connection.ask(TABLES, &[])?;
    rows.into_iter()
        .map(|row| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(name), Value::Integer(has)]) => Ok((name, has == 1)),
            _ => Err(StoreError("a table has no name".to_owned())),
        })
        .collect()
}

/// The rows of all tenants together, for migrations only.
struct AllTenants(Connection);

impl Store for AllTenants {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(self.0.ask(sql, parameters)?)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.0.batch("BEGIN")?;
        // A step that failed wants no commit. A commit of what the server holds for failed keeps nothing.
        let end = if work() { "COMMIT" } else { "ROLLBACK" };
        Ok(self.0.batch(end)?)
    }
}
