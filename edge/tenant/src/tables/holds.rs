//! Holds: the claims of the ledger that lapse.

use slotstead_shared::{
    Interval, UnixSeconds,
    ids::{HoldId, ServiceId},
};

use super::{
    Columns, TenantStore,
    ledger::{Subject, interval},
};
use crate::store::StoreError;

/// A live hold.
#[derive(Debug, Clone)]
pub struct HoldRow {
    pub id: HoldId,
    pub service: ServiceId,
    pub group: String,
    pub subjects: Vec<Subject>,
    pub core: Interval,
    pub padded: Interval,
    pub expires_at: UnixSeconds,
}

impl TenantStore<'_> {
    pub fn live_hold(&self, id: &HoldId, now: UnixSeconds) -> Result<Option<HoldRow>, StoreError> {
        let rows = self.all(
            "SELECT claim_id, service_id, group_id, subject, core_start, core_end, padded_start,
             padded_end, expires_at FROM ledger
             WHERE tenant_id = ?1 AND claim_id = ?2 AND kind = 'hold' AND expires_at > ?3
             ORDER BY subject",
            &[id.as_str().into(), now.into()],
            hold_row,
        )?;
        Ok(joined(rows).pop())
    }

    pub fn live_holds_of_session(
        &self,
        session: &str,
        now: UnixSeconds,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let rows = self.all(
            "SELECT claim_id, service_id, group_id, subject, core_start, core_end, padded_start,
             padded_end, expires_at FROM ledger
             WHERE tenant_id = ?1 AND kind = 'hold' AND expires_at > ?2 AND session_id = ?3
             ORDER BY claim_id, subject",
            &[now.into(), session.into()],
            hold_row,
        )?;
        Ok(joined(rows))
    }

    pub fn live_holds_of_client(&self, client: &str, now: UnixSeconds) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(DISTINCT claim_id) FROM ledger
             WHERE tenant_id = ?1 AND kind = 'hold' AND expires_at > ?2 AND client = ?3",
            &[now.into(), client.into()],
        )
    }

    /// Drops the holds of a service that is deleted.
    pub fn delete_holds_of_service(&self, id: &ServiceId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM ledger WHERE tenant_id = ?1 AND kind = 'hold' AND service_id = ?2",
            &[id.as_str().into()],
        )
    }

    /// Drops the holds on a host or a resource that is deleted, with all that they take.
    pub fn delete_holds_of(&self, subject: &Subject) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM ledger WHERE tenant_id = ?1 AND kind = 'hold' AND claim_id IN
             (SELECT claim_id FROM ledger WHERE tenant_id = ?1 AND subject = ?2)",
            &[subject.to_string().into()],
        )
    }
}

/// A hold with one of its subjects.
fn hold_row(row: &mut Columns) -> Result<HoldRow, StoreError> {
    Ok(HoldRow {
        id: row.parsed()?,
        service: row.parsed()?,
        group: row.text()?,
        subjects: vec![row.text()?.parse()?],
        core: interval(row)?,
        padded: interval(row)?,
        expires_at: row.integer()?,
    })
}

/// Joins neighbouring rows of one hold.
fn joined(rows: Vec<HoldRow>) -> Vec<HoldRow> {
    let mut holds: Vec<HoldRow> = Vec::new();
    for row in rows {
        match holds.last_mut() {
            Some(last) if last.id == row.id => last.subjects.extend(row.subjects),
            _ => holds.push(row),
        }
    }
    holds
}
