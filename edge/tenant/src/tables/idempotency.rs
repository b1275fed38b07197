//! Answers kept under their idempotency keys, with the client they went to where one is limited.

use slotstead_shared::{UnixSeconds, limits::IDEMPOTENCY_SECONDS};

use super::{TenantStore, json};
use crate::{call::Answer, store::StoreError};

impl TenantStore<'_> {
    /// The fingerprint and the answer kept under this key, if it is not too old.
    pub fn kept_answer(
        &self,
        actor: &str,
        key: &str,
        now: UnixSeconds,
    ) -> Result<Option<(String, Answer)>, StoreError> {
        self.one(
            "SELECT fingerprint, answer FROM idempotency
             WHERE tenant_id = ?1 AND actor = ?2 AND idempotency_key = ?3 AND created_at > ?4",
            &[actor.into(), key.into(), (now - IDEMPOTENCY_SECONDS).into()],
            |row| Ok((row.text()?, row.json()?)),
        )
    }

    /// How many answers to this client are kept, of those that are not too old.
    pub fn answers_to(&self, client: &str, now: UnixSeconds) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM idempotency
             WHERE tenant_id = ?1 AND created_at > ?2 AND client = ?3",
            &[(now - IDEMPOTENCY_SECONDS).into(), client.into()],
        )
    }

    pub fn keep_answer(
        &self,
        (actor, client): (&str, Option<&str>),
        key: &str,
        fingerprint: &str,
        answer: &Answer,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.expires_at(now + IDEMPOTENCY_SECONDS)?;
        // A key that is there all the same has expired: `kept_answer` was asked before.
        self.write(
            "INSERT INTO idempotency (tenant_id, actor, idempotency_key, fingerprint, answer,
             created_at, client) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant_id, actor, idempotency_key) DO UPDATE SET
             fingerprint = excluded.fingerprint, answer = excluded.answer,
             created_at = excluded.created_at, client = excluded.client",
            &[
                actor.into(),
                key.into(),
                fingerprint.into(),
                json(answer)?,
                now.into(),
                client.into(),
            ],
        )
    }
}
