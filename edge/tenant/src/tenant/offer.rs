//! Offering: what a session starts with, the slots of a range, and the nearest free ones.

use std::collections::BTreeMap;

use slotstead_shared::{
    Date, Interval, Stamp, UnixSeconds,
    engine::{Reason, Tz, dates_interval, local_date, stamp},
    ids::{ScheduleId, ServiceId},
    limits::{ALTERNATIVES, SLOTS_RANGE_DAYS, SLOTS_RETURNED},
    wire::{OfferedService, Service, Slot, SlotDay, Slots},
};

use super::{
    Context,
    check::Check,
    supply::{self, Supply},
};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    store::StoreError,
    tables::corrupt,
};

const DAY: i64 = 86_400;
/// How far from today a range may lie: the longest booking window, and as much again either way.
const FARTHEST_DAYS: i64 = 800;
/// Seconds searched at a time for the next free slot.
const SEARCHED: i64 = 35 * DAY;
/// How far around the wanted start alternatives are looked for, until there are enough.
const RINGS: [i64; 3] = [7 * DAY, 35 * DAY, FARTHEST_DAYS * DAY];
/// Days by which a booking window may end later than its days counted from now: it ends with a
/// local day.
const WINDOW_SLACK_DAYS: i64 = 2;

/// The instant as clocks in `zone` show it.
pub fn stamped(zone: Tz, at: UnixSeconds) -> Result<Stamp, StoreError> {
    stamp(zone, at)
        .ok_or_else(|| StoreError("an instant is outside the years 1970 to 9999".to_owned()))
}

/// What the first view of the widget needs, and nothing else of the tenant.
pub fn session(cx: &Context<'_>) -> Answer {
    let hosts: BTreeMap<_, _> = cx
        .store
        .hosts()?
        .into_iter()
        .map(|host| (host.id, host.input))
        .collect();
    let zones: BTreeMap<ScheduleId, String> = cx
        .store
        .schedules()?
        .into_iter()
        .map(|row| (row.id, row.input.zone))
        .collect();
    let mut services = Vec::new();
    for Service { id, input } in cx.store.services()? {
        let mut names = Vec::new();
        let mut zone = None;
        for host in &input.hosts {
            let host = hosts.get(host).ok_or_else(corrupt)?;
            names.push(host.name.clone());
            if zone.is_none() {
                zone = zones.get(&host.schedule).cloned();
            }
        }
        services.push(OfferedService {
            id,
            name: input.name,
            description: input.description,
            location: input.location,
            duration_minutes: input.duration_minutes,
            zone: zone.ok_or_else(corrupt)?,
            hosts: names,
        });
    }
    Ok(Reply::Session {
        profile: cx.store.profile()?,
        services,
        fields: cx.store.fields()?,
    })
}

pub fn slots(cx: &Context<'_>, service: &ServiceId, from: Date, to: Date, zone: &str) -> Answer {
    let mut check = Check::default();
    let zone = check.zone("zone", zone);
    let today = Date(local_date(zone, cx.now));
    let days = (to.0 - from.0).num_days();
    if days <= 0 {
        check.wrong("to", "The range is empty: `to` is a later date than `from`");
    } else if days > SLOTS_RANGE_DAYS {
        check.wrong(
            "to",
            format!("The range has {days} days; {SLOTS_RANGE_DAYS} are the most"),
        );
    }
    if (from.0 - today.0).num_days().abs() > FARTHEST_DAYS {
        check.wrong(
            "from",
            format!("This is more than {FARTHEST_DAYS} days away from today"),
        );
    }
    check.finish()?;
    let service = supply::service(cx, service)?;
    let range = dates_interval(zone, from, to);
    let range = Interval::new(range.start.max(cx.now), range.end.max(cx.now));
    let supply = Supply::load(cx, service, range, "")?;
    let mut starts = supply.offer(range);
    starts.truncate(SLOTS_RETURNED);
    let next_free = if starts.is_empty() {
        next_free(cx, &supply, range.end)?
    } else {
        None
    };
    let mut days: Vec<SlotDay> = Vec::new();
    for start in starts {
        let slot = slot(start, zone, supply.zone)?;
        let date = slot.start.date();
        match days.last_mut() {
            Some(day) if day.date == date => day.slots.push(slot),
            _ => days.push(SlotDay {
                date,
                slots: vec![slot],
            }),
        }
    }
    Ok(Reply::Slots(Slots {
        zone: zone.name().to_owned(),
        service_zone: supply.zone.name().to_owned(),
        today,
        now: stamped(zone, cx.now)?,
        last_date: Date(local_date(zone, supply.window_end() - 1)),
        days,
        next_free: next_free
            .map(|start| slot(start, zone, supply.zone))
            .transpose()?,
        service: supply.service.id,
    }))
}

