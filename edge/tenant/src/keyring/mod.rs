//! The keyring: the keys under which the tenant's personal data and secrets are sealed.
//!
//! A sealed set names its key by a **slot**. Keys are made ahead, 128 to a page, and kept in a vault outside the
//! store: to erase somebody is to empty a slot, and no copy of the store, however old, opens what was sealed
//! under it. Pages are sealed under the tenant's key, and that under a regional key of the configuration.
//!
//! The tenant does no I/O. What it needs and does not have, it notes and refuses with [`Refusal::Keys`];
//! the region host asks for [`KeyWork`], does it, reports it, and executes the call again (see `host::vault`).
//! Who has loaded its page once needs the vault no more, so a booking waits for it once in a hundred times at
//! most, and not at all when the next page was made in time.

pub mod objects;
pub mod regional;
pub mod seal;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use hmac_sha256::HMAC;
use slotstead_shared::TenantId;

pub use objects::{Fill, Object, Slot};
use objects::{Page, Ring, SLOTS, page_of, slot_of};
use regional::SealingKeys;
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

/// A task for the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyTask {
    /// Make a page before it is needed.
    Make(u32),
    /// Empty a slot.
    Destroy(Slot),
}

/// What is needed and not at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    /// An object, which may be made if there is none: no key of it was ever given out.
    Object { object: Object, make: bool },
    /// A slot without its key.
    Empty(Slot),
}

impl Want {
    fn object(self) -> Option<Object> {
        match self {
            Self::Object { object, .. } => Some(object),
            Self::Empty(slot) => page_of(slot).map(|(number, _)| Object::Page(number)),
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
            KeyTask::Destroy(slot) => {
                self.note(tenant, Want::Empty(slot));
            }
        }
    }

