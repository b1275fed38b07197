//! Limits: how much starts already in the days, weeks and months that a range touches.

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::{Policy, Tz, closed, period_of},
    wire::{BookingLimit, Service},
};

use super::Context;
use crate::{
    refusal::Refusal,
    store::{INTEGER_MAX, StoreError},
    tables::ledger::Subject,
};

/// All of the periods of `limits` that a start within `range` can lie in.
fn reach(zone: Tz, limits: &[BookingLimit], range: Interval) -> Interval {
    let last = range.start.max(range.end);
    let first = |limit: &BookingLimit| period_of(zone, limit.per, range.start).start;
    let end = |limit: &BookingLimit| period_of(zone, limit.per, last).end;
    Interval::new(
        limits.iter().map(first).min().unwrap_or(range.start),
        limits.iter().map(end).max().unwrap_or(last),
    )
}

/// Where the limits of a service leave no start within `range`.
pub fn closed_for_service(
    cx: &Context<'_>,
    service: &Service,
    policy: &Policy,
    zone: Tz,
    range: Interval,
    except: &str,
) -> Result<Vec<Interval>, StoreError> {
    let limits = &service.input.limits;
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let reach = reach(zone, limits, range);
    let taken = cx
        .store
        .taken_of_service(&service.id, cx.live(reach, except))?;
    Ok(closed(zone, limits, &taken, policy.duration))
}

/// Where the limits of a host leave no start within `range`.
pub fn closed_for_host(
    cx: &Context<'_>,
    subject: &Subject,
    limits: &[BookingLimit],
    policy: &Policy,
    zone: Tz,
    range: Interval,
    except: &str,
) -> Result<Vec<Interval>, StoreError> {
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let reach = reach(zone, limits, range);
    let taken = cx.store.taken_of(subject, cx.live(reach, except))?;
    Ok(closed(zone, limits, &taken, policy.duration))
}

/// Refuses a booking that is one too many for its booker.
pub fn check_booker(
    cx: &Context<'_>,
    service: &Service,
    person: &str,
    core: Interval,
    zone: Tz,
    except: &str,
) -> Result<(), Refusal> {
    let too_many = || Refusal::Conflict {
        detail: "You have as many bookings of this here as one person can have. Cancel or move \
                 one of them first."
            .to_owned(),
    };
    if let Some(most) = service.input.booker_upcoming {
        let upcoming = Interval::new(cx.now + 1, INTEGER_MAX);
        let theirs = cx
            .store
            .bookings_of_booker(&service.id, person, upcoming, except)?;
        if theirs.len() >= most as usize {
            return Err(too_many());
        }
    }
    let limits = &service.input.booker_limits;
    if limits.is_empty() {
        return Ok(());
    }
    let start: UnixSeconds = core.start;
    let reach = reach(zone, limits, Interval::new(start, start));
    let theirs = cx
        .store
        .bookings_of_booker(&service.id, person, reach, except)?;
    let closed = closed(zone, limits, &theirs, core.end - core.start);
    if closed
        .iter()
        .any(|closed| closed.contains(Interval::at(start)))
    {
        return Err(too_many());
    }
    Ok(())
}
