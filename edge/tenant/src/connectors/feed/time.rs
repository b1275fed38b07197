//! A time as a calendar writes it: a date, or a wall time in some zone.

use calcard::{
    common::PartialDateTime,
    icalendar::{ICalendarDuration, ICalendarEntry, ICalendarValue},
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use slotstead_shared::UnixSeconds;

use super::{
    error::FeedError,
    zone::{Zone, Zones},
};

/// A date, or a wall time in some zone.
#[derive(Debug, Clone)]
pub(super) struct Time {
    /// What the clock on the wall shows; midnight for a date.
    pub wall: NaiveDateTime,
    /// Whether it is a date, without a time of day.
    pub is_date: bool,
    /// Whether it names no zone (dates never do).
    pub is_floating: bool,
    /// The zone it is in; for dates and floating times that of the calendar.
    pub zone: Zone,
}

impl Time {
    /// `zone` is where the time is unless it is in UTC; `is_floating` when nobody named it. `None`
    /// for a date that does not exist.
    pub(super) fn from_parsed(
        parsed: &PartialDateTime,
        zone: &Zone,
        is_floating: bool,
    ) -> Option<Self> {
        let date = NaiveDate::from_ymd_opt(
            i32::from(parsed.year?),
            u32::from(parsed.month?),
            u32::from(parsed.day?),
        )?;
        let is_date = parsed.hour.is_none();
        let wall = date.and_hms_opt(
            u32::from(parsed.hour.unwrap_or(0)),
            u32::from(parsed.minute.unwrap_or(0)),
            // A leap second is the last second of its minute.
            u32::from(
                parsed
                    .second
                    .unwrap_or(0)
                    .min(59 + u8::from(parsed.second > Some(60))),
            ),
        )?;
        let is_utc = parsed.tz_hour.is_some() && !is_date;
        Some(Self {
            wall,
            is_date,
            is_floating: is_date || (is_floating && !is_utc),
            zone: if is_utc { Zone::utc() } else { zone.clone() },
        })
    }

    /// Every time of a property. `property` is its name for the error.
    pub(super) fn all_of(
        entry: &ICalendarEntry,
        zones: &mut Zones,
        line: u32,
        property: &'static str,
    ) -> Result<Vec<Self>, FeedError> {
        let (zone, is_floating) = zones.of(entry);
        entry
            .values
            .iter()
            .map(|value| {
                let ICalendarValue::PartialDateTime(parsed) = value else {
                    return None;
                };
                let mut time = Self::from_parsed(parsed, &zone, is_floating)?;
                if time.is_date && matches!(time.zone, Zone::Unknown) {
                    // Dates have no zone (RFC 5545 section 3.2.19); one that is named and known
                    // still says more of where the day begins than nothing.
                    time.zone = zones.floating();
                }
                Some(time)
            })
            .collect::<Option<Vec<_>>>()
            .filter(|times| !times.is_empty())
            .ok_or(FeedError::Value { line, property })
    }

    /// The same instant as clocks in `zone` show it; itself where it names no instant.
    pub(super) fn seen_in(self, zone: &Zone) -> Self {
        let instant = self.instant().filter(|_| !self.is_floating);
        match instant.and_then(|instant| zone.wall_at(instant)) {
            Some(wall) => Self {
                wall,
                zone: zone.clone(),
                ..self
            },
            None => self,
        }
    }

    /// The instant; `None` in a zone that is not known.
    pub(super) fn instant(&self) -> Option<UnixSeconds> {
        self.zone.instants(self.wall).map(|(first, _)| first)
    }
}

/// Days on the wall and then exact seconds, as RFC 5545 section 3.3.6 has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub days: i64,
    pub seconds: i64,
}

impl Span {
    /// Durations that run backwards do not come this far.
    pub(super) fn from_parsed(parsed: &ICalendarDuration) -> Self {
        Self {
            days: i64::from(parsed.weeks) * 7 + i64::from(parsed.days),
            seconds: i64::from(parsed.hours) * 3_600
                + i64::from(parsed.minutes) * 60
                + i64::from(parsed.seconds),
        }
    }
}

/// `wall` plus `seconds`, within the calendar.
pub(super) fn later(wall: NaiveDateTime, seconds: i64) -> NaiveDateTime {
    let beyond = if seconds < 0 {
        NaiveDateTime::MIN
    } else {
        NaiveDateTime::MAX
    };
    TimeDelta::try_seconds(seconds)
        .and_then(|delta| wall.checked_add_signed(delta))
        .unwrap_or(beyond)
}
