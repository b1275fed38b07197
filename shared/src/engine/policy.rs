//! A service's rules as the engine counts them: in seconds, for one of its durations.

use chrono::{Days, NaiveDate};

use super::schedule::Schedule;
use crate::{
    Interval, UnixSeconds,
    wire::{ServiceInput, WindowDays},
};

/// A service's rules for one of its durations, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long a booking takes.
    pub duration: i64,
    /// The distance between starts.
    pub step: i64,
    /// The first start, counted from the start of a span.
    pub offset: i64,
    /// Kept free before.
    pub buffer_before: i64,
    /// Kept free after.
    pub buffer_after: i64,
    /// How long before its start a booking can still be made.
    pub minimum_notice: i64,
    /// The dates that can be booked.
    pub window: Window,
}

/// The dates that can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many days after today, in the schedule's zone.
    pub days: u32,
    /// Which days are counted.
    pub counts: WindowDays,
    /// Within these dates only, first and last.
    pub dates: Option<(NaiveDate, NaiveDate)>,
}

impl Policy {
    /// The rules of `service` for a booking of `duration_minutes`.
    #[must_use]
    pub fn of(service: &ServiceInput, duration_minutes: u32) -> Self {
        let seconds = |minutes: u32| i64::from(minutes) * 60;
        Self {
            duration: seconds(duration_minutes.max(1)),
            step: seconds(service.slot_step_minutes.max(1)),
            offset: seconds(service.slot_offset_minutes),
            buffer_before: seconds(service.buffer_before_minutes),
            buffer_after: seconds(service.buffer_after_minutes),
            minimum_notice: seconds(service.minimum_notice_minutes),
            window: Window {
                days: service.booking_window_days,
                counts: service.booking_window_counts,
                dates: service
                    .bookable_dates
                    .map(|dates| (dates.first.0, dates.last.0)),
            },
        }
    }

    /// The time a booking at `start` takes.
    #[must_use]
    pub const fn core(&self, start: UnixSeconds) -> Interval {
        Interval::new(start, start + self.duration)
    }

    /// The time a booking at `start` takes with its buffers.
    #[must_use]
    pub const fn padded(&self, start: UnixSeconds) -> Interval {
        Interval::new(
            start - self.buffer_before,
            start + self.duration + self.buffer_after,
        )
    }
}

impl Window {
    /// The first bookable date, if there is a first one, and the first that is no longer bookable.
    pub(super) fn dates(
        &self,
        schedule: &Schedule,
        today: NaiveDate,
    ) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let last = match self.counts {
            WindowDays::Calendar => today.checked_add_days(Days::new(self.days.into())),
            WindowDays::Business => last_business_day(schedule, today, self.days),
        };
        let end = last.and_then(|last| last.succ_opt());
        match self.dates {
            None => (None, end),
            Some((first, last)) => {
                let end = end.and_then(|end| Some(end.min(last.succ_opt()?)));
                (Some(first), end)
            }
        }
    }
}

/// The date that is `days` business days after `today`.
fn last_business_day(schedule: &Schedule, today: NaiveDate, days: u32) -> Option<NaiveDate> {
    /// Days looked at for one business day: past the years whose holidays are known there is none.
    const MOST: u32 = 4;
    let mut left = days;
    let mut date = today;
    for _ in 0..days.saturating_mul(MOST) + 30 {
        if left == 0 {
            break;
        }
        date = date.succ_opt()?;
        left -= u32::from(schedule.is_business_day(date));
    }
    Some(date)
}
