//! What the owner sets up. Each file has one kind of thing: list it, put it, delete it.
//!
//! What something else still uses is not deleted: the refusal says what to do first.

pub mod fields;
pub mod hosts;
pub mod profile;
pub mod schedules;
pub mod services;
pub mod tokens;

use crate::refusal::Refusal;

/// Refuses one more of something than a tenant can have.
fn room_for_one_more(count: usize, most: usize, things: &str) -> Result<(), Refusal> {
    if count < most {
        return Ok(());
    }
    Err(conflict(format!(
        "There are {most} {things} already. Delete one of them first."
    )))
}

fn conflict(detail: impl Into<String>) -> Refusal {
    Refusal::Conflict {
        detail: detail.into(),
    }
}
