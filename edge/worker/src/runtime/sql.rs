//! The store of a Durable Object: its own SQLite, synchronous, with one writer.

use js_sys::{Function, Reflect};
use slotstead_tenant::store::{Row, Store, StoreError, Value};
use wasm_bindgen::{JsCast, JsValue, closure::ScopedClosure};
use worker::{SqlStorage, SqlStorageValue, State};

/// What the closure throws to roll a transaction back.
const ROLL_BACK: &str = "slotstead: roll back";

/// The store.
pub struct ObjectStore {
    sql: SqlStorage,
    /// `ctx.storage`, for `transactionSync`.
    storage: JsValue,
    transaction_sync: Function,
}

impl ObjectStore {
    /// The store of this object.
    pub fn of(state: &State) -> Result<Self, StoreError> {
        let storage = state.storage();
        let raw = JsValue::from(storage.as_raw());
        let transaction_sync = Reflect::get(&raw, &"transactionSync".into())
            .ok()
            .and_then(|value| value.dyn_into().ok())
            .ok_or_else(|| {
                StoreError(
                    "the object has no transactionSync: it is not backed by SQLite".to_owned(),
                )
            })?;
        Ok(Self {
            sql: storage.sql(),
            storage: raw,
            transaction_sync,
        })
    }
}

impl Store for ObjectStore {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let bindings = parameters
            .iter()
            .map(to_platform)
            .collect::<Result<Vec<_>, _>>()?;
        let cursor = self
            .sql
            .exec(sql, bindings)
            .map_err(|error| broken(&error))?;
        cursor
            .raw()
            .map(|row| {
                row.map_err(|error| broken(&error))?
                    .into_iter()
                    .map(from_platform)
                    .collect()
            })
            .collect()
    }

    /// A plain statement before an error stays written in a Durable Object; only what runs inside
    /// `transactionSync` and throws is undone. `Ok` is returned after it returned, so after the
    /// commit; that the answer is sent only once the bytes are safe is the platform's output gate.
    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        let mut attempt = || {
            if work() {
                Ok(JsValue::UNDEFINED)
            } else {
                Err(JsValue::from(ROLL_BACK))
            }
        };
        let closure: ScopedClosure<'_, dyn FnMut() -> Result<JsValue, JsValue>> =
            ScopedClosure::borrow_mut_assert_unwind_safe(&mut attempt);
        match self
            .transaction_sync
            .call1(&self.storage, closure.as_js_value())
        {
            Ok(_) => Ok(()),
            Err(error) if error.as_string().as_deref() == Some(ROLL_BACK) => Ok(()),
            Err(error) => Err(broken(&worker::Error::from(error))),
        }
    }
}

fn to_platform(value: &Value) -> Result<SqlStorageValue, StoreError> {
    match value {
        Value::Null => Ok(SqlStorageValue::Null),
        Value::Integer(integer) => {
            SqlStorageValue::try_from_i64(*integer).map_err(|error| broken(&error))
        }
        Value::Text(text) => Ok(SqlStorageValue::String(text.clone())),
    }
}

fn from_platform(value: SqlStorageValue) -> Result<Value, StoreError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Boolean(boolean) => Ok(Value::Integer(boolean.into())),
        SqlStorageValue::Integer(integer) => Ok(Value::Integer(integer)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        SqlStorageValue::Float(_) => Err(StoreError(
            "a number is not an integer within 2^53".to_owned(),
        )),
        SqlStorageValue::Blob(_) => Err(StoreError("a column holds bytes".to_owned())),
    }
}

/// SQLite's messages name tables and columns, not values.
fn broken(error: &worker::Error) -> StoreError {
    StoreError(error.to_string())
}
