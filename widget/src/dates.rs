//! Dates and times in words: names from the browser, order and clock by the locale.
//!
//! The browser's `Intl` is asked once for the names of weekdays and months and for
//! the habits of the visitor's locale; everything else happens here, on wall times
//! that came from the region. No offset is ever worked out.

use chrono::Datelike;
use slotstead_shared::{Date, Stamp};

use crate::month::{MonthId, WeekStart};

/// What the widget knows of the visitor's language and habits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// Monday to Sunday in full.
    pub weekdays: [String; 7],
    /// Monday to Sunday in two or three letters.
    pub weekdays_short: [String; 7],
    /// January to December in full.
    pub months: [String; 12],
    /// The first day of the week.
    pub week_start: WeekStart,
    /// Whether hours count to twelve.
    pub twelve_hours: bool,
    /// Whether the month comes before the day.
    pub month_first: bool,
}

impl Default for Locale {
    /// English names, Monday first, 24 hours: what is used when `Intl` gives nothing.
    fn default() -> Self {
        let weekdays = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        let months = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        Self {
            weekdays: weekdays.map(str::to_owned),
            weekdays_short: weekdays.map(|name| name[..3].to_owned()),
            months: months.map(str::to_owned),
            week_start: WeekStart::MONDAY,
            twelve_hours: false,
            month_first: false,
        }
    }
}

impl Locale {
    fn weekday(&self, date: Date) -> &str {
        &self.weekdays[date.0.weekday().num_days_from_monday() as usize]
    }

    fn month_name(&self, number: u32) -> &str {
        &self.months[number as usize - 1]
    }

    /// `March 2027`.
    #[must_use]
    pub fn month(&self, id: MonthId) -> String {
        format!("{} {}", self.month_name(id.number()), id.year())
    }

    /// `March`.
    #[must_use]
    pub fn bare_month(&self, id: MonthId) -> &str {
        self.month_name(id.number())
    }

    /// `Thursday 11 March`, or `Thursday, March 11`.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        let (weekday, day, month) = (
            self.weekday(date),
            date.0.day(),
            self.month_name(date.0.month()),
        );
        if self.month_first {
            format!("{weekday}, {month} {day}")
        } else {
            format!("{weekday} {day} {month}")
        }
    }

    /// `Thursday 11 March 2027`, or `Thursday, March 11, 2027`.
    #[must_use]
    pub fn day_and_year(&self, date: Date) -> String {
        let comma = if self.month_first { "," } else { "" };
        format!("{}{comma} {}", self.day(date), date.0.year())
    }

    /// `Fri 12`: as short as a button needs.
    #[must_use]
    pub fn short_day(&self, date: Date) -> String {
        let weekday = &self.weekdays_short[date.0.weekday().num_days_from_monday() as usize];
        format!("{weekday} {}", date.0.day())
    }

    /// `14:30`, or `2:30 PM`.
    #[must_use]
    pub fn time(&self, stamp: Stamp) -> String {
        let (hour, minute) = stamp.hour_minute();
        if !self.twelve_hours {
            return format!("{hour:02}:{minute:02}");
        }
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour = (hour + 11) % 12 + 1;
        // A no-break space keeps "2:30 PM" on one line.
        format!("{hour}:{minute:02}\u{a0}{half}")
    }

    /// `14:30–15:15`; an end on another date carries it: `23:30–Friday 12 March, 00:15`.
    #[must_use]
    pub fn time_range(&self, start: Stamp, end: Stamp) -> String {
        if start.date() == end.date() {
            // The word joiner keeps the two on one line.
            format!("{}–\u{2060}{}", self.time(start), self.time(end))
        } else {
            format!(
                "{}–{}, {}",
                self.time(start),
                self.day(end.date()),
                self.time(end)
            )
        }
    }
}

