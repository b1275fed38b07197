//! Cancelling and rescheduling. The booking keeps its id; its sequence rises (RFC 5545 3.8.7.4)
//! and every state it had stays in its history.

use slotstead_shared::{
    Interval,
    ids::BookingId,
    wire::{BookingStatus, Reschedule},
};

use super::{
    Context,
    bookings::{can_change, find, reply},
    check::Check,
    offer::Wanted,
    supply::{self, Supply},
};
use crate::{call::Answer, refusal::Refusal};

/// Cancelling what is cancelled changes nothing and says so: a retry is harmless.
pub fn cancel(cx: &Context<'_>, id: &BookingId) -> Answer {
    let mut booking = find(cx, id)?;
    if booking.status == BookingStatus::Cancelled {
        return reply(cx, booking);
    }
    if !can_change(&booking, cx.now) {
        return Err(Refusal::BookingClosed);
    }
    booking.status = BookingStatus::Cancelled;
    booking.sequence += 1;
    cx.store.delete_claim(booking.id.as_str())?;
    cx.store.put_booking(&booking, cx.now)?;
    reply(cx, booking)
}

/// Moves a booking to another start, with the same host if that host is free.
pub fn reschedule(cx: &Context<'_>, id: &BookingId, to: &Reschedule) -> Answer {
    let mut check = Check::default();
    let zone = check.zone("zone", &to.zone);
    check.finish()?;
    let mut booking = find(cx, id)?;
    if !can_change(&booking, cx.now) {
        return Err(Refusal::BookingClosed);
    }
    let service = supply::service(cx, &booking.service)?;
    cx.store.sweep_lapsed_holds(cx.now)?;
    let start = to.start.unix_seconds();
    // The booking's own time is not in its way.
    let except = booking.id.as_str();
    let supply = Supply::load(cx, service, Interval::new(start, start), except)?;
    let host = supply
        .choose(start, Some(&booking.host))
        .map_err(|reason| {
            let not = Some(booking.core.start);
            Wanted {
                service: &supply.service,
                start,
                zone,
                except,
                not,
            }
            .refuse(cx, reason)
        })?;
    cx.store.delete_claim(booking.id.as_str())?;
    booking.host = host.id.clone();
    booking.host_name.clone_from(&host.input.name);
    booking.core = supply.policy.core(start);
    zone.name().clone_into(&mut booking.zone);
    supply.zone.name().clone_into(&mut booking.service_zone);
    booking.sequence += 1;
    cx.store
        .insert_booking_claim(&booking, supply.policy.padded(start), cx.now)?;
    cx.store.put_booking(&booking, cx.now)?;
    reply(cx, booking)
}
