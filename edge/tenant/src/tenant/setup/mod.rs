//! What the owner sets up. Each file has one kind of thing: list it, put it, delete it.
//!
//! What something else still uses is not deleted: the refusal says what to do first.

pub mod fields;
pub mod hosts;
pub mod profile;
pub mod resources;
pub mod schedules;
pub mod services;
pub mod tokens;

use slotstead_shared::{
    limits::{BOOKING_LIMITS, LIMIT_BOOKINGS, LIMIT_MINUTES},
    wire::BookingLimit,
};

use super::check::Check;
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

/// Names what is wrong with booking limits.
fn check_limits(check: &mut Check, list: &str, limits: &[BookingLimit]) {
    check.at_most(list, limits.len(), BOOKING_LIMITS, "limits");
    for (at, limit) in limits.iter().enumerate() {
        let field = |name: &str| format!("{list}[{at}].{name}");
        if limit.bookings.is_none() && limit.minutes.is_none() {
            check.wrong(
                format!("{list}[{at}]"),
                "A limit has a number of bookings or of minutes",
            );
        }
        if let Some(bookings) = limit.bookings {
            check.within(&field("bookings"), bookings, &LIMIT_BOOKINGS, "bookings");
        }
        if let Some(minutes) = limit.minutes {
            check.within(&field("minutes"), minutes, &LIMIT_MINUTES, "minutes");
        }
    }
}

fn conflict(detail: impl Into<String>) -> Refusal {
    Refusal::Conflict {
        detail: detail.into(),
    }
}
