//! Booking a slot, with a hold or without, and reading bookings.

use slotstead_shared::{
    Interval, Stamp, UnixSeconds,
    engine::parse_zone,
    ids::BookingId,
    problem::FieldError,
    wire::{Booking, BookingPage, BookingStatus, Named, NewBooking},
};

use super::{
    Context,
    check::Check,
    limits,
    offer::{Wanted, stamped},
    pages,
    sealing::Booker,
    supply::{Supply, Taken, Wish},
};
use crate::{
    call::{Actor, Answer, Reply},
    refusal::Refusal,
    store::{INTEGER_MAX, StoreError},
    tables::{
        bookings::{BookingRow, Party},
        corrupt,
    },
};

pub fn book(cx: &Context<'_>, wanted: &NewBooking) -> Answer {
    let named = wanted.host.as_ref();
    let wish = Wish::find(cx, &wanted.service, wanted.duration_minutes, named)?;
    let mut check = Check::default();
    let zone = check.zone("zone", &wanted.zone);
    let name = check.name("name", &wanted.name);
    let email = check.email("email", &wanted.email);
    let answers = check.answers(&cx.store.fields()?, &wanted.answers);
    check.finish()?;
    let booker = Booker {
        name,
        email,
        answers,
    };

    let start = wanted.start.unix_seconds();
    let hold = match &wanted.hold {
        Some(id) => cx.store.live_hold(id, cx.now)?,
        None => None,
    };
    // Whoever knows the hold's id may book across it: it is theirs.
    let except = hold.as_ref().map_or("", |hold| hold.id.as_str());
    let supply = Supply::load(cx, wish, Interval::new(start, start), except)?;
    let kept = match &hold {
        Some(hold) => supply.kept(cx, hold, start)?,
        None => None,
    };
    let taken = match kept {
        Some(taken) => taken,
        None => supply.choose(cx, start, None)?.map_err(|reason| {
            Wanted {
                supply: &supply,
                start,
                zone,
                except,
                not: None,
            }
            .refuse(cx, reason)
        })?,
    };
    let service = &supply.wish.service;
    let person = cx.person(&booker.email)?;
    limits::check_booker(cx, service, &person, taken.taking.core, supply.zone, "")?;
    let id = BookingId::from_random(cx.random);
    let booking = BookingRow {
        booker: Some(cx.seal_booker(&id, person, &booker)?),
        id,
        status: BookingStatus::Confirmed,
        service: service.id.clone(),
        service_name: service.input.name.clone(),
        location: service.input.location.clone(),
        host: taken.host.id.clone(),
        host_name: taken.host.input.name.clone(),
        core: taken.taking.core,
        zone: zone.name().to_owned(),
        service_zone: supply.zone.name().to_owned(),
        sequence: 0,
        created_at: cx.now,
        party: party(&taken, supply.wish.host.is_some()),
    };
    if let Some(hold) = &hold {
        cx.store.delete_claim(hold.id.as_str())?;
    }
    cx.store
        .insert_booking_claim(booking.id.as_str(), &taken.taking, cx.now)?;
    cx.store.insert_booking(&booking)?;
    reply_with(cx, booking, Some(booker))
}

/// Who and what else comes with what is taken.
pub fn party(taken: &Taken, host_named: bool) -> Party {
    let co_hosts = taken.co_hosts.iter().map(|host| Named {
        id: host.id.clone(),
        name: host.input.name.clone(),
    });
    let resources = taken.resources.iter().map(|resource| Named {
        id: resource.id.clone(),
        name: resource.input.name.clone(),
    });
    Party {
        host_named,
        co_hosts: co_hosts.collect(),
        resources: resources.collect(),
    }
}

pub fn get(cx: &Context<'_>, id: &BookingId) -> Answer {
    reply(cx, find(cx, id)?)
}

