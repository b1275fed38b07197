//! The list of time zones to choose from, grouped by region.
//!
//! The names come from the browser (`Intl.supportedValuesOf`); the zones of the
//! services are always in the list, also when the browser does not know them.

use crate::dates::place;

/// Zones of one region of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `Europe`, `America`; empty for zones that belong to none.
    pub region: String,
    /// The zones, by place.
    pub zones: Vec<Choice>,
}

/// One zone in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The IANA name, which is what the server is told.
    pub zone: String,
    /// How it is shown: `Buenos Aires`.
    pub label: String,
}

/// Sorts `known` and `always` into groups, each zone once.
#[must_use]
pub fn grouped(known: &[String], always: &[&str]) -> Vec<Group> {
    let names = known
        .iter()
        .map(String::as_str)
        .chain(always.iter().copied());
    let mut groups: Vec<Group> = Vec::new();
    for zone in names {
        let region = zone.split_once('/').map_or("", |(region, _)| region);
        let label = place(zone).unwrap_or_else(|| zone.to_owned());
        // What belongs nowhere (UTC) comes last.
        let key = |region: &str| (region.is_empty(), region.to_owned());
        let at = groups.partition_point(|group| key(&group.region) < key(region));
        if groups.get(at).is_none_or(|group| group.region != region) {
            let region = region.to_owned();
            groups.insert(
                at,
                Group {
                    region,
                    zones: Vec::new(),
                },
            );
        }
        let zones = &mut groups[at].zones;
        // Put in place one by one: a sort from the library is 4 KB of code for each type sorted.
        let at = zones.partition_point(|choice| (&*choice.label, &*choice.zone) < (&*label, zone));
        if zones.get(at).is_none_or(|choice| choice.zone != zone) {
            let zone = zone.to_owned();
            zones.insert(at, Choice { zone, label });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_grouped_sorted_by_place_and_never_twice() {
        let known = [
            "Europe/Oslo",
            "America/Argentina/Buenos_Aires",
            "Europe/London",
            "UTC",
        ]
        .map(str::to_owned);
        let groups = grouped(&known, &["Europe/Oslo", "Antarctica/Troll"]);
        let flat: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|group| {
                (
                    group.region.as_str(),
                    group.zones.iter().map(|zone| zone.label.as_str()).collect(),
                )
            })
            .collect();
        assert_eq!(
            flat,
            [
                ("America", vec!["Buenos Aires"]),
                ("Antarctica", vec!["Troll"]),
                ("Europe", vec!["London", "Oslo"]),
                ("", vec!["UTC"]),
            ]
        );
    }

    #[test]
    fn without_a_list_from_the_browser_the_services_zone_is_still_there() {
        let groups = grouped(&[], &["Europe/Oslo"]);
        assert_eq!(groups[0].zones[0].zone, "Europe/Oslo");
    }
}
