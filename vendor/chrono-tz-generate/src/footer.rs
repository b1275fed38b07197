//! The rule at the end of a compiled zone, which goes on for ever (RFC 9636 section 3.3,
//! POSIX `TZ`): `EST5EDT,M3.2.0,M11.1.0`.

/// The instants at which the clocks change in the years `from..to` and the offsets from
/// there on, ascending, in seconds. Empty for a footer without a daylight rule.
pub fn changes(footer: &str, from: i64, to: i64) -> Option<Vec<(i64, i64)>> {
    let Some((names, rules)) = footer.split_once(',') else {
        return Some(Vec::new());
    };
    let (start, end) = rules.split_once(',')?;
    let (standard, daylight) = offsets(names)?;
    let mut changes = Vec::new();
    for year in from..to {
        changes.push((rule(start, year)? - standard, daylight));
        changes.push((rule(end, year)? - daylight, standard));
    }
    changes.sort_unstable();
    Some(changes)
}

/// Standard and daylight offset of `IST-1GMT0` or `<-02>2<-01>`, positive to the east.
fn offsets(names: &str) -> Option<(i64, i64)> {
    let rest = after_name(names)?;
    let end = rest.find(|c: char| c == '<' || c.is_ascii_alphabetic())?;
    let standard = -seconds(&rest[..end])?;
    let daylight = match after_name(&rest[end..])? {
        "" => standard + 3_600,
        offset => -seconds(offset)?,
    };
    Some((standard, daylight))
}

fn after_name(text: &str) -> Option<&str> {
    if let Some(quoted) = text.strip_prefix('<') {
        return quoted.split_once('>').map(|(_, rest)| rest);
    }
    Some(text.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
}

/// The wall time of `M3.5.0/-1` in `year`, as seconds since 1970 if wall time were UTC.
fn rule(rule: &str, year: i64) -> Option<i64> {
    let (date, time) = rule.split_once('/').unwrap_or((rule, "2"));
    let mut parts = date
        .strip_prefix('M')?
        .split('.')
        .map(|part| part.parse::<i64>().ok());
    let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
    let first = days(year, month);
    // 1970-01-01 was a Thursday, which POSIX numbers 4.
    let mut day = first + (weekday - (first + 4)).rem_euclid(7) + 7 * (week - 1);
    while day >= days(year, month + 1) {
        day -= 7;
    }
    Some(day * 86_400 + seconds(time)?)
}

/// Days from 1970-01-01 to the first of a month; month 13 is the next January.
fn days(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 12 {
        (year + 1, month - 12)
    } else {
        (year, month)
    };
    // Counted in years that start in March, so that a leap day is the last of its year.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 - 719_468
}

/// `-1`, `3:30` or `24` hours as seconds.
fn seconds(time: &str) -> Option<i64> {
    let (sign, time) = match time.strip_prefix('-') {
        Some(time) => (-1, time),
        None => (1, time.strip_prefix('+').unwrap_or(time)),
    };
    let mut total = 0;
    let mut unit = 3_600;
    for part in time.split(':') {
        total += part.parse::<i64>().ok()? * unit;
        unit /= 60;
    }
    Some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_become_instants() {
        // 2027-03-14T07:00Z and 2027-11-07T06:00Z.
        let new_york = [(1_805_007_600, -14_400), (1_825_567_200, -18_000)];
        assert_eq!(
            changes("EST5EDT,M3.2.0,M11.1.0", 2027, 2028).unwrap(),
            new_york
        );
        // Nuuk: Saturday 22:00 wall time, written as Sunday -1:00; both at 01:00Z.
        let nuuk = [(1_806_195_600, -3_600), (1_824_944_400, -7_200)];
        assert_eq!(
            changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2027, 2028).unwrap(),
            nuuk
        );
        // Dublin's standard time is that of the summer.
        let dublin = [(1_806_195_600, 3_600), (1_824_944_400, 0)];
        assert_eq!(
            changes("IST-1GMT0,M10.5.0,M3.5.0/1", 2027, 2028).unwrap(),
            dublin
        );
        assert!(changes("CET-1", 2027, 2028).unwrap().is_empty());
        assert!(changes("CET-1CEST,J60,J300", 2027, 2028).is_none());
    }
}
