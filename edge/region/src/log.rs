//! One line of JSON for each event that somebody may have to act on, to the standard error. No ids, no
//! addresses of visitors, nothing of anybody: what is counted is in the metrics instead.

use std::{
    io::{self, Write},
    panic,
};

use serde_json::{Value, json};

/// Writes a line.
pub fn line(event: &str, detail: &Value) {
    let line = json!({ "event": event, "detail": detail });
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a failure in words.
pub fn failure(event: &str, what: &(impl ToString + ?Sized)) {
    line(event, &Value::String(what.to_string()));
}

/// Lets a panic say where it happened and nothing else: its message may quote what a tenant stored.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        line("panic", &json!({ "at": place }));
    }));
}
