//! The store of a Durable Object: its own SQLite, synchronous, with one writer.

use std::{cell::RefCell, collections::HashMap};

use js_sys::{Function, Reflect};
use slotstead_tenant::store::{Row, Store, StoreError, Value, in_range};
use wasm_bindgen::{JsCast, JsValue, closure::ScopedClosure, prelude::wasm_bindgen};
use worker::State;

/// What the closure throws to roll a transaction back.
const ROLL_BACK: &str = "slotstead: roll back";

/// Statements prepared, at most: all that the tenant has, and room for lists of several lengths.
const PREPARED: usize = 500;

#[wasm_bindgen(module = "/src/runtime/sql.js")]
extern "C" {
    fn prepare(text: &str) -> u32;

    #[wasm_bindgen(catch)]
    fn run(sql: &JsValue, statement: u32, parameters: &str) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = runOnce)]
    fn run_once(sql: &JsValue, text: &str, parameters: &str) -> Result<String, JsValue>;
}

thread_local! {
    /// The numbers of the prepared statements, for all objects of the isolate.
    static STATEMENTS: RefCell<HashMap<String, u32>> = RefCell::default();
}

/// The store.
pub struct ObjectStore {
    /// `ctx.storage.sql`.
    sql: JsValue,
    /// `ctx.storage`, for `transactionSync`.
    storage: JsValue,
    transaction_sync: Function,
}

impl ObjectStore {
    /// The store of this object.
    pub fn of(state: &State) -> Result<Self, StoreError> {
        let storage = JsValue::from(state.storage().as_raw());
        let property =
            |name: &str| Reflect::get(&storage, &name.into()).map_err(|error| broken(&error));
        let transaction_sync = property("transactionSync")?.dyn_into().map_err(|_| {
            StoreError("the object has no transactionSync: it is not backed by SQLite".to_owned())
        })?;
        Ok(Self {
            sql: property("sql")?,
            transaction_sync,
            storage,
        })
    }
}

impl Store for ObjectStore {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        for parameter in parameters {
            check(parameter)?;
        }
        let parameters = serde_json::to_string(parameters).map_err(|error| unreadable(&error))?;
        let rows = match prepared(sql) {
            Some(statement) => run(&self.sql, statement, &parameters),
            None => run_once(&self.sql, sql, &parameters),
        };
        let rows = rows.map_err(|error| broken(&error))?;
        let rows: Vec<Row> = serde_json::from_str(&rows).map_err(|error| unreadable(&error))?;
        rows.iter().flatten().try_for_each(check)?;
        Ok(rows)
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
            Err(error) => Err(broken(&error)),
        }
    }

    /// Nobody comes in between two statements, and there is nothing to undo.
    fn read(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        work();
        Ok(())
    }
}

/// The number of a statement, unless there are too many.
fn prepared(sql: &str) -> Option<u32> {
    STATEMENTS.with_borrow_mut(|statements| {
        if let Some(number) = statements.get(sql) {
            return Some(*number);
        }
        if statements.len() == PREPARED {
            return None;
        }
        let number = prepare(sql);
        statements.insert(sql.to_owned(), number);
        Some(number)
    })
}

fn check(value: &Value) -> Result<(), StoreError> {
    match value {
        Value::Integer(integer) => in_range(*integer).map(drop),
        Value::Null | Value::Text(_) => Ok(()),
    }
}

/// The words of the error tell a place, no value.
fn unreadable(error: &serde_json::Error) -> StoreError {
    let detail = "a row holds something else than texts and integers";
    StoreError(format!("{detail} (column {})", error.column()))
}

/// SQLite's messages name tables and columns, not values.
fn broken(error: &JsValue) -> StoreError {
    let error = worker::Error::from(error.clone());
    StoreError(error.to_string())
}
