//! What is kept for a time and then no longer: the row of a hold, which has the client's keyed hash,
//! and the answer to an idempotency key, which says when somebody booked.
//!
//! Neither counts from its second on; this is about when the rows go. The
//! timer sweeps them, within [`SWEEP_SECONDS`]; and whoever makes holds drops those that have lapsed.

use slotstead_shared::{UnixSeconds, limits::IDEMPOTENCY_SECONDS};

use super::{Columns, TenantStore};
use crate::store::StoreError;

/// Seconds between two looks of the timer for expired rows, at whole hours. Were it asked for each
/// row's own second, every hold that is confirmed or released would have to set the alarm again.
const SWEEP_SECONDS: i64 = 3_600;
/// Kept answers dropped by one sweep, at most.
const SWEPT: u32 = 500;

impl TenantStore<'_> {
    /// When there is something to sweep: after the first row has expired, or earlier where that row went before
    /// its time. It is kept in a row, because every booking asks.
    pub fn next_sweep_due(&self) -> Result<Option<UnixSeconds>, StoreError> {
        self.one(
            "SELECT due_at FROM sweeps WHERE tenant_id = ?1",
            &[],
            Columns::integer,
        )
    }

    /// Notes that a row was written that expires then.
    pub(super) fn expires_at(&self, at: UnixSeconds) -> Result<(), StoreError> {
        let due = sweep_after(at);
        if self.next_sweep_due()?.is_some_and(|known| known <= due) {
            return Ok(());
        }
        self.write(
            "INSERT INTO sweeps (tenant_id, due_at) VALUES (?1, ?2)
             ON CONFLICT (tenant_id) DO UPDATE SET due_at = excluded.due_at",
            &[due.into()],
        )
    }

    /// Deletes what has expired, a bounded number at a time: as long as some is left, it is due.
    pub fn sweep(&self, now: UnixSeconds) -> Result<(), StoreError> {
        if self.next_sweep_due()?.is_none_or(|due| due > now) {
            return Ok(());
        }
        self.sweep_lapsed_holds(now)?;
        self.write(
            "DELETE FROM idempotency WHERE tenant_id = ?1 AND (actor, idempotency_key) IN
             (SELECT actor, idempotency_key FROM idempotency
             WHERE tenant_id = ?1 AND created_at <= ?2 LIMIT ?3)",
            &[(now - IDEMPOTENCY_SECONDS).into(), SWEPT.into()],
        )?;
        self.write("DELETE FROM sweeps WHERE tenant_id = ?1", &[])?;
        match self.first_expiry()? {
            Some(at) => self.expires_at(at),
            None => Ok(()),
        }
    }

    fn first_expiry(&self) -> Result<Option<UnixSeconds>, StoreError> {
        let (hold, answer) = self
            .one(
                "SELECT (SELECT MIN(expires_at) FROM ledger WHERE tenant_id = ?1 AND kind = 'hold'),
                 (SELECT MIN(created_at) FROM idempotency WHERE tenant_id = ?1)",
                &[],
                |row: &mut Columns| Ok((row.optional_integer()?, row.optional_integer()?)),
            )?
            .unwrap_or_default();
        let answer = answer.map(|created_at| created_at + IDEMPOTENCY_SECONDS);
        Ok([hold, answer].into_iter().flatten().min())
    }
}

/// The first look of the timer that finds expired what expires then.
fn sweep_after(at: UnixSeconds) -> UnixSeconds {
    (at + SWEEP_SECONDS - 1).div_euclid(SWEEP_SECONDS) * SWEEP_SECONDS
}
