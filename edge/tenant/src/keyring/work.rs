//! The region host's side of a keyring: what is to be done in the vault, and what became of it.

use std::collections::BTreeSet;

use slotstead_shared::TenantId;

use super::{
    Access, Done, Fill, Kept, KeyWork, Keyring, Object, PAGES_HELD, Want,
    objects::{Page, Ring, page_of},
    regional::SealingKeys,
};

const NO_PAGE: &str = "a page of keys is not in the vault";

impl Keyring {
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
                Want::Empty(_) | Want::Current(_) => false,
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
            // Who changes the regional key wants nothing to depend on the old one.
            let turned = ring.content.turned(&mut *fill);
            let bytes = turned.write(tenant, regional, fill);
            let after = Some(ring.version.clone());
            return work(Object::Ring, Access::Store { bytes, after });
        }
        let mut lost = None;
        for want in &self.wanted {
            match self.next_step(*want, tenant, &ring.content, &mut *fill) {
                Ok(Some((object, access))) => return work(object, access),
                Ok(None) => {}
                Err(why) => lost = Some(why),
            }
        }
        // Pages are held for those who want them until all of them are there.
        self.give_up();
        let Some(why) = lost else { return Ok(None) };
        // It is looked for anew when it is asked for again.
        self.absent.clear();
        Err(why.to_owned())
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
                    return Err(NO_PAGE);
                }
                let bytes = Page::make(tenant, number, ring, fill).write();
                Ok(Some((object, Access::Store { bytes, after: None })))
            }
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
                    None => Err(NO_PAGE),
                }
            }
            Want::Current(number) => {
                let object = Object::Page(number);
                match self.pages.get(&number) {
                    Some(page) if page.content.is_current(ring) => Ok(None),
                    Some(page) => {
                        let anew = page.content.sealed_anew(tenant, number, ring, fill);
                        let anew = anew.map_err(|_| "a page of keys does not open")?;
                        let (bytes, after) = (anew.write(), Some(page.version.clone()));
                        Ok(Some((object, Access::Store { bytes, after })))
                    }
                    None if !self.absent.contains(&object) => Ok(Some((object, Access::Load))),
                    None => Ok(None),
                }
            }
            Want::Object { .. } => Ok(None),
        }
    }

    /// A page without any of the keys that are to be destroyed.
    fn emptied(&self, number: u32, page: &Page) -> Page {
        let slots = self.wanted.iter().filter_map(|want| match want {
            Want::Empty(slot) => page_of(*slot),
            Want::Object { .. } | Want::Current(_) => None,
        });
        let places = slots.filter(|(page, _)| *page == number);
        page.without(places.map(|(_, place)| place))
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
