//! The zones of a calendar: names become IANA zones where they can, else what the file defines.
//!
//! A name of the IANA database wins over the definition in the file: definitions are copies that
//! age, and the region's offsets are current. A zone that is neither known nor defined is
//! [`Zone::Unknown`], which has no instants, so whoever needs one has to say what then.

use std::{collections::HashMap, rc::Rc, str::FromStr};

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty,
    ICalendarValue,
};
use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use slotstead_shared::{UnixSeconds, engine::Tz};

use super::{onset, recur::Budget};

const DAY: i64 = 86_400;
/// Names of zones in one calendar. There are not that many zones.
const NAMES: usize = 1_000;

/// Where a wall time is.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// A zone of the IANA database.
    Iana(Tz),
    /// A zone that the file defines.
    Defined(Rc<Onsets>),
    /// Neither.
    Unknown,
}

/// Offsets by the instant at which each begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Onsets {
    /// The offset before the first onset, in seconds ahead of UTC.
    pub before: i32,
    /// Ascending.
    pub onsets: Vec<(UnixSeconds, i32)>,
}

impl Onsets {
    /// Whether this may be an aged copy of `zone`: in this century never more than an hour off. A
    /// definition that has nothing in common with its name says nothing of either.
    fn is_like(&self, zone: Tz, until: UnixSeconds) -> bool {
        const CENTURY: UnixSeconds = 946_684_800;
        let zone = Zone::Iana(zone);
        let recent = self.onsets.iter().filter(|(at, _)| *at >= CENTURY).copied();
        let last = self.onsets.last().map(|(_, offset)| (until, *offset));
        recent.chain(last).all(|(at, offset)| {
            let named = zone.offset_at(at).unwrap_or_default();
            (named - i64::from(offset)).abs() <= 3_600
        })
    }
}

impl Zone {
    pub(super) const fn utc() -> Self {
        Self::Iana(Tz::UTC)
    }

    /// Whether both show the same at every instant, as far as their definitions tell.
    fn is_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Iana(one), Self::Iana(other)) => one == other,
            (Self::Defined(one), Self::Defined(other)) => one == other,
            _ => false,
        }
    }

    pub(super) fn is_utc(&self) -> bool {
        matches!(self, Self::Iana(Tz::UTC))
    }

    pub(super) fn fixed(offset: i32) -> Self {
        Self::Defined(Rc::new(Onsets {
            before: offset,
            onsets: Vec::new(),
        }))
    }

    /// How far clocks are ahead of UTC.
    fn offset_at(&self, at: UnixSeconds) -> Option<i64> {
        let offset = match self {
            Self::Iana(zone) => {
                let utc = DateTime::from_timestamp(at, 0)?.naive_utc();
                zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
            }
            Self::Defined(defined) => {
                let begun = defined.onsets.partition_point(|(onset, _)| *onset <= at);
                match begun
                    .checked_sub(1)
                    .and_then(|last| defined.onsets.get(last))
                {
                    Some((_, offset)) => *offset,
                    None => defined.before,
                }
            }
            Self::Unknown => return None,
        };
        Some(offset.into())
    }

    /// The instant at which clocks show `wall`, and the second one where they show it twice.
    ///
    /// RFC 5545 section 3.3.5: a skipped wall time is read with the offset before the gap, and of
    /// a repeated one the first counts. `None` only in a zone that is not known.
    pub(super) fn instants(
        &self,
        wall: NaiveDateTime,
    ) -> Option<(UnixSeconds, Option<UnixSeconds>)> {
        let as_utc = wall.and_utc().timestamp();
        // No offset is a full day, so these two lie on either side of any change near `wall`.
        let before = self.offset_at(as_utc - DAY)?;
        let after = self.offset_at(as_utc + DAY)?;
        let shown = |offset: i64| self.offset_at(as_utc - offset) == Some(offset);
        Some(match (shown(before), shown(after)) {
            (true, true) if before > after => (as_utc - before, Some(as_utc - after)),
            (false, true) => (as_utc - after, None),
            _ => (as_utc - before, None),
        })
    }

    /// What clocks show at an instant; `None` in a zone that is not known.
    pub(super) fn wall_at(&self, at: UnixSeconds) -> Option<NaiveDateTime> {
        let wall = at.checked_add(self.offset_at(at)?)?;
        Some(DateTime::from_timestamp(wall, 0)?.naive_utc())
    }
}

/// The zones of one calendar.
pub(super) struct Zones {
    host: Zone,
    /// The one that the calendar names as its own.
    own: Option<Zone>,
    /// Definitions of the file, and names already looked up.
    named: HashMap<String, Zone>,
}

impl Zones {
    /// Reads the definitions of `calendar`. Floating times and dates are in the zone that the
    /// calendar names as its own, and without one in `host_zone`.
    pub(super) fn of_calendar(
        calendar: &ICalendar,
        host_zone: Tz,
        until: UnixSeconds,
        budget: &mut Budget,
    ) -> Self {
        let definitions = calendar
            .components
            .iter()
            .filter(|component| component.component_type == ICalendarComponentType::VTimezone);
        let mut named: HashMap<String, Zone> = HashMap::new();
        for component in definitions {
            let Some(name) = text_of(component, &ICalendarProperty::Tzid) else {
                continue;
            };
            let zone = definition(calendar, component, name, until, budget);
            // Of two definitions under one name (Outlook calls all of its own "Customized Time Zone")
            // nobody knows which is meant.
            match named.get_mut(name) {
                Some(known) if !known.is_equal(&zone) => *known = Zone::Unknown,
                Some(_) => {}
                None => {
                    named.insert(name.to_owned(), zone);
                }
            }
        }
        let mut zones = Self {
            host: Zone::Iana(host_zone),
            own: None,
            named,
        };
        let own = calendar.components.first().and_then(|root| {
            ["X-WR-TIMEZONE", "TIMEZONE-ID"]
                .into_iter()
                .find_map(|name| text_of(root, &ICalendarProperty::Other(name.to_owned())))
        });
        zones.own = own.map(|own| zones.find(own));
        zones
    }

