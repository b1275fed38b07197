//! A store that remembers what it was asked, until something is written to what it was asked about.
//!
//! A tenant is asked the same things again and again (its origins, a service, who gives it and when they
//! work), and a statement in a Durable Object costs as much as all the rest of an answer. The one writer
//! of a store is its tenant, so whoever sees every statement knows when an answer can have changed: every
//! write goes through [`Remembering::run`], which first forgets each answer whose statement names the
//! written table. A statement that is not understood forgets everything, and so does a transaction that
//! wrote and was not committed. There are no triggers and no cascades: a statement writes the table it names.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use super::{Row, Store, StoreError, Value};

/// Bytes remembered at most, over all answers, of the 128 MB of an object. Not values: a page of bookings
/// with long answers has 16 MB.
const BYTES: usize = 4_000_000;
/// Statements known at most: all that the tenant has, and room for lists of several lengths.
const STATEMENTS: usize = 500;
/// Answers to one statement with different parameters: the time is one, so many are asked for once only.
const ANSWERS: usize = 16;

/// A store over `S` that remembers answers.
#[derive(Debug)]
pub struct Remembering<S> {
    store: S,
    known: RefCell<Known>,
    /// Whether nothing may be written: a question is being answered, and nothing of it would be undone.
    reading: Cell<bool>,
}

/// Parameters, and the rows they gave.
type Remembered = (Vec<Value>, Vec<Row>);

#[derive(Debug, Default)]
struct Known {
    statements: BTreeMap<String, Question>,
    bytes: usize,
    /// Whether something was written since the transaction began.
    written: bool,
    /// How often something was written.
    writes: u64,
}

/// A statement that was asked.
#[derive(Debug)]
struct Question {
    /// The names in it, sorted, those of its tables among them.
    names: Vec<String>,
    /// The oldest first.
    answers: Vec<Remembered>,
}

impl Question {
    fn new(sql: &str) -> Self {
        let names = sql.split(|character| !is_of_name(character));
        let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        Self {
            names: names.into_iter().map(str::to_owned).collect(),
            answers: Vec::new(),
        }
    }

    fn names(&self, table: &str) -> bool {
        self.names
            .binary_search_by(|name| name.as_str().cmp(table))
            .is_ok()
    }
}

/// What a statement does, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Effect<'a> {
    Reads,
    Writes(&'a str),
    /// Another table than it seems, or all of them.
    Unclear,
}

impl<S> Remembering<S> {
    /// Remembers for `store`, which nobody else writes to.
    pub fn new(store: S) -> Self {
        Self {
            store,
            known: RefCell::default(),
            reading: Cell::new(false),
        }
    }
}

impl<S: Store> Store for Remembering<S> {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        match effect(sql) {
            Effect::Reads => {}
            Effect::Writes(_) | Effect::Unclear if self.reading.get() => {
                return Err(StoreError("a question would write something".to_owned()));
            }
            Effect::Writes(table) => {
                self.known.borrow_mut().forget_table(table);
                return self.store.run(sql, parameters);
            }
            Effect::Unclear => {
                self.known.borrow_mut().forget_all();
                return self.store.run(sql, parameters);
            }
        }
        if let Some(rows) = self.known.borrow().answer(sql, parameters) {
            return Ok(rows);
        }
        let rows = self.store.run(sql, parameters)?;
        self.known.borrow_mut().remember(sql, parameters, &rows);
        Ok(rows)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        let mut open = Open {
            known: &self.known,
            committed: false,
        };
        self.known.borrow_mut().written = false;
        let mut wanted = false;
        let outcome = self.store.transaction(&mut || {
            wanted = work();
            wanted
        });
        open.committed = wanted && outcome.is_ok();
        outcome
    }

    fn read(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        let _reading = Reading::begin(&self.reading);
        self.store.read(work)
    }

    fn writes(&self) -> Option<u64> {
        Some(self.known.borrow().writes)
    }
}

/// A question under way.
struct Reading<'a>(&'a Cell<bool>);

impl<'a> Reading<'a> {
    fn begin(reading: &'a Cell<bool>) -> Self {
        reading.set(true);
        Self(reading)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A transaction under way. What was read in it after a write is true only if it is committed, and a panic
/// or an error leaves that open.
struct Open<'a> {
    known: &'a RefCell<Known>,
    committed: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Ok(mut known) = self.known.try_borrow_mut()
            && known.written
            && !self.committed
        {
            known.forget_all();
        }
    }
}

impl Known {
    fn answer(&self, sql: &str, parameters: &[Value]) -> Option<Vec<Row>> {
        let question = self.statements.get(sql)?;
        let (_, rows) = question
            .answers
            .iter()
            .find(|(asked, _)| asked == parameters)?;
        Some(rows.clone())
    }

    fn remember(&mut self, sql: &str, parameters: &[Value], rows: &[Row]) {
        let bytes = size(parameters, rows);
        if bytes > BYTES {
            return;
        }
        let new = !self.statements.contains_key(sql);
        if self.bytes + bytes > BYTES || new && self.statements.len() == STATEMENTS {
            self.forget_answers();
        }
        let question = self.statements.entry(sql.to_owned());
        let question = question.or_insert_with(|| Question::new(sql));
        if question.answers.len() == ANSWERS {
            let (parameters, rows) = question.answers.remove(0);
            self.bytes -= size(&parameters, &rows);
        }
        question.answers.push((parameters.to_vec(), rows.to_vec()));
        self.bytes += bytes;
    }

    fn forget_table(&mut self, table: &str) {
        self.note_write();
        for question in self.statements.values_mut() {
            if !question.answers.is_empty() && question.names(table) {
                for (parameters, rows) in question.answers.drain(..) {
                    self.bytes -= size(&parameters, &rows);
                }
            }
        }
    }

    fn forget_all(&mut self) {
        self.note_write();
        self.forget_answers();
    }

    fn note_write(&mut self) {
        self.written = true;
        self.writes += 1;
    }

    fn forget_answers(&mut self) {
        self.statements.clear();
        self.bytes = 0;
    }
}

fn size(parameters: &[Value], rows: &[Row]) -> usize {
    let value = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Null | Value::Integer(_) => 0,
    } + size_of::<Value>();
    let values = |values: &[Value]| size_of::<Row>() + values.iter().map(value).sum::<usize>();
    values(parameters) + rows.iter().map(|row| values(row)).sum::<usize>()
}

fn effect(sql: &str) -> Effect<'_> {
    let mut words = sql.split_ascii_whitespace();
    let table = match (words.next(), words.next(), words.next()) {
        (Some("SELECT"), ..) => return Effect::Reads,
        (Some("UPDATE"), Some(table), Some("SET"))
        | (Some("INSERT"), Some("INTO"), Some(table))
        | (Some("DELETE"), Some("FROM"), Some(table)) => table,
        _ => return Effect::Unclear,
    };
    if !table.is_empty() && table.chars().all(is_of_name) {
        Effect::Writes(table)
    } else {
        Effect::Unclear
    }
}

/// A table's name has small letters, and no keyword has one.
const fn is_of_name(character: char) -> bool {
    character.is_ascii_lowercase() || character == '_'
}

#[cfg(all(test, feature = "rusqlite"))]
mod tests;
