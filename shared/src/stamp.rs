//! Dates, wall times and stamps as text, without a date-formatting library.
//!
//! The widget parses what the region sends and must stay small, so the three
//! formats that cross the wire are read and written by hand here and nowhere else.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Serialize, Serializer};

use crate::UnixSeconds;

/// The text is not in the format asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Not an existing date written `YYYY-MM-DD`.
    #[error("not an existing date such as 2027-03-11")]
    Date,
    /// Not a wall time written `HH:MM`, from `00:00` to `24:00`.
    #[error("not a wall time such as 09:30, from 00:00 to 24:00")]
    WallTime,
    /// Not an RFC 3339 date-time in whole seconds.
    #[error("not a date and time with an offset such as 2027-03-11T09:30:00+01:00")]
    Stamp,
}

/// `len` ASCII digits at `at`, as a number.
fn digits(text: &str, at: usize, len: usize) -> Option<u32> {
    let part = text.as_bytes().get(at..at + len)?;
    part.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

fn byte_is(text: &str, at: usize, wanted: u8) -> Option<()> {
    (*text.as_bytes().get(at)? == wanted).then_some(())
}

/// A calendar date without a zone, written `2027-03-11`; years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(pub NaiveDate);

impl Date {
    fn parse_prefix(text: &str) -> Option<Self> {
        let (year, month, day) = (
            digits(text, 0, 4)?,
            digits(text, 5, 2)?,
            digits(text, 8, 2)?,
        );
        byte_is(text, 4, b'-')?;
        byte_is(text, 7, b'-')?;
        if year < 1970 {
            return None;
        }
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).map(Self)
    }
}

impl FromStr for Date {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        if text.len() != 10 {
            return Err(StampError::Date);
        }
        Self::parse_prefix(text).ok_or(StampError::Date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

/// A wall time in minutes after midnight, written `09:30`; `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime(u16);

impl WallTime {
    /// Minutes after midnight, 0 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for WallTime {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        let parse = || {
            byte_is(text, 2, b':')?;
            let (hours, minutes) = (digits(text, 0, 2)?, digits(text, 3, 2)?);
            let total = hours * 60 + minutes;
            (text.len() == 5 && minutes < 60 && total <= 24 * 60)
                .then(|| u16::try_from(total).ok())?
                .map(Self)
        };
        parse().ok_or(StampError::WallTime)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// An instant together with the wall time at which somebody sees it:
/// RFC 3339 in whole seconds, `2027-03-11T09:30:00+01:00`.
///
/// Two stamps of one instant in two zones are different stamps; compare
/// [`Stamp::unix_seconds`] to compare instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Stamp {
    local: NaiveDateTime,
    offset_seconds: i32,
}

impl Stamp {
    /// The instant `at`, seen where wall clocks are `offset_seconds` ahead of UTC.
    ///
    /// `None` outside the years 1970 to 9999 or for an offset of a day or more.
    /// Offsets are rounded to whole minutes by no one: IANA offsets since 1972 are whole minutes.
    #[must_use]
    pub fn new(at: UnixSeconds, offset_seconds: i32) -> Option<Self> {
        if offset_seconds.abs() >= 86_400 {
            return None;
        }
        let local =
            chrono::DateTime::from_timestamp(at.checked_add(i64::from(offset_seconds))?, 0)?
                .naive_utc();
        (1970..=9999).contains(&local.year()).then_some(Self {
            local,
            offset_seconds,
        })
    }

    /// The instant.
    #[must_use]
    pub fn unix_seconds(&self) -> UnixSeconds {
        self.local.and_utc().timestamp() - i64::from(self.offset_seconds)
    }

    /// How far the wall clock is ahead of UTC.
    #[must_use]
    pub const fn offset_seconds(&self) -> i32 {
        self.offset_seconds
    }

    /// The date on the wall.
    #[must_use]
    pub fn date(&self) -> Date {
        Date(self.local.date())
    }

    /// Hour (0-23) and minute on the wall.
    #[must_use]
    pub fn hour_minute(&self) -> (u32, u32) {
        (self.local.hour(), self.local.minute())
    }
}

impl FromStr for Stamp {
    type Err = StampError;

