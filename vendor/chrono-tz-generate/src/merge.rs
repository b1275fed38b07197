//! Joins zones with equal tables in the generated `match`, which makes the file half as long.
//!
//! The generator spells the table out for every link (`Europe/Oslo` is one to
//! `Europe/Berlin`). The arms stay in their order; an equal one joins the first.

use std::collections::HashMap;

const START: &str = "impl TimeSpans for Tz {\n    fn timespans(&self) -> FixedTimespanSet {\n        match *self {\n";
const END: &str = "         }\n    }\n}\n";
const ARM: &str = "            Tz::";

/// The same source with each table once.
pub fn equal_tables(source: &str) -> Result<String, String> {
    let changed = || "chrono-tz-build writes another format now".to_owned();
    let (head, rest) = source.split_once(START).ok_or_else(changed)?;
    let (arms, tail) = rest.split_once(END).ok_or_else(changed)?;
    let mut order: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut place = HashMap::new();
    for arm in arms.split(ARM).skip(1) {
        let (zone, table) = arm.split_once(" => ").ok_or_else(changed)?;
        let at = *place.entry(table).or_insert(order.len());
        if at == order.len() {
            order.push((table, Vec::new()));
        }
        order[at].1.push(zone);
    }
    let mut merged = format!("{head}{START}");
    for (table, zones) in order {
        merged += &format!("{ARM}{} => {table}", zones.join("\n            | Tz::"));
    }
    Ok(merged + END + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_arms_join_the_first() {
        let source =
            format!("a{START}{ARM}A => {{ 1 }},\n{ARM}B => {{ 2 }},\n{ARM}C => {{ 1 }},\n{END}z");
        let merged =
            format!("a{START}{ARM}A\n            | Tz::C => {{ 1 }},\n{ARM}B => {{ 2 }},\n{END}z");
        assert_eq!(equal_tables(&source).unwrap(), merged);
        assert!(equal_tables("something else").is_err());
    }
}
