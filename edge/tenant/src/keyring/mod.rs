//! The keyring: the keys under which the tenant's personal data and secrets are sealed.
//!
//! A sealed set names its key by a **slot**. Keys are made ahead, 128 to a page and some pages at once, and kept in a vault outside the
//! store: to erase somebody is to empty a slot, and no copy of the store, however old, opens what was sealed
//! under it. Pages are sealed under the tenant's key, and that under a regional key of the configuration; both are
//! changed while bookings go on (see `tenant::upkeep`).
//!
//! The tenant does no I/O. What it needs and does not have, it notes and refuses with [`Refusal::Keys`];
//! the region host asks for [`KeyWork`], does it, reports it, and executes the call again (see `host::vault`).
//! Who has loaded its page once needs the vault no more, so a booking waits for it once in a hundred times at
//! most, and not at all when the next pages were made in time.

pub mod objects;
pub mod regional;
pub mod seal;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use hmac_sha256::HMAC;
use slotstead_shared::TenantId;

pub use objects::{Fill, Object, Slot};
use objects::{Page, Ring, SLOTS, page_of, slot_of};
use seal::Key;

use crate::refusal::Refusal;

/// Bytes of an object at most. A page has about 12 KB.
pub const OBJECT_BYTES: usize = 64 * 1024;

/// Pages held in memory: a page of bookings may need a hundred. About 12 KB each.
const PAGES_HELD: usize = 128;

/// Something to do in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWork {
    /// Whose keyring it is.
    pub tenant: TenantId,
    /// The object.
    pub object: Object,
    /// What to do with it.
    pub access: Access,
}

/// What to do with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Load it.
    Load,
    /// Store these bytes, through to the disk.
    Store {
        /// The object from now on.
        bytes: Vec<u8>,
        /// The version it must still have; none: only if there is no such object.
        after: Option<String>,
    },
}

/// An object and its version.
pub type Versioned = (Vec<u8>, String);

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The object and its version.
    Loaded(Vec<u8>, String),
    /// There is no such object.
    Absent,
    /// It was stored and has this version.
    Stored(String),
    /// It was not stored: it has another version.
    Changed,
}

impl Done {
    /// By what a vault says of loading.
    #[must_use]
    pub fn of_load(loaded: Option<Versioned>) -> Self {
        loaded.map_or(Self::Absent, |(bytes, version)| {
            Self::Loaded(bytes, version)
        })
    }

    /// By what a vault says of storing.
    #[must_use]
    pub fn of_store(stored: Option<String>) -> Self {
        stored.map_or(Self::Changed, Self::Stored)
    }
}

/// A task for the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyTask {
    /// Make a page before it is needed, or bring it if there is one.
    Make(u32),
    /// Empty a slot.
    Destroy(Slot),
    /// Look at a page, and seal it under the tenant's newest key.
    Check(u32),
}

/// What is needed and not at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    /// An object, which may be made if there is none: no key of it was ever given out.
    Object { object: Object, make: bool },
    /// A slot without its key.
    Empty(Slot),
    /// A page, if there is one, under the tenant's newest key.
    Current(u32),
}

impl Want {
    fn object(self) -> Option<Object> {
        match self {
            Self::Object { object, .. } => Some(object),
            Self::Empty(slot) => page_of(slot).map(|(number, _)| Object::Page(number)),
            Self::Current(number) => Some(Object::Page(number)),
        }
    }
}

#[derive(Debug, Clone)]
struct Kept<T> {
    content: T,
    version: String,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Keyring {
    /// Whose it is, once something was wanted.
    tenant: Option<TenantId>,
    ring: Option<Kept<Ring>>,
    pages: BTreeMap<u32, Kept<Page>>,
    wanted: BTreeSet<Want>,
    /// What was looked for and is not there.
    absent: BTreeSet<Object>,
    /// Whether the ring could not be sealed under the newest regional key. The old one still opens it.
    stays_old: bool,
}

impl Keyring {
    /// The tag by which a person is known again: who has the store alone learns nothing from it.
    /// `may_make`: no key was ever given out, so that there may be no ring yet.
    pub fn tag(
        &mut self,
        tenant: &TenantId,
        purpose: &str,
        text: &[u8],
        may_make: bool,
    ) -> Result<String, Refusal> {
        let ring = self.ring(tenant, may_make)?;
        let mut mac = HMAC::new(ring.index.bytes());
        mac.update((purpose.len() as u64).to_be_bytes());
        mac.update(purpose);
        mac.update(text);
        Ok(HEXLOWER.encode(&mac.finalize()))
    }

