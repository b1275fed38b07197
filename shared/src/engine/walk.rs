//! Whether ascending questions meet merged intervals, without searching for each anew.

use crate::{Interval, UnixSeconds};

/// A walk along merged intervals, for questions that ascend.
pub(super) struct Walk<'a> {
    /// The first that ends after the last question's start.
    next: Interval,
    rest: std::slice::Iter<'a, Interval>,
}

impl<'a> Walk<'a> {
    /// After the last one.
    const NEVER: Interval = Interval::new(UnixSeconds::MAX, UnixSeconds::MAX);

    pub(super) fn from(merged: &'a [Interval], start: UnixSeconds) -> Self {
        Self::along(&merged[merged.partition_point(|interval| interval.end <= start)..])
    }

    pub(super) fn along(merged: &'a [Interval]) -> Self {
        let mut rest = merged.iter();
        Self {
            next: rest.next().copied().unwrap_or(Self::NEVER),
            rest,
        }
    }

    /// Whether any of them overlaps `wanted`, which is not empty.
    pub(super) fn meets(&mut self, wanted: Interval) -> bool {
        while self.next.end <= wanted.start {
            self.next = self.rest.next().copied().unwrap_or(Self::NEVER);
        }
        self.next.start < wanted.end
    }
}