    /// Whether a task is done: what was wanted may have been given up since.
    #[must_use]
    pub fn has_done(&self, task: KeyTask) -> bool {
        match task {
            KeyTask::Make(number) => self.pages.contains_key(&number),
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

    // ------------------------------------------------------------ the region host's side

    /// What is to be done next in the vault; none when all that was needed is at hand.
    ///
    /// The error is a sentence for the log: a key that was given out is not in the vault.
    pub fn work(
        &mut self,
        regional: &SealingKeys,
        fill: Fill<'_>,
    ) -> Result<Option<KeyWork>, String> {
        let Some(tenant) = self.tenant.clone() else {
            return Ok(None);
        };
        let tenant = &tenant;
        let work = |object, access| {
            Ok(Some(KeyWork {
                tenant: tenant.clone(),
                object,
                access,
            }))
        };
        let Some(ring) = &self.ring else {
            if self.wanted.is_empty() {
                return Ok(None);
            }
            if !self.absent.contains(&Object::Ring) {
                return work(Object::Ring, Access::Load);
            }
            let may_make = self.wanted.iter().any(|want| match want {
                Want::Object { object, make } => {
                    *make && matches!(object, Object::Ring | Object::Page(0))
                }
                Want::Empty(_) => false,
            });
            if !may_make {
                // It is looked for anew when it is asked for again.
                self.absent.clear();
                self.give_up();
                return Err("the tenant's ring of keys is not in the vault".to_owned());
            }
            let bytes = Ring::make(regional, fill).write(tenant, regional, fill);
            return work(Object::Ring, Access::Store { bytes, after: None });
        };
        if ring.content.regional != regional.first().0 && !self.stays_old {
            let bytes = ring.content.write(tenant, regional, fill);
            let after = Some(ring.version.clone());
            return work(Object::Ring, Access::Store { bytes, after });
        }
        let mut lost = None;
        for want in &self.wanted {
            match self.next_step(*want, tenant, &ring.content, fill) {
                Ok(Some((object, access))) => return work(object, access),
                Ok(None) => {}
                Err(page) => lost = Some(page),
            }
        }
        // Pages are held for those who want them until all of them are there.
        self.give_up();
        let Some(page) = lost else { return Ok(None) };
        // It is looked for anew when it is asked for again.
        self.absent.clear();
        Err(format!("{page} is not in the vault"))
    }

    /// What a wish needs next; none when it is fulfilled.
    fn next_step(
        &self,
        want: Want,
        tenant: &TenantId,
        ring: &Ring,
        fill: Fill<'_>,
    ) -> Result<Option<(Object, Access)>, &'static str> {
        match want {
            Want::Object {
                object: Object::Page(number),
                make,
            } if !self.pages.contains_key(&number) => {
                let object = Object::Page(number);
                if !self.absent.contains(&object) {
                    return Ok(Some((object, Access::Load)));
                }
                if !make {
                    return Err("a page of keys");
                }
                let bytes = Page::make(tenant, number, ring, fill).write();
                Ok(Some((object, Access::Store { bytes, after: None })))
            }
            Want::Object { .. } => Ok(None),
            Want::Empty(slot) => {
                let Some((number, place)) = page_of(slot) else {
                    return Ok(None);
                };
                let object = Object::Page(number);
                match self.pages.get(&number) {
                    Some(page) if page.content.has(place) => {
                        let bytes = self.emptied(number, &page.content).write();
                        let after = Some(page.version.clone());
                        Ok(Some((object, Access::Store { bytes, after })))
                    }
                    Some(_) => Ok(None),
                    None if !self.absent.contains(&object) => Ok(Some((object, Access::Load))),
                    None => Err("a page of keys"),
                }
            }
        }
    }

    /// A page without any of the keys that are to be destroyed.
    fn emptied(&self, number: u32, page: &Page) -> Page {
        let slots = self.wanted.iter().filter_map(|want| match want {
            Want::Empty(slot) => page_of(*slot),
            Want::Object { .. } => None,
        });
        let places = slots.filter(|(page, _)| *page == number);
        places.fold(page.clone(), |page, (_, place)| page.without(place))
    }

    /// Takes in what became of a piece of work. Of several under way for one object the first counts.
    pub fn done(
        &mut self,
        work: &KeyWork,
        done: Done,
        regional: &SealingKeys,
    ) -> Result<(), String> {
        let (bytes, version) = match (done, &work.access) {
            (Done::Loaded(bytes, version), _) => {
                if self.holds(work.object) {
                    return Ok(());
                }
                (bytes, version)
            }
            (Done::Stored(version), Access::Store { bytes, .. }) => (bytes.clone(), version),
            (Done::Absent, _) => {
                self.absent.insert(work.object);
                return Ok(());
            }
            (Done::Changed | Done::Stored(_), _) => {
                self.forget(work.object);
                return Ok(());
            }
        };
        self.absent.remove(&work.object);
        match work.object {
            Object::Ring => {
                let content = Ring::read(&work.tenant, regional, &bytes)?;
                self.ring = Some(Kept { content, version });
            }
            Object::Page(number) => {
                let content = Page::read(&bytes)?;
                while self.pages.len() >= PAGES_HELD && self.let_one_go() {}
                self.pages.insert(number, Kept { content, version });
            }
        }
        Ok(())
    }

    /// The vault could not do a piece of work: who wanted it wants it no more, until it is asked for again.
    /// What was begun may have been done, so the object is looked at again.
    pub fn failed(&mut self, work: &KeyWork) {
        match (&work.access, work.object, &self.ring) {
            (Access::Store { .. }, Object::Ring, Some(_)) => self.stays_old = true,
            (Access::Store { .. }, object, _) => self.forget(object),
            (Access::Load, ..) => {}
        }
        // Without the ring nothing opens.
        let all = work.object == Object::Ring && self.ring.is_none();
        self.wanted
            .retain(|want| !all && want.object() != Some(work.object));
    }

    fn give_up(&mut self) {
        self.wanted.clear();
    }

    fn holds(&self, object: Object) -> bool {
        match object {
            Object::Ring => self.ring.is_some(),
            Object::Page(number) => self.pages.contains_key(&number),
        }
    }

    fn forget(&mut self, object: Object) {
        self.absent.remove(&object);
        match object {
            Object::Ring => self.ring = None,
            Object::Page(number) => {
                self.pages.remove(&number);
            }
        }
    }

    /// Lets a page go that nobody waits for; whether there was one.
    fn let_one_go(&mut self) -> bool {
        let wanted: BTreeSet<_> = self
            .wanted
            .iter()
            .filter_map(|want| want.object())
            .collect();
        let mut numbers = self.pages.keys().copied();
        let idle = numbers.find(|number| !wanted.contains(&Object::Page(*number)));
        idle.is_some_and(|number| self.pages.remove(&number).is_some())
    }
}
