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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Reason,
        engine::{
            Availability,
            fixtures::{daily, input, policy, span, utc},
        },
        wire::{DateOverride, HolidayCalendar},
    };

    /// From nine to ten on every day, in Norway but for its holidays.
    fn in_norway(overrides: &[DateOverride]) -> Schedule {
        let mut input = input("Europe/Oslo", &["09:00-10:00"]);
        input.holidays = Some(HolidayCalendar {
            country: "NO".to_owned(),
            region: None,
        });
        Schedule::new(&input, overrides).unwrap()
    }

    /// The verdict on nine o'clock in Oslo, in summer time from the 28th of March on.
    fn judge(schedule: &Schedule, policy: Policy, now: &str, date: &str) -> Result<(), Reason> {
        let hour = if date < "2027-03-28" { "08" } else { "07" };
        let start = utc(&format!("{date}T{hour}:00:00Z"));
        Availability::new(schedule, policy, utc(now), i64::MAX, &[], Vec::new()).judge(start)
    }

    #[test]
    fn the_minutes_of_a_service_are_counted_in_seconds() {
        let service = serde_json::json!({
            "name": "Consultation", "hosts": ["ingrid"], "duration_minutes": 45,
            "other_durations_minutes": [90], "slot_step_minutes": 15, "slot_offset_minutes": 5,
            "buffer_before_minutes": 10, "buffer_after_minutes": 20,
            "minimum_notice_minutes": 120, "booking_window_days": 30,
        });
        let service = serde_json::from_value(service).unwrap();
        let expected = Policy {
            duration: 5_400,
            step: 900,
            offset: 300,
            buffer_before: 600,
            buffer_after: 1_200,
            minimum_notice: 7_200,
            window: Window {
                days: 30,
                counts: WindowDays::Calendar,
                dates: None,
            },
        };
        assert_eq!(Policy::of(&service, 90), expected);
    }

    #[test]
    fn business_days_are_counted_across_easter() {
        // The Wednesday before Easter 2027; the next business days are Tuesday and Wednesday.
        let now = "2027-03-24T12:00:00Z";
        let mut two_days = policy(60, 60);
        two_days.window.days = 2;
        two_days.window.counts = WindowDays::Business;
        let norway = in_norway(&[]);
        for (date, verdict) in [
            ("2027-03-25", Err(Reason::Holiday)),
            ("2027-03-27", Ok(())), // a Saturday on which somebody works
            ("2027-03-29", Err(Reason::Holiday)),
            ("2027-03-30", Ok(())),
            ("2027-03-31", Ok(())),
            ("2027-04-01", Err(Reason::TooFar)),
        ] {
            assert_eq!(judge(&norway, two_days, now, date), verdict, "{date}");
        }
        // Without holidays they are Thursday and Friday.
        let plain = daily("Europe/Oslo", &["09:00-10:00"], &[]);
        assert_eq!(judge(&plain, two_days, now, "2027-03-26"), Ok(()));
        assert_eq!(
            judge(&plain, two_days, now, "2027-03-27"),
            Err(Reason::TooFar)
        );
    }

    #[test]
    fn a_window_of_business_days_that_starts_on_a_friday_ends_on_monday() {
        let mut one_day = policy(60, 60);
        one_day.window.days = 1;
        one_day.window.counts = WindowDays::Business;
        let plain = daily("Europe/Oslo", &["09:00-10:00"], &[]);
        let friday = "2027-03-05T12:00:00Z";
        for (date, verdict) in [
            ("2027-03-07", Ok(())),
            ("2027-03-08", Ok(())),
            ("2027-03-09", Err(Reason::TooFar)),
        ] {
            assert_eq!(judge(&plain, one_day, friday, date), verdict, "{date}");
        }
    }

    #[test]
    fn past_the_years_of_known_holidays_the_count_of_business_days_ends() {
        let mut input = input("UTC", &["09:00-10:00"]);
        input.holidays = Some(HolidayCalendar {
            country: "NO".to_owned(),
            region: None,
        });
        let schedule = Schedule::new(&input, &[]).unwrap();
        let mut two_days = policy(60, 60);
        two_days.window.days = 2;
        two_days.window.counts = WindowDays::Business;
        let now = utc("2099-03-01T12:00:00Z");
        let host = Availability::new(&schedule, two_days, now, i64::MAX, &[], Vec::new());
        // Four days for each, and thirty.
        assert_eq!(host.window_end(), utc("2099-04-09T00:00:00Z"));
        assert!(host.offer(Interval::new(now, host.window_end())).is_empty());
    }

    #[test]
    fn an_override_opens_a_holiday() {
        let open = DateOverride {
            date: "2027-03-25".parse().unwrap(),
            spans: vec![span("09:00-10:00")],
        };
        let schedule = in_norway(&[open]);
        let now = "2027-03-24T12:00:00Z";
        let judge = |date| judge(&schedule, policy(60, 60), now, date);
        assert_eq!(judge("2027-03-25"), Ok(()));
        assert_eq!(judge("2027-03-26"), Err(Reason::Holiday));
    }
}
