//! An event with the changes of its occurrences, as busy intervals.
//!
//! What the RFC leaves open is read so that no reading finds time free that another finds busy:
//! DTSTART always occurs, and two versions of one occurrence both count unless their SEQUENCE
//! says which is newer.

use std::{
    collections::{HashMap, HashSet},
    slice::from_ref,
};

use calcard::icalendar::ICalendarComponent;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use slotstead_shared::UnixSeconds;

use super::{
    error::FeedError,
    event::{Event, Header, Length},
    found::Found,
    recur::Frequency,
    time::{Time, later},
    zone::Zones,
};

/// What one occurrence costs, in steps of a rule: as many as let [`slotstead_shared::limits::FEED_INSTANCES`]
/// through, and not the million that rules may name.
const STEPS_AN_OCCURRENCE: usize = 8;

/// One VEVENT and the number of the calendar whose zones it uses.
pub(super) struct Member<'a> {
    pub calendar: usize,
    pub component: &'a ICalendarComponent,
    pub header: Header,
}

/// A change of one occurrence, or of one and all later ones.
struct Change {
    event: Event,
    is_busy: bool,
    is_range: bool,
    replaces: Time,
}

/// Drops older versions: of the same event or changed occurrence only the highest SEQUENCE counts.
/// Equal ones all stay, and so do changes whatever the event's own number is. A change of one occurrence
/// is no newer version of the change of it and all later ones.
pub(super) fn keep_newest(members: &mut Vec<Member<'_>>) {
    let what = |header: &Header| (header.changes.clone(), header.is_range);
    let mut newest = HashMap::new();
    for Member { header, .. } in &*members {
        let sequence = newest.entry(what(header)).or_insert(header.sequence);
        *sequence = header.sequence.max(*sequence);
    }
    members.retain(|Member { header, .. }| newest.get(&what(header)) == Some(&header.sequence));
}

