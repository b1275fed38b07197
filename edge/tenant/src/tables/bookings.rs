//! The bookings, each with every state it had. None is ever deleted.

use serde::{Deserialize, Serialize};
use slotstead_shared::{
    Interval, UnixSeconds,
    ids::{BookingId, HostId, ResourceId, ServiceId},
    wire::{BookingStatus, Named},
};

use super::{Columns, TenantStore, corrupt, json, ledger::interval};
use crate::{keyring::Slot, store::StoreError};

/// Who and what else a booking takes, besides the host who leads. Stored as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Party {
    /// Whether the booker named the host.
    #[serde(default)]
    pub host_named: bool,
    /// The other hosts, where all come together.
    #[serde(default)]
    pub co_hosts: Vec<Named<HostId>>,
    #[serde(default)]
    pub resources: Vec<Named<ResourceId>>,
}

/// Who booked, as it is stored.
#[derive(Debug, Clone)]
pub struct SealedBooker {
    /// The tag by which the person's other bookings are found.
    pub person: String,
    /// The slot of the key.
    pub slot: Slot,
    /// A `Booker` as JSON, sealed.
    pub sealed: String,
}

/// A booking as it is stored.
#[derive(Debug, Clone)]
pub struct BookingRow {
    pub id: BookingId,
    pub status: BookingStatus,
    pub service: ServiceId,
    pub service_name: String,
    pub location: Option<String>,
    pub host: HostId,
    pub host_name: String,
    pub core: Interval,
    pub zone: String,
    pub service_zone: String,
    /// None once the booker was erased.
    pub booker: Option<SealedBooker>,
    pub sequence: u32,
    pub created_at: UnixSeconds,
    pub party: Party,
}

const BOOKING_COLUMNS: &str = "booking_id, status, service_id, service_name, location, host_id, \
    host_name, start_at, end_at, zone, service_zone, person, key_slot, booker, sequence, created_at, party";

/// A state of a booking, in both of its tables.
const STATE_COLUMNS: &str = "booking_id, sequence, status, host_id, start_at, end_at, \
    changed_at, party";

impl TenantStore<'_> {
    pub fn booking(&self, id: &BookingId) -> Result<Option<BookingRow>, StoreError> {
        self.one(
            &format!(
                "SELECT {BOOKING_COLUMNS} FROM bookings WHERE tenant_id = ?1 AND booking_id = ?2"
            ),
            &[id.as_str().into()],
            booking_row,
        )
    }

    /// At most `limit` bookings that start in `range`, after the cursor, by start and id.
    pub fn bookings(
        &self,
        range: Interval,
        after: (UnixSeconds, &str),
        limit: u32,
    ) -> Result<Vec<BookingRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {BOOKING_COLUMNS} FROM bookings
                 WHERE tenant_id = ?1 AND start_at >= ?2 AND start_at < ?3
                 AND (start_at, booking_id) > (?4, ?5)
                 ORDER BY start_at, booking_id LIMIT ?6"
            ),
            &[
                range.start.into(),
                range.end.into(),
                after.0.into(),
                after.1.into(),
                limit.into(),
            ],
            booking_row,
        )
    }

    /// Writes a new booking. None is ever deleted.
    pub fn insert_booking(&self, booking: &BookingRow) -> Result<(), StoreError> {
        let sealed = booking.booker.as_ref();
        self.write(
            &format!(
                "INSERT INTO bookings (tenant_id, {BOOKING_COLUMNS}, changed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?17)"
            ),
            &[
                booking.id.as_str().into(),
                status_text(booking.status).into(),
                booking.service.as_str().into(),
                booking.service_name.as_str().into(),
                booking.location.clone().into(),
                booking.host.as_str().into(),
                booking.host_name.as_str().into(),
                booking.core.start.into(),
                booking.core.end.into(),
                booking.zone.as_str().into(),
                booking.service_zone.as_str().into(),
                sealed.map(|booker| booker.person.as_str()).into(),
                sealed.map(|booker| booker.slot).into(),
                sealed.map(|booker| booker.sealed.as_str()).into(),
                booking.sequence.into(),
                booking.created_at.into(),
                json(&booking.party)?,
            ],
        )
    }

    /// Writes a booking as it is from now on, and the state it was in into its history.
    pub fn change_booking(&self, booking: &BookingRow, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            &format!(
                "INSERT INTO booking_changes (tenant_id, {STATE_COLUMNS})
                 SELECT tenant_id, {STATE_COLUMNS} FROM bookings
                 WHERE tenant_id = ?1 AND booking_id = ?2"
            ),
            &[booking.id.as_str().into()],
        )?;
        let sealed = booking.booker.as_ref();
        self.write(
            "UPDATE bookings SET status = ?3, host_id = ?4, host_name = ?5, start_at = ?6, end_at = ?7,
             zone = ?8, service_zone = ?9, person = ?10, key_slot = ?11, booker = ?12, sequence = ?13,
             changed_at = ?14, party = ?15 WHERE tenant_id = ?1 AND booking_id = ?2",
            &[
                booking.id.as_str().into(),
                status_text(booking.status).into(),
                booking.host.as_str().into(),
                booking.host_name.as_str().into(),
                booking.core.start.into(),
                booking.core.end.into(),
                booking.zone.as_str().into(),
                booking.service_zone.as_str().into(),
                sealed.map(|booker| booker.person.as_str()).into(),
                sealed.map(|booker| booker.slot).into(),
                sealed.map(|booker| booker.sealed.as_str()).into(),
                booking.sequence.into(),
                now.into(),
                json(&booking.party)?,
            ],
        )
    }
}

