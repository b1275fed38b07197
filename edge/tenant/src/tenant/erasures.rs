//! Erasing people: what is kept of a booking is when it was and of which service. The key is destroyed by an
//! effect, so a vault that cannot be reached now delays it and does not lose it.

use slotstead_shared::{
    engine::Tz,
    ids::{BookingId, ErasureId},
    limits::ERASED_AT_ONCE,
    wire::{BookingStatus, Erasure, ErasurePage, NewErasure},
};

use super::{Context, check::Check, offer::stamped, pages};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    store::{INTEGER_MAX, StoreError},
    tables::{bookings::BookingRow, corrupt, erasures::ErasureRow},
};

/// Erases everybody who booked under an address.
pub fn erase_person(cx: &Context<'_>, wanted: &NewErasure) -> Answer {
    let mut check = Check::default();
    let email = check.email("email", &wanted.email);
    check.finish()?;
    let person = cx.person(&email)?;
    let most = u32::try_from(ERASED_AT_ONCE).unwrap_or(u32::MAX);
    let rows = cx.store.bookings_of_person(&person, most)?;
    if rows.is_empty() {
        return Err(Refusal::not_found_in("email", "booking of this address"));
    }
    erase(cx, rows)
}

/// Erases whoever made one booking. Once that is done it changes nothing and says so: a retry is harmless.
pub fn erase_booker(cx: &Context<'_>, id: &BookingId) -> Answer {
    let booking = cx.store.booking(id)?;
    let booking = booking.ok_or_else(|| Refusal::not_found("booking"))?;
    erase(cx, vec![booking])
}

fn erase(cx: &Context<'_>, rows: Vec<BookingRow>) -> Answer {
    let id = ErasureId::from_random(cx.random);
    let (mut bookings, mut keys_left) = (0, 0);
    for row in rows {
        let Some(slot) = row.booker.as_ref().map(|sealed| sealed.slot) else {
            continue;
        };
        forget(cx, row)?;
        cx.destroy_key(slot, Some(&id))?;
        bookings += 1;
        keys_left += 1;
    }
    let erasure = ErasureRow {
        id,
        asked_at: cx.now,
        bookings,
        keys_left,
        finished_at: (keys_left == 0).then_some(cx.now),
    };
    if bookings > 0 {
        cx.store.put_erasure(&erasure)?;
    }
    Ok(Reply::Erasure(view(&erasure)?))
}

/// What the store has of a booking's booker goes.
fn forget(cx: &Context<'_>, mut row: BookingRow) -> Result<(), StoreError> {
    row.booker = None;
    // Nobody is left who could come.
    if row.status == BookingStatus::Confirmed && row.core.start > cx.now {
        row.status = BookingStatus::Cancelled;
        row.sequence += 1;
        cx.store.delete_claim(row.id.as_str())?;
        cx.store.change_booking(&row, cx.now)
    } else {
        cx.store.forget_booker(&row.id)
    }
}

/// Erases again whose keys are no longer in a page.
pub fn erase_again(cx: &Context<'_>, page: u32) -> Result<(), StoreError> {
    let keyring = cx.keyring.borrow();
    let Some(empty) = keyring.empty_slots(page) else {
        return if keyring.is_absent(page) {
            Ok(())
        } else {
            let detail = "a page of keys is gone before it was looked at";
            Err(StoreError(detail.to_owned()))
        };
    };
    let (Some(first), Some(last)) = (empty.first(), empty.last()) else {
        return Ok(());
    };
    for row in cx.store.bookings_of_slots(*first, *last)? {
        let slot = row.booker.as_ref().map(|sealed| sealed.slot);
        if slot.is_some_and(|slot| empty.contains(&slot)) {
            forget(cx, row)?;
        }
    }
    Ok(())
}

/// One key of an erasure is destroyed.
pub fn key_destroyed(cx: &Context<'_>, id: &ErasureId) -> Result<(), StoreError> {
    let mut erasure = cx.store.erasure(id)?.ok_or_else(corrupt)?;
    erasure.keys_left = erasure.keys_left.checked_sub(1).ok_or_else(corrupt)?;
    if erasure.keys_left == 0 {
        erasure.finished_at = Some(cx.now);
    }
    cx.store.put_erasure(&erasure)
}

/// A page of erasures, the newest first.
pub fn list(cx: &Context<'_>, after: Option<&str>) -> Answer {
    let cursor = pages::cursor::<ErasureId>(after, (INTEGER_MAX, ""))?;
    let mut rows = cx.store.erasures(cursor, pages::rows_asked_for())?;
    let next = pages::cut(&mut rows, |row| (row.asked_at, &row.id));
    let items: Result<Vec<Erasure>, StoreError> = rows.iter().map(view).collect();
    Ok(Reply::Erasures(ErasurePage {
        items: items?,
        next,
    }))
}

fn view(row: &ErasureRow) -> Result<Erasure, StoreError> {
    let at = |at| stamped(Tz::UTC, at);
    Ok(Erasure {
        id: row.id.clone(),
        asked_at: at(row.asked_at)?,
        bookings: row.bookings,
        keys_left: row.keys_left,
        finished_at: row.finished_at.map(at).transpose()?,
    })
}