/// Adds the busy times of the events that share one UID.
pub(super) fn add(
    members: &[Member<'_>],
    zones: &mut [Zones],
    found: &mut Found,
) -> Result<(), FeedError> {
    let mut changes = Vec::new();
    for member in members
        .iter()
        .filter(|member| member.header.changes.is_some())
    {
        let change = read_change(member, zones)?;
        if change.is_busy {
            let event = &change.event;
            found.add(
                event.line,
                &event.start,
                event.start.wall,
                &event.lengths,
                false,
            )?;
        }
        changes.push(change);
    }
    let is_later_busy = |change: &Change| change.is_range && change.is_busy;
    let mut originals = members
        .iter()
        .filter(|member| member.header.changes.is_none())
        .peekable();
    if originals.peek().is_none()
        && let Some(lost) = changes.iter().find(|change| is_later_busy(change))
    {
        return Err(FeedError::Unsupported {
            line: lost.event.line,
            what: "a change of all later occurrences of an event that is missing",
        });
    }
    let revives = changes.iter().any(is_later_busy);
    for member in originals {
        // A free event needs no understanding.
        if member.header.is_busy || revives {
            let spent = found.budget.spend(changes.len());
            spent.map_err(|_| FeedError::TooManyInstances)?;
            let is_busy = member.header.is_busy;
            let zones = &mut zones[member.calendar];
            let event = Event::read(member.component, is_busy, zones, None)?;
            Original::new(&event, is_busy, &changes)?.add(found)?;
            // "Every Monday at 14:00Z" in a calendar of Kyiv: in winter that is an hour earlier on
            // the wall, but who wrote it may have meant the wall, and programs differ. Both count.
            let own = zones.own().filter(|_| event.repeats_in_utc());
            if let Some(own) = own {
                let event = Event::read(member.component, is_busy, zones, Some(&own))?;
                Original::new(&event, is_busy, &changes)?.add(found)?;
            }
        }
    }
    Ok(())
}

fn read_change(member: &Member<'_>, zones: &mut [Zones]) -> Result<Change, FeedError> {
    let Header {
        line,
        is_busy,
        is_range,
        ..
    } = member.header;
    let mut event = Event::read(member.component, is_busy, &mut zones[member.calendar], None)?;
    // The rule of one changed occurrence is a copy of the event's own (Confluence writes it), which
    // says nothing of it; that of all later ones may be a new one.
    if is_range && !(event.rules.is_empty() && event.more.is_empty()) {
        let what = "a change of all later occurrences that repeats by itself";
        return Err(FeedError::Unsupported { line, what });
    }
    let replaces = event.replaces.take();
    Ok(Change {
        replaces: replaces.ok_or(FeedError::Value {
            line,
            property: "RECURRENCE-ID",
        })?,
        event,
        is_busy,
        is_range,
    })
}

/// An event that may repeat, and what becomes of its occurrences.
struct Original<'a> {
    event: &'a Event,
    is_busy: bool,
    /// Occurrences that do not take place, or elsewhere.
    gone: Marks,
    /// From each wall time on, in the event's zone, ascending: the change that counts.
    ranges: Vec<(NaiveDateTime, &'a Change)>,
}

impl<'a> Original<'a> {
    fn new(event: &'a Event, is_busy: bool, changes: &'a [Change]) -> Result<Self, FeedError> {
        let mut gone = Marks::default();
        for time in &event.excluded {
            gone.add(time, &event.start);
        }
        let mut ranges = Vec::new();
        for change in changes {
            if change.is_range {
                let line = change.event.line;
                let from = wall_in(&change.replaces, &event.start);
                ranges.push((from.ok_or(FeedError::UnknownZone { line })?, change));
            } else {
                gone.add(&change.replaces, &event.start);
            }
        }
        ranges.sort_by_key(|(from, _)| *from);
        Ok(Self {
            event,
            is_busy,
            gone,
            ranges,
        })
    }

    fn add(self, found: &mut Found) -> Result<(), FeedError> {
        let event = self.event;
        let start = event.start.wall;
        let (from, to) = found.walls(self.reach());
        let mut walls = vec![start];
        for (time, _) in event.more.iter().filter(|(_, length)| length.is_none()) {
            let line = event.line;
            walls.push(wall_in(time, &event.start).ok_or(FeedError::UnknownZone { line })?);
        }
        for rule in &event.rules {
            rule.expand(start, from, to, &mut found.budget, &mut walls)
                .map_err(|_| FeedError::TooManyInstances)?;
        }
        walls.sort_unstable();
        walls.dedup();
        // Rules finer than a day go on while the clock repeats an hour.
        let is_twice = event
            .rules
            .iter()
            .any(|rule| rule.frequency > Frequency::Daily);
        for wall in walls.into_iter().filter(|wall| (from..to).contains(wall)) {
            self.occur(wall, is_twice, found)?;
        }
        for (time, length) in event
            .more
            .iter()
            .filter_map(|(time, length)| Some((time, length.as_ref()?)))
        {
            let instant = time.instant();
            let wall = wall_in(time, &event.start).unwrap_or(time.wall);
            if self.is_busy && !self.gone.has(wall, instant) {
                found.add(event.line, time, time.wall, from_ref(length), false)?;
            }
        }
        Ok(())
    }

    /// More seconds than lie between an occurrence as the rule has it and its end.
    fn reach(&self) -> i64 {
        self.ranges
            .iter()
            .map(|(from, change)| {
                let moved = (change.event.start.wall - *from).num_seconds().abs();
                moved.saturating_add(Length::at_most(&change.event.lengths))
            })
            .chain([Length::at_most(&self.event.lengths)])
            .max()
            .unwrap_or(0)
    }

    /// Adds the occurrence at `wall`, unless it is gone or changed.
    fn occur(
        &self,
        wall: NaiveDateTime,
        is_twice: bool,
        found: &mut Found,
    ) -> Result<(), FeedError> {
        let Event {
            line,
            start,
            lengths,
            ..
        } = self.event;
        let begun = &self.ranges[..self.ranges.partition_point(|(from, _)| *from <= wall)];
        // Of two changes from one occurrence on, neither newer, both count.
        let changes = match begun.last() {
            Some((last, _)) => &begun[begun.partition_point(|(from, _)| from < last)..],
            None => &[],
        };
        // Zones are looked at now, which takes longer than a step of a rule.
        let ends = changes.iter().map(|(_, change)| change.event.lengths.len());
        let ends = ends.sum::<usize>().max(lengths.len());
        let spent = found.budget.spend(STEPS_AN_OCCURRENCE * ends);
        spent.map_err(|_| FeedError::TooManyInstances)?;
        let instant = start.zone.instants(wall).map(|(first, _)| first);
        if self.gone.has(wall, instant) {
            return Ok(());
        }
        if changes.is_empty() && self.is_busy {
            found.add(*line, start, wall, lengths, is_twice)?;
        }
        for (from, change) in changes.iter().filter(|(_, change)| change.is_busy) {
            let event = &change.event;
            let moved = later(event.start.wall, (wall - *from).num_seconds());
            let moved = if event.start.is_date {
                moved.date().and_time(NaiveTime::MIN)
            } else {
                moved
            };
            found.add(event.line, &event.start, moved, &event.lengths, is_twice)?;
        }
        Ok(())
    }
}

/// Occurrences that a calendar names one by one.
#[derive(Default)]
struct Marks {
    instants: HashSet<UnixSeconds>,
    walls: HashSet<NaiveDateTime>,
    dates: HashSet<NaiveDate>,
}

impl Marks {
    /// Adds `time` as a name of an occurrence of the event that starts at `start`. Programs write
    /// midnight for the date of a whole day, and that is understood. The date of an event with a
    /// time of day names nothing: some programs take it for that day's occurrence, others for none.
    fn add(&mut self, time: &Time, start: &Time) {
        if time.is_date {
            if start.is_date {
                self.dates.insert(time.wall.date());
            }
        } else if start.is_date {
            let midnight = |wall: &NaiveDateTime| wall.time() == NaiveTime::MIN;
            let wall = Some(time.wall)
                .filter(midnight)
                .or_else(|| start.zone.wall_at(time.instant()?).filter(midnight));
            self.dates.extend(wall.map(|wall| wall.date()));
        } else if time.is_floating {
            self.walls.insert(time.wall);
        } else {
            // In a zone that is not known nothing is named, so nothing becomes free.
            self.instants.extend(time.instant());
        }
    }

    fn has(&self, wall: NaiveDateTime, instant: Option<UnixSeconds>) -> bool {
        self.walls.contains(&wall)
            || self.dates.contains(&wall.date())
            || instant.is_some_and(|instant| self.instants.contains(&instant))
    }
}

/// What clocks in the zone of `start` show at `time`; `None` in unknown zones.
fn wall_in(time: &Time, start: &Time) -> Option<NaiveDateTime> {
    if time.is_date || time.is_floating || start.is_date {
        Some(time.wall)
    } else {
        start.zone.wall_at(time.instant()?)
    }
}
