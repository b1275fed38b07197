//! The shapes of the values that say when something is.
//!
//! The parser behind this is lenient: it takes `T09` for nine o'clock, skips rule parts it does
//! not know and wraps large numbers. Only what has one reading passes here.

use std::borrow::Cow;

/// `value` without what a program writes when it means nothing: `COUNT=-1` of a rule without a
/// count (Confluence).
pub(super) fn tidy<'a>(property: &str, value: &'a str) -> Cow<'a, str> {
    let is_no_count = |part: &&str| part.trim().eq_ignore_ascii_case("COUNT=-1");
    if property == "RRULE" && value.split(';').any(|part| is_no_count(&part)) {
        let parts: Vec<&str> = value.split(';').filter(|part| !is_no_count(part)).collect();
        Cow::Owned(parts.join(";"))
    } else {
        Cow::Borrowed(value)
    }
}

/// Whether `value` has a shape that is read exactly. `parameters` is the text from the first `;`.
pub(super) fn fits(property: &str, parameters: &str, value: &str) -> bool {
    let parameters = parameters.to_ascii_uppercase();
    are_parameters(&parameters)
        && !is_encoded(&parameters)
        && !is_in_two_zones(&parameters, value)
        && !is_date_with_time(&parameters, value)
        && value_fits(property, &parameters, value)
}

fn value_fits(property: &str, parameters: &str, value: &str) -> bool {
    match property {
        "DTSTART" | "DTEND" => is_time(value),
        "RECURRENCE-ID" => {
            let range_known = !parameters.contains(";RANGE=")
                || parameters.contains(";RANGE=THISANDFUTURE")
                || parameters.contains(";RANGE=\"THISANDFUTURE\"");
            range_known && is_time(value)
        }
        "EXDATE" => value.split(',').all(|part| is_time(part.trim())),
        "RDATE" if parameters.contains("VALUE=PERIOD") => {
            value.split(',').all(|part| is_period(part.trim()))
        }
        "RDATE" => value.split(',').all(|part| is_time(part.trim())),
        "FREEBUSY" => value.split(',').all(|part| is_period(part.trim())),
        "DURATION" => is_duration(value),
        // Unix time is a common choice, and -1 is seen too.
        "SEQUENCE" => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            (1..=18).contains(&digits.len()) && is_digits(digits, digits.len())
        }
        "RRULE" => is_rule(value),
        "TZOFFSETFROM" | "TZOFFSETTO" => value
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| is_digits(digits, 4) || is_digits(digits, 6)),
        _ => true,
    }
}

/// The parts between semicolons, those in quotes left alone.
fn unquoted_parts(parameters: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    parameters
        .split(move |letter| {
            quoted ^= letter == '"';
            letter == ';' && !quoted
        })
        .skip(1)
}

/// Whether each parameter has a name and a value; a zone without its `=` is no zone to the parser, and
/// of two zones or two types of value programs take one or the other.
fn are_parameters(parameters: &str) -> bool {
    let of = |name: &str| {
        let parts = unquoted_parts(parameters);
        parts
            .filter(|part| part.trim_start().starts_with(name))
            .count()
    };
    let all_have_values = unquoted_parts(parameters).all(|part| part.contains('='));
    all_have_values && of("TZID=") < 2 && of("VALUE=") < 2
}

/// Whether the value is said to be a date and has a time of day. Midnight is a common way to write a date.
fn is_date_with_time(parameters: &str, value: &str) -> bool {
    let is_date = unquoted_parts(parameters)
        .any(|part| matches!(part.trim(), "VALUE=DATE" | "VALUE=\"DATE\""));
    let is_midnight = |time: &str| {
        let time = time.split_once(['T', 't']);
        matches!(time, None | Some((_, "000000" | "000000Z")))
    };
    is_date && !value.split(',').all(|time| is_midnight(time.trim()))
}

/// Whether the value is said to be encoded (vCalendar 1.0). No time is ever written that way, and
/// the parser takes a `=` at the end of a quoted-printable value for a break inside of the line.
fn is_encoded(parameters: &str) -> bool {
    unquoted_parts(parameters).any(|part| part.trim_start().starts_with("ENCODING"))
}

/// Whether the line goes on in the next one, which then looks like a property of its own: a
/// quoted-printable value (vCalendar 1.0) with a `=` at its end. `rest` comes after the name.
pub(super) fn has_soft_break(rest: &[u8]) -> bool {
    const ENCODING: &[u8] = b"QUOTED-PRINTABLE";
    let mut parts = rest.split(|byte| *byte == b':');
    rest.ends_with(b"=")
        && parts.next().is_some_and(|parameters| {
            parameters
                .windows(ENCODING.len())
                .any(|part| part.eq_ignore_ascii_case(ENCODING))
        })
}

