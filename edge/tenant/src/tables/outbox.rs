//! The outbox: effects that are due now or later.
//!
//! An effect is taken with a lease and gets a new number each time, so the number is a fencing
//! token: an outcome that comes after somebody else took the effect, or after its subject was
//! replaced or deleted, finds no effect under its number. One that comes after its lease has ended
//! changes nothing either, also when nobody took the effect since.

use slotstead_shared::{
    UnixSeconds,
    ids::{ErasureId, FeedId, ScheduleId},
};

use super::{TenantStore, corrupt};
use crate::{effect::EffectId, keyring::KeyTask, store::StoreError};

/// What an effect is about.
#[derive(Debug, Clone)]
pub enum Task {
    /// The fetch of a feed.
    Fetch(FeedId),
    /// A task of the keyring, and the erasure it belongs to.
    Keys(KeyTask, Option<ErasureId>),
}

/// An effect that is due or under way.
#[derive(Debug, Clone)]
pub struct EffectRow {
    pub id: EffectId,
    pub task: Task,
    /// When it is due, were it not leased.
    pub due_at: UnixSeconds,
    /// Until when it is somebody's to carry out.
    pub leased_until: UnixSeconds,
}

const FETCH: &str = "'fetch_feed'";
const MAKE: &str = "make_keys";
const DESTROY: &str = "destroy_key";
const CHECK: &str = "check_keys";
const COLUMNS: &str = "effect_id, kind, subject, due_at, leased_until";

