//! The tenant itself, its origins and its owners' tokens.

use slotstead_shared::{
    TenantId, UnixSeconds,
    ids::TokenId,
    wire::{Profile, Scope},
};

use super::{Columns, TenantStore, json};
use crate::{
    effect::EffectId,
    keyring::Slot,
    store::{Store, StoreError},
};

/// A stored owner's token.
#[derive(Debug, Clone)]
pub struct TokenRow {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: UnixSeconds,
}

/// Whose store this is: the one question that is asked without knowing a tenant.
pub fn resident(store: &dyn Store) -> Result<Option<TenantId>, StoreError> {
    let rows = store.run("SELECT tenant_id FROM tenants", &[])?;
    match rows.len() {
        0 => Ok(None),
        1 => rows
            .into_iter()
            .next()
            .map(|row| Columns::new(row).parsed())
            .transpose(),
        _ => Err(StoreError(
            "the store holds more than one tenant".to_owned(),
        )),
    }
}

impl TenantStore<'_> {
    pub fn create(&self, profile: &Profile, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO tenants (tenant_id, name, accent, created_at) VALUES (?1, ?2, ?3, ?4)",
            &[
                profile.name.as_str().into(),
                profile.accent.clone().into(),
                now.into(),
            ],
        )?;
        self.write(
            "INSERT INTO counters (tenant_id, last_effect_id, last_key_slot, pages_under)
             VALUES (?1, 0, 0, 1)",
            &[],
        )
    }

    pub fn profile(&self) -> Result<Profile, StoreError> {
        let profile = self.one(
            "SELECT name, accent FROM tenants WHERE tenant_id = ?1",
            &[],
            |row| {
                Ok(Profile {
                    name: row.text()?,
                    accent: row.optional_text()?,
                })
            },
        )?;
        profile.ok_or_else(super::corrupt)
    }

    pub fn set_profile(&self, profile: &Profile) -> Result<(), StoreError> {
        self.write(
            "UPDATE tenants SET name = ?2, accent = ?3 WHERE tenant_id = ?1",
            &[profile.name.as_str().into(), profile.accent.clone().into()],
        )
    }

    /// A number no effect of this tenant ever had.
    pub fn next_effect_id(&self) -> Result<EffectId, StoreError> {
        self.number(
            "UPDATE counters SET last_effect_id = last_effect_id + 1 WHERE tenant_id = ?1
             RETURNING last_effect_id",
            &[],
        )
    }

    /// The slot of a key that was not given out yet, and the number of the tenant's key for which all pages
    /// were looked at last.
    pub fn next_key_slot(&self) -> Result<(Slot, u32), StoreError> {
        let next = self.one(
            "UPDATE counters SET last_key_slot = last_key_slot + 1 WHERE tenant_id = ?1
             RETURNING last_key_slot, pages_under",
            &[],
            |row| Ok((row.integer()?, row.small()?)),
        )?;
        next.ok_or_else(super::corrupt)
    }

    /// All pages are looked at for the tenant's key of this number.
    pub fn set_pages_under(&self, key: u32) -> Result<(), StoreError> {
        let sql = "UPDATE counters SET pages_under = ?2 WHERE tenant_id = ?1";
        self.write(sql, &[key.into()])
    }

    /// Passes over the slots before this one.
    pub fn skip_to_key_slot(&self, slot: Slot) -> Result<(), StoreError> {
        let sql = "UPDATE counters SET last_key_slot = ?2 WHERE tenant_id = ?1";
        self.write(sql, &[slot.into()])
    }

    /// The slot that was given out last; 0 if none ever was.
    pub fn last_key_slot(&self) -> Result<Slot, StoreError> {
        self.number(
            "SELECT last_key_slot FROM counters WHERE tenant_id = ?1",
            &[],
        )
    }

    pub fn origins(&self) -> Result<Vec<String>, StoreError> {
        self.all(
            "SELECT origin FROM origins WHERE tenant_id = ?1 ORDER BY place",
            &[],
            Columns::text,
        )
    }

    pub fn allows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM origins WHERE tenant_id = ?1 AND origin = ?2";
        Ok(self.number(sql, &[origin.into()])? > 0)
    }

    pub fn set_origins(&self, origins: &[String]) -> Result<(), StoreError> {
        self.write("DELETE FROM origins WHERE tenant_id = ?1", &[])?;
        for (place, origin) in (0_u32..).zip(origins) {
            self.write(
                "INSERT INTO origins (tenant_id, origin, place) VALUES (?1, ?2, ?3)",
                &[origin.as_str().into(), place.into()],
            )?;
        }
        Ok(())
    }

    pub fn token(&self, id: &TokenId) -> Result<Option<TokenRow>, StoreError> {
        self.one(
            "SELECT token_id, name, scopes, created_at FROM tokens
             WHERE tenant_id = ?1 AND token_id = ?2",
            &[id.as_str().into()],
            token_row,
        )
    }

    pub fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        self.all(
            "SELECT token_id, name, scopes, created_at FROM tokens
             WHERE tenant_id = ?1 ORDER BY token_id",
            &[],
            token_row,
        )
    }

    pub fn insert_token(&self, token: &TokenRow) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO tokens (tenant_id, token_id, name, scopes, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            &[
                token.id.as_str().into(),
                token.name.as_str().into(),
                json(&token.scopes)?,
                token.created_at.into(),
            ],
        )
    }

    pub fn delete_token(&self, id: &TokenId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM tokens WHERE tenant_id = ?1 AND token_id = ?2",
            &[id.as_str().into()],
        )
    }
}

fn token_row(row: &mut Columns) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        id: row.parsed()?,
        name: row.text()?,
        scopes: row.json()?,
        created_at: row.integer()?,
    })
}
