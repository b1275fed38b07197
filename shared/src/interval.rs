//! Instants and half-open intervals between them.

use serde::{Deserialize, Serialize};

/// An instant: whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type UnixSeconds = i64;

/// The instants `start <= t < end`. Touching intervals do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The first instant inside.
    pub start: UnixSeconds,
    /// The first instant after.
    pub end: UnixSeconds,
}

impl Interval {
    /// The interval from `start` to `end`; empty when `end <= start`.
    #[must_use]
    pub const fn new(start: UnixSeconds, end: UnixSeconds) -> Self {
        Self { start, end }
    }

    /// The one instant `at`.
    #[must_use]
    pub const fn at(at: UnixSeconds) -> Self {
        Self::new(at, at + 1)
    }

    /// Whether no instant is inside.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the two share an instant; an empty interval has none to share.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end && !self.is_empty() && !other.is_empty()
    }

    /// Whether every instant of `other` is inside.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Sorts, drops empty intervals and joins those that touch or overlap.
///
/// The result is ascending and has a gap between any two neighbours, so an
/// overlap test is one binary search.
#[must_use]
pub fn merge(intervals: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let intervals = intervals.into_iter();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.size_hint().1.unwrap_or(0));
    let mut rest = intervals.filter(|interval| !interval.is_empty());
    while let Some(next) = rest.next() {
        match merged.last_mut() {
            Some(last) if next.start < last.start => {
                // Out of order. What is merged so far is only a shorter way to say it.
                merged.push(next);
                merged.extend(rest);
                // Stable, because it makes use of runs: mostly it is some sorted lists in a row.
                merged.sort_by_key(|interval| interval.start);
                return merge(merged);
            }
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => merged.push(next),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_intervals_do_not_overlap() {
        let nine = Interval::new(9, 10);
        assert!(!nine.overlaps(Interval::new(10, 11)));
        assert!(!nine.overlaps(Interval::new(8, 9)));
        assert!(nine.overlaps(Interval::new(9, 10)));
        assert!(nine.overlaps(Interval::new(0, 100)));
    }

    #[test]
    fn an_empty_interval_overlaps_nothing() {
        let day = Interval::new(0, 100);
        assert!(!day.overlaps(Interval::new(50, 50)));
        assert!(!Interval::new(60, 40).overlaps(day));
    }

    #[test]
    fn merge_joins_touching_and_nested_and_drops_empty() {
        let merged = merge(vec![
            Interval::new(5, 6),
            Interval::new(1, 4),
            Interval::new(2, 3),
            Interval::new(4, 5),
            Interval::new(9, 9),
            Interval::new(8, 7),
            Interval::new(10, 11),
        ]);
        assert_eq!(merged, [Interval::new(1, 6), Interval::new(10, 11)]);
    }
}
