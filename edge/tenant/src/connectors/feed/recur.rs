//! Recurrence rules (RFC 5545 section 3.3.10), expanded over wall time.
//!
//! Own code, because the known crates are one family and wrong on the same rules, count from
//! the first occurrence even when only next month is asked for, and cannot be bounded. Here a
//! rule without a count starts at the window, every step is paid from a [`Budget`], and zones
//! are somebody else's business: wall times come in, wall times come out.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday,
};

/// The work that one feed may cost, in days and candidates looked at. A rule without a count
/// costs about 500 for each frequency but the finest; ten years of a daily one with a count 11,000.
const STEPS: u32 = 1_000_000;

/// What is left of the work that one feed may cost.
pub(super) struct Budget(u32);

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

impl Default for Budget {
    fn default() -> Self {
        Self(STEPS)
    }
}

impl Budget {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Spent> {
        let left = u32::try_from(steps)
            .ok()
            .and_then(|steps| self.0.checked_sub(steps));
        self.0 = left.ok_or(Spent)?;
        Ok(())
    }
}

/// How often. The order is that of the RFC, from rare to often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

/// A rule whose parts are in their ranges; [`super::rule`] makes them.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub frequency: Frequency,
    pub interval: i64,
    pub count: Option<u32>,
    /// The last wall time that may occur.
    pub last: Option<NaiveDateTime>,
    pub by_month: Vec<u32>,
    pub by_week: Vec<i64>,
    pub by_year_day: Vec<i64>,
    pub by_month_day: Vec<i64>,
    /// Ordinal (0 for every) and weekday.
    pub by_day: Vec<(i64, Weekday)>,
    pub by_hour: Vec<u32>,
    pub by_minute: Vec<u32>,
    pub by_second: Vec<u32>,
    pub by_position: Vec<i64>,
    pub week_start: Weekday,
}

impl Rule {
    /// The occurrences within `[from, to)`, ascending, appended to `found`. `start` is the
    /// DTSTART; whether it occurs although the rule does not name it is the caller's business.
    pub(super) fn expand(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
        budget: &mut Budget,
        found: &mut Vec<NaiveDateTime>,
    ) -> Result<(), Spent> {
        let rule = self.completed(start);
        let first = rule.unit(start);
        let mut left = rule.count;
        let mut unit = match rule.count {
            Some(_) => first,
            None => first + (rule.unit(from) - first).max(0) / rule.interval * rule.interval,
        };
        let end = rule
            .last
            .map_or(to, |last| to.min(last + TimeDelta::seconds(1)));
        while rule.unit_start(unit).is_some_and(|begin| begin < end) {
            for wall in rule.period(unit, start, budget)? {
                if wall < start {
                    continue;
                }
                if wall >= end || left == Some(0) {
                    return Ok(());
                }
                left = left.map(|left| left - 1);
                if wall >= from {
                    found.push(wall);
                }
            }
            unit += rule.interval;
        }
        Ok(())
    }

    /// With what the rule leaves to DTSTART filled in: RFC 5545 section 3.3.10, "Information,
    /// not contained in the rule, … is derived from the start".
    fn completed(&self, start: NaiveDateTime) -> Self {
        let mut rule = self.clone();
        let names_days = !(rule.by_week.is_empty()
            && rule.by_year_day.is_empty()
            && rule.by_month_day.is_empty()
            && rule.by_day.is_empty());
        if !names_days {
            match rule.frequency {
                Frequency::Yearly => {
                    rule.by_month_day.push(start.day().into());
                    if rule.by_month.is_empty() {
                        rule.by_month.push(start.month());
                    }
                }
                Frequency::Monthly => rule.by_month_day.push(start.day().into()),
                Frequency::Weekly => rule.by_day.push((0, start.weekday())),
                _ => {}
            }
        }
        if rule.by_hour.is_empty() && rule.frequency < Frequency::Hourly {
            rule.by_hour.push(start.hour());
        }
        if rule.by_minute.is_empty() && rule.frequency < Frequency::Minutely {
            rule.by_minute.push(start.minute());
        }
        if rule.by_second.is_empty() && rule.frequency < Frequency::Secondly {
            rule.by_second.push(start.second());
        }
        for list in [&mut rule.by_hour, &mut rule.by_minute, &mut rule.by_second] {
            list.sort_unstable();
            list.dedup();
        }
        rule
    }

