//! What is sealed, where, and under which key: whoever booked, with a key for each booking, and the address of
//! each feed, with a key of its own.
//!
//! Why a key for each booking and not for each e-mail address: nobody proves that an address is theirs before
//! they book. Whoever books under somebody else's address must not be able to erase that person.

use hmac_sha256::HMAC;
use serde::{Deserialize, Serialize};
use slotstead_shared::{
    ids::{BookingId, ErasureId, FeedId},
    wire::{Answer, Booking},
};

use super::{Context, upkeep};
use crate::{
    keyring::{
        KeyTask, Slot,
        objects::{PAGES_AHEAD, SLOTS, page_of},
        seal::{self, Key, Place, SALT_BYTES},
    },
    refusal::Refusal,
    store::StoreError,
    tables::{
        bookings::{BookingRow, SealedBooker},
        corrupt,
    },
};

/// Who booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booker {
    pub name: String,
    pub email: String,
    pub answers: Vec<Answer>,
}

impl Booker {
    /// Puts the booker into a booking, or says that they were erased.
    pub fn put_into(booker: Option<Self>, booking: &mut Booking) {
        booking.erased = booker.is_none();
        (booking.name, booking.email, booking.answers) = match booker {
            Some(booker) => (booker.name, booker.email, booker.answers),
            None => Default::default(),
        };
    }
}

/// Pages without any key that are passed over at once, at most.
const PAGES_SKIPPED: u32 = 1_000;

const BOOKINGS: (&str, &str) = ("bookings", "booker");
const FEEDS: (&str, &str) = ("feeds", "url");

impl Context<'_> {
    /// The tag by which a person is known again, however their address is capitalised.
    pub fn person(&self, email: &str) -> Result<String, Refusal> {
        self.tag("person", email.to_lowercase().as_bytes())
    }

    /// A keyed hash: it tells nothing to who does not have the tenant's keys.
    pub fn tag(&self, purpose: &str, text: &[u8]) -> Result<String, Refusal> {
        let mut keyring = self.keyring.borrow_mut();
        match keyring.tag(self.store.tenant(), purpose, text, false) {
            Err(Refusal::Keys) if self.store.last_key_slot()? == 0 => {
                keyring.tag(self.store.tenant(), purpose, text, true)
            }
            tag => tag,
        }
    }

    /// Seals who booked, a person known by this tag, under a key of this booking's own.
    pub fn seal_booker(
        &self,
        id: &BookingId,
        person: String,
        booker: &Booker,
    ) -> Result<SealedBooker, Refusal> {
        let (slot, key) = self.new_key()?;
        let clear = serde_json::to_vec(booker)
            .map_err(|_| StoreError("a booker cannot be written as JSON".to_owned()))?;
        Ok(SealedBooker {
            person,
            slot,
            sealed: self.seal(&key, BOOKINGS, id.as_str(), &clear),
        })
    }

    /// Who booked; none once they were erased.
    pub fn booker_of(&self, row: &BookingRow) -> Result<Option<Booker>, Refusal> {
        let Some(sealed) = &row.booker else {
            return Ok(None);
        };
        let clear = self.open(sealed.slot, BOOKINGS, row.id.as_str(), &sealed.sealed)?;
        let booker = clear.map(|clear| serde_json::from_slice(&clear).map_err(|_| corrupt()));
        Ok(booker.transpose()?)
    }

    /// Notes all the keys that these bookings need, so that they are loaded together.
    pub fn need_bookers(&self, rows: &[BookingRow]) -> Result<(), Refusal> {
        let slots = rows.iter().filter_map(|row| row.booker.as_ref());
        let slots = slots.map(|booker| booker.slot);
        self.keyring.borrow_mut().need(self.store.tenant(), slots)
    }

    /// Seals the address of a feed under a key of its own.
    pub fn seal_url(&self, feed: &FeedId, url: &str) -> Result<(Slot, String), Refusal> {
        let (slot, key) = self.new_key()?;
        let sealed = self.seal(&key, FEEDS, feed.as_str(), url.as_bytes());
        Ok((slot, sealed))
    }

    /// The address of a feed; none if it does not open any more, which is for the owner to mend.
    pub fn url_of(
        &self,
        feed: &FeedId,
        slot: Slot,
        sealed: &str,
    ) -> Result<Option<String>, Refusal> {
        match self.open(slot, FEEDS, feed.as_str(), sealed) {
            Ok(clear) => Ok(clear.and_then(|clear| String::from_utf8(clear).ok())),
            Err(Refusal::Store { .. }) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Has a key destroyed.
    pub fn destroy_key(&self, slot: Slot, erasure: Option<&ErasureId>) -> Result<(), StoreError> {
        self.store
            .add_key_task(KeyTask::Destroy(slot), erasure, self.now)
    }

    /// A key that was never given out, and its slot.
    fn new_key(&self) -> Result<(Slot, Key), Refusal> {
        let mut slot = upkeep::next_slot(self)?;
        for _ in 0..PAGES_SKIPPED {
            let (page, place) = page_of(slot).ok_or_else(corrupt)?;
            let is_new = slot == 1 || place == 0;
            let key = self
                .keyring
                .borrow_mut()
                .key(self.store.tenant(), slot, is_new)?;
            if place == SLOTS / 2 {
                self.make_after(page)?;
            }
            if let Some(key) = key {
                return Ok((slot, key));
            }
            // After a restore the next slots may be those of keys that were destroyed since.
            let next = self.keyring.borrow().after_empty(slot);
            slot = next.ok_or_else(corrupt)?;
            self.store.skip_to_key_slot(slot)?;
        }
        Err(StoreError("there is no unused key in a great many pages".to_owned()).into())
    }

    /// Has the pages after this one made or brought that are not at hand.
    fn make_after(&self, page: u32) -> Result<(), StoreError> {
        for next in (1..=PAGES_AHEAD).map(|ahead| page.saturating_add(ahead)) {
            if !self.keyring.borrow().has_page(next) {
                self.store
                    .add_key_task(KeyTask::Make(next), None, self.now)?;
            }
        }
        Ok(())
    }

    fn seal(&self, key: &Key, (table, column): (&str, &str), row: &str, clear: &[u8]) -> String {
        let place = self.place(table, column, row);
        // The bytes of this call are nobody else's, and a call seals a place once.
        let hash = HMAC::mac(format!("salt {table} {column} {row}"), self.random);
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&hash[..SALT_BYTES]);
        seal::seal(key, salt, place, clear)
    }

    /// None if the key was destroyed.
    fn open(
        &self,
        slot: Slot,
        (table, column): (&str, &str),
        row: &str,
        sealed: &str,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let mut keyring = self.keyring.borrow_mut();
        let Some(key) = keyring.key(self.store.tenant(), slot, false)? else {
            return Ok(None);
        };
        let place = self.place(table, column, row);
        match seal::open(&key, place, sealed) {
            Ok(clear) => Ok(Some(clear)),
            Err(seal::DoesNotOpen) => {
                Err(StoreError("a sealed value does not open".to_owned()).into())
            }
        }
    }

    fn place<'b>(&'b self, table: &'b str, column: &'b str, row: &'b str) -> Place<'b> {
        Place {
            tenant: self.store.tenant().as_str(),
            table,
            row,
            column,
        }
    }
}
