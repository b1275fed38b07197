//! A month of `shared/tests/vectors/g30_*.json`: March 2027 in Oslo, Monday to Friday from
//! 09:00 to 17:00, every 30 minutes.

use serde::Deserialize;

/// Minutes of a slot and between slots.
pub const SLOT_MINUTES: i64 = 30;
/// The zone of the schedule.
pub const ZONE: &str = "Europe/Oslo";

/// Instants in Unix seconds.
#[derive(Deserialize)]
pub struct Month {
    /// Its first instant.
    pub start: i64,
    /// The first instant after it.
    pub end: i64,
    /// What is taken, from each first instant to the one after it.
    pub busy: Vec<(i64, i64)>,
    /// The starts that are free.
    pub slots: Vec<i64>,
}

impl Month {
    /// The month with `n` busy blocks.
    pub fn read(n: usize) -> Self {
        let path = format!(
            "{}/../../shared/tests/vectors/g30_{n}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).expect("the file belongs to this checkout");
        serde_json::from_str(&text).expect("the file has these fields")
    }
}
