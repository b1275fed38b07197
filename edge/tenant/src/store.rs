//! The store: one small synchronous trait over one SQL.
//!
//! SQLite's dialect in a subset that PostgreSQL accepts too: `?1` placeholders, no
//! function that only one of them has. A driver is about a hundred lines.

pub mod remembering;
#[cfg(feature = "rusqlite")]
pub mod sqlite;

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Unexpected, Visitor},
};

/// The largest integer that every store holds exactly: 2^53 - 1.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// The number, if every store holds it exactly.
pub fn in_range(number: i64) -> Result<i64, StoreError> {
    if (-INTEGER_MAX..=INTEGER_MAX).contains(&number) {
        Ok(number)
    } else {
        Err(StoreError(
            "an integer is outside the range that every store holds exactly".to_owned(),
        ))
    }
}

/// The most parameters of one statement, which is what a Durable Object takes.
pub const PARAMETERS: usize = 100;

/// A value in a row or a parameter. Integers stay within ±[`INTEGER_MAX`], the range a
/// Durable Object's numbers hold exactly; drivers refuse others. In JSON it is what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

/// By hand: what serde makes of `untagged` copies each value first and writes an error for each wrong guess.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, an integer or null")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Value, E> {
        Ok(Value::Integer(integer))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Value, E> {
        let unexpected = || E::invalid_value(Unexpected::Unsigned(integer), &self);
        i64::try_from(integer)
            .map(Value::Integer)
            .map_err(|_| unexpected())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        (**self).run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        (**self).transaction(work)
    }

    fn read(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        (**self).read(work)
    }

    fn writes(&self) -> Option<u64> {
        (**self).writes()
    }
}

/// The store failed. `0` is for the log and holds no data of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// One row, its columns in the order of the statement.
pub type Row = Vec<Value>;

/// A tenant's store. Every call is synchronous; there is one writer.
pub trait Store {
    /// Runs one statement and returns its rows (none for a write).
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs `work` in one transaction. When it returns `true` the transaction is committed;
    /// when it returns `false` or panics, it is rolled back.
    ///
    /// `Ok` only when the commit (or the wanted roll-back) succeeded. After an `Err` the caller
    /// does not know whether a commit was kept, and says so by refusing; the idempotency key,
    /// written in the same transaction, tells a retry. Transactions do not nest.
    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError>;

    /// Runs `work`, which only reads: everything it reads is of one moment. Otherwise like a transaction.
    fn read(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.transaction(work)
    }

    /// How often the store was written to, or may have been, since it was opened: while this is the same, so is
    /// everything in it. `None` from a store that does not count.
    fn writes(&self) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_are_in_json() {
        let values = vec![
            Value::Null,
            Value::Integer(-7),
            Value::Integer(INTEGER_MAX),
            Value::Text("å\n\"".to_owned()),
        ];
        let json = serde_json::to_string(&values).unwrap();
        assert_eq!(json, r#"[null,-7,9007199254740991,"å\n\""]"#);
        assert_eq!(serde_json::from_str::<Row>(&json).unwrap(), values);
        for bad in ["1.5", "true", "[1]", "{}", "18446744073709551615"] {
            assert!(serde_json::from_str::<Value>(bad).is_err(), "{bad}");
        }
    }
}
