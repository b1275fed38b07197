//! The ledger: claims on hosts' time, holds and bookings in one table.
//!
//! A claim is live while `expires_at > now`; a booking's never expires. A confirmed booking
//! has exactly one claim, under its own id; a cancelled one has none. So "is this time taken"
//! is one question to one table, whoever took it.

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::{Claim, ClaimKind},
    ids::{HoldId, HostId, ServiceId},
};

use super::{Columns, TenantStore, bookings::BookingRow, corrupt, placeholders};
use crate::store::{INTEGER_MAX, StoreError, Value};

/// When a booking's claim expires.
const NEVER: UnixSeconds = INTEGER_MAX;

/// A live hold.
#[derive(Debug, Clone)]
pub struct HoldRow {
    pub id: HoldId,
    pub service: ServiceId,
    pub host: HostId,
    pub session: String,
    pub core: Interval,
    pub padded: Interval,
    pub expires_at: UnixSeconds,
}

/// A row of the ledger to be written.
struct NewClaim<'a> {
    id: &'a str,
    kind: &'a str,
    host: &'a HostId,
    service: &'a ServiceId,
    session: Option<&'a str>,
    client: Option<&'a str>,
    core: Interval,
    padded: Interval,
    expires_at: UnixSeconds,
}

impl TenantStore<'_> {
    // ------------------------------------------------------------ claims

    /// The live claims of these hosts that overlap `range`, but for the one with the id `except`.
    pub fn claims(
        &self,
        hosts: &[HostId],
        range: Interval,
        now: UnixSeconds,
        except: &str,
    ) -> Result<Vec<(HostId, Claim)>, StoreError> {
        let sql = format!(
            "SELECT host_id, kind, core_start, core_end, padded_start, padded_end FROM claims
             WHERE tenant_id = ?1 AND padded_end > ?2 AND padded_start < ?3 AND expires_at > ?4
             AND claim_id <> ?5 AND host_id IN ({})",
            placeholders(6, hosts.len())
        );
        let mut parameters: Vec<Value> = vec![
            range.start.into(),
            range.end.into(),
            now.into(),
            except.into(),
        ];
        parameters.extend(hosts.iter().map(|id| id.as_str().into()));
        self.all(&sql, &parameters, |row| {
            let host = row.parsed()?;
            let kind = match row.text()?.as_str() {
                "hold" => ClaimKind::Hold,
                "booking" => ClaimKind::Booking,
                _ => return Err(corrupt()),
            };
            Ok((
                host,
                Claim {
                    kind,
                    core: interval(row)?,
                    padded: interval(row)?,
                },
            ))
        })
    }

    /// The guard behind the rule: how many live claims of this host `padded` would overlap. Asked
    /// in the transaction that writes, so it holds even if the availability engine were wrong.
    fn overlapping(
        &self,
        host: &HostId,
        padded: Interval,
        now: UnixSeconds,
    ) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM claims
             WHERE tenant_id = ?1 AND host_id = ?2 AND padded_end > ?3 AND padded_start < ?4
             AND expires_at > ?5",
            &[
                host.as_str().into(),
                padded.start.into(),
                padded.end.into(),
                now.into(),
            ],
        )
    }

    /// `client` is the keyed hash of the client's address. It goes with the hold.
    pub fn insert_hold(
        &self,
        hold: &HoldRow,
        client: &str,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.insert_claim(
            &NewClaim {
                id: hold.id.as_str(),
                kind: "hold",
                host: &hold.host,
                service: &hold.service,
                session: Some(&hold.session),
                client: Some(client),
                core: hold.core,
                padded: hold.padded,
                expires_at: hold.expires_at,
            },
            now,
        )
    }

    /// The claim of a confirmed booking. The hold or the booking's old claim is deleted before.
    pub fn insert_booking_claim(
        &self,
        booking: &BookingRow,
        padded: Interval,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.insert_claim(
            &NewClaim {
                id: booking.id.as_str(),
                kind: "booking",
                host: &booking.host,
                service: &booking.service,
                session: None,
                client: None,
                core: booking.core,
                padded,
                expires_at: NEVER,
            },
            now,
        )
    }

    /// The only statement that takes a host's time, behind the only guard.
    fn insert_claim(&self, claim: &NewClaim<'_>, now: UnixSeconds) -> Result<(), StoreError> {
        self.guard(claim.host, claim.padded, now)?;
        self.write(
            "INSERT INTO claims (tenant_id, claim_id, kind, host_id, service_id, session_id,
             client, core_start, core_end, padded_start, padded_end, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            &[
                claim.id.into(),
                claim.kind.into(),
                claim.host.as_str().into(),
                claim.service.as_str().into(),
                claim.session.into(),
                claim.client.into(),
                claim.core.start.into(),
                claim.core.end.into(),
                claim.padded.start.into(),
                claim.padded.end.into(),
                claim.expires_at.into(),
            ],
        )
    }

    fn guard(&self, host: &HostId, padded: Interval, now: UnixSeconds) -> Result<(), StoreError> {
        if self.overlapping(host, padded, now)? == 0 {
            Ok(())
        } else {
            Err(StoreError(
                "the ledger refused a claim that overlaps another".to_owned(),
            ))
        }
    }

    pub fn delete_claim(&self, id: &str) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM claims WHERE tenant_id = ?1 AND claim_id = ?2",
            &[id.into()],
        )
    }

    /// Deletes holds that have lapsed, a bounded number at a time.
    pub fn sweep_lapsed_holds(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM claims WHERE tenant_id = ?1 AND claim_id IN
             (SELECT claim_id FROM claims WHERE tenant_id = ?1 AND expires_at <= ?2 LIMIT 50)",
            &[now.into()],
        )
    }

    pub fn live_hold(&self, id: &HoldId, now: UnixSeconds) -> Result<Option<HoldRow>, StoreError> {
        self.one(
            "SELECT claim_id, service_id, host_id, session_id, core_start, core_end,
             padded_start, padded_end, expires_at FROM claims
             WHERE tenant_id = ?1 AND claim_id = ?2 AND kind = 'hold' AND expires_at > ?3",
            &[id.as_str().into(), now.into()],
            hold_row,
        )
    }

    pub fn live_holds_of_session(
        &self,
        session: &str,
        now: UnixSeconds,
    ) -> Result<Vec<HoldRow>, StoreError> {
        self.all(
            "SELECT claim_id, service_id, host_id, session_id, core_start, core_end,
             padded_start, padded_end, expires_at FROM claims
             WHERE tenant_id = ?1 AND expires_at > ?2 AND expires_at < ?3 AND session_id = ?4",
            &[now.into(), NEVER.into(), session.into()],
            hold_row,
        )
    }

    pub fn live_holds_of_client(&self, client: &str, now: UnixSeconds) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM claims
             WHERE tenant_id = ?1 AND expires_at > ?2 AND expires_at < ?3 AND client = ?4",
            &[now.into(), NEVER.into(), client.into()],
        )
    }

    /// Drops the holds of a service that is deleted.
    pub fn delete_holds_of_service(&self, id: &ServiceId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM claims WHERE tenant_id = ?1 AND kind = 'hold' AND service_id = ?2",
            &[id.as_str().into()],
        )
    }

    /// Drops the holds on a host that is deleted.
    pub fn delete_holds_of_host(&self, id: &HostId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM claims WHERE tenant_id = ?1 AND kind = 'hold' AND host_id = ?2",
            &[id.as_str().into()],
        )
    }

    pub fn unfinished_bookings_of_host(
        &self,
        id: &HostId,
        now: UnixSeconds,
    ) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM claims
             WHERE tenant_id = ?1 AND kind = 'booking' AND host_id = ?2 AND core_end > ?3",
            &[id.as_str().into(), now.into()],
        )
    }

    pub fn unfinished_bookings_of_service(
        &self,
        id: &ServiceId,
        now: UnixSeconds,
    ) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM claims
             WHERE tenant_id = ?1 AND kind = 'booking' AND service_id = ?2 AND core_end > ?3",
            &[id.as_str().into(), now.into()],
        )
    }
}