/// A time in UTC that is also said to be in another zone: one of the two is wrong (RFC 5545
/// section 3.2.19 forbids it), and programs differ in which they believe.
fn is_in_two_zones(parameters: &str, value: &str) -> bool {
    const UTC: [&str; 8] = [
        "UTC",
        "Z",
        "GMT",
        "ETC/UTC",
        "ETC/GMT",
        "ETC/ZULU",
        "/UTC",
        "TZONE://MICROSOFT/UTC",
    ];
    let is_utc = value
        .split([',', '/'])
        .any(|time| time.len() == 16 && time.ends_with(['Z', 'z']));
    is_utc
        && unquoted_parts(parameters)
            .filter_map(|part| part.strip_prefix("TZID="))
            .any(|zone| !UTC.contains(&zone.trim_matches('"')))
}

fn is_digits(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A DATE or a DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5).
fn is_time(text: &str) -> bool {
    let text = text
        .strip_suffix(['Z', 'z'])
        .filter(|rest| rest.len() == 15)
        .unwrap_or(text);
    match text.split_once(['T', 't']) {
        Some((date, time)) => is_digits(date, 8) && is_digits(time, 6),
        None => is_digits(text, 8),
    }
}

/// A PERIOD (section 3.3.9).
fn is_period(text: &str) -> bool {
    text.split_once('/').is_some_and(|(start, end)| {
        let start = start.trim();
        start.len() > 8 && is_time(start) && ((end.len() > 8 && is_time(end)) || is_duration(end))
    })
}

/// A DURATION (section 3.3.6) that does not run backwards, in any order-preserving mix of units.
fn is_duration(text: &str) -> bool {
    let Some(mut rest) = text
        .strip_prefix('+')
        .unwrap_or(text)
        .strip_prefix(['P', 'p'])
    else {
        return false;
    };
    let mut units = "WDTHMS";
    let mut counted = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest
            .as_bytes()
            .get(digits)
            .map(|byte| char::from(byte.to_ascii_uppercase()));
        let Some(at) = unit.and_then(|unit| units.find(unit)) else {
            return false;
        };
        let is_mark = unit == Some('T');
        let in_order = is_mark || matches!(unit, Some('W' | 'D')) || !units.contains('T');
        if !in_order || (digits == 0) != is_mark || digits > 7 {
            return false;
        }
        counted |= !is_mark;
        units = &units[at + 1..];
        rest = &rest[digits + 1..];
    }
    counted
}

/// A RECUR (section 3.3.10): known parts only, each once, each number in its range.
fn is_rule(text: &str) -> bool {
    let mut seen = Vec::new();
    let parts = text.strip_suffix(';').unwrap_or(text);
    let all_fit = parts.split(';').all(|part| {
        part.split_once('=').is_some_and(|(name, value)| {
            let name = name.trim().to_ascii_uppercase();
            let fits = rule_part_fits(&name, value.trim());
            let is_new = !seen.contains(&name);
            seen.push(name);
            fits && is_new
        })
    });
    all_fit && seen.iter().any(|name| name == "FREQ")
}

fn rule_part_fits(name: &str, value: &str) -> bool {
    let numbers = |least: i64, most: i64| {
        value.split(',').all(|text| {
            let digits = text.trim_start_matches(['+', '-']).len();
            (1..=9).contains(&digits)
                && text
                    .parse::<i64>()
                    .is_ok_and(|number| (least..=most).contains(&number))
        })
    };
    let signed = |most: i64| numbers(-most, most) && !numbers_contain_zero(value);
    match name {
        "FREQ" => true,
        "UNTIL" => is_time(value),
        "COUNT" => numbers(1, 999_999_999) && !value.contains(','),
        "INTERVAL" => numbers(1, 65_535) && !value.contains(','),
        // 60 is a leap second.
        "BYSECOND" => numbers(0, 60),
        "BYMINUTE" => numbers(0, 59),
        "BYHOUR" => numbers(0, 23),
        "BYMONTHDAY" => signed(31),
        "BYYEARDAY" | "BYSETPOS" => signed(366),
        "BYWEEKNO" => signed(53),
        "BYMONTH" => numbers(1, 12),
        "BYDAY" => value.split(',').all(is_weekday),
        "WKST" => is_weekday(value) && value.len() == 2,
        "RSCALE" => value.eq_ignore_ascii_case("GREGORIAN"),
        "SKIP" => value.eq_ignore_ascii_case("OMIT"),
        _ => false,
    }
}

fn numbers_contain_zero(value: &str) -> bool {
    value.split(',').any(|text| text.parse::<i64>() == Ok(0))
}

