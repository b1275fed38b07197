//! The bookings, each with every state it had. None is ever deleted.

use serde::{Deserialize, Serialize};
use slotstead_shared::{
    Interval, UnixSeconds,
    ids::{BookingId, HostId, ResourceId, ServiceId},
    wire::{Answer, BookingStatus, Named},
};

use super::{Columns, TenantStore, corrupt, json, ledger::interval};
use crate::store::StoreError;

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
    pub name: String,
    pub email: String,
    pub answers: Vec<Answer>,
    pub sequence: u32,
    pub created_at: UnixSeconds,
    pub party: Party,
}

const BOOKING_COLUMNS: &str = "booking_id, status, service_id, service_name, location, host_id, \
    host_name, start_at, end_at, zone, service_zone, name, email, answers, sequence, created_at, party";

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

    /// Writes a booking as it is now, and a row of its history. Bookings are never deleted.
    pub fn put_booking(&self, booking: &BookingRow, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            &format!(
                "INSERT INTO bookings (tenant_id, {BOOKING_COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
                 ON CONFLICT (tenant_id, booking_id) DO UPDATE SET
                 status = excluded.status, host_id = excluded.host_id,
                 host_name = excluded.host_name, start_at = excluded.start_at,
                 end_at = excluded.end_at, zone = excluded.zone,
                 service_zone = excluded.service_zone, sequence = excluded.sequence,
                 party = excluded.party"
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
                booking.name.as_str().into(),
                booking.email.as_str().into(),
                json(&booking.answers)?,
                booking.sequence.into(),
                booking.created_at.into(),
                json(&booking.party)?,
            ],
        )?;
        self.write(
            "INSERT INTO booking_changes (tenant_id, booking_id, sequence, status, host_id,
             start_at, end_at, changed_at, party) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &[
                booking.id.as_str().into(),
                booking.sequence.into(),
                status_text(booking.status).into(),
                booking.host.as_str().into(),
                booking.core.start.into(),
                booking.core.end.into(),
                now.into(),
                json(&booking.party)?,
            ],
        )
    }
}

impl TenantStore<'_> {
    /// When the standing bookings of a service start and end that begin within `range` and are of the
    /// booker with this address, but for the booking with the id `except`.
    pub fn bookings_of_booker(
        &self,
        service: &ServiceId,
        email: &str,
        range: Interval,
        except: &str,
    ) -> Result<Vec<Interval>, StoreError> {
        self.all(
            "SELECT start_at, end_at FROM bookings
             WHERE tenant_id = ?1 AND start_at >= ?2 AND start_at < ?3 AND service_id = ?4
             AND status = 'confirmed' AND lower(email) = lower(?5) AND booking_id <> ?6",
            &[
                range.start.into(),
                range.end.into(),
                service.as_str().into(),
                email.into(),
                except.into(),
            ],
            interval,
        )
    }
}

const fn status_text(status: BookingStatus) -> &'static str {
    match status {
        BookingStatus::Confirmed => "confirmed",
        BookingStatus::Cancelled => "cancelled",
    }
}

fn booking_row(row: &mut Columns) -> Result<BookingRow, StoreError> {
    Ok(BookingRow {
        id: row.parsed()?,
        status: match row.text()?.as_str() {
            "confirmed" => BookingStatus::Confirmed,
            "cancelled" => BookingStatus::Cancelled,
            _ => return Err(corrupt()),
        },
        service: row.parsed()?,
        service_name: row.text()?,
        location: row.optional_text()?,
        host: row.parsed()?,
        host_name: row.text()?,
        core: interval(row)?,
        zone: row.text()?,
        service_zone: row.text()?,
        name: row.text()?,
        email: row.text()?,
        answers: row.json()?,
        sequence: row.small()?,
        created_at: row.integer()?,
        party: row.json()?,
    })
}
