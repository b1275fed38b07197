//! Cancelling and rescheduling. The booking keeps its id; its sequence rises (RFC 5545 3.8.7.4)
//! and every state it had stays in its history.

use slotstead_shared::{
    Interval,
    ids::BookingId,
    wire::{BookingStatus, Reschedule},
};

use super::{
    Context,
    bookings::{can_change, find, party, reply},
    check::Check,
    limits,
    offer::Wanted,
    supply::{Supply, Wish},
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
    let named = booking.party.host_named.then_some(&booking.host);
    let wish = Wish::again(cx, &booking.service, booking.core, named)?;
    cx.store.sweep_lapsed_holds(cx.now)?;
    let start = to.start.unix_seconds();
    // The booking's own time is not in its way.
    let except = booking.id.as_str();
    let supply = Supply::load(cx, wish, Interval::new(start, start), except)?;
    let taken = supply
        .choose(cx, start, Some(&booking.host))?
        .map_err(|reason| {
            Wanted {
                supply: &supply,
                start,
                zone,
                except,
                not: Some(booking.core.start),
            }
            .refuse(cx, reason)
        })?;
    let (service, core) = (&supply.wish.service, taken.taking.core);
    limits::check_booker(cx, service, &booking.email, core, supply.zone, except)?;
    cx.store.delete_claim(except)?;
    booking.host = taken.host.id.clone();
    booking.host_name.clone_from(&taken.host.input.name);
    booking.core = core;
    zone.name().clone_into(&mut booking.zone);
    supply.zone.name().clone_into(&mut booking.service_zone);
    booking.sequence += 1;
    booking.party = party(&taken, supply.wish.host.is_some());
    cx.store
        .insert_booking_claim(booking.id.as_str(), &taken.taking, cx.now)?;
    cx.store.put_booking(&booking, cx.now)?;
    reply(cx, booking)
}
