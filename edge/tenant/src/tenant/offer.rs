//! Offering: what a session starts with, the slots of a range, and the nearest free ones.

use std::collections::BTreeMap;

use slotstead_shared::{
    Date, Interval, Reason, Stamp, UnixSeconds,
    engine::{Tz, dates_interval, local_date, stamp},
    ids::{BookingId, ScheduleId},
    limits::{ALTERNATIVES, SLOTS_RANGE_DAYS, SLOTS_RETURNED},
    wire::{HostChoice, Named, OfferedService, Service, Slot, SlotDay, Slots},
};

use super::{
    Context,
    check::{Check, FARTHEST_DAYS},
    supply::{Supply, Wish},
};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    store::StoreError,
    tables::corrupt,
};

const DAY: i64 = 86_400;
/// Seconds searched at a time for the next free slot.
const SEARCHED: i64 = 35 * DAY;
/// How far around the wanted start alternatives are looked for, until there are enough.
const RINGS: [i64; 3] = [7 * DAY, 35 * DAY, FARTHEST_DAYS * DAY];

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
        let (mut names, mut choices) = (Vec::new(), Vec::new());
        let mut zone = None;
        for id in &input.hosts {
            let host = hosts.get(id).ok_or_else(corrupt)?;
            names.push(host.name.clone());
            if input.booker_names_host {
                choices.push(Named {
                    id: id.clone(),
                    name: host.name.clone(),
                });
            }
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
            other_durations_minutes: input.other_durations_minutes,
            zone: zone.ok_or_else(corrupt)?,
            hosts: names,
            together: input.host_choice == HostChoice::Collective,
            host_choices: choices,
        });
    }
    Ok(Reply::Session {
        profile: cx.store.profile()?,
        services,
        fields: cx.store.fields()?,
    })
}

/// A booking that is to move.
#[derive(Clone, Copy)]
pub struct Moving<'a> {
    pub id: &'a BookingId,
    pub start: UnixSeconds,
}

/// The slots of the dates `from <= date < to` in `zone`; with `moving`, those that it can move to.
pub fn slots(
    cx: &Context<'_>,
    wish: Wish,
    (from, to): (Date, Date),
    zone: &str,
    moving: Option<Moving<'_>>,
) -> Answer {
    let mut check = Check::default();
    let zone = check.zone("zone", zone);
    let today = Date(local_date(zone, cx.now));
    let days = (to.0 - from.0).num_days();
    if days <= 0 {
        check.wrong(
            "to",
            "The range is empty: `to` must be a later date than `from`",
        );
    } else if days > SLOTS_RANGE_DAYS {
        check.wrong(
            "to",
            format!("The range has {days} days; {SLOTS_RANGE_DAYS} are the most"),
        );
    }
    check.near("from", from, zone, cx.now);
    check.finish()?;
    let range = dates_interval(zone, from, to);
    let range = Interval::new(range.start.max(cx.now), range.end.max(cx.now));
    let (supply, mut starts) = offered(cx, wish, range, moving)?;
    starts.truncate(SLOTS_RETURNED);
    let next_free = if starts.is_empty() {
        next_free(cx, &supply, range.end, zone, moving)?
    } else {
        None
    };
    let mut days: Vec<SlotDay> = Vec::new();
    for slot in slots_of(&supply, &starts, zone)? {
        let date = slot.start.date();
        match days.last_mut() {
            Some(day) if day.date == date => day.slots.push(slot),
            _ => days.push(SlotDay {
                date,
                slots: vec![slot],
            }),
        }
    }
    let slots = Slots {
        zone: zone.name().to_owned(),
        service_zone: supply.zone.name().to_owned(),
        today,
        now: stamped(zone, cx.now)?,
        last_date: Date(local_date(zone, supply.window_end() - 1)),
        days,
        next_free,
        service: supply.wish.service.id,
    };
    Ok(Reply::Slots(slots.into()))
}

/// The starts within `range`, with the supply that gives them.
fn offered(
    cx: &Context<'_>,
    wish: Wish,
    range: Interval,
    moving: Option<Moving<'_>>,
) -> Result<(Supply, Vec<UnixSeconds>), StoreError> {
    let except = moving.map_or("", |moving| moving.id.as_str());
    let supply = Supply::load(cx, wish, range, except)?;
    let mut starts = supply.offer(range);
    if let Some(moving) = moving {
        starts.retain(|start| *start != moving.start);
    }
    Ok((supply, starts))
}

fn slots_of(supply: &Supply, starts: &[UnixSeconds], zone: Tz) -> Result<Vec<Slot>, StoreError> {
    let seats_left = supply.seats_left(starts);
    let slot = |(start, seats_left): (&UnixSeconds, Option<u32>)| {
        let (start, service_start) = (stamped(zone, *start)?, stamped(supply.zone, *start)?);
        let differs = start.offset_seconds() != service_start.offset_seconds();
        Ok(Slot {
            start,
            service_start: differs.then_some(service_start),
            seats_left,
        })
    };
    starts.iter().zip(seats_left).map(slot).collect()
}

fn next_free(
    cx: &Context<'_>,
    supply: &Supply,
    from: UnixSeconds,
    zone: Tz,
    moving: Option<Moving<'_>>,
) -> Result<Option<Slot>, StoreError> {
    let window_end = supply.window_end();
    let mut from = from;
    while from < window_end {
        let range = Interval::new(from, (from + SEARCHED).min(window_end));
        let (part, starts) = offered(cx, supply.wish.clone(), range, moving)?;
        if let Some(start) = starts.first() {
            return Ok(slots_of(&part, &[*start], zone)?.pop());
        }
        from = range.end;
    }
    Ok(None)
}

/// A start that somebody wants and cannot have.
pub struct Wanted<'a> {
    pub supply: &'a Supply,
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
            Reason::Unknown
            | Reason::Limit
            | Reason::Busy
            | Reason::Held
            | Reason::Booked
            | Reason::Buffer
            | Reason::NoSeat
            | Reason::Resource => Refusal::SlotTaken { alternatives },
            // It never was one, or no longer is, whoever asks.
            Reason::InGap
            | Reason::Past
            | Reason::TooSoon
            | Reason::TooFar
            | Reason::Holiday
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
        // Nothing is offered in the past or past the booking window: the nearest free slots are
        // those of now, or the last ones.
        let last = self.supply.window_end();
        let around = self.start.clamp(cx.now, last.max(cx.now));
        for ring in RINGS {
            let range = Interval::new((around - ring).max(cx.now), (around + ring).min(last));
            let supply = Supply::load(cx, self.supply.wish.clone(), range, self.except)?;
            let mut starts = supply.offer(range);
            if let Some(not) = self.not {
                starts.retain(|start| *start != not);
            }
            starts.sort_by_key(|start| (start.abs_diff(self.start), *start));
            starts.truncate(ALTERNATIVES);
            starts.sort_unstable();
            found = slots_of(&supply, &starts, self.zone)?;
            if found.len() >= ALTERNATIVES {
                break;
            }
        }
        Ok(found)
    }
}