impl TenantStore<'_> {
    /// Makes the first fetch of a feed due, in place of any that is under way.
    pub fn start_fetching(&self, feed: &FeedId, due_at: UnixSeconds) -> Result<(), StoreError> {
        self.stop_fetching(feed)?;
        let id = self.next_effect_id()?;
        self.write(
            &format!(
                "INSERT INTO effects (tenant_id, effect_id, kind, subject, due_at, leased_until)
                 VALUES (?1, ?2, {FETCH}, ?3, ?4, 0)"
            ),
            &[id.into(), feed.as_str().into(), due_at.into()],
        )
    }

    pub fn stop_fetching(&self, feed: &FeedId) -> Result<(), StoreError> {
        self.write(
            &format!(
                "DELETE FROM effects WHERE tenant_id = ?1 AND kind = {FETCH} AND subject = ?2"
            ),
            &[feed.as_str().into()],
        )
    }

    /// Makes the next fetch due at `now`; one under way still ends first.
    pub fn hasten_fetch(&self, feed: &FeedId, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            &format!(
                "UPDATE effects SET due_at = ?3
                 WHERE tenant_id = ?1 AND kind = {FETCH} AND subject = ?2"
            ),
            &[feed.as_str().into(), now.into()],
        )
    }

    /// Makes the next fetch of every feed of every host with this schedule due at `now`.
    pub fn hasten_fetches_of_schedule(
        &self,
        schedule: &ScheduleId,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.write(
            &format!(
                "UPDATE effects SET due_at = ?3 WHERE tenant_id = ?1 AND kind = {FETCH}
                 AND subject IN (SELECT f.feed_id FROM feeds f JOIN hosts h
                 ON h.tenant_id = f.tenant_id AND h.host_id = f.host_id
                 WHERE f.tenant_id = ?1 AND h.schedule_id = ?2)"
            ),
            &[schedule.as_str().into(), now.into()],
        )
    }

    pub fn effect(&self, id: EffectId) -> Result<Option<EffectRow>, StoreError> {
        self.one(
            &format!("SELECT {COLUMNS} FROM effects WHERE tenant_id = ?1 AND effect_id = ?2"),
            &[id.into()],
            effect_row,
        )
    }

    pub fn fetch_of(&self, feed: &FeedId) -> Result<Option<EffectRow>, StoreError> {
        self.one(
            &format!(
                "SELECT {COLUMNS} FROM effects
                 WHERE tenant_id = ?1 AND kind = {FETCH} AND subject = ?2"
            ),
            &[feed.as_str().into()],
            effect_row,
        )
    }

    /// The effects due and not leased, the longest due first.
    pub fn due_effects(&self, now: UnixSeconds, limit: u32) -> Result<Vec<EffectRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {COLUMNS} FROM effects
                 WHERE tenant_id = ?1 AND due_at <= ?2 AND leased_until <= ?2
                 ORDER BY due_at, effect_id LIMIT ?3"
            ),
            &[now.into(), limit.into()],
            effect_row,
        )
    }

    /// Writes a task of the keyring into the outbox.
    pub fn add_key_task(
        &self,
        task: KeyTask,
        erasure: Option<&ErasureId>,
        due_at: UnixSeconds,
    ) -> Result<(), StoreError> {
        let (kind, subject) = match (task, erasure) {
            (KeyTask::Make(page), _) => (MAKE, page.to_string()),
            (KeyTask::Check(page), _) => (CHECK, page.to_string()),
            (KeyTask::Destroy(slot), None) => (DESTROY, slot.to_string()),
            (KeyTask::Destroy(slot), Some(erasure)) => (DESTROY, format!("{slot} {erasure}")),
        };
        let id = self.next_effect_id()?;
        self.write(
            "INSERT INTO effects (tenant_id, effect_id, kind, subject, due_at, leased_until)
             VALUES (?1, ?2, ?3, ?4, ?5, 0)",
            &[id.into(), kind.into(), subject.into(), due_at.into()],
        )
    }

    /// Whether a look at a page is due already.
    pub fn is_to_be_checked(&self, page: u32) -> Result<bool, StoreError> {
        let sql =
            "SELECT COUNT(*) FROM effects WHERE tenant_id = ?1 AND kind = ?2 AND subject = ?3";
        Ok(self.number(sql, &[CHECK.into(), page.to_string().into()])? > 0)
    }

    /// How many keys are still to be destroyed.
    pub fn keys_to_destroy(&self) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) FROM effects WHERE tenant_id = ?1 AND kind = ?2";
        self.number(sql, &[DESTROY.into()])
    }

    pub fn delete_effect(&self, id: EffectId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM effects WHERE tenant_id = ?1 AND effect_id = ?2",
            &[id.into()],
        )
    }

    /// Gives an effect a new number, time and lease; returns the number.
    pub fn move_effect(
        &self,
        id: EffectId,
        due_at: UnixSeconds,
        leased_until: UnixSeconds,
    ) -> Result<EffectId, StoreError> {
        let new_id = self.next_effect_id()?;
        self.write(
            "UPDATE effects SET effect_id = ?3, due_at = ?4, leased_until = ?5
             WHERE tenant_id = ?1 AND effect_id = ?2",
            &[id.into(), new_id.into(), due_at.into(), leased_until.into()],
        )?;
        Ok(new_id)
    }

    /// When the next effect can be taken.
    pub fn next_effect_due(&self) -> Result<Option<UnixSeconds>, StoreError> {
        let earliest = self.one(
            "SELECT MIN(CASE WHEN due_at > leased_until THEN due_at ELSE leased_until END)
             FROM effects WHERE tenant_id = ?1",
            &[],
            super::Columns::optional_integer,
        )?;
        Ok(earliest.flatten())
    }
}

fn effect_row(row: &mut super::Columns) -> Result<EffectRow, StoreError> {
    Ok(EffectRow {
        id: row.integer()?,
        task: task(&row.text()?, &row.text()?)?,
        due_at: row.integer()?,
        leased_until: row.integer()?,
    })
}

fn task(kind: &str, subject: &str) -> Result<Task, StoreError> {
    fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
        text.parse().map_err(|_| corrupt())
    }
    match (kind, subject.split_once(' ')) {
        (MAKE, None) => Ok(Task::Keys(KeyTask::Make(parsed(subject)?), None)),
        (CHECK, None) => Ok(Task::Keys(KeyTask::Check(parsed(subject)?), None)),
        (DESTROY, None) => Ok(Task::Keys(KeyTask::Destroy(parsed(subject)?), None)),
        (DESTROY, Some((slot, erasure))) => Ok(Task::Keys(
            KeyTask::Destroy(parsed(slot)?),
            Some(parsed(erasure)?),
        )),
        (kind, None) if FETCH.trim_matches('\'') == kind => Ok(Task::Fetch(parsed(subject)?)),
        _ => Err(corrupt()),
    }
}
