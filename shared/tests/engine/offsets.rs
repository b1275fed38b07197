//! The offsets of every zone from 2024 to 2031, read from `vectors/iana-*.tsv`: a list made
//! from the zones that IANA's own compiler wrote (see `vendor/README.md`), not by chrono-tz.

use slotstead_shared::{UnixSeconds, engine::IANA_TZDB_VERSION};

/// 2024-01-01, where the list starts.
pub const START: UnixSeconds = 1_704_067_200;
/// 2032-01-01, where it ends.
pub const END: UnixSeconds = 1_956_528_000;

/// One zone's offsets.
pub struct Offsets {
    /// The zone.
    pub name: String,
    /// Ascending: from this instant on, this many seconds ahead of UTC.
    pub pairs: Vec<(UnixSeconds, i64)>,
}

impl Offsets {
    /// The offset at an instant on the list.
    pub fn at(&self, instant: UnixSeconds) -> i64 {
        assert!(
            (START..END).contains(&instant),
            "{instant} is not on the list"
        );
        self.pairs[self.pairs.partition_point(|pair| pair.0 <= instant) - 1].1
    }
}

/// All zones, ascending by name.
pub fn all() -> Vec<Offsets> {
    let path = format!(
        "{}/tests/vectors/iana-{IANA_TZDB_VERSION}.tsv",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).expect("there is a list for the release in use");
    text.lines().map(line).collect()
}

fn line(line: &str) -> Offsets {
    let (name, listed) = line.split_once('\t').expect("name and pairs");
    let mut pairs: Vec<(UnixSeconds, i64)> = Vec::new();
    for pair in listed.split_ascii_whitespace() {
        let (at, offset) = pair.split_once(':').expect("instant:offset");
        let mut at: UnixSeconds = at.parse().expect("an instant");
        // The list has a grid of one hour in UTC, but clocks change on the hour of the wall:
        // in Adelaide, half an hour ahead of the grid.
        if let Some(&(_, before)) = pairs.last()
            && (at + before).rem_euclid(3_600) == 1_800
        {
            at -= 1_800;
        }
        pairs.push((at, offset.parse().expect("an offset")));
    }
    Offsets {
        name: name.to_owned(),
        pairs,
    }
}