    pub(super) fn floating(&self) -> Zone {
        self.own.as_ref().unwrap_or(&self.host).clone()
    }

    /// The zone that the calendar names as its own.
    pub(super) fn own(&self) -> Option<Zone> {
        self.own.clone()
    }

    /// The zone of a property, and whether it is only the calendar's own.
    pub(super) fn of(&mut self, entry: &ICalendarEntry) -> (Zone, bool) {
        match entry.tz_id().map(str::to_owned) {
            Some(name) => (self.find(&name), false),
            None => (self.floating(), true),
        }
    }

    fn find(&mut self, name: &str) -> Zone {
        if let Some(zone) = self.named.get(name) {
            return zone.clone();
        }
        if self.named.len() >= NAMES {
            return Zone::Unknown;
        }
        let zone = by_name(name).map_or(Zone::Unknown, Zone::Iana);
        self.named.insert(name.to_owned(), zone.clone());
        zone
    }
}

/// The zone that a VTIMEZONE stands for: by its name, by the name it gives to others, by what it
/// defines, and last by names that are only now and then the zone they seem to be.
fn definition(
    calendar: &ICalendar,
    component: &ICalendarComponent,
    name: &str,
    until: UnixSeconds,
    budget: &mut Budget,
) -> Zone {
    let extension = |name: &str| text_of(component, &ICalendarProperty::Other(name.to_owned()));
    let certain = iana(name).or_else(|| extension("X-LIC-LOCATION").and_then(iana));
    if let Some(zone) = certain {
        return Zone::Iana(zone);
    }
    let defined = onset::onsets(calendar, component, until, budget);
    if let Some(zone) = windows(name).filter(|_| name.ends_with("Standard Time")) {
        return match defined {
            Some(defined) if !defined.is_like(zone, until) => Zone::Unknown,
            _ => Zone::Iana(zone),
        };
    }
    if let Some(onsets) = defined {
        return Zone::Defined(Rc::new(onsets));
    }
    let by_number = || {
        extension("X-MICROSOFT-CDO-TZID")
            .and_then(calcard::common::timezone::Tz::from_ms_cdo_zone_id)
    };
    by_name(name)
        .or_else(|| by_number().and_then(only_iana))
        .map_or(Zone::Unknown, Zone::Iana)
}

/// The zone of a name without a definition.
fn by_name(name: &str) -> Option<Tz> {
    iana(name)
        .or_else(|| windows(name))
        .or_else(|| any_case(name.trim()))
}

/// A name of the database of the form `Area/Place`, or UTC; also behind a prefix such as
/// `/freeassociation.sourceforge.net/`. Names without a slash (`EST`, `Japan`) may mean anything.
fn iana(name: &str) -> Option<Tz> {
    let name = name.trim();
    let parts: Vec<&str> = name.split('/').collect();
    // Exchange writes `tzone://Microsoft/Utc`.
    let is_whole = parts.len() == 1 || name.starts_with('/') || name.starts_with("tzone:");
    if is_whole
        && parts.last().is_some_and(|last| {
            ["UTC", "Z"]
                .iter()
                .any(|utc| last.eq_ignore_ascii_case(utc))
        })
    {
        return Some(Tz::UTC);
    }
    // `America/Argentina/Buenos_Aires` has three parts.
    (2..=3)
        .rev()
        .filter(|count| *count <= parts.len())
        .find_map(|count| {
            let tail = parts[parts.len() - count..].join("/");
            let is_prefixed = parts.len() > count;
            any_case(&tail).filter(|_| !is_prefixed || name.starts_with('/'))
        })
}

fn any_case(name: &str) -> Option<Tz> {
    Tz::from_str(name).ok().or_else(|| {
        chrono_tz::TZ_VARIANTS
            .into_iter()
            .find(|zone| zone.name().eq_ignore_ascii_case(name))
    })
}

/// A Windows zone name, or the display name that Outlook writes.
fn windows(name: &str) -> Option<Tz> {
    let zone = calcard::common::timezone::Tz::from_str(name)
        .ok()
        .and_then(only_iana)?;
    // For an unknown name behind "(UTC+01:00)" the crate makes up a zone without summer time.
    let made_up = name.trim_start().starts_with('(') && zone.name().starts_with("Etc/");
    (!made_up).then_some(zone)
}

fn only_iana(zone: calcard::common::timezone::Tz) -> Option<Tz> {
    match zone {
        calcard::common::timezone::Tz::Tz(zone) => Some(zone),
        calcard::common::timezone::Tz::Fixed(_) | calcard::common::timezone::Tz::Floating => None,
    }
}

/// The first text of a property.
pub(super) fn text_of<'a>(
    component: &'a ICalendarComponent,
    name: &ICalendarProperty,
) -> Option<&'a str> {
    component
        .entries
        .iter()
        .find(|entry| entry.name == *name)
        .and_then(|entry| entry.values.first())
        .and_then(ICalendarValue::as_text)
}
