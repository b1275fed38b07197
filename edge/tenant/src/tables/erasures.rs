//! Erasures: that somebody was erased, and how far it is. Nothing of who it was.

use slotstead_shared::{UnixSeconds, ids::ErasureId};

use super::{Columns, TenantStore};
use crate::store::StoreError;

/// An erasure as it is stored.
#[derive(Debug, Clone)]
pub struct ErasureRow {
    pub id: ErasureId,
    pub asked_at: UnixSeconds,
    /// Bookings whose booker was erased.
    pub bookings: u32,
    /// Keys that are not destroyed yet.
    pub keys_left: u32,
    pub finished_at: Option<UnixSeconds>,
}

const COLUMNS: &str = "erasure_id, asked_at, bookings, keys_left, finished_at";

impl TenantStore<'_> {
    pub fn put_erasure(&self, erasure: &ErasureRow) -> Result<(), StoreError> {
        self.write(
            &format!(
                "INSERT INTO erasures (tenant_id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (tenant_id, erasure_id) DO UPDATE SET
                 keys_left = excluded.keys_left, finished_at = excluded.finished_at"
            ),
            &[
                erasure.id.as_str().into(),
                erasure.asked_at.into(),
                erasure.bookings.into(),
                erasure.keys_left.into(),
                erasure.finished_at.into(),
            ],
        )
    }

    pub fn erasure(&self, id: &ErasureId) -> Result<Option<ErasureRow>, StoreError> {
        self.one(
            &format!("SELECT {COLUMNS} FROM erasures WHERE tenant_id = ?1 AND erasure_id = ?2"),
            &[id.as_str().into()],
            erasure_row,
        )
    }

    /// At most `limit` erasures, the newest first, older than the cursor.
    pub fn erasures(
        &self,
        before: (UnixSeconds, &str),
        limit: u32,
    ) -> Result<Vec<ErasureRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {COLUMNS} FROM erasures WHERE tenant_id = ?1
                 AND (asked_at, erasure_id) < (?2, ?3)
                 ORDER BY asked_at DESC, erasure_id DESC LIMIT ?4"
            ),
            &[before.0.into(), before.1.into(), limit.into()],
            erasure_row,
        )
    }
}

fn erasure_row(row: &mut Columns) -> Result<ErasureRow, StoreError> {
    Ok(ErasureRow {
        id: row.parsed()?,
        asked_at: row.integer()?,
        bookings: row.small()?,
        keys_left: row.small()?,
        finished_at: row.optional_integer()?,
    })
}
