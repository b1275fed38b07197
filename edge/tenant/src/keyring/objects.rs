//! What a keyring is made of: small objects in a vault outside the store, as JSON.
//!
//! The **ring** has the tenant's own keys, each sealed under a regional key. A **page** has the keys of 128
//! slots, each sealed under the tenant's key; a slot whose key was destroyed is empty and stays so. Objects are
//! sealed where they belong, so one that was exchanged for another does not open.

use serde::{Deserialize, Serialize};
use slotstead_shared::TenantId;

use super::{
    regional::SealingKeys,
    seal::{DoesNotOpen, KEY_BYTES, Key, Place, SALT_BYTES, open, seal},
};

/// Slots of a page.
pub const SLOTS: usize = 128;

/// The number of a key, from 1 up. A number is given once.
pub type Slot = i64;

/// An object of a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// The tenant's own keys.
    Ring,
    /// The keys of 128 slots.
    Page(u32),
}

impl Object {
    /// Its name in the vault.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Ring => "ring".to_owned(),
            Self::Page(number) => format!("page-{number}"),
        }
    }

    /// Where a key in it belongs.
    fn place<'a>(tenant: &'a TenantId, name: &'a str, key: &'a str) -> Place<'a> {
        Place {
            tenant: tenant.as_str(),
            table: "keyring",
            row: name,
            column: key,
        }
    }
}

/// The page of a slot, and the slot's place in it.
#[must_use]
pub fn page_of(slot: Slot) -> Option<(u32, usize)> {
    let slots = i64::try_from(SLOTS).ok()?;
    let page = u32::try_from(slot.div_euclid(slots)).ok()?;
    Some((page, usize::try_from(slot.rem_euclid(slots)).ok()?))
}

/// The slot at a place; the place after the last one is the first of the next page.
#[must_use]
pub fn slot_of(page: u32, place: usize) -> Option<Slot> {
    let slots = i64::try_from(SLOTS).ok()?;
    Some(i64::from(page) * slots + i64::try_from(place).ok()?)
}

/// Fresh random bytes, from the region host.
pub type Fill<'a> = &'a mut dyn FnMut(&mut [u8]);

fn fresh<const N: usize>(fill: Fill<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn sealed_key(under: &Key, place: Place<'_>, key: &Key, fill: Fill<'_>) -> String {
    seal(under, fresh::<SALT_BYTES>(fill), place, key.bytes())
}

fn opened_key(under: &Key, place: Place<'_>, sealed: &str) -> Result<Key, DoesNotOpen> {
    let bytes: [u8; KEY_BYTES] = open(under, place, sealed)?
        .try_into()
        .map_err(|_| DoesNotOpen)?;
    Ok(Key::new(bytes))
}

/// The tenant's own keys.
#[derive(Debug, Clone)]
pub struct Ring {
    /// The name of the regional key that it is sealed under.
    pub regional: String,
    /// Makes the tags by which a person is known again.
    pub index: Key,
    /// Seals the keys of pages.
    pub tenant: Key,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingObject {
    version: u8,
    regional_key: String,
    index_key: String,
    tenant_key: String,
}

const VERSION: u8 = 1;
const INDEX: &str = "index";
const TENANT: &str = "tenant";

impl Ring {
    /// A ring with new keys.
    pub fn make(regional: &SealingKeys, fill: Fill<'_>) -> Self {
        Self {
            regional: regional.first().0.to_owned(),
            index: Key::new(fresh(fill)),
            tenant: Key::new(fresh(fill)),
        }
    }

    /// As it is kept, sealed under the regional key that seals now.
    pub fn write(&self, tenant: &TenantId, regional: &SealingKeys, fill: Fill<'_>) -> Vec<u8> {
        let (name, key) = regional.first();
        let (under, ring) = (Key::new(*key), Object::Ring.name());
        let place = |key| Object::place(tenant, &ring, key);
        let object = RingObject {
            version: VERSION,
            regional_key: name.to_owned(),
            index_key: sealed_key(&under, place(INDEX), &self.index, fill),
            tenant_key: sealed_key(&under, place(TENANT), &self.tenant, fill),
        };
        serde_json::to_vec(&object).expect("texts and a number")
    }

    /// The ring of these bytes. The error holds nothing of them.
    pub fn read(tenant: &TenantId, regional: &SealingKeys, bytes: &[u8]) -> Result<Self, String> {
        let object: RingObject =
            serde_json::from_slice(bytes).map_err(|_| "the keyring is malformed".to_owned())?;
        if object.version != VERSION {
            return Err("the keyring was written by a newer version of the program".to_owned());
        }
        let name = object.regional_key;
        let Some(key) = regional.get(&name) else {
            return Err(format!(
                "the keyring is sealed under a regional key that is not configured: {name:?}"
            ));
        };
        let (under, ring) = (Key::new(*key), Object::Ring.name());
        let open = |key, sealed: &str| {
            opened_key(&under, Object::place(tenant, &ring, key), sealed)
                .map_err(|DoesNotOpen| "the keyring does not open".to_owned())
        };
        Ok(Self {
            index: open(INDEX, &object.index_key)?,
            tenant: open(TENANT, &object.tenant_key)?,
            regional: name,
        })
    }
}

/// The name of the regional key that a ring is sealed under.
#[must_use]
pub fn regional_key_of(ring: &[u8]) -> Option<String> {
    let object: RingObject = serde_json::from_slice(ring).ok()?;
    Some(object.regional_key)
}

/// The keys of 128 slots, still sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    version: u8,
    /// By place; empty where the key was destroyed.
    keys: Vec<Option<String>>,
}

impl Page {
    /// A page of new keys.
    pub fn make(tenant: &TenantId, number: u32, ring: &Ring, fill: Fill<'_>) -> Self {
        let name = Object::Page(number).name();
        let key = |place: usize| {
            let key = Key::new(fresh(&mut *fill));
            let column = place.to_string();
            let place = Object::place(tenant, &name, &column);
            Some(sealed_key(&ring.tenant, place, &key, &mut *fill))
        };
        Self {
            version: VERSION,
            keys: (0..SLOTS).map(key).collect(),
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and a number")
    }

    /// The page of these bytes. The error holds nothing of them.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let page: Self =
            serde_json::from_slice(bytes).map_err(|_| "a page of keys is malformed".to_owned())?;
        if page.version != VERSION || page.keys.len() != SLOTS {
            return Err("a page of keys was written by another version of the program".to_owned());
        }
        Ok(page)
    }

    /// The key at a place; none where it was destroyed.
    pub fn key(
        &self,
        tenant: &TenantId,
        number: u32,
        place: usize,
        ring: &Ring,
    ) -> Result<Option<Key>, DoesNotOpen> {
        let Some(sealed) = self.keys.get(place).ok_or(DoesNotOpen)? else {
            return Ok(None);
        };
        let (name, column) = (Object::Page(number).name(), place.to_string());
        opened_key(&ring.tenant, Object::place(tenant, &name, &column), sealed).map(Some)
    }

    /// Whether there is a key at this place.
    pub fn has(&self, place: usize) -> bool {
        self.keys.get(place).is_some_and(Option::is_some)
    }

    /// The page without the key at this place.
    #[must_use]
    pub fn without(&self, place: usize) -> Self {
        let mut page = self.clone();
        if let Some(key) = page.keys.get_mut(place) {
            *key = None;
        }
        page
    }
}
