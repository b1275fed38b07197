//! Who comes along to what another leads.

use super::Availability;
use crate::{Interval, UnixSeconds};

/// Whether a host or a resource can come along to what another leads: the hours hold the whole
/// booking, on a step or not, and nothing is in the way.
#[derive(Debug)]
pub(in crate::engine) struct Cover<'a> {
    pub(super) of: &'a Availability<'a>,
    /// The hours, merged.
    pub(super) hours: Vec<Interval>,
}

impl Cover<'_> {
    /// Whether it can come along to a booking at `start`: a fresh one, or a seat in the open group
    /// `seat_in`.
    pub(in crate::engine) fn takes(&self, start: UnixSeconds, seat_in: Option<u32>) -> bool {
        let core = self.of.policy.core(start);
        let inside = self
            .hours_at(start)
            .is_some_and(|hours| hours.contains(core));
        inside
            && self.of.policy.padded(start).end <= self.of.known_until
            && self.of.group_at(start) == seat_in
            && self.of.is_free(start, &mut self.of.walks_at(start))
    }

    /// Whether it has time in this open group.
    pub(in crate::engine) fn is_in(&self, group: u32) -> bool {
        self.of.is_in(group)
    }

    /// The hours in which `start` lies.
    pub(super) fn hours_at(&self, start: UnixSeconds) -> Option<Interval> {
        let begun = self.hours.partition_point(|hours| hours.start <= start);
        let last = self.hours[..begun].last().copied();
        last.filter(|hours| start < hours.end)
    }
}
