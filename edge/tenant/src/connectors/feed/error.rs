//! Why a response says nothing about busy times, as sentences for the owner.
//!
//! A sentence holds words of ours, line numbers and status codes, and nothing that came
//! from the calendar or its server (R1, R2). After each of these the last known busy
//! blocks stay in place.

use serde::Serialize;

/// Why a response says nothing about busy times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FeedError {
    /// 401, 403 and 407: the address needs a login, or was withdrawn.
    #[error(
        "The calendar's server refuses this address ({status}); \
         copy the calendar's secret address again, or make it public"
    )]
    Refused {
        /// The HTTP status code.
        status: u16,
    },
    /// 404 and 410.
    #[error("There is no calendar at this address any more ({status}); copy its address again")]
    Gone {
        /// The HTTP status code.
        status: u16,
    },
    /// 429 and 5xx: a later try may work.
    #[error("The calendar's server cannot answer now ({status}); it will be asked again")]
    Unavailable {
        /// The HTTP status code.
        status: u16,
    },
    /// Any other status that carries no calendar.
    #[error("The calendar's server gave an answer that is not a calendar ({status})")]
    Unexpected {
        /// The HTTP status code.
        status: u16,
    },
    /// 304 to a request without a condition: there is nothing that was not modified.
    #[error("The calendar's server says that nothing changed, but the calendar was never read")]
    NothingToCompare,
    /// More than [`slotstead_shared::limits::FEED_BYTES`].
    #[error("The calendar is larger than 5 MB")]
    TooLarge,
    /// What came is something else, such as a login page.
    #[error("That address is not a calendar: it does not begin with BEGIN:VCALENDAR")]
    NotACalendar,
    /// Two bytes a letter.
    #[error("The calendar is written in UTF-16; calendars are written in UTF-8")]
    Utf16,
    /// An `END:` is missing at the end of the file.
    #[error("The calendar ends in the middle: its last lines are missing")]
    Truncated,
    /// `BEGIN:` and `END:` do not match, or a line is outside of everything.
    #[error("Line {line} of the calendar is out of place")]
    Structure {
        /// The line, from 1.
        line: u32,
    },
    /// A line that says when something is cannot be read.
    #[error("Line {line} of the calendar cannot be read ({property})")]
    Line {
        /// The line, from 1.
        line: u32,
        /// The iCalendar name of the property, or of its parameter.
        property: &'static str,
    },
    /// A component says something a second time, and otherwise.
    #[error("Line {line} of the calendar contradicts an earlier one of the same name ({property})")]
    Contradiction {
        /// The line, from 1.
        line: u32,
        /// The iCalendar name of the property.
        property: &'static str,
    },
    /// A date that does not exist, an end before the start, and the like.
    #[error(
        "The event on line {line} of the calendar has a time that cannot be right ({property})"
    )]
    Value {
        /// The line on which the event begins, from 1.
        line: u32,
        /// The iCalendar name of the property.
        property: &'static str,
    },
    /// An event says when it is in a way that is valid or common, and that is not understood here.
    #[error("The event on line {line} of the calendar uses {what}, which is not supported")]
    Unsupported {
        /// The line on which the event begins, from 1.
        line: u32,
        /// What, in words.
        what: &'static str,
    },
    /// An event takes time and has no start.
    #[error("The event on line {line} of the calendar has no start")]
    NoStart {
        /// The line on which the event begins, from 1.
        line: u32,
    },
    /// The event's zone is neither known nor defined in the file.
    #[error("The event on line {line} of the calendar is in a time zone that is not known")]
    UnknownZone {
        /// The line on which the event begins, from 1.
        line: u32,
    },
    /// More occurrences than [`slotstead_shared::limits::FEED_INSTANCES`], or rules that take too
    /// long to work out.
    #[error("The calendar holds too many repeated events to work out")]
    TooManyInstances,
    /// More busy blocks than [`slotstead_shared::limits::FEED_BLOCKS`].
    #[error("The calendar holds too many separate busy times")]
    TooManyBlocks,
}
