//! Random rules, as people make them, against a search day by day.

use chrono::Days;

use super::{tests::expand, *};

/// A small random generator (xorshift64*), so that a seed is all a failure needs.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str], at_most: usize) -> Vec<&'a str> {
        let mut picked: Vec<_> = (0..=self.below(at_most))
            .map(|_| from[self.below(from.len())])
            .collect();
        picked.sort_unstable();
        picked.dedup();
        picked
    }
}

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const ORDINALS: [&str; 8] = ["1MO", "2TU", "-1FR", "3WE", "-2SU", "5SA", "TH", "-5MO"];
const MONTH_DAYS: [&str; 8] = ["1", "13", "15", "28", "29", "31", "-1", "-7"];

/// A rule as people make them: its text and what the search needs to know.
struct Guess {
    text: String,
    frequency: usize,
    interval: i64,
    days: Vec<&'static str>,
    month_days: Vec<&'static str>,
    count: Option<usize>,
    until: Option<NaiveDate>,
    week_start: usize,
}

fn guess(random: &mut Random, start: NaiveDate) -> Guess {
    let frequency = random.below(3);
    let interval = i64::try_from(1 + random.below(4)).unwrap();
    let mut parts = vec![
        format!("FREQ={}", ["DAILY", "WEEKLY", "MONTHLY"][frequency]),
        format!("INTERVAL={interval}"),
    ];
    let week_start = random.below(7);
    parts.push(format!("WKST={}", DAYS[week_start]));
    let (mut days, mut month_days) = (Vec::new(), Vec::new());
    if random.below(3) > 0 {
        days = random.pick(if frequency == 2 { &ORDINALS } else { &DAYS }, 4);
        parts.push(format!("BYDAY={}", days.join(",")));
    }
    if frequency != 1 && random.below(2) == 0 {
        month_days = random.pick(&MONTH_DAYS, 4);
        parts.push(format!("BYMONTHDAY={}", month_days.join(",")));
    }
    let (mut count, mut until) = (None, None);
    match random.below(3) {
        0 => {
            count = Some(1 + random.below(60));
            parts.push(format!("COUNT={}", count.unwrap_or(1)));
        }
        1 => {
            until = start.checked_add_days(Days::new(random.below(900) as u64));
            parts.push(format!("UNTIL={}", until.unwrap().format("%Y%m%d")));
        }
        _ => {}
    }
    Guess {
        text: parts.join(";"),
        frequency,
        interval,
        days,
        month_days,
        count,
        until,
        week_start,
    }
}

/// Goes through the days one by one; shares nothing with the code under test.
fn search(guess: &Guess, start: NaiveDate, days_ahead: usize) -> Vec<NaiveDate> {
    let monday_of = |date: NaiveDate| {
        let back = (date.weekday().num_days_from_monday() as usize + 7 - guess.week_start) % 7;
        date - Days::new(back as u64)
    };
    let same_month = |date: NaiveDate, other: NaiveDate| {
        (date.year(), date.month()) == (other.year(), other.month())
    };
    let occurs = |date: NaiveDate| {
        let months = i64::from(date.year() - start.year()) * 12 + i64::from(date.month())
            - i64::from(start.month());
        let in_period = match guess.frequency {
            0 => (date - start).num_days() % guess.interval == 0,
            1 => (monday_of(date) - monday_of(start)).num_days() / 7 % guess.interval == 0,
            _ => months % guess.interval == 0,
        };
        if !in_period {
            return false;
        }
        let month: Vec<NaiveDate> = date
            .with_day(1)
            .unwrap()
            .iter_days()
            .take_while(|day| same_month(*day, date))
            .collect();
        let indexed = |list: &[NaiveDate], ordinal: i64| {
            let index = if ordinal > 0 {
                ordinal - 1
            } else {
                i64::try_from(list.len()).unwrap() + ordinal
            };
            usize::try_from(index)
                .ok()
                .and_then(|index| list.get(index))
                == Some(&date)
        };
        let by_day = guess.days.iter().any(|day| {
            let (ordinal, name) = day.split_at(day.len() - 2);
            let same: Vec<NaiveDate> = month
                .iter()
                .copied()
                .filter(|other| other.weekday() == date.weekday())
                .collect();
            DAYS[date.weekday().num_days_from_monday() as usize] == name
                && (ordinal.is_empty() || indexed(&same, ordinal.parse().unwrap()))
        });
        let by_month_day = guess
            .month_days
            .iter()
            .any(|day| indexed(&month, day.parse().unwrap()));
        let none_named = guess.days.is_empty() && guess.month_days.is_empty();
        let by_start = match guess.frequency {
            0 => true,
            1 => date.weekday() == start.weekday(),
            _ => date.day() == start.day(),
        };
        (guess.days.is_empty() || by_day)
            && (guess.month_days.is_empty() || by_month_day)
            && (!none_named || by_start)
    };
    start
        .iter_days()
        .take(days_ahead)
        .filter(|date| occurs(*date) && guess.until.is_none_or(|until| *date <= until))
        .take(guess.count.unwrap_or(usize::MAX))
        .collect()
}

#[test]
fn random_rules_agree_with_a_search_day_by_day() {
    let seed = 0x5107_57EA_D000_0002;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    for _ in 0..400 {
        let start =
            NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(random.below(2_500) as u64);
        let guess = guess(&mut random, start);
        let start_text = format!("{}T090000", start.format("%Y%m%d"));
        let horizon = start + Days::new(1_200);
        let found = expand(
            &start_text,
            &guess.text,
            &start_text,
            &format!("{}T000000", horizon.format("%Y%m%d")),
        );
        let expected: Vec<_> = search(&guess, start, 1_200)
            .into_iter()
            .map(|date| date.and_hms_opt(9, 0, 0).unwrap())
            .collect();
        assert_eq!(found, expected, "{} from {start_text}", guess.text);
    }
}
