//! The month as a grid of six rows, and how the keyboard moves through it.
//!
//! Always six rows, whatever the month, so that the frame keeps its height. Every
//! day of the month can have the focus, free or not; exactly one is in the tab
//! order (the roving tabindex of the ARIA grid pattern).

use chrono::{Datelike, Days, Months, NaiveDate};
use slotstead_shared::Date;

/// Rows of the grid: a month of 31 days that starts on the last day of the week touches six weeks.
pub const ROWS: usize = 6;
/// Days of a week.
pub const COLUMNS: usize = 7;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthId {
    year: i32,
    month: u32,
}

impl MonthId {
    /// The month in which `date` lies.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self {
            year: date.0.year(),
            month: date.0.month(),
        }
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.month
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        Date(
            NaiveDate::from_ymd_opt(self.year, self.month, 1)
                .expect("year and month come from a valid date"),
        )
    }

    /// The first day after it: the end of a half-open range of dates.
    #[must_use]
    pub fn end(self) -> Date {
        self.next().first()
    }

    /// The month after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.month {
            12 => Self {
                year: self.year + 1,
                month: 1,
            },
            month => Self {
                year: self.year,
                month: month + 1,
            },
        }
    }

    /// The month before it.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self.month {
            1 => Self {
                year: self.year - 1,
                month: 12,
            },
            month => Self {
                year: self.year,
                month: month - 1,
            },
        }
    }
}

/// The first day of the week, as days after Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekStart(u32);

impl WeekStart {
    /// Monday first.
    pub const MONDAY: Self = Self(0);

    /// From the number of ISO 8601 and ECMA-402: 1 is Monday, 7 is Sunday. Anything else is Monday.
    #[must_use]
    pub const fn from_iso(number: u32) -> Self {
        match number {
            1..=7 => Self(number - 1),
            _ => Self::MONDAY,
        }
    }

    /// The weekdays in the order of the columns, as days after Monday.
    #[must_use]
    pub fn columns(self) -> [usize; COLUMNS] {
        std::array::from_fn(|column| (self.0 as usize + column) % COLUMNS)
    }

    /// The column of `date`.
    fn column(self, date: Date) -> usize {
        ((date.0.weekday().num_days_from_monday() + 7 - self.0) % 7) as usize
    }
}

/// One day in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The date.
    pub date: Date,
    /// How many times are free on it.
    pub free: usize,
    /// Whether it is today.
    pub today: bool,
    /// Whether its times are shown.
    pub chosen: bool,
    /// Whether it is the one day in the tab order.
    pub tabbable: bool,
}

/// A month as it is drawn. A place without a day is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// The month.
    pub id: MonthId,
    /// Its weeks.
    pub rows: [[Option<Cell>; COLUMNS]; ROWS],
}

/// What the grid is drawn from, beside the month itself.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// The first day of the week.
    pub week_start: WeekStart,
    /// Today.
    pub today: Date,
    /// The day whose times are shown.
    pub chosen: Option<Date>,
    /// Where the keyboard was last.
    pub cursor: Option<Date>,
}

/// Lays a month out. `free` gives how many times a date has.
#[must_use]
pub fn grid(id: MonthId, marks: Marks, free: impl Fn(Date) -> usize) -> Grid {
    let tabbable = tabbable(id, marks, &free);
    let lead = marks.week_start.column(id.first());
    let mut rows = [[None; COLUMNS]; ROWS];
    for date in days(id) {
        let place = lead + date.0.day0() as usize;
        rows[place / COLUMNS][place % COLUMNS] = Some(Cell {
            date,
            free: free(date),
            today: date == marks.today,
            chosen: marks.chosen == Some(date),
            tabbable: date == tabbable,
        });
    }
    Grid { id, rows }
}

/// The days of a month, ascending.
pub fn days(id: MonthId) -> impl Iterator<Item = Date> {
    id.first()
        .0
        .iter_days()
        .take_while(move |day| day.month() == id.month)
        .map(Date)
}

/// The day that Tab reaches: where the keyboard was, else the day in hand, else the
/// first free day, else today, else the first.
fn tabbable(id: MonthId, marks: Marks, free: impl Fn(Date) -> usize) -> Date {
    let here = |date: &Date| MonthId::of(*date) == id;
    marks
        .cursor
        .filter(here)
        .or(marks.chosen.filter(here))
        .or_else(|| days(id).find(|date| free(*date) > 0))
        .or(Some(marks.today).filter(here))
        .unwrap_or_else(|| id.first())
}

/// A move of the keyboard's focus in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One day back (left arrow).
    DayBack,
    /// One day on (right arrow).
    DayOn,
    /// One week back (up arrow).
    WeekBack,
    /// One week on (down arrow).
    WeekOn,
    /// To the first day of the week (Home).
    WeekFirst,
    /// To the last day of the week (End).
    WeekLast,
    /// One month back (`PageUp`); a day that is not there becomes the month's last.
    MonthBack,
    /// One month on (`PageDown`); likewise.
    MonthOn,
}