pub fn find(cx: &Context<'_>, id: &BookingId) -> Result<BookingRow, Refusal> {
    let booking = cx.store.booking(id)?;
    // Whoever was erased has no booking any more. The owner has when it was.
    let booking = booking
        .filter(|booking| booking.booker.is_some() || !matches!(cx.actor, Actor::Booker { .. }));
    booking.ok_or_else(|| Refusal::not_found("booking"))
}

pub fn list(
    cx: &Context<'_>,
    from: Option<Stamp>,
    to: Option<Stamp>,
    after: Option<&str>,
) -> Answer {
    page(cx, from, to, after).map(Reply::Bookings)
}

/// A page of bookings. The cursor is the start and the id of the last one seen.
pub fn page(
    cx: &Context<'_>,
    from: Option<Stamp>,
    to: Option<Stamp>,
    after: Option<&str>,
) -> Result<BookingPage, Refusal> {
    let range = Interval::new(
        from.map_or(-INTEGER_MAX, |from| from.unix_seconds()),
        to.map_or(INTEGER_MAX, |to| to.unix_seconds()),
    );
    if range.start >= range.end {
        let detail = "The range is empty: `to` must be later than `from`";
        return Err(Refusal::Invalid(vec![FieldError::new("to", detail)]));
    }
    let cursor = pages::cursor::<BookingId>(after, (-INTEGER_MAX, ""))?;
    let mut rows = cx.store.bookings(range, cursor, pages::rows_asked_for())?;
    let next = pages::cut(&mut rows, |row| (row.core.start, &row.id));
    cx.need_bookers(&rows)?;
    let items: Result<Vec<Booking>, Refusal> = rows
        .into_iter()
        .map(|row| {
            let booker = cx.booker_of(&row)?;
            Ok(view(row, booker, cx.now)?)
        })
        .collect();
    Ok(BookingPage {
        items: items?,
        next,
    })
}

pub fn reply(cx: &Context<'_>, row: BookingRow) -> Answer {
    let booker = known_booker(cx, &row)?;
    reply_with(cx, row, booker)
}

/// Who booked; none once they were erased, and to the booker there is no booking then.
pub fn known_booker(cx: &Context<'_>, row: &BookingRow) -> Result<Option<Booker>, Refusal> {
    let booker = cx.booker_of(row)?;
    if booker.is_none() && matches!(cx.actor, Actor::Booker { .. }) {
        return Err(Refusal::not_found("booking"));
    }
    Ok(booker)
}

fn reply_with(cx: &Context<'_>, row: BookingRow, booker: Option<Booker>) -> Answer {
    Ok(Reply::Booking {
        booking: Box::new(view(row, booker, cx.now)?),
        business: cx.store.profile()?.name,
        replayed: false,
    })
}

pub fn view(
    row: BookingRow,
    booker: Option<Booker>,
    now: UnixSeconds,
) -> Result<Booking, StoreError> {
    let zone = parse_zone(&row.zone).map_err(|_| corrupt())?;
    let service_zone = parse_zone(&row.service_zone).map_err(|_| corrupt())?;
    let mut booking = Booking {
        can_change: can_change(&row, now),
        start: stamped(zone, row.core.start)?,
        end: stamped(zone, row.core.end)?,
        service_start: stamped(service_zone, row.core.start)?,
        service_end: stamped(service_zone, row.core.end)?,
        created_at: stamped(zone, row.created_at)?,
        id: row.id,
        status: row.status,
        service: row.service,
        service_name: row.service_name,
        location: row.location,
        host: row.host,
        host_name: row.host_name,
        host_named: row.party.host_named,
        co_hosts: row.party.co_hosts,
        resources: row.party.resources,
        zone: row.zone,
        service_zone: row.service_zone,
        name: String::new(),
        email: String::new(),
        answers: Vec::new(),
        erased: false,
        sequence: row.sequence,
    };
    Booker::put_into(booker, &mut booking);
    Ok(booking)
}

/// Whether a booking can be cancelled or rescheduled: it stands and has not started.
pub fn can_change(row: &BookingRow, now: UnixSeconds) -> bool {
    row.status == BookingStatus::Confirmed && row.core.start > now
}
