//! Every offset of every zone from 2024 to 2031.

use slotstead_shared::{
    UnixSeconds,
    engine::{Tz, parse_zone, stamp},
};

use crate::offsets::{self, Offsets};

/// Nothing changes and changes back within a day.
const DAY: usize = 24 * 3_600;

fn offset(zone: Tz, at: UnixSeconds) -> i64 {
    stamp(zone, at)
        .expect("a year before 9999")
        .offset_seconds()
        .into()
}

#[test]
fn every_offset_is_that_of_the_list() {
    let zones = offsets::all();
    assert_eq!(zones.len(), 598);
    for Offsets { name, pairs } in &zones {
        let zone = parse_zone(name).unwrap_or_else(|_| panic!("{name} is not known"));
        let mut before = None;
        for (position, &(from, wanted)) in pairs.iter().enumerate() {
            if let Some(before) = before {
                assert_eq!(offset(zone, from - 1), before, "{name} at {}", from - 1);
            }
            before = Some(wanted);
            let to = pairs.get(position + 1).map_or(offsets::END, |next| next.0);
            for at in (from..to).step_by(DAY) {
                assert_eq!(offset(zone, at), wanted, "{name} at {at}");
            }
        }
    }
}

/// `engine::offsets::STRIDE` rests on this.
#[test]
fn no_zone_changes_twice_within_six_days() {
    for Offsets { name, pairs } in offsets::all() {
        for pair in pairs.windows(2).skip(1) {
            assert!(
                pair[1].0 - pair[0].0 > 6 * 24 * 3_600,
                "{name} at {}",
                pair[0].0
            );
        }
    }
}

#[test]
fn the_changes_of_2026_are_known() {
    let january = 1_799_236_800; // 2027-01-06
    for (name, hours) in [
        ("America/Vancouver", -7),
        ("America/Edmonton", -6),
        ("America/Winnipeg", -5),
        ("America/Havana", -4),
        ("Africa/Casablanca", 0),
    ] {
        let zone = parse_zone(name).expect("a known zone");
        assert_eq!(offset(zone, january), hours * 3_600, "{name}");
    }
}

/// Calendars of the last decades still carry the old names.
#[test]
fn old_names_are_known() {
    for name in [
        "Europe/Kiev",
        "Europe/Kyiv",
        "Asia/Calcutta",
        "US/Pacific",
        "GMT0",
        "Zulu",
    ] {
        assert!(parse_zone(name).is_ok(), "{name}");
    }
}