impl Step {
    /// The move that a key stands for, by the name of `KeyboardEvent.key`.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" => Self::DayBack,
            "ArrowRight" => Self::DayOn,
            "ArrowUp" => Self::WeekBack,
            "ArrowDown" => Self::WeekOn,
            "Home" => Self::WeekFirst,
            "End" => Self::WeekLast,
            "PageUp" => Self::MonthBack,
            "PageDown" => Self::MonthOn,
            _ => return None,
        })
    }

    /// Where the move leads from `date`; `date` itself at the ends of the calendar.
    #[must_use]
    pub fn from(self, date: Date, week_start: WeekStart) -> Date {
        let column = week_start.column(date) as u64;
        let day = date.0;
        let there = match self {
            Self::DayBack => day.pred_opt(),
            Self::DayOn => day.succ_opt(),
            Self::WeekBack => day.checked_sub_days(Days::new(7)),
            Self::WeekOn => day.checked_add_days(Days::new(7)),
            Self::WeekFirst => day.checked_sub_days(Days::new(column)),
            Self::WeekLast => day.checked_add_days(Days::new(6 - column)),
            Self::MonthBack => day.checked_sub_months(Months::new(1)),
            Self::MonthOn => day.checked_add_months(Months::new(1)),
        };
        there.map_or(date, Date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn month(text: &str) -> MonthId {
        MonthId::of(date(text))
    }

    fn marks(week_start: WeekStart) -> Marks {
        Marks {
            week_start,
            today: date("2027-03-02"),
            chosen: None,
            cursor: None,
        }
    }

    fn cells(grid: &Grid) -> Vec<Cell> {
        grid.rows.iter().flatten().flatten().copied().collect()
    }

    #[test]
    fn months_follow_one_another_over_the_year() {
        assert_eq!(month("2027-12-31").next(), month("2028-01-01"));
        assert_eq!(month("2027-01-05").previous(), month("2026-12-05"));
        assert_eq!(month("2027-02-05").end(), date("2027-03-01"));
        assert!(month("2027-12-01") < month("2028-01-01"));
    }

    #[test]
    fn every_month_of_thirty_years_fits_with_every_week_start_and_every_day_once() {
        let mut id = month("2020-01-01");
        while id < month("2050-01-01") {
            for start in 1..=7 {
                let grid = grid(id, marks(WeekStart::from_iso(start)), |_| 0);
                let drawn: Vec<Date> = cells(&grid).iter().map(|cell| cell.date).collect();
                assert_eq!(drawn, days(id).collect::<Vec<_>>(), "{id:?} start {start}");
                assert_eq!(cells(&grid).iter().filter(|cell| cell.tabbable).count(), 1);
            }
            id = id.next();
        }
    }

    #[test]
    fn columns_follow_the_week_start() {
        let monday = grid(month("2027-03-01"), marks(WeekStart::from_iso(1)), |_| 0);
        assert_eq!(
            monday.rows[0][0].map(|cell| cell.date),
            Some(date("2027-03-01"))
        );
        let sunday = grid(month("2027-03-01"), marks(WeekStart::from_iso(7)), |_| 0);
        assert_eq!(sunday.rows[0][0], None);
        assert_eq!(
            sunday.rows[0][1].map(|cell| cell.date),
            Some(date("2027-03-01"))
        );
        assert_eq!(WeekStart::from_iso(6).columns(), [5, 6, 0, 1, 2, 3, 4]);
        assert_eq!(WeekStart::from_iso(0), WeekStart::MONDAY);
    }

    #[test]
    fn tab_reaches_the_cursor_then_the_chosen_then_the_first_free_then_today() {
        let free = |day: Date| usize::from(day == date("2027-03-09"));
        let none = |_: Date| 0;
        let at = |marks, free: &dyn Fn(Date) -> usize| {
            cells(&grid(month("2027-03-01"), marks, free))
                .into_iter()
                .find(|cell| cell.tabbable)
                .map(|cell| cell.date)
                .unwrap()
        };
        let base = marks(WeekStart::MONDAY);
        assert_eq!(at(base, &none), date("2027-03-02"));
        assert_eq!(at(base, &free), date("2027-03-09"));
        let chosen = Marks {
            chosen: Some(date("2027-03-11")),
            ..base
        };
        assert_eq!(at(chosen, &free), date("2027-03-11"));
        let cursor = Marks {
            cursor: Some(date("2027-03-20")),
            ..chosen
        };
        assert_eq!(at(cursor, &free), date("2027-03-20"));
        let elsewhere = Marks {
            cursor: Some(date("2027-04-20")),
            today: date("2027-02-02"),
            ..base
        };
        assert_eq!(at(elsewhere, &none), date("2027-03-01"));
    }

    #[test]
    fn keys_move_by_day_week_and_month() {
        let go = |key: &str, from: &str, start| {
            Step::of_key(key)
                .unwrap()
                .from(date(from), WeekStart::from_iso(start))
                .to_string()
        };
        assert_eq!(go("ArrowLeft", "2027-03-01", 1), "2027-02-28");
        assert_eq!(go("ArrowRight", "2027-12-31", 1), "2028-01-01");
        assert_eq!(go("ArrowUp", "2027-03-11", 1), "2027-03-04");
        assert_eq!(go("ArrowDown", "2027-03-11", 1), "2027-03-18");
        assert_eq!(go("Home", "2027-03-11", 1), "2027-03-08");
        assert_eq!(go("End", "2027-03-11", 1), "2027-03-14");
        assert_eq!(go("Home", "2027-03-11", 7), "2027-03-07");
        assert_eq!(go("End", "2027-03-13", 7), "2027-03-13");
        assert_eq!(go("PageUp", "2027-03-31", 1), "2027-02-28");
        assert_eq!(go("PageDown", "2028-01-31", 1), "2028-02-29");
        assert_eq!(Step::of_key("Enter"), None);
    }
}