    /// The key in a slot; none if it was destroyed. `is_new`: the slot is given out only now, and is the first
    /// of its page.
    pub fn key(
        &mut self,
        tenant: &TenantId,
        slot: Slot,
        is_new: bool,
    ) -> Result<Option<Key>, Refusal> {
        let unreadable = || Refusal::Store {
            detail: "a key does not open".to_owned(),
        };
        let (number, place) = page_of(slot).ok_or_else(unreadable)?;
        self.ring(tenant, is_new && number == 0)?;
        let (Some(ring), Some(page)) = (&self.ring, self.pages.get(&number)) else {
            self.want(tenant, Object::Page(number), is_new);
            return Err(Refusal::Keys);
        };
        let (ring, page) = (&ring.content, &page.content);
        page.key(tenant, number, place, ring)
            .map_err(|_| unreadable())
    }

    /// Notes what these slots need, all at once. A refusal if something is not at hand.
    pub fn need(
        &mut self,
        tenant: &TenantId,
        slots: impl Iterator<Item = Slot>,
    ) -> Result<(), Refusal> {
        let numbers: BTreeSet<u32> = slots
            .filter_map(page_of)
            .map(|(number, _)| number)
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let missing = numbers
            .iter()
            .filter(|number| !self.pages.contains_key(number));
        let missing: Vec<u32> = missing.copied().collect();
        for number in &missing {
            self.want(tenant, Object::Page(*number), false);
        }
        self.ring(tenant, false)?;
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Keys)
        }
    }

    /// Notes a task of the outbox.
    pub fn take_on(&mut self, tenant: &TenantId, task: KeyTask) {
        match task {
            KeyTask::Make(number) => self.want(tenant, Object::Page(number), true),
            KeyTask::Destroy(slot) => self.note(tenant, Want::Empty(slot)),
            KeyTask::Check(number) => self.note(tenant, Want::Current(number)),
        }
    }

    /// Whether a task is done: what was wanted may have been given up since.
    #[must_use]
    pub fn has_done(&self, task: KeyTask) -> bool {
        match task {
            KeyTask::Make(number) => self.has_page(number),
            KeyTask::Check(number) => {
                let page = self.pages.get(&number).map(|page| &page.content);
                let ring = self.ring.as_ref().map(|ring| &ring.content);
                match (page, ring) {
                    (Some(page), Some(ring)) => page.is_current(ring),
                    _ => self.is_absent(number),
                }
            }
            KeyTask::Destroy(slot) => page_of(slot).is_some_and(|(number, place)| {
                let page = self.pages.get(&number);
                page.is_some_and(|page| !page.content.has(place))
            }),
        }
    }

    /// Wants the tenant's own keys, so that they are sealed under the regional key that seals now.
    pub fn seal_anew(&mut self, tenant: &TenantId) {
        self.stays_old = false;
        self.want(tenant, Object::Ring, false);
    }

    /// Whether the tenant's own keys are sealed under the regional key of this name.
    #[must_use]
    pub fn is_sealed_under(&self, regional: &str) -> bool {
        let ring = self.ring.as_ref();
        ring.is_some_and(|ring| ring.content.regional == regional)
    }

    /// The slot to try after one that turned out to be empty: the next of its page that is not, or the first
    /// of the next page.
    #[must_use]
    pub fn after_empty(&self, slot: Slot) -> Option<Slot> {
        let (number, place) = page_of(slot)?;
        let page = self.pages.get(&number)?;
        let next = (place + 1..SLOTS).find(|place| page.content.has(*place));
        slot_of(number, next.unwrap_or(SLOTS))
    }

    /// The number of the tenant's key that seals pages, if the ring is at hand.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.ring.as_ref().map(|ring| ring.content.newest())
    }

    /// Whether a page is at hand.
    #[must_use]
    pub fn has_page(&self, number: u32) -> bool {
        self.pages.contains_key(&number)
    }

    /// Whether a page was looked for and is not there.
    #[must_use]
    pub fn is_absent(&self, number: u32) -> bool {
        self.absent.contains(&Object::Page(number))
    }

    /// The slots of a page whose keys were destroyed; none if the page is not at hand.
    #[must_use]
    pub fn empty_slots(&self, number: u32) -> Option<Vec<Slot>> {
        let page = &self.pages.get(&number)?.content;
        let empty = (0..SLOTS).filter(|place| !page.has(*place));
        Some(empty.filter_map(|place| slot_of(number, place)).collect())
    }

    fn ring(&mut self, tenant: &TenantId, may_make: bool) -> Result<&Ring, Refusal> {
        if self.ring.is_none() {
            self.want(tenant, Object::Ring, may_make);
        }
        match &self.ring {
            Some(ring) => Ok(&ring.content),
            None => Err(Refusal::Keys),
        }
    }

    fn want(&mut self, tenant: &TenantId, object: Object, make: bool) {
        self.note(tenant, Want::Object { object, make });
    }

    fn note(&mut self, tenant: &TenantId, want: Want) {
        self.tenant.get_or_insert_with(|| tenant.clone());
        self.wanted.insert(want);
    }
}
