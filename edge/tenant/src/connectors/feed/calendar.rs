//! A whole calendar file as busy intervals.

use std::collections::HashMap;

use calcard::{
    Entry, Parser,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFreeBusyType,
        ICalendarParameterName, ICalendarParameterValue, ICalendarProperty, ICalendarValue,
    },
};
use slotstead_shared::{Interval, engine::Tz, interval::merge, limits::FEED_BLOCKS};

use super::{
    error::FeedError,
    event::{self, Header},
    found::Found,
    lines,
    series::{self, Member},
    zone::Zones,
};

/// The busy intervals of `body` within `window`: merged, ascending, clipped.
pub(super) fn busy(
    body: &[u8],
    window: Interval,
    host_zone: Tz,
) -> Result<Vec<Interval>, FeedError> {
    let calendars = parse(&lines::prepare(body)?)?;
    let mut found = Found::new(window, host_zone);
    let mut zones: Vec<Zones> = calendars
        .iter()
        .map(|calendar| Zones::of_calendar(calendar, host_zone, window.end, &mut found.budget))
        .collect();
    // One UID may be spread over the calendars of a file. Events without one stand alone.
    let mut series: Vec<Vec<Member<'_>>> = Vec::new();
    let mut by_uid: HashMap<String, usize> = HashMap::new();
    for (number, calendar) in calendars.iter().enumerate() {
        for component in &calendar.components {
            match component.component_type {
                ICalendarComponentType::VEvent => {
                    let header = Header::of(component);
                    let next = series.len();
                    let at = header
                        .uid
                        .clone()
                        .map_or(next, |uid| *by_uid.entry(uid).or_insert(next));
                    if at == next {
                        series.push(Vec::new());
                    }
                    series[at].push(Member {
                        calendar: number,
                        component,
                        header,
                    });
                }
                ICalendarComponentType::VFreebusy => {
                    add_free_busy(component, &mut zones[number], &mut found)?;
                }
                _ => {}
            }
        }
    }
    for members in &mut series {
        series::keep_newest(members);
        series::add(members, &mut zones, &mut found)?;
    }
    let blocks = merge(found.blocks);
    if blocks.len() > FEED_BLOCKS {
        return Err(FeedError::TooManyBlocks);
    }
    Ok(blocks)
}

fn parse(text: &str) -> Result<Vec<ICalendar>, FeedError> {
    let mut parser = Parser::new(text);
    let mut calendars = Vec::new();
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => calendars.push(calendar),
            Entry::Eof => return Ok(calendars),
            // The lines were checked, so this is a disagreement between the check and the parser.
            _ => return Err(FeedError::NotACalendar),
        }
    }
}

/// VFREEBUSY: every period takes time, unless it says that it is free.
fn add_free_busy(
    component: &ICalendarComponent,
    zones: &mut Zones,
    found: &mut Found,
) -> Result<(), FeedError> {
    let line = event::line_of(component);
    let bad = || FeedError::Value {
        line,
        property: "FREEBUSY",
    };
    for entry in &component.entries {
        let is_free = entry
            .parameters(&ICalendarParameterName::Fbtype)
            .any(|value| *value == ICalendarParameterValue::Fbtype(ICalendarFreeBusyType::Free));
        if entry.name != ICalendarProperty::Freebusy || is_free {
            continue;
        }
        let (zone, is_floating) = zones.of(entry);
        for value in &entry.values {
            let ICalendarValue::Period(period) = value else {
                return Err(bad());
            };
            let (start, length) = event::period(period, &zone, is_floating).ok_or_else(bad)?;
            found.add(line, &start, start.wall, &[length], false)?;
        }
    }
    Ok(())
}
