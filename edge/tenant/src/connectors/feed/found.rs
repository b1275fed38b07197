//! The busy intervals found so far, and how long one occurrence lasts.

use std::rc::Rc;

use chrono::NaiveDateTime;
use slotstead_shared::{Interval, UnixSeconds, engine::Tz, limits::FEED_INSTANCES};

use super::{
    error::FeedError,
    event::Length,
    recur::Budget,
    time::{Time, later},
    zone::Zone,
};

/// The busy intervals found so far, within a window.
pub(super) struct Found {
    window: Interval,
    host: Zone,
    instances: usize,
    pub budget: Budget,
    pub blocks: Vec<Interval>,
}

impl Found {
    pub(super) fn new(window: Interval, host_zone: Tz) -> Self {
        Self {
            window,
            host: Zone::Iana(host_zone),
            instances: 0,
            budget: Budget::default(),
            blocks: Vec::new(),
        }
    }

    /// The wall times, in whatever zone, at which an occurrence of at most `seconds` may reach
    /// into the window.
    pub(super) fn walls(&self, seconds: i64) -> (NaiveDateTime, NaiveDateTime) {
        const OFFSETS: i64 = 2 * 86_400;
        let wall = |at| {
            chrono::DateTime::from_timestamp(at, 0)
                .unwrap_or_default()
                .naive_utc()
        };
        let reach = seconds.saturating_add(OFFSETS);
        // Both ways: an event whose end is before its start reaches back.
        (
            later(wall(self.window.start), reach.saturating_neg()),
            later(wall(self.window.end), reach),
        )
    }

    /// Adds the occurrence at `wall` for each of its `lengths`. `base` is the start that they were
    /// given for, and names the zone of `wall`. `is_twice` also adds the second instant of a repeated wall time.
    ///
    /// The zone is looked at only when the occurrence may touch the window, so an event of long
    /// ago in an unknown zone does no harm. A date or a floating time in a calendar of
    /// another zone than the host's counts in both: programs differ in whose clock it is by.
    pub(super) fn add(
        &mut self,
        line: u32,
        base: &Time,
        wall: NaiveDateTime,
        lengths: &[Length],
        is_twice: bool,
    ) -> Result<(), FeedError> {
        let (from, to) = self.walls(Length::at_most(lengths));
        if wall < from || to <= wall {
            return Ok(());
        }
        self.add_in(line, base, wall, lengths, is_twice)?;
        if base.is_floating && !same(&base.zone, &self.host) {
            let here = |time: &Time| Time {
                zone: self.host.clone(),
                ..time.clone()
            };
            let lengths = lengths.iter().map(|length| match length {
                Length::Until { end, wall_seconds } if end.is_floating => Length::Until {
                    end: here(end),
                    wall_seconds: *wall_seconds,
                },
                other => other.clone(),
            });
            let lengths: Vec<Length> = lengths.collect();
            self.add_in(line, &here(base), wall, &lengths, is_twice)?;
        }
        Ok(())
    }

    fn add_in(
        &mut self,
        line: u32,
        base: &Time,
        wall: NaiveDateTime,
        lengths: &[Length],
        is_twice: bool,
    ) -> Result<(), FeedError> {
        let unknown = || FeedError::UnknownZone { line };
        let (first, second) = base.zone.instants(wall).ok_or_else(unknown)?;
        for start in [Some(first), second.filter(|_| is_twice)]
            .into_iter()
            .flatten()
        {
            for length in lengths {
                let end = end_of(base, wall, start, length).ok_or_else(unknown)?;
                self.push(start.min(end), start.max(end))?;
            }
        }
        Ok(())
    }

    fn push(&mut self, start: UnixSeconds, end: UnixSeconds) -> Result<(), FeedError> {
        let block = Interval::new(start.max(self.window.start), end.min(self.window.end));
        if block.is_empty() {
            return Ok(());
        }
        self.instances += 1;
        if self.instances > FEED_INSTANCES {
            return Err(FeedError::TooManyInstances);
        }
        self.blocks.push(block);
        Ok(())
    }
}

/// When the occurrence at `wall`, which is the instant `start`, ends; `None` in unknown zones.
///
/// RFC 5545 section 3.8.5.3 repeats a DTEND as an exact length, most programs as a wall time; section
/// 3.3.6 has hours of a DURATION exact, and programs add them on the wall. The two differ when the clock
/// changes in between; the later end counts.
fn end_of(
    base: &Time,
    wall: NaiveDateTime,
    start: UnixSeconds,
    length: &Length,
) -> Option<UnixSeconds> {
    let instant = |wall| base.zone.instants(wall).map(|(first, _)| first);
    let (end, wall_seconds) = match length {
        Length::Span(span) => {
            let day = later(wall, span.days.saturating_mul(86_400));
            let first = if span.days == 0 { start } else { instant(day)? };
            let exact = first.saturating_add(span.seconds);
            return Some(exact.max(instant(later(day, span.seconds))?));
        }
        Length::Until { end, wall_seconds } => (end, *wall_seconds),
    };
    if base.is_date {
        return instant(later(wall, wall_seconds));
    }
    let exact = end.instant()? - base.instant()?;
    if exact < 0 && wall_seconds > 0 && same(&base.zone, &end.zone) {
        // The start was skipped by the clock and read as a time after the end.
        return Some(start.saturating_add(wall_seconds));
    }
    let exact_end = start.saturating_add(exact);
    if wall == base.wall || exact < 0 || !same(&base.zone, &end.zone) {
        return Some(exact_end);
    }
    Some(instant(later(wall, wall_seconds))?.max(exact_end))
}

fn same(one: &Zone, other: &Zone) -> bool {
    match (one, other) {
        (Zone::Iana(one), Zone::Iana(other)) => one == other,
        (Zone::Defined(one), Zone::Defined(other)) => Rc::ptr_eq(one, other),
        _ => false,
    }
}
