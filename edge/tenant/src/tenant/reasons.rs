//! "Why is this time not offered?", for the owner: every time of a date with its reason.

use std::collections::BTreeSet;

use chrono::{Days, NaiveTime};
use slotstead_shared::{
    Date, Interval, Reason, UnixSeconds, WallTime,
    engine::{Resolution, Tz, dates_interval, instant_of},
    wire::{HostReason, Reasons, TimeReasons},
};

use super::{
    Context,
    check::Check,
    offer::stamped,
    supply::{Explained, Supply, Wish},
};
use crate::{
    call::{Answer, Reply},
    store::StoreError,
    tables::corrupt,
};

/// No zone's clock goes back further than this at once: what is shown twice is within it.
const LONGEST_FOLD: i64 = 3 * 3_600;

/// The times of `date`, or `time` alone, in the service's zone.
pub fn explain(cx: &Context<'_>, wish: Wish, date: Date, time: Option<WallTime>) -> Answer {
    let mut check = Check::default();
    check.near("date", date, Tz::UTC, cx.now);
    check.finish()?;
    // In whichever zone the service is: a day more on either side.
    let next = |days| Date(date.0.checked_add_days(Days::new(days)).unwrap_or(date.0));
    let before = Date(date.0.checked_sub_days(Days::new(1)).unwrap_or(date.0));
    let supply = Supply::load(cx, wish, dates_interval(Tz::UTC, before, next(2)), "")?;
    let day = dates_interval(supply.zone, date, next(1));
    let walls = match time {
        Some(time) => vec![time],
        None => walls(&supply, day)?,
    };
    let (explained, mut times) = (supply.explained(), Vec::new());
    for wall in walls {
        explain_wall(&explained, supply.zone, (date, wall), &mut times)?;
    }
    times.sort_by_key(|(start, _)| *start);
    Ok(Reply::Reasons(Reasons {
        zone: supply.zone.name().to_owned(),
        date,
        duration_minutes: supply.wish.duration_minutes,
        times: times.into_iter().map(|(_, time)| time).collect(),
        service: supply.wish.service.id,
    }))
}

/// The wall times to explain: those of the step from midnight on, and of every start in the hours.
fn walls(supply: &Supply, day: Interval) -> Result<Vec<WallTime>, StoreError> {
    let step = supply.wish.service.input.slot_step_minutes.max(1);
    let mut minutes: BTreeSet<u32> = (0..1_440).step_by(step as usize).collect();
    for start in supply.steps_within(day) {
        let stamp = stamped(supply.zone, start)?;
        let wall = start + i64::from(stamp.offset_seconds());
        minutes.insert(u32::try_from(wall.rem_euclid(86_400) / 60).unwrap_or(0));
    }
    let wall = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60).parse();
    let walls = minutes
        .into_iter()
        .map(|minutes| wall(minutes).map_err(|_| corrupt()));
    walls.collect()
}

/// Adds what a wall time of `date` means: one instant, two, or none.
fn explain_wall(
    supply: &Explained<'_>,
    zone: Tz,
    (date, time): (Date, WallTime),
    times: &mut Vec<(UnixSeconds, TimeReasons)>,
) -> Result<(), StoreError> {
    let midnight = date.0.and_time(NaiveTime::MIN);
    let wall = midnight + chrono::TimeDelta::minutes(time.minutes().into());
    let (first, resolution) = instant_of(zone, wall);
    if resolution == Resolution::Gap {
        let hosts = supply.reasons(first).1.into_iter();
        let hosts = hosts.map(|(host, _)| HostReason {
            host,
            reason: Some(Reason::InGap),
        });
        let skipped = TimeReasons {
            time,
            start: None,
            reason: Some(Reason::InGap),
            hosts: hosts.collect(),
        };
        // Before what the clock shows after the gap.
        times.push((first - 1, skipped));
        return Ok(());
    }
    let mut starts = vec![first];
    if resolution == Resolution::Fold {
        let shown = first + i64::from(stamped(zone, first)?.offset_seconds());
        let again = (first + 60..=first + LONGEST_FOLD).step_by(60);
        for later in again {
            let offset = stamped(zone, later)?.offset_seconds();
            if later + i64::from(offset) == shown {
                starts.push(later);
            }
        }
    }
    for start in starts {
        let (reason, hosts) = supply.reasons(start);
        let hosts = hosts
            .into_iter()
            .map(|(host, reason)| HostReason { host, reason });
        let time = TimeReasons {
            time,
            start: Some(stamped(zone, start)?),
            reason,
            hosts: hosts.collect(),
        };
        times.push((start, time));
    }
    Ok(())
}