    /// The number of the period (year, month, week …) that `wall` falls in.
    fn unit(&self, wall: NaiveDateTime) -> i64 {
        // Day 1 is a Monday.
        let days = i64::from(wall.num_days_from_ce());
        let seconds = wall.and_utc().timestamp();
        match self.frequency {
            Frequency::Yearly => wall.year().into(),
            Frequency::Monthly => i64::from(wall.year()) * 12 + i64::from(wall.month0()),
            Frequency::Weekly => (days - 1 - self.week_offset()).div_euclid(7),
            Frequency::Daily => days,
            Frequency::Hourly => seconds.div_euclid(3_600),
            Frequency::Minutely => seconds.div_euclid(60),
            Frequency::Secondly => seconds,
        }
    }

    /// The first wall time of a period; `None` past the calendar's end.
    fn unit_start(&self, unit: i64) -> Option<NaiveDateTime> {
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
        let day = |days: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?);
        let instant = |seconds: i64| Some(DateTime::from_timestamp(seconds, 0)?.naive_utc());
        match self.frequency {
            Frequency::Yearly => {
                NaiveDate::from_ymd_opt(i32::try_from(unit).ok()?, 1, 1).map(midnight)
            }
            Frequency::Monthly => {
                let year = i32::try_from(unit.div_euclid(12)).ok()?;
                let month = u32::try_from(unit.rem_euclid(12)).ok()? + 1;
                NaiveDate::from_ymd_opt(year, month, 1).map(midnight)
            }
            Frequency::Weekly => day(unit * 7 + 1 + self.week_offset()).map(midnight),
            Frequency::Daily => day(unit).map(midnight),
            Frequency::Hourly => instant(unit.checked_mul(3_600)?),
            Frequency::Minutely => instant(unit.checked_mul(60)?),
            Frequency::Secondly => instant(unit),
        }
    }

    fn week_offset(&self) -> i64 {
        self.week_start.num_days_from_monday().into()
    }

    /// The occurrences of one period, ascending, BYSETPOS applied.
    fn period(
        &self,
        unit: i64,
        start: NaiveDateTime,
        budget: &mut Budget,
    ) -> Result<Vec<NaiveDateTime>, Spent> {
        budget.spend(1)?;
        let Some(begin) = self.unit_start(unit) else {
            return Ok(Vec::new());
        };
        let days = self.days(begin.date(), budget)?;
        if days.is_empty() {
            return Ok(Vec::new());
        }
        let hours = within(
            self.frequency >= Frequency::Hourly,
            begin.hour(),
            &self.by_hour,
        );
        let minutes = within(
            self.frequency >= Frequency::Minutely,
            begin.minute(),
            &self.by_minute,
        );
        let seconds = within(
            self.frequency >= Frequency::Secondly,
            begin.second(),
            &self.by_second,
        );
        budget.spend(days.len() * hours.len() * minutes.len() * seconds.len())?;
        let mut all = Vec::new();
        for date in days {
            for hour in &hours {
                for minute in &minutes {
                    // A leap second is the last second of its minute.
                    all.extend(
                        seconds.iter().filter_map(|second| {
                            date.and_hms_opt(*hour, *minute, (*second).min(59))
                        }),
                    );
                }
            }
        }
        all.dedup();
        debug_assert!(all.is_sorted() && start.nanosecond() == 0);
        if self.by_position.is_empty() {
            return Ok(all);
        }
        let mut chosen: Vec<_> = self
            .by_position
            .iter()
            .filter_map(|position| {
                let len = i64::try_from(all.len()).ok()?;
                let index = if *position > 0 {
                    position - 1
                } else {
                    len + position
                };
                all.get(usize::try_from(index).ok()?).copied()
            })
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        Ok(chosen)
    }

    /// The days of the period that begins on `first` which the rule names, ascending.
    fn days(&self, first: NaiveDate, budget: &mut Budget) -> Result<Vec<NaiveDate>, Spent> {
        let spans: Vec<(NaiveDate, u32)> = match self.frequency {
            Frequency::Yearly => (1..=12)
                .filter(|month| self.by_month.is_empty() || self.by_month.contains(month))
                .filter_map(|month| NaiveDate::from_ymd_opt(first.year(), month, 1))
                .map(|date| (date, days_of_month(date)))
                .collect(),
            Frequency::Monthly => vec![(first, days_of_month(first))],
            Frequency::Weekly => vec![(first, 7)],
            _ => vec![(first, 1)],
        };
        let mut days = Vec::new();
        for (date, len) in spans {
            budget.spend(len as usize)?;
            days.extend(
                date.iter_days()
                    .take(len as usize)
                    .filter(|date| self.names(*date)),
            );
        }
        Ok(days)
    }

    /// Whether every BY part that speaks of days allows `date`.
    fn names(&self, date: NaiveDate) -> bool {
        let in_month = (i64::from(date.day()), i64::from(days_of_month(date)));
        let year_days = if date.leap_year() { 366 } else { 365 };
        let in_year = (i64::from(date.ordinal()), year_days);
        let counted = |list: &[i64], (number, of): (i64, i64)| {
            list.is_empty() || list.contains(&number) || list.contains(&(number - of - 1))
        };
        let week_day = || {
            let of_month = self.frequency == Frequency::Monthly || !self.by_month.is_empty();
            let (number, of) = if of_month { in_month } else { in_year };
            let nth = (number - 1) / 7 + 1;
            let nth_from_end = -((of - number) / 7 + 1);
            self.by_day.iter().any(|(ordinal, weekday)| {
                *weekday == date.weekday() && [0, nth, nth_from_end].contains(ordinal)
            })
        };
        (self.by_month.is_empty() || self.by_month.contains(&date.month()))
            && counted(&self.by_month_day, in_month)
            && counted(&self.by_year_day, in_year)
            && (self.by_week.is_empty() || counted(&self.by_week, self.week(date)))
            && (self.by_day.is_empty() || week_day())
    }

    /// The week that `date` falls in and the weeks of that week's year: week 1 is the first with
    /// at least four days in the year.
    fn week(&self, date: NaiveDate) -> (i64, i64) {
        let first_week = |year: i32| {
            let fourth = NaiveDate::from_ymd_opt(year, 1, 4).unwrap_or(NaiveDate::MIN);
            (i64::from(fourth.num_days_from_ce()) - 1 - self.week_offset()).div_euclid(7)
        };
        let week = (i64::from(date.num_days_from_ce()) - 1 - self.week_offset()).div_euclid(7);
        let mut year = date.year();
        if week < first_week(year) {
            year -= 1;
        } else if week >= first_week(year + 1) {
            year += 1;
        }
        (
            week - first_week(year) + 1,
            first_week(year + 1) - first_week(year),
        )
    }
}

/// The values of one part of the time: the period's own where the period is that short (a BY
/// part then only limits it), else those that the rule names.
fn within(is_fixed: bool, own: u32, named: &[u32]) -> Vec<u32> {
    if !is_fixed {
        named.to_vec()
    } else if named.is_empty() || named.contains(&own) {
        vec![own]
    } else {
        Vec::new()
    }
}

fn days_of_month(date: NaiveDate) -> u32 {
    date.num_days_in_month().into()
}

#[cfg(test)]
mod search;
#[cfg(test)]
mod tests;
