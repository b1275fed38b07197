//! The tables: all SQL of the tenant, one file per group, and the way to reach them.
//!
//! Every statement goes through [`TenantStore`], which puts the tenant's id in front of
//! the parameters: `?1` is the tenant in all of them, and none can be run without it (R19).

pub mod bookings;
pub mod erasures;
pub mod expiry;
pub mod feeds;
pub mod holds;
pub mod idempotency;
pub mod ledger;
pub mod migrations;
pub mod outbox;
pub mod setup;
pub mod tenants;

use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};
use slotstead_shared::TenantId;

use crate::store::{PARAMETERS, Row, Store, StoreError, Value};

/// A store, for one tenant.
#[derive(Clone, Copy)]
pub struct TenantStore<'a> {
    store: &'a dyn Store,
    tenant: &'a TenantId,
}

impl<'a> TenantStore<'a> {
    pub fn new(store: &'a dyn Store, tenant: &'a TenantId) -> Self {
        Self { store, tenant }
    }

    /// Whose records these are.
    pub const fn tenant(&self) -> &'a TenantId {
        self.tenant
    }

    /// See [`Store::writes`].
    pub fn writes(&self) -> Option<u64> {
        self.store.writes()
    }

    /// Runs a statement whose `?1` is the tenant and whose `?2` is the first of `parameters`.
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut all = Vec::with_capacity(parameters.len() + 1);
        all.push(self.tenant.as_str().into());
        all.extend_from_slice(parameters);
        self.store.run(sql, &all)
    }

    fn write(&self, sql: &str, parameters: &[Value]) -> Result<(), StoreError> {
        self.run(sql, parameters).map(|_| ())
    }

    /// The rows, each turned into a value by `read`.
    fn all<T>(
        &self,
        sql: &str,
        parameters: &[Value],
        read: impl Fn(&mut Columns) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.run(sql, parameters)?;
        rows.into_iter()
            .map(|row| read(&mut Columns::new(row)))
            .collect()
    }

    /// The rows of a question about `ids`, asked in as many statements as these need. `sql` gets
    /// the placeholders of a part of them, which come after those of `parameters`.
    fn all_among<T>(
        &self,
        sql: impl Fn(&str) -> String,
        parameters: &[Value],
        ids: impl Iterator<Item = String>,
        read: impl Fn(&mut Columns) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let ids: Vec<Value> = ids.map(Value::Text).collect();
        // `?1` is the tenant.
        let first = parameters.len() + 2;
        let mut found = Vec::new();
        for part in ids.chunks(PARAMETERS + 1 - first) {
            let sql = sql(&placeholders(first, part.len()));
            found.extend(self.all(&sql, &[parameters, part].concat(), &read)?);
        }
        Ok(found)
    }

    /// The first row, if any.
    fn one<T>(
        &self,
        sql: &str,
        parameters: &[Value],
        read: impl Fn(&mut Columns) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, parameters, read)?.into_iter().next())
    }

    /// The number in the first column of the only row, such as a count.
    fn number(&self, sql: &str, parameters: &[Value]) -> Result<i64, StoreError> {
        self.one(sql, parameters, Columns::integer)?
            .ok_or_else(corrupt)
    }
}

/// The columns of a row, read from left to right.
///
/// A stored value that cannot be read is an error: it never turns into an empty list or
/// a default, which might read as free time.
struct Columns(std::vec::IntoIter<Value>);

impl Columns {
    fn new(row: Row) -> Self {
        Self(row.into_iter())
    }

    fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(corrupt)
    }

    fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            Some(Value::Integer(_)) | None => Err(corrupt()),
        }
    }

    fn integer(&mut self) -> Result<i64, StoreError> {
        self.optional_integer()?.ok_or_else(corrupt)
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Value::Integer(number)) => Ok(Some(number)),
            Some(Value::Null) => Ok(None),
            Some(Value::Text(_)) | None => Err(corrupt()),
        }
    }

    fn small(&mut self) -> Result<u32, StoreError> {
        self.integer()?.try_into().map_err(|_| corrupt())
    }

    /// A text that is the form of an id, a date or a zone.
    fn parsed<T: FromStr>(&mut self) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|_| corrupt())
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        serde_json::from_str(&self.text()?).map_err(|_| corrupt())
    }
}

/// A stored value is not what was written. The words hold nothing of it.
pub fn corrupt() -> StoreError {
    StoreError("a stored value cannot be read".to_owned())
}

/// `value` as stored JSON.
fn json(value: &impl Serialize) -> Result<Value, StoreError> {
    match serde_json::to_string(value) {
        Ok(text) => Ok(Value::Text(text)),
        Err(_) => Err(StoreError("a value cannot be stored".to_owned())),
    }
}

/// `?from, ?from+1, …`: `count` placeholders.
fn placeholders(from: usize, count: usize) -> String {
    let numbers: Vec<String> = (from..from + count)
        .map(|number| format!("?{number}"))
        .collect();
    numbers.join(", ")
}