    /// Accepts what RFC 3339 section 5.6 allows in whole seconds, the letters in upper case.
    fn from_str(text: &str) -> Result<Self, StampError> {
        let parse = || {
            let date = Date::parse_prefix(text)?;
            byte_is(text, 10, b'T')?;
            byte_is(text, 13, b':')?;
            byte_is(text, 16, b':')?;
            let time = NaiveTime::from_hms_opt(
                digits(text, 11, 2)?,
                digits(text, 14, 2)?,
                digits(text, 17, 2)?,
            )?;
            let offset_seconds = match *text.as_bytes().get(19)? {
                b'Z' if text.len() == 20 => 0,
                sign @ (b'+' | b'-') if text.len() == 25 => {
                    byte_is(text, 22, b':')?;
                    let (hours, minutes) = (digits(text, 20, 2)?, digits(text, 23, 2)?);
                    if hours > 23 || minutes > 59 {
                        return None;
                    }
                    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
                    if sign == b'-' { -seconds } else { seconds }
                }
                _ => return None,
            };
            Some(Self {
                local: date.0.and_time(time),
                offset_seconds,
            })
        };
        parse().ok_or(StampError::Stamp)
    }
}

impl Stamp {
    /// Its text. A month of free times has hundreds of them, and the formatter of the standard library takes
    /// longer for one than working it out.
    fn text(&self) -> [u8; 25] {
        let mut text = *b"0000-00-00T00:00:00+00:00";
        let mut put = |at: usize, number: u32| {
            text[at] = digit(number / 10);
            text[at + 1] = digit(number);
        };
        let minutes = self.offset_seconds.unsigned_abs() / 60;
        // Years are 1970 to 9999.
        let year = self.local.year().unsigned_abs();
        put(0, year / 100);
        put(2, year);
        put(5, self.local.month());
        put(8, self.local.day());
        put(11, self.local.hour());
        put(14, self.local.minute());
        put(17, self.local.second());
        put(20, minutes / 60);
        put(23, minutes % 60);
        if self.offset_seconds < 0 {
            text[19] = b'-';
        }
        text
    }
}

/// The last decimal digit of `number`.
fn digit(number: u32) -> u8 {
    b"0123456789"[number as usize % 10]
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text();
        let text = str::from_utf8(&text).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

macro_rules! text_conversions {
    ($($kind:ty),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = StampError;
            fn try_from(text: String) -> Result<Self, StampError> {
                text.parse()
            }
        }
        impl From<$kind> for String {
            fn from(value: $kind) -> String {
                value.to_string()
            }
        }
    )*};
}
text_conversions!(Date, WallTime, Stamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_round_trip_and_keep_their_offset() {
        for text in [
            "2027-03-11T09:30:00+01:00",
            "1970-01-01T00:00:00+00:00",
            "2026-11-01T01:59:59-07:00",
            "2027-06-01T00:00:00+05:45",
            "9999-12-31T23:59:59-23:59",
            "2000-10-20T10:20:30+10:20",
        ] {
            let stamp: Stamp = text.parse().unwrap();
            assert_eq!(stamp.to_string(), text);
            assert_eq!(serde_json::to_value(stamp).unwrap(), text);
        }
        let stamp: Stamp = "2027-03-11T09:30:00Z".parse().unwrap();
        assert_eq!(stamp.to_string(), "2027-03-11T09:30:00+00:00");
        assert_eq!(stamp.unix_seconds(), 1_804_757_400);
        assert_eq!(
            Stamp::new(1_804_757_400, 3600).unwrap().to_string(),
            "2027-03-11T10:30:00+01:00"
        );
    }

    #[test]
    fn what_is_not_a_stamp_is_refused() {
        for text in [
            "",
            "2027-02-29T09:30:00Z",
            "2027-03-11T24:00:00Z",
            "2027-03-11 09:30:00Z",
            "2027-03-11T09:30:00",
            "2027-03-11T09:30:00+24:00",
            "2027-03-11T09:30:00+01:60",
            "2027-03-11T09:30:00.5Z",
            "2027-03-11T09:30:00Zjunk",
            "1969-12-31T23:59:59Z",
            "2027-03-11T09:30:00+01:0",
            "2027-03-11T09:30:00+01:00:00",
            "2027-03-11T09:30:00+01.00",
            "２０２７-03-11T09:30:00Z",
        ] {
            assert_eq!(text.parse::<Stamp>(), Err(StampError::Stamp), "{text}");
        }
    }

    #[test]
    fn an_offset_is_less_than_a_day() {
        assert!(Stamp::new(86_400, 86_399).is_some());
        assert!(Stamp::new(86_400, -86_399).is_some());
        assert_eq!(Stamp::new(86_400, 86_400), None);
        assert_eq!(Stamp::new(86_400, -86_400), None);
    }

    #[test]
    fn the_hour_and_minute_are_those_on_the_wall() {
        let stamp: Stamp = "2027-03-11T09:30:00+01:00".parse().unwrap();
        assert_eq!(stamp.hour_minute(), (9, 30));
    }

    #[test]
    fn a_date_has_ten_characters() {
        assert_eq!(
            "2027-03-11".parse::<Date>().unwrap().to_string(),
            "2027-03-11"
        );
        for text in ["", "2027-3-11", "2027-03-11T", "2027-03-1", "2027-02-29"] {
            assert_eq!(text.parse::<Date>(), Err(StampError::Date), "{text}");
        }
    }

    #[test]
    fn wall_times_reach_from_midnight_to_midnight() {
        assert_eq!("00:00".parse::<WallTime>().unwrap().minutes(), 0);
        assert_eq!("24:00".parse::<WallTime>().unwrap().minutes(), 1440);
        for text in ["24:01", "9:00", "09:60", "09-00", "09:000", ""] {
            assert_eq!(
                text.parse::<WallTime>(),
                Err(StampError::WallTime),
                "{text}"
            );
        }
    }
}
