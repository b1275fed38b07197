//! The one file that reads the clock.

use slotstead_shared::UnixSeconds;

/// Milliseconds since 1970. On the platform it stands still between two waits.
pub fn now_millis() -> i64 {
    // Date.now() is a whole number below 2^53.
    #[allow(clippy::cast_possible_truncation)]
    let millis = js_sys::Date::now() as i64;
    millis
}

/// Now.
pub fn now() -> UnixSeconds {
    now_millis().div_euclid(1_000)
}