impl TenantStore<'_> {
    /// At most `limit` bookings of a person.
    pub fn bookings_of_person(
        &self,
        person: &str,
        limit: u32,
    ) -> Result<Vec<BookingRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {BOOKING_COLUMNS} FROM bookings WHERE tenant_id = ?1 AND person = ?2
                 ORDER BY start_at, booking_id LIMIT ?3"
            ),
            &[person.into(), limit.into()],
            booking_row,
        )
    }

    /// The bookings whose bookers are sealed under keys in these slots, from the first to the last.
    pub fn bookings_of_slots(
        &self,
        first: Slot,
        last: Slot,
    ) -> Result<Vec<BookingRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {BOOKING_COLUMNS} FROM bookings
                 WHERE tenant_id = ?1 AND key_slot >= ?2 AND key_slot <= ?3 ORDER BY booking_id"
            ),
            &[first.into(), last.into()],
            booking_row,
        )
    }

    /// When the standing bookings of a service start and end that begin within `range` and are of this
    /// person, but for the booking with the id `except`.
    pub fn bookings_of_booker(
        &self,
        service: &ServiceId,
        person: &str,
        range: Interval,
        except: &str,
    ) -> Result<Vec<Interval>, StoreError> {
        self.all(
            "SELECT start_at, end_at FROM bookings
             WHERE tenant_id = ?1 AND start_at >= ?2 AND start_at < ?3 AND service_id = ?4
             AND status = 'confirmed' AND person = ?5 AND booking_id <> ?6",
            &[
                range.start.into(),
                range.end.into(),
                service.as_str().into(),
                person.into(),
                except.into(),
            ],
            interval,
        )
    }
}

/// A state that a booking had, or is in.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    pub booking: BookingId,
    pub sequence: u32,
    pub status: BookingStatus,
    pub host: HostId,
    pub core: Interval,
    pub changed_at: UnixSeconds,
    pub party: Party,
}

impl TenantStore<'_> {
    /// The histories of these bookings with the states they are in, in no order.
    pub fn changes_of(
        &self,
        bookings: impl Iterator<Item = String>,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let among = |bookings: &str| {
            format!(
                "SELECT {STATE_COLUMNS} FROM booking_changes
                 WHERE tenant_id = ?1 AND booking_id IN ({bookings})
                 UNION ALL SELECT {STATE_COLUMNS} FROM bookings
                 WHERE tenant_id = ?1 AND booking_id IN ({bookings})"
            )
        };
        self.all_among(among, &[], bookings, change_row)
    }

    /// Takes out of a booking who made it.
    pub fn forget_booker(&self, id: &BookingId) -> Result<(), StoreError> {
        self.write(
            "UPDATE bookings SET person = NULL, key_slot = NULL, booker = NULL
             WHERE tenant_id = ?1 AND booking_id = ?2",
            &[id.as_str().into()],
        )
    }
}

const fn status_text(status: BookingStatus) -> &'static str {
    match status {
        BookingStatus::Confirmed => "confirmed",
        BookingStatus::Cancelled => "cancelled",
    }
}

fn status_of(text: &str) -> Result<BookingStatus, StoreError> {
    match text {
        "confirmed" => Ok(BookingStatus::Confirmed),
        "cancelled" => Ok(BookingStatus::Cancelled),
        _ => Err(corrupt()),
    }
}

fn change_row(row: &mut Columns) -> Result<ChangeRow, StoreError> {
    Ok(ChangeRow {
        booking: row.parsed()?,
        sequence: row.small()?,
        status: status_of(&row.text()?)?,
        host: row.parsed()?,
        core: interval(row)?,
        changed_at: row.integer()?,
        party: row.json()?,
    })
}

fn sealed_booker(row: &mut Columns) -> Result<Option<SealedBooker>, StoreError> {
    let columns = (
        row.optional_text()?,
        row.optional_integer()?,
        row.optional_text()?,
    );
    match columns {
        (Some(person), Some(slot), Some(sealed)) => Ok(Some(SealedBooker {
            person,
            slot,
            sealed,
        })),
        (None, None, None) => Ok(None),
        _ => Err(corrupt()),
    }
}

fn booking_row(row: &mut Columns) -> Result<BookingRow, StoreError> {
    Ok(BookingRow {
        id: row.parsed()?,
        status: status_of(&row.text()?)?,
        service: row.parsed()?,
        service_name: row.text()?,
        location: row.optional_text()?,
        host: row.parsed()?,
        host_name: row.text()?,
        core: interval(row)?,
        zone: row.text()?,
        service_zone: row.text()?,
        booker: sealed_booker(row)?,
        sequence: row.small()?,
        created_at: row.integer()?,
        party: row.json()?,
    })
}
