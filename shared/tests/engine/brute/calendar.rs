//! Months and holidays, counted and written down by hand.

/// Easter Sunday of each year from 2025 on, as in the tables of the Church of Norway.
const EASTER: [(i64, i64, i64); 9] = [
    (2025, 4, 20),
    (2026, 4, 5),
    (2027, 3, 28),
    (2028, 4, 16),
    (2029, 4, 1),
    (2030, 4, 21),
    (2031, 4, 13),
    (2032, 3, 28),
    (2033, 4, 17),
];

/// The public holidays of Norway from 2025 to 2033, ascending.
pub fn holidays() -> Vec<i64> {
    let mut holidays = Vec::new();
    for (year, month, day) in EASTER {
        let easter = date(year, month, day);
        // From Maundy Thursday to Whit Monday.
        holidays.extend([-3, -2, 0, 1, 39, 49, 50].map(|days| easter + days));
        let fixed = [(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)];
        holidays.extend(fixed.map(|(month, day)| date(year, month, day)));
    }
    holidays.sort_unstable();
    holidays
}

/// The first date whose holidays are known.
pub fn holidays_known_from() -> i64 {
    date(2025, 1, 1)
}

/// The date as days since 1970-01-01.
fn date(year: i64, month: i64, day: i64) -> i64 {
    let months = (year - 1970) * 12 + month - 1;
    (0..months).map(days_in_month).sum::<i64>() + day - 1
}

/// In how many months since January 1970 the one of this date comes.
pub fn months_since_1970(date: i64) -> i64 {
    let (mut months, mut next) = (0, days_in_month(0));
    while date >= next {
        months += 1;
        next += days_in_month(months);
    }
    months
}

/// The days of a month, counted from January 1970.
fn days_in_month(months: i64) -> i64 {
    let (year, month) = (1970 + months / 12, months % 12 + 1);
    match month {
        // No year from 1970 to 2099 is an exception to the rule of four.
        2 if year % 4 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
