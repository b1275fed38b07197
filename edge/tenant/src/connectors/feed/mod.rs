//! The calendar feed: an .ics file behind a URL, reduced to busy intervals.
//!
//! In scope: the request, the response, and everything between bytes and intervals. Out of
//! scope: fetching, storing, deciding when to ask again. Only starts and ends leave this module
//! (R1, R2).
//!
//! Unknown means busy. What cannot be understood is a [`FeedError`] for the whole feed, after
//! which the last known blocks stay for a day, or it is widened to busy time:
//!
//! | what | becomes |
//! | --- | --- |
//! | a rule, a date, a duration, a zone definition that is used, a component that cannot be read | error |
//! | a file without its last lines, or whose `BEGIN`s and `END`s do not match | error |
//! | a file in UTF-16, a NUL byte anywhere | error |
//! | a value that is encoded (`ENCODING=`), or any that goes on in the next line that way | error |
//! | one component with two starts, UIDs, SEQUENCEs, offsets or the like that differ | error |
//! | more occurrences or more work than the limits | error |
//! | a zone that is not known, where the event may touch the window | error |
//! | a RECURRENCE-ID or EXDATE that names no occurrence, or a timed one by its date; an EXRULE | busy, as if it were not there |
//! | a time in two zones or of two types, a date with a time of day | error |
//! | a day or a floating time, in a calendar of another zone than the host's | both |
//! | two definitions under one name | a zone that is not known |
//! | two changes of all later occurrences from the same one on | both |
//! | a repeat in UTC, in a calendar with a zone of its own | both, in UTC and on that zone's wall |
//! | a length over a change of the clock, exact or on the wall | the longer of the two |
//! | `YEARLY;BYWEEKNO` without a day, `YEARLY;BYMONTHDAY` without a month | every day and every month; with a count or a position an error |
//! | several ends: DTEND, DURATION or both | until each of them |
//! | CANCELLED and another STATUS, TRANSPARENT and another TRANSP, FREE and another BUSYSTATUS | busy |
//! | DTSTART that its own rule does not name | busy |
//! | an end before the start | the time between them; of all-day events an error |
//! | TENTATIVE, OOF, an attendee who declined, an unknown TRANSP or FBTYPE | busy |
//!
//! Free are cancelled and transparent events, Outlook's FREE (of an OPAQUE event too), FBTYPE FREE,
//! events without length, to-dos, journals and alarms.

mod calendar;
mod error;
mod event;
mod found;
mod lines;
mod onset;
mod recur;
mod rule;
mod series;
mod shape;
mod time;
mod zone;

use serde::Serialize;
use slotstead_shared::{
    Interval, UnixSeconds,
    engine::Tz,
    limits::{FEED_BYTES, FEED_HORIZON_DAYS, FEED_REDIRECTS, FEED_TIMEOUT_SECONDS},
};

pub use error::FeedError;

use crate::effect::{FetchRequest, FetchResponse};

/// Seconds of the past that are kept, and of a day of the horizon. Nothing here depends on
/// when a day begins.
const DAY_SECONDS: i64 = 86_400;
/// Bytes of an ETag or a date that are kept for the next request.
const VALIDATOR_BYTES: usize = 256;

/// What a response says about busy times. Nothing else of the calendar leaves this module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The calendar is as it was at the last reading; its blocks and `covered_until` stay.
    NotModified,
    /// The calendar was read in full.
    Busy {
        /// Merged, ascending, with a gap between any two.
        blocks: Vec<Interval>,
        /// Busy times are known before this instant; later ones count as busy.
        covered_until: UnixSeconds,
        /// For the next request's condition.
        etag: Option<String>,
        /// For the next request's condition.
        last_modified: Option<String>,
    },
}

/// The request for a feed. A condition is only worth sending while the last reading covers
/// [`slotstead_shared::limits::FEED_COVER_DAYS`].
#[must_use]
pub fn request(url: &str, etag: Option<&str>, last_modified: Option<&str>) -> FetchRequest {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        header("accept", "text/calendar"),
        header(
            "user-agent",
            concat!("Slotstead/", env!("CARGO_PKG_VERSION"), " (calendar feed)"),
        ),
    ];
    headers.extend(etag.map(|value| header("if-none-match", value)));
    headers.extend(last_modified.map(|value| header("if-modified-since", value)));
    FetchRequest {
        url: url.to_owned(),
        headers,
        redirects: FEED_REDIRECTS,
        max_bytes: FEED_BYTES,
        timeout_seconds: FEED_TIMEOUT_SECONDS,
    }
}

/// Reads the response to [`request`]: busy intervals from a day before `now` to
/// [`slotstead_shared::limits::FEED_HORIZON_DAYS`] after it.
///
/// `conditional` tells whether the request had an ETag or a date: only then may "not modified"
/// be an answer. `host_zone` is where floating times and all-day events happen, unless the
/// calendar names its own zone.
pub fn read(
    response: &FetchResponse,
    conditional: bool,
    now: UnixSeconds,
    host_zone: Tz,
) -> Result<Reading, FeedError> {
    match response.status {
        200 => {}
        304 if conditional => return Ok(Reading::NotModified),
        304 => return Err(FeedError::NothingToCompare),
        status @ (401 | 403 | 407) => return Err(FeedError::Refused { status }),
        status @ (404 | 410) => return Err(FeedError::Gone { status }),
        status @ (408 | 429 | 500..=599) => return Err(FeedError::Unavailable { status }),
        // 206 among them: a part of a calendar is not a calendar.
        status => return Err(FeedError::Unexpected { status }),
    }
    if response.body.len() > FEED_BYTES {
        return Err(FeedError::TooLarge);
    }
    let covered_until = now + FEED_HORIZON_DAYS * DAY_SECONDS;
    let window = Interval::new(now - DAY_SECONDS, covered_until);
    Ok(Reading::Busy {
        blocks: calendar::busy(&response.body, window, host_zone)?,
        covered_until,
        etag: validator(response, "etag"),
        last_modified: validator(response, "last-modified"),
    })
}

/// A header that can be sent back as it came. Anything longer or odder is not worth a condition.
fn validator(response: &FetchResponse, name: &str) -> Option<String> {
    let (_, value) = response
        .headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    let is_plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (is_plain && !value.is_empty() && value.len() <= VALIDATOR_BYTES).then(|| value.clone())
}
