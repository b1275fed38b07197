use std::{collections::BTreeSet, ops::RangeInclusive};

use super::*;

const LIST: &str = include_str!("public.txt");

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn check(country: &str, region: Option<&str>, date: &str, expected: Option<bool>) {
    let holidays = Holidays::find(country, region).expect("known");
    let found = holidays.is_holiday(day(date));
    assert_eq!(found, expected, "{country} {region:?} {date}");
}

fn is(country: &str, region: &str, date: &str) {
    let region = Some(region).filter(|region| !region.is_empty());
    check(country, region, date, Some(true));
}

fn is_not(country: &str, region: &str, date: &str) {
    let region = Some(region).filter(|region| !region.is_empty());
    check(country, region, date, Some(false));
}

/// From laws and official announcements, not from the source of the tables.
#[test]
fn known_days_are_holidays() {
    // lovdata.no, LOV-1947-04-26-1 (1 and 17 May) and LOV-1995-02-24-12 (the others).
    for date in [
        "2027-05-01",
        "2027-05-17",
        "2027-03-29",
        "2027-05-06",
        "2026-12-26",
    ] {
        is("NO", "", date);
    }
    for date in ["2027-05-18", "2027-03-30", "2026-12-24", "2026-12-31"] {
        is_not("NO", "", date);
    }
    // Einigungsvertrag, article 2; feast days of the states.
    is("DE", "", "2027-10-03");
    is("DE", "BY", "2027-10-03");
    is("DE", "BY", "2027-05-27");
    is_not("DE", "BE", "2027-05-27");
    is_not("DE", "", "2027-05-27");
    is("DE", "BE", "2027-03-08");
    is("DE", "BB", "2027-10-31");
    is_not("DE", "BY", "2027-10-31");
    // 5 U.S.C. 6103: the fourth Thursday of November; 4 July 2027 is a Sunday.
    is("US", "", "2027-11-25");
    is_not("US", "", "2027-11-18");
    is("US", "", "2027-07-05");
    is("US", "", "2027-01-18");
    // gov.uk/bank-holidays: 2 January is Scotland's; in 2027 it is a Saturday, so Monday the
    // 4th is observed. England and Wales have Easter Monday, Scotland has not.
    is("GB", "SCT", "2026-01-02");
    is_not("GB", "ENG", "2026-01-02");
    is("GB", "SCT", "2027-01-04");
    is_not("GB", "ENG", "2027-01-04");
    is("GB", "ENG", "2027-03-29");
    is_not("GB", "SCT", "2027-03-29");
    is("GB", "NIR", "2027-07-12");
    // cmtedd.act.gov.au: Canberra Day, the second Monday of March.
    is("AU", "ACT", "2027-03-08");
    is_not("AU", "NSW", "2027-03-08");
    is("AU", "", "2027-01-26");
    // Code du travail L3133-1; Alsace-Moselle has Good Friday besides.
    is("FR", "", "2027-07-14");
    is_not("FR", "", "2027-03-26");
    is("FR", "57", "2027-03-26");
    // Cabinet Office of Japan: 2027-03-21 is a Sunday, so the 22nd is a substitute.
    is("JP", "", "2027-03-22");
    // Not before there was one: the tables carry a date of 29 February or none, never all.
    is_not("NO", "", "2028-02-29");
}

#[test]
fn easter_monday_moves_as_easter_does() {
    // Easter Sunday by the tables of the U.S. Naval Observatory.
    for sunday in [
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2031-04-13",
        "2032-03-28",
        "2033-04-17",
        "2034-04-09",
        "2035-03-25",
    ] {
        for country in ["NO", "DE", "FR", "IT", "PL"] {
            let monday = day(sunday) + chrono::Days::new(1);
            is(country, "", &monday.to_string());
        }
    }
}

#[test]
fn an_unknown_name_says_which_one_it_is() {
    for country in ["", "no", "NOR", "XX", "UK", "N", "NO "] {
        assert_eq!(Holidays::find(country, None), Err(UnknownHolidays::Country));
        assert_eq!(
            Holidays::find(country, Some("03")),
            Err(UnknownHolidays::Country)
        );
    }
    for region in ["", "by", "DE-BY", "XX", "BY "] {
        assert_eq!(
            Holidays::find("DE", Some(region)),
            Err(UnknownHolidays::Region)
        );
    }
    assert_eq!(
        Holidays::find("NO", Some("BY")),
        Err(UnknownHolidays::Region)
    );
}

#[test]
fn what_is_out_of_the_years_is_unknown() {
    for date in [
        "2024-12-31",
        "2036-01-01",
        "1900-05-17",
        "9999-05-17",
        "0000-01-01",
    ] {
        check("NO", None, date, None);
    }
    check("NO", None, "2025-01-01", Some(true));
    check("NO", None, "2035-12-31", Some(false));
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        let norway = Holidays::find("NO", None).expect("known");
        assert_eq!(norway.is_holiday(date), None);
    }
}

