//! Open groups: classes that a booking could join by one of their seats.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claim, Share};
use crate::{Interval, UnixSeconds};

/// The open groups among `claims`, ascending.
pub(super) fn of(claims: &[Claim]) -> Vec<u32> {
    let open = claims.iter().filter_map(|claim| match claim.share {
        Share::Open(group) => Some(group),
        Share::Apart | Share::Full => None,
    });
    open.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The starts of open groups that nothing else is in the way of.
pub(super) fn joins(claims: &[Claim]) -> Vec<(UnixSeconds, u32)> {
    let open = claims.iter().filter_map(|claim| match claim.share {
        Share::Open(group) => Some((claim.core.start, group, claim.padded)),
        Share::Apart | Share::Full => None,
    });
    let mut open: Vec<_> = open.collect();
    open.sort_unstable_by_key(|(start, group, _)| (*start, *group));
    open.dedup_by_key(|(start, ..)| *start);
    // How many claims overlap an interval is told by their sorted starts and ends; nothing else is in
    // the way where all of them are the group's own.
    let padded = claims.iter().map(|claim| claim.padded);
    let taken: Vec<Interval> = padded.filter(|padded| !padded.is_empty()).collect();
    let mut starts: Vec<_> = taken.iter().map(|padded| padded.start).collect();
    let mut ends: Vec<_> = taken.iter().map(|padded| padded.end).collect();
    starts.sort_unstable();
    ends.sort_unstable();
    let overlapping = |padded: Interval| {
        let begun = starts.partition_point(|start| *start < padded.end);
        begun - ends.partition_point(|end| *end <= padded.start)
    };
    let mut own: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
    for claim in claims {
        if let Share::Open(group) = claim.share {
            own.entry(group).or_default().push(claim.padded);
        }
    }
    open.retain(|(_, group, padded)| {
        let own = own.get(group).into_iter().flatten();
        padded.is_empty() || overlapping(*padded) == own.filter(|own| own.overlaps(*padded)).count()
    });
    open.into_iter()
        .map(|(start, group, _)| (start, group))
        .collect()
}
