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

/// The driver's own tables, in a schema of their own. `restored` is 1 where another state of the tenant was put
/// into the database, and nobody has told the tenant yet.
const OWN: &str = "
    CREATE SCHEMA IF NOT EXISTS slotstead;
    CREATE SCHEMA IF NOT EXISTS slotstead_region;
    CREATE TABLE IF NOT EXISTS slotstead_region.reign (
        one BIGINT PRIMARY KEY CHECK (one = 1), region TEXT NOT NULL,
        epoch BIGINT NOT NULL, checks BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS slotstead_region.stores (
        tenant_id TEXT PRIMARY KEY, restored BIGINT NOT NULL DEFAULT 0)";

/// The tenants' tables, whether each has a tenant in its rows, and whether it is guarded.
const TABLES: &str = "SELECT c.relname::text, CASE WHEN EXISTS (SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) THEN 1 ELSE 0 END,
    CASE WHEN c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p
    WHERE p.polrelid = c.oid AND p.polname = 'one_tenant') THEN 1 ELSE 0 END
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

/// Migrates, and guards what there is now. Nobody else writes to the database meanwhile, but whoever reads it (a
/// backup) holds locks: so what is as it should be is not touched, and the rest changes in one transaction, in
/// which the guards go up again. An error ends the connection, and with it the transaction.
pub fn bring_up_to_date(connection: &Connection) -> Result<(), StoreError> {
    connection.batch("BEGIN")?;
    migrate(&AllTenants(connection))?;
    let is_held = connection.ask(
        "SELECT 1 FROM pg_constraint WHERE conname = 'ledger_no_overlap'
         AND conrelid = 'slotstead.ledger'::regclass",
        &[],
    )?;
    if is_held.is_empty() {
        connection.batch(NO_OVERLAP)?;
    }
    for table in tables(connection)? {
        if !table.has_tenant && table.name != NOBODYS {
            let detail = format!("the rows of {} are no tenant's", table.name);
            return Err(StoreError(detail));
        }
        if table.has_tenant && !table.is_guarded {
            connection.batch(&guard(&table.name))?;
        }
    }
    Ok(connection.commit()?)
}

/// Shows a transaction the rows of the tenant that it was begun for, and no others. One that was begun for
/// nobody is an error, also where the setting was made before and is empty since: then a setting is asked
/// for that is never made. A table with a policy of this name is left alone, so another rule needs another name.
fn guard(table: &str) -> String {
    format!(
        "ALTER TABLE slotstead.\"{table}\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         DROP POLICY IF EXISTS one_tenant ON slotstead.\"{table}\";
         CREATE POLICY one_tenant ON slotstead.\"{table}\"
             USING (tenant_id = current_setting(CASE current_setting('slotstead.tenant')
                 WHEN '' THEN 'slotstead.nobody' ELSE 'slotstead.tenant' END))"
    )
}

struct Table {
    name: String,
    has_tenant: bool,
    is_guarded: bool,
}

fn tables(connection: &Connection) -> Result<Vec<Table>, StoreError> {
    let rows = connection.ask(TABLES, &[])?;
    rows.into_iter()
        .map(|row| match <[Value; 3]>::try_from(row) {
            Ok(
                [
                    Value::Text(name),
                    Value::Integer(has),
                    Value::Integer(guarded),
                ],
            ) => Ok(Table {
                name,
                has_tenant: has == 1,
                is_guarded: guarded == 1,
            }),
            _ => Err(StoreError("a table has no name".to_owned())),
        })
        .collect()
}

/// The rows of all tenants together, for the steps of a migration only. All are within one transaction.
struct AllTenants<'a>(&'a Connection);

impl Store for AllTenants<'_> {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(self.0.ask(sql, parameters)?)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        // A step moves the rows of all tenants: with the guards up it would see none and lose them.
        for table in tables(self.0)? {
            self.0.batch(&format!(
                "ALTER TABLE slotstead.\"{}\" NO FORCE ROW LEVEL SECURITY",
                table.name
            ))?;
        }
        // A step that failed fails the migration, and nothing is committed.
        work();
        Ok(())
    }
}