#[test]
fn a_region_without_days_of_its_own_has_its_country_s() {
    assert_eq!(Holidays::find("NO", Some("46")), Holidays::find("NO", None));
    assert_ne!(Holidays::find("DE", Some("BY")), Holidays::find("DE", None));
}

/// Every country with its regions, in the order of the tables.
fn countries() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    tables::COUNTRIES
        .iter()
        .map(|(code, _, regions)| (*code, regions.iter().map(|(name, _)| *name)))
}

#[test]
fn all_are_in_order_and_found() {
    let mut codes = Vec::new();
    for (country, regions) in countries() {
        assert!(Holidays::find(country, None).is_ok(), "{country}");
        let regions: Vec<_> = regions.collect();
        assert!(regions.is_sorted_by(|a, b| a < b), "{country}: {regions:?}");
        for region in regions {
            assert!(
                Holidays::find(country, Some(region)).is_ok(),
                "{country} {region}"
            );
        }
        codes.push(country);
    }
    assert!(codes.is_sorted_by(|a, b| a < b));
    assert!(codes.iter().all(|code| code.len() == 2));
    assert!(codes.len() > 200, "{}", codes.len());
}

/// Reads the list a second time, line by line and without the tables' types, and compares every
/// day of every year.
#[test]
fn the_tables_say_what_the_list_says() {
    let field = |word: &str| LIST.lines().find_map(|line| line.strip_prefix(word));
    assert_eq!(field("source "), Some(tables::SOURCE));
    let (first, last) = field("years ")
        .and_then(|years| years.split_once(' '))
        .expect("years");
    let years = first.parse().expect("a year")..=last.parse::<i32>().expect("a year");
    let (mut seen, mut known) = (0, 0);
    for block in LIST
        .split("\n\n")
        .filter(|block| block.starts_with("country "))
    {
        let mut parts = block.trim_end().split("\nregion ");
        let (country, lines) = heading(parts.next().expect("a country"));
        let (country, own) = (
            &country["country ".len()..],
            days(lines, &years, &BTreeSet::new()),
        );
        let mut groups = vec![(vec![None], own.clone())];
        for part in parts {
            let (names, lines) = heading(part);
            let names = names.split(", ").map(Some).collect();
            groups.push((names, days(lines, &years, &own.0)));
        }
        for (names, (expected, until)) in groups {
            let until = until.min(own.1);
            for name in names {
                seen += 1;
                known += compare(country, name, &expected, years.clone(), until);
            }
        }
    }
    let all: usize = countries().map(|(_, regions)| 1 + regions.count()).sum();
    assert_eq!(seen, all);
    assert!(known > 100_000, "{known}");
}

/// Every day of `years` against the list; how many of them are holidays.
fn compare(
    country: &str,
    region: Option<&str>,
    listed: &BTreeSet<NaiveDate>,
    years: RangeInclusive<i32>,
    until: i32,
) -> usize {
    let holidays = Holidays::find(country, region).expect("known");
    let mut listed = listed.iter().copied().peekable();
    let mut count = 0;
    let start = NaiveDate::from_ymd_opt(*years.start(), 1, 1).expect("a date");
    for date in start
        .iter_days()
        .take_while(|date| years.contains(&date.year()))
    {
        let expected = (date.year() <= until).then(|| listed.next_if_eq(&date).is_some());
        assert_eq!(
            holidays.is_holiday(date),
            expected,
            "{country} {region:?} {date}"
        );
        count += usize::from(expected == Some(true));
    }
    count
}

fn heading(part: &str) -> (&str, &str) {
    part.split_once('\n').unwrap_or((part, ""))
}

/// `base` changed by these lines, and the last year they know.
fn days(
    lines: &str,
    years: &RangeInclusive<i32>,
    base: &BTreeSet<NaiveDate>,
) -> (BTreeSet<NaiveDate>, i32) {
    let (mut days, mut until) = (base.clone(), *years.end());
    for line in lines.lines() {
        let (word, rest) = line.split_once(' ').expect("two words");
        if word == "until" {
            until = rest.parse().expect("a year");
            continue;
        }
        let of: Vec<i32> = match word {
            "every" => (*years.start()..=until).collect(),
            year => vec![year.parse().expect("a year")],
        };
        for (year, text) in of
            .iter()
            .flat_map(|year| rest.split(' ').map(move |text| (year, text)))
        {
            let monthday = text.trim_start_matches(['+', '-']);
            let date = NaiveDate::parse_from_str(&format!("{year}{monthday}"), "%Y%m%d");
            let date = date.expect("a date that exists");
            if text.starts_with('-') {
                days.remove(&date);
            } else {
                days.insert(date);
            }
        }
    }
    (days, until)
}