fn slot(start: UnixSeconds, zone: Tz, service_zone: Tz) -> Result<Slot, StoreError> {
    let (start, service_start) = (stamped(zone, start)?, stamped(service_zone, start)?);
    let differs = start.offset_seconds() != service_start.offset_seconds();
    Ok(Slot {
        start,
        service_start: differs.then_some(service_start),
    })
}

fn next_free(
    cx: &Context<'_>,
    supply: &Supply,
    from: UnixSeconds,
) -> Result<Option<UnixSeconds>, StoreError> {
    let window_end = supply.window_end();
    let mut from = from;
    while from < window_end {
        let range = Interval::new(from, (from + SEARCHED).min(window_end));
        let part = Supply::load(cx, supply.service.clone(), range, "")?;
        if let Some(start) = part.offer(range).first() {
            return Ok(Some(*start));
        }
        from = range.end;
    }
    Ok(None)
}

/// A start that somebody wants and cannot have.
pub struct Wanted<'a> {
    pub service: &'a Service,
    pub start: UnixSeconds,
    /// The booker's zone.
    pub zone: Tz,
    /// The claim that is not in the booker's way: their own.
    pub except: &'a str,
    /// A start that is no alternative: that of the booking to be moved.
    pub not: Option<UnixSeconds>,
}

impl Wanted<'_> {
    /// The refusal, with the nearest free slots.
    pub fn refuse(&self, cx: &Context<'_>, reason: Reason) -> Refusal {
        let alternatives = match self.alternatives(cx) {
            Ok(alternatives) => alternatives,
            Err(error) => return error.into(),
        };
        match reason {
            // The slot was there and has gone, or may have: somebody or something takes it.
            Reason::Unknown | Reason::Busy | Reason::Held | Reason::Booked | Reason::Buffer => {
                Refusal::SlotTaken { alternatives }
            }
            // It never was one, or no longer is, whoever asks.
            Reason::Past
            | Reason::TooSoon
            | Reason::TooFar
            | Reason::Override
            | Reason::OutsideHours
            | Reason::OffStep => Refusal::SlotNotOffered {
                reason,
                alternatives,
            },
        }
    }

    fn alternatives(&self, cx: &Context<'_>) -> Result<Vec<Slot>, StoreError> {
        let mut found = Vec::new();
        let mut zone = self.zone;
        // Nothing is offered in the past or past the booking window: the nearest free slots are
        // those of now, or the last ones.
        let window = i64::from(self.service.input.booking_window_days) + WINDOW_SLACK_DAYS;
        let last = cx.now + window * DAY;
        let around = self.start.clamp(cx.now, last);
        for ring in RINGS {
            let range = Interval::new((around - ring).max(cx.now), (around + ring).min(last));
            let supply = Supply::load(cx, self.service.clone(), range, self.except)?;
            zone = supply.zone;
            found = supply.offer(range);
            if let Some(not) = self.not {
                found.retain(|start| *start != not);
            }
            if found.len() >= ALTERNATIVES {
                break;
            }
        }
        found.sort_by_key(|start| (start.abs_diff(self.start), *start));
        found.truncate(ALTERNATIVES);
        found.sort_unstable();
        found
            .into_iter()
            .map(|start| slot(start, self.zone, zone))
            .collect()
    }
}
