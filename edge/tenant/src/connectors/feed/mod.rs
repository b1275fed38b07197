//! The calendar feed: an .ics file behind a URL, reduced to busy intervals.

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::Tz,
    limits::{FEED_BYTES, FEED_REDIRECTS, FEED_TIMEOUT_SECONDS},
};

use crate::effect::{FetchRequest, FetchResponse};

/// What a response says about busy times. Nothing else of the calendar leaves this module.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Why a response says nothing about busy times: the last known blocks stay. Each is a sentence
/// for the owner that quotes nothing of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// What came is something else, such as a login page.
    #[error("That address is not a calendar: it does not begin with BEGIN:VCALENDAR")]
    NotACalendar,
}

/// The request for a feed. A condition is only worth sending while the last reading covers
/// [`slotstead_shared::limits::FEED_COVER_DAYS`].
#[must_use]
pub fn request(url: &str, etag: Option<&str>, last_modified: Option<&str>) -> FetchRequest {
    let mut headers = vec![
        ("accept".to_owned(), "text/calendar".to_owned()),
        ("user-agent".to_owned(), "Slotstead/0.1 (calendar feed)".to_owned()),
    ];
    let conditions = [("if-none-match", etag), ("if-modified-since", last_modified)];
    for (name, value) in conditions {
        if let Some(value) = value {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
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
    let _ = (response, conditional, now, host_zone);
    Err(FeedError::NotACalendar)
}