/// `UTC+1`, `UTC−3:30`, `UTC+0`: the offset that the region put on the stamp.
#[must_use]
pub fn offset(stamp: Stamp) -> String {
    let seconds = stamp.offset_seconds();
    let sign = if seconds < 0 { '−' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

/// `Oslo, UTC+1`: a zone as people name it, with its offset at `stamp`.
#[must_use]
pub fn zone_with_offset(zone: &str, stamp: Stamp) -> String {
    match place(zone) {
        Some(place) => format!("{place}, {}", offset(stamp)),
        None => offset(stamp),
    }
}

/// The place in a zone's name: `Europe/Oslo` is Oslo. Zones without a place (`UTC`, `Etc/GMT+5`) have none.
#[must_use]
pub fn place(zone: &str) -> Option<String> {
    if zone.starts_with("Etc/") {
        return None;
    }
    let (_, place) = zone.rsplit_once('/')?;
    Some(place.replace('_', " "))
}

/// The part of the day a time belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayPart {
    /// Before noon.
    Morning,
    /// Noon to five.
    Afternoon,
    /// From five.
    Evening,
}

impl DayPart {
    /// The part in which `stamp` lies, on its own wall clock.
    #[must_use]
    pub fn of(stamp: Stamp) -> Self {
        match stamp.hour_minute().0 {
            0..=11 => Self::Morning,
            12..=16 => Self::Afternoon,
            _ => Self::Evening,
        }
    }
}

/// Whole minutes after midnight on the wall.
#[must_use]
pub fn wall_minutes(stamp: Stamp) -> u32 {
    let (hour, minute) = stamp.hour_minute();
    hour * 60 + minute
}

/// The date of a browser's local clock, given as year, month 1-12 and day. It only
/// decides which month is asked for first; the region's answer says what today is.
#[must_use]
pub fn first_guess(year: i32, month: u32, day: u32) -> Option<Date> {
    // Read as if it came over the wire, so that a clock set to the year 3 gives no date at all.
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Stamp {
        text.parse().unwrap()
    }

    fn american() -> Locale {
        Locale {
            twelve_hours: true,
            month_first: true,
            ..Locale::default()
        }
    }

    #[test]
    fn dates_follow_the_order_of_the_locale() {
        let date: Date = "2027-03-11".parse().unwrap();
        assert_eq!(Locale::default().day(date), "Thursday 11 March");
        assert_eq!(
            Locale::default().day_and_year(date),
            "Thursday 11 March 2027"
        );
        assert_eq!(american().day(date), "Thursday, March 11");
        assert_eq!(american().day_and_year(date), "Thursday, March 11, 2027");
        assert_eq!(Locale::default().short_day(date), "Thu 11");
        assert_eq!(Locale::default().month(MonthId::of(date)), "March 2027");
    }

    #[test]
    fn times_follow_the_clock_of_the_locale() {
        let times = ["00:05", "11:59", "12:00", "14:30", "23:00"];
        let say = |locale: &Locale| {
            times.map(|time| locale.time(stamp(&format!("2027-03-11T{time}:00+01:00"))))
        };
        assert_eq!(
            say(&Locale::default()),
            ["00:05", "11:59", "12:00", "14:30", "23:00"]
        );
        assert_eq!(
            say(&american()).map(|time| time.replace('\u{a0}', " ")),
            ["12:05 AM", "11:59 AM", "12:00 PM", "2:30 PM", "11:00 PM"]
        );
    }

    #[test]
    fn a_range_over_midnight_names_the_day_it_ends_on() {
        let start = stamp("2027-03-11T23:30:00+01:00");
        let locale = Locale::default();
        assert_eq!(
            locale.time_range(start, stamp("2027-03-12T00:15:00+01:00")),
            "23:30–Friday 12 March, 00:15"
        );
        assert_eq!(
            locale.time_range(start, stamp("2027-03-11T23:45:00+01:00")),
            "23:30–\u{2060}23:45"
        );
    }

    #[test]
    fn zones_are_named_by_their_place_and_the_offset_of_the_stamp() {
        let say = |zone, offset: &str| {
            zone_with_offset(zone, stamp(&format!("2027-03-11T14:30:00{offset}")))
        };
        assert_eq!(say("Europe/Oslo", "+01:00"), "Oslo, UTC+1");
        assert_eq!(
            say("America/Argentina/Buenos_Aires", "-03:00"),
            "Buenos Aires, UTC−3"
        );
        assert_eq!(say("Asia/Kathmandu", "+05:45"), "Kathmandu, UTC+5:45");
        assert_eq!(say("America/St_Johns", "-03:30"), "St Johns, UTC−3:30");
        assert_eq!(say("Europe/London", "+00:00"), "London, UTC+0");
        assert_eq!(say("UTC", "+00:00"), "UTC+0");
        assert_eq!(say("Etc/GMT+5", "-05:00"), "UTC−5");
    }

    #[test]
    fn parts_of_the_day_are_those_of_the_wall_clock() {
        let part = |time: &str| DayPart::of(stamp(&format!("2027-03-11T{time}:00+01:00")));
        assert_eq!(part("11:59"), DayPart::Morning);
        assert_eq!(part("12:00"), DayPart::Afternoon);
        assert_eq!(part("16:59"), DayPart::Afternoon);
        assert_eq!(part("17:00"), DayPart::Evening);
        assert_eq!(wall_minutes(stamp("2027-03-11T01:30:00+01:00")), 90);
    }

    #[test]
    fn a_clock_that_is_far_off_gives_no_guess() {
        assert_eq!(
            first_guess(2027, 3, 11)
                .map(|date| date.to_string())
                .as_deref(),
            Some("2027-03-11")
        );
        assert_eq!(first_guess(3, 1, 1), None);
        assert_eq!(first_guess(2027, 13, 1), None);
    }
}