pub(super) fn interval(row: &mut Columns) -> Result<Interval, StoreError> {
    Ok(Interval::new(row.integer()?, row.integer()?))
}

fn hold_row(row: &mut Columns) -> Result<HoldRow, StoreError> {
    Ok(HoldRow {
        id: row.parsed()?,
        service: row.parsed()?,
        host: row.parsed()?,
        session: row.text()?,
        core: interval(row)?,
        padded: interval(row)?,
        expires_at: row.integer()?,
    })
}

#[cfg(all(test, feature = "rusqlite"))]
mod tests {
    use slotstead_shared::{Region, TenantId};

    use super::*;
    use crate::{store::sqlite::Sqlite, tables::migrations::migrate};

    fn hold(number: u8, host: &str, padded: Interval, expires_at: UnixSeconds) -> HoldRow {
        HoldRow {
            id: HoldId::from_random([number; 16]),
            service: "consult".parse().expect("a slug"),
            host: host.parse().expect("a slug"),
            session: "s1".to_owned(),
            core: padded,
            padded,
            expires_at,
        }
    }

    #[test]
    fn the_ledger_refuses_every_overlap_whatever_its_caller_believes() {
        let sqlite = Sqlite::in_memory().unwrap();
        migrate(&sqlite).unwrap();
        let tenant = TenantId::assemble(Region::Eu, [1; 16], |_| [0; 10]);
        let store = TenantStore::new(&sqlite, &tenant);
        let now = 50;
        let put = |number: u8, host: &str, start: i64, end: i64| {
            store.insert_hold(
                &hold(number, host, Interval::new(start, end), 60),
                "client",
                now,
            )
        };
        put(1, "ingrid", 100, 200).unwrap();
        for (start, end) in [(100, 200), (99, 101), (199, 201), (120, 130), (0, 900)] {
            assert!(put(2, "ingrid", start, end).is_err(), "{start} to {end}");
        }
        // Touching is not overlapping, and another host or tenant has time of its own.
        put(3, "ingrid", 200, 300).unwrap();
        put(4, "ingrid", 0, 100).unwrap();
        put(5, "amal", 100, 200).unwrap();
        let other = TenantId::assemble(Region::Eu, [2; 16], |_| [0; 10]);
        let other = TenantStore::new(&sqlite, &other);
        other
            .insert_hold(
                &hold(1, "ingrid", Interval::new(100, 200), 60),
                "client",
                now,
            )
            .unwrap();
        // What has lapsed is no longer in the way.
        let late = hold(6, "ingrid", Interval::new(150, 160), 90);
        assert!(store.insert_hold(&late, "client", 59).is_err());
        store.insert_hold(&late, "client", 60).unwrap();
    }
}
