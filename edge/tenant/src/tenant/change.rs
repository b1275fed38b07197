//! Cancelling and rescheduling. The booking keeps its id; its sequence rises (RFC 5545 3.8.7.4)
//! and every state it had stays in its history.

use slotstead_shared::{
    Date, Interval,
    ids::BookingId,
    wire::{BookingStatus, Reschedule},
};

use super::{
    Context,
    bookings::{can_change, find, party, reply},
    check::Check,
    limits,
    offer::{Moving, Wanted, slots},
    supply::{Supply, Wish},
};
use crate::{call::Answer, refusal::Refusal, tables::bookings::BookingRow};

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
    cx.store.change_booking(&booking, cx.now)?;
    reply(cx, booking)
}

/// The slots that a booking can move to: what [`reschedule`] accepts, but for the start it has.
pub fn offer_moves(cx: &Context<'_>, id: &BookingId, dates: (Date, Date), zone: &str) -> Answer {
    let booking = find(cx, id)?;
    if !can_change(&booking, cx.now) {
        return Err(Refusal::BookingClosed);
    }
    let moving = Moving {
        id,
        start: booking.core.start,
    };
    slots(cx, wish_of(cx, &booking)?, dates, zone, Some(moving))
}

/// What a booking that moves asks of its service.
fn wish_of(cx: &Context<'_>, booking: &BookingRow) -> Result<Wish, Refusal> {
    let named = booking.party.host_named.then_some(&booking.host);
    Wish::again(cx, &booking.service, booking.core, named)
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
    let wish = wish_of(cx, &booking)?;
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
    if let Some(booker) = &booking.booker {
        limits::check_booker(cx, service, &booker.person, core, supply.zone, except)?;
    }
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
    cx.store.change_booking(&booking, cx.now)?;
    reply(cx, booking)
}
