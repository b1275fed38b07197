//! What a keyring is made of: small objects in a vault outside the store, as JSON.
//!
//! The **ring** has the tenant's own keys, each sealed under a regional key. A **page** has the keys of 128
//! slots, each sealed under the tenant's key; a slot whose key was destroyed is empty and stays so. A tenant's
//! key that was changed stays in the ring, and a page names the one that it is sealed under. Objects are
//! sealed where they belong, so one that was exchanged for another does not open.

use serde::{Deserialize, Serialize};
use slotstead_shared::TenantId;

use super::{
    regional::SealingKeys,
    seal::{DoesNotOpen, KEY_BYTES, Key, Place, SALT_BYTES, open, seal},
};

/// Keys of a tenant that a ring can have. With each change of the regional key comes one.
const TENANT_KEYS: usize = 64;

/// Slots of a page.
pub const SLOTS: usize = 128;

/// Pages made ahead once half of one is used. Two of them are there before that at least: enough while the third is
/// made, although an object books hundreds a second, and for some hundred bookings while the vault is away.
pub const PAGES_AHEAD: u32 = 3;

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
    /// Seal the keys of pages, each with its number. The first one seals; all open, as none is ever given up.
    tenant: Vec<(u32, Key)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingObject {
    version: u8,
    regional_key: String,
    index_key: String,
    /// The newest first.
    tenant_keys: Vec<NumberedKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberedKey {
    number: u32,
    key: String,
}

const VERSION: u8 = 1;
const INDEX: &str = "index";

/// Where a tenant's key belongs in the ring.
fn column(number: u32) -> String {
    format!("tenant {number}")
}

impl Ring {
    /// A ring with new keys.
    pub fn make(regional: &SealingKeys, fill: Fill<'_>) -> Self {
        Self {
            regional: regional.first().0.to_owned(),
            index: Key::new(fresh(fill)),
            tenant: vec![(1, Key::new(fresh(fill)))],
        }
    }

    /// The ring with a new key to seal pages, if it has room for one.
    #[must_use]
    pub fn turned(&self, fill: Fill<'_>) -> Self {
        let mut ring = self.clone();
        if ring.tenant.len() < TENANT_KEYS {
            let number = ring.newest().saturating_add(1);
            ring.tenant.insert(0, (number, Key::new(fresh(fill))));
        }
        ring
    }

    /// The number of the key that seals pages.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.tenant.first().map_or(0, |(number, _)| *number)
    }

    fn sealing(&self) -> &Key {
        let (_, key) = self.tenant.first().expect("a ring has a key for pages");
        key
    }

    /// The key of this number.
    fn key(&self, number: u32) -> Result<&Key, DoesNotOpen> {
        let found = self.tenant.iter().find(|(known, _)| *known == number);
        found.map(|(_, key)| key).ok_or(DoesNotOpen)
    }

    /// As it is kept, sealed under the regional key that seals now.
    pub fn write(&self, tenant: &TenantId, regional: &SealingKeys, fill: Fill<'_>) -> Vec<u8> {
        let (name, key) = regional.first();
        let (under, ring) = (Key::new(*key), Object::Ring.name());
        let index_key = sealed_key(
            &under,
            Object::place(tenant, &ring, INDEX),
            &self.index,
            &mut *fill,
        );
        let keys = self.tenant.iter().map(|(number, key)| NumberedKey {
            number: *number,
            key: {
                let column = column(*number);
                sealed_key(
                    &under,
                    Object::place(tenant, &ring, &column),
                    key,
                    &mut *fill,
                )
            },
        });
        let object = RingObject {
            version: VERSION,
            regional_key: name.to_owned(),
            index_key,
            tenant_keys: keys.collect(),
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
        let open = |key: &str, sealed: &str| {
            opened_key(&under, Object::place(tenant, &ring, key), sealed)
                .map_err(|DoesNotOpen| "the keyring does not open".to_owned())
        };
        let numbered = |key: &NumberedKey| {
            let opened = open(&column(key.number), &key.key)?;
            Ok::<_, String>((key.number, opened))
        };
        if !(1..=TENANT_KEYS).contains(&object.tenant_keys.len()) {
            return Err("the keyring has no key for pages, or too many".to_owned());
        }
        let tenant: Result<_, String> = object.tenant_keys.iter().map(numbered).collect();
        Ok(Self {
            index: open(INDEX, &object.index_key)?,
            tenant: tenant?,
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
    /// The number of the tenant's key that they are sealed under.
    under: u32,
    /// By place; empty where the key was destroyed.
    keys: Vec<Option<String>>,
}

impl Page {
    /// A page of new keys.
    pub fn make(tenant: &TenantId, number: u32, ring: &Ring, fill: Fill<'_>) -> Self {
        let name = Object::Page(number).name();
        let sealing = ring.sealing();
        let key = |place: usize| {
            let key = Key::new(fresh(&mut *fill));
            let column = place.to_string();
            let place = Object::place(tenant, &name, &column);
            Some(sealed_key(sealing, place, &key, &mut *fill))
        };
        Self {
            version: VERSION,
            under: ring.newest(),
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
        let place = Object::place(tenant, &name, &column);
        opened_key(ring.key(self.under)?, place, sealed).map(Some)
    }

    /// Whether it is sealed under the ring's newest key.
    #[must_use]
    pub fn is_current(&self, ring: &Ring) -> bool {
        self.under == ring.newest()
    }

    /// The page sealed under the ring's newest key. The keys in it stay what they are.
    pub fn sealed_anew(
        &self,
        tenant: &TenantId,
        number: u32,
        ring: &Ring,
        fill: Fill<'_>,
    ) -> Result<Self, DoesNotOpen> {
        let name = Object::Page(number).name();
        let sealing = ring.sealing();
        let mut page = self.clone();
        page.under = ring.newest();
        for (place, sealed) in page.keys.iter_mut().enumerate() {
            if let Some(key) = self.key(tenant, number, place, ring)? {
                let column = place.to_string();
                let place = Object::place(tenant, &name, &column);
                *sealed = Some(sealed_key(sealing, place, &key, &mut *fill));
            }
        }
        Ok(page)
    }

    /// Whether there is a key at this place.
    pub fn has(&self, place: usize) -> bool {
        self.keys.get(place).is_some_and(Option::is_some)
    }

    /// The page without the keys at these places.
    #[must_use]
    pub fn without(&self, places: impl Iterator<Item = usize>) -> Self {
        let mut page = self.clone();
        for place in places {
            if let Some(key) = page.keys.get_mut(place) {
                *key = None;
            }
        }
        page
    }
}