fn is_weekday(text: &str) -> bool {
    let text = text.trim();
    let day_at = text.len().saturating_sub(2);
    let (Some(ordinal), Some(day)) = (text.get(..day_at), text.get(day_at..)) else {
        return false;
    };
    let known = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .any(|known| day.eq_ignore_ascii_case(known));
    let digits = ordinal.strip_prefix(['+', '-']).unwrap_or(ordinal);
    known
        && (ordinal.is_empty()
            || ((1..=2).contains(&digits.len())
                && digits
                    .parse::<u8>()
                    .is_ok_and(|number| (1..=53).contains(&number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_one_reading_pass() {
        for (property, parameters, value) in [
            ("DTSTART", ";VALUE=DATE", "20270311"),
            ("DTSTART", ";TZID=Europe/Oslo", "20270311T090000"),
            ("DTEND", "", "20270311t090000z"),
            ("DTSTART", ";TZID=UTC", "20270311T090000Z"),
            ("DTSTART", ";TZID=\"a;b:c\"", "20270311T090000"),
            ("EXDATE", "", "20270311T090000Z,20270312T090000Z"),
            (
                "RDATE",
                ";VALUE=PERIOD",
                "20270311T090000Z/PT1H,20270312T090000Z/20270312T100000Z",
            ),
            ("RECURRENCE-ID", ";RANGE=THISANDFUTURE", "20270311"),
            ("DURATION", "", "P15DT5H0M20S"),
            ("DURATION", "", "P7W"),
            ("DURATION", "", "+PT15M"),
            ("DURATION", "", "P1DT"),
            ("TZOFFSETTO", "", "+0100"),
            ("TZOFFSETTO", "", "-001521"),
            (
                "RRULE",
                "",
                "FREQ=WEEKLY;BYDAY=MO,TU,-1FR;INTERVAL=2;WKST=SU;",
            ),
            (
                "RRULE",
                "",
                "freq=yearly;bymonth=3;bymonthday=-1;until=20280101T000000Z",
            ),
        ] {
            assert!(
                fits(property, parameters, value),
                "{property}{parameters}:{value}"
            );
        }
    }

    #[test]
    fn values_that_would_be_guessed_do_not() {
        for (property, parameters, value) in [
            ("DTSTART", "", "20270311T0900"),
            ("DTSTART", "", "2027-03-11T09:00:00"),
            ("DTSTART", "", "20270311T090000+0100"),
            ("DTSTART", "", "20270311Z"),
            ("DTSTART", "", ""),
            ("EXDATE", "", "20270311T090000Z,"),
            ("RDATE", "", "20270311T090000Z/PT1H"),
            ("RECURRENCE-ID", ";RANGE=THISANDPRIOR", "20270311T090000Z"),
            ("DTSTART", ";TZID=Europe/Oslo", "20270311T090000Z"),
            ("DTEND", ";TZIDEurope/Oslo", "20270311T090000"),
            ("UID", ";ENCODING=QUOTED-PRINTABLE", "one="),
            ("STATUS", ";X-A=b; Encoding=Quoted-Printable", "CONFIRMED="),
            ("DTSTART", ";ENCODING=8BIT", "20270311T090000Z"),
            (
                "EXDATE",
                ";TZID=\"Europe/Oslo\"",
                "20270310T090000,20270311T090000Z",
            ),
            ("DURATION", "", "-PT15M"),
            ("DURATION", "", "P1M"),
            ("DURATION", "", "PT"),
            ("DURATION", "", "PT1H30"),
            ("DURATION", "", "PT99999999H"),
            ("DURATION", "", "PT5M1H"),
            ("TZOFFSETTO", "", "0100"),
            ("RRULE", "", "D1 #10"),
            ("RRULE", "", "FREQ=DAILY;COUNT=0"),
            ("RRULE", "", "FREQ=DAILY;COUNT=4294967297"),
            ("RRULE", "", "FREQ=DAILY;INTERVAL=65537"),
            ("RRULE", "", "FREQ=DAILY;BYSECOND=300"),
            ("RRULE", "", "FREQ=DAILY;BYEASTER=1"),
            ("RRULE", "", "FREQ=DAILY;FREQ=WEEKLY"),
            ("RRULE", "", "FREQ=YEARLY;BYMONTH=5L"),
            ("RRULE", "", "FREQ=MONTHLY;SKIP=FORWARD;RSCALE=GREGORIAN"),
            ("RRULE", "", "FREQ=WEEKLY;BYDAY=MO,"),
            ("RRULE", "", "FREQ=WEEKLY;BYDAY=0MO"),
            ("RRULE", "", "FREQ=MONTHLY;BYMONTHDAY=--1"),
            ("RRULE", "", "BYDAY=MO"),
        ] {
            assert!(
                !fits(property, parameters, value),
                "{property}{parameters}:{value}"
            );
        }
    }
}
