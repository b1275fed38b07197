//! Everything that is stored, for whom it belongs to.

use std::collections::BTreeMap;

use slotstead_shared::{
    engine::{Tz, parse_zone},
    ids::BookingId,
    wire::{Booking, BookingChange, BookingRecord, Export, ExportedOverrides, ExportedSetup},
};

use super::{Context, bookings, offer::stamped, setup::tokens};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    store::StoreError,
    tables::{bookings::ChangeRow, corrupt},
};

/// A page of all that is stored of the tenant.
pub fn all(cx: &Context<'_>, after: Option<&str>) -> Answer {
    let setup = match after {
        None => Some(Box::new(setup(cx)?)),
        Some(_) => None,
    };
    let page = bookings::page(cx, None, None, after)?;
    Ok(Reply::Export(Box::new(Export {
        tenant: cx.store.tenant().clone(),
        exported_at: stamped(Tz::UTC, cx.now)?,
        setup,
        bookings: records(cx, page.items)?,
        next: page.next,
    })))
}

/// All that is stored of one booking.
pub fn booking(cx: &Context<'_>, id: &BookingId) -> Answer {
    let row = bookings::find(cx, id)?;
    let booker = bookings::known_booker(cx, &row)?;
    let mut records = records(cx, vec![bookings::view(row, booker, cx.now)?])?;
    let record = records.pop().ok_or_else(corrupt)?;
    Ok(Reply::BookingRecord(Box::new(record)))
}

fn setup(cx: &Context<'_>) -> Result<ExportedSetup, Refusal> {
    let schedules = cx.store.schedules()?;
    let mut overrides = Vec::new();
    for schedule in &schedules {
        overrides.push(ExportedOverrides {
            schedule: schedule.id.clone(),
            overrides: cx.store.overrides(&schedule.id)?,
        });
    }
    overrides.retain(|of_schedule| !of_schedule.overrides.is_empty());
    Ok(ExportedSetup {
        profile: cx.store.profile()?,
        origins: cx.store.origins()?,
        services: cx.store.services()?,
        hosts: cx.store.hosts()?,
        resources: cx.store.resources()?,
        schedules,
        overrides,
        fields: cx.store.fields()?,
        feeds: super::feeds::views(cx)?,
        tokens: tokens::views(cx)?,
    })
}

/// Bookings with their histories.
fn records(cx: &Context<'_>, bookings: Vec<Booking>) -> Result<Vec<BookingRecord>, StoreError> {
    let ids = bookings.iter().map(|booking| booking.id.to_string());
    let mut changes: BTreeMap<BookingId, Vec<ChangeRow>> = BTreeMap::new();
    for change in cx.store.changes_of(ids)? {
        changes
            .entry(change.booking.clone())
            .or_default()
            .push(change);
    }
    let record = |booking: Booking| {
        let zone = parse_zone(&booking.zone).map_err(|_| corrupt())?;
        let mut history = changes.remove(&booking.id).unwrap_or_default();
        history.sort_by_key(|change| change.sequence);
        let changes: Result<Vec<_>, _> = history
            .into_iter()
            .map(|change| view(change, zone))
            .collect();
        Ok(BookingRecord {
            booking,
            changes: changes?,
        })
    };
    bookings.into_iter().map(record).collect()
}

fn view(change: ChangeRow, zone: Tz) -> Result<BookingChange, StoreError> {
    Ok(BookingChange {
        sequence: change.sequence,
        changed_at: stamped(zone, change.changed_at)?,
        status: change.status,
        host: change.host,
        co_hosts: change.party.co_hosts,
        resources: change.party.resources,
        start: stamped(zone, change.core.start)?,
        end: stamped(zone, change.core.end)?,
    })
}
