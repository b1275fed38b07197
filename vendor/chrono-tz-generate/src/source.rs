//! The IANA source text: from the compact `tzdata.zi` to the long form that
//! `parse-zoneinfo` reads.
//!
//! `tzdata.zi` says the same as the files `africa`, `europe` and so on, with every
//! keyword shortened and comments left out (zic(8), "FILES"). The parser wants whole
//! keywords, two-digit minutes and links that point at a zone, not at another link.

use std::collections::BTreeMap;

const MONTHS: [&str; 12] = [
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
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The release named in the first line, `# version 2026f`.
pub fn release(compact: &str) -> Result<&str, String> {
    compact
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# version "))
        .ok_or_else(|| "tzdata.zi does not start with '# version'".to_owned())
}

/// The same data in the long form, zones and rules first, links last.
pub fn expand(compact: &str) -> Result<String, String> {
    let mut long = String::new();
    let mut links = BTreeMap::new();
    for line in compact
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let expanded = match fields.as_slice() {
            ["L", target, name] => {
                links.insert(*name, *target);
                continue;
            }
            ["R", rest @ ..] => rule(rest),
            ["Z", name, rest @ ..] => period(rest).map(|period| format!("Zone {name} {period}")),
            rest => period(rest).map(|period| format!("\t{period}")),
        };
        long += &expanded.ok_or_else(|| format!("cannot read the line '{line}'"))?;
        long.push('\n');
    }
    for (name, target) in &links {
        let mut zone = target;
        while let Some(next) = links.get(zone) {
            zone = next;
        }
        long += &format!("Link {zone} {name}\n");
    }
    Ok(long)
}

/// The long form without one zone: its `Zone` line and those that continue it.
pub fn without(long: &str, zone: &str) -> String {
    let start = format!("Zone {zone} ");
    let mut inside = false;
    long.lines()
        .filter(|line| {
            inside = line.starts_with(&start) || (inside && line.starts_with('\t'));
            !inside
        })
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn rule(fields: &[&str]) -> Option<String> {
    let [name, from, to, kind, month, day, at, save, letters] = fields else {
        return None;
    };
    let to = match *to {
        "o" => "only",
        "ma" => "max",
        year => year,
    };
    let (month, day, at, save) = (whole(&MONTHS, month)?, on(day)?, clock(at), clock(save));
    Some(format!(
        "Rule {name} {from} {to} {kind} {month} {day} {at} {save} {letters}"
    ))
}

/// One line of a zone: offset, rules, format, and until when.
fn period(fields: &[&str]) -> Option<String> {
    let [offset, rules, format, until @ ..] = fields else {
        return None;
    };
    // The rules' name, or the amount of saving itself.
    let rules = if rules.contains(|c: char| c.is_ascii_digit()) {
        clock(rules)
    } else {
        (*rules).to_owned()
    };
    let mut long = format!("{} {rules} {format}", clock(offset));
    for (position, field) in until.iter().enumerate() {
        long.push(' ');
        long += &match position {
            0 => (*field).to_owned(),
            1 => whole(&MONTHS, field)?.to_owned(),
            2 => on(field)?,
            3 => clock(field),
            _ => return None,
        };
    }
    Some(long)
}

/// The only name that starts with `short`, cut to the three letters the parser wants.
fn whole(names: &'static [&'static str], short: &str) -> Option<&'static str> {
    let mut found = names.iter().filter(|name| name.starts_with(short));
    match (found.next(), found.next()) {
        (Some(name), None) => name.get(..3),
        _ => None,
    }
}

/// `lastSu`, `Su>=8`, `Sa<=30` or a day of the month.
fn on(day: &str) -> Option<String> {
    if let Some(weekday) = day.strip_prefix("last") {
        return Some(format!("last{}", whole(&WEEKDAYS, weekday)?));
    }
    match day.find(['<', '>']) {
        Some(at) => Some(format!("{}{}", whole(&WEEKDAYS, &day[..at])?, &day[at..])),
        None => Some(day.to_owned()),
    }
}

/// `0:9:21` as `0:09:21`; a suffix such as `u` stays.
fn clock(time: &str) -> String {
    let mut parts = time.split(':');
    let mut long = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        long += if digits == 1 { ":0" } else { ":" };
        long += part;
    }
    long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_expanded() {
        let compact = "# version 2026f\n# comment\n\
            R CO 1992 o - May 3 0 1 -\nR u 2007 ma - N Su>=1 2 0 S\nR h 1934 1935 - O Sa<=30 0:1:5u -1 -\n\
            Z Europe/Dublin -0:25:21 - LMT 1880 Au 2\n-0:25:21 0:20 IST 1916 O lastF 2s\n1 IE IST/GMT\n\
            L Eire Ire\nL Europe/Dublin Eire\n";
        assert_eq!(release(compact).unwrap(), "2026f");
        assert_eq!(
            expand(compact).unwrap(),
            "Rule CO 1992 only - May 3 0 1 -\n\
             Rule u 2007 max - Nov Sun>=1 2 0 S\n\
             Rule h 1934 1935 - Oct Sat<=30 0:01:05u -1 -\n\
             Zone Europe/Dublin -0:25:21 - LMT 1880 Aug 2\n\
             \t-0:25:21 0:20 IST 1916 Oct lastFri 2s\n\
             \t1 IE IST/GMT\n\
             Link Europe/Dublin Eire\nLink Europe/Dublin Ire\n"
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_the_line() {
        assert!(expand("R a 1990 o - J 1 0 0 -")
            .unwrap_err()
            .contains("R a 1990"));
        assert!(expand("Z A/B 1 -").is_err());
        assert!(release("R a").is_err());
    }

    #[test]
    fn a_zone_is_left_out_with_its_continuation() {
        let long = "Zone A 1 - A 1880\n\t2 - A\nZone B 3 - B 1880\n\t4 - B\nLink A C\n";
        let left = without(long, "B");
        assert_eq!(left, "Zone A 1 - A 1880\n\t2 - A\nLink A C\n");
    }
}
