//! Looking after the keys: every page of them is looked at after the store was restored, as people were erased
//! since, and after the tenant's own key was changed, so that it is sealed under the new one.
//!
//! The tenant's key is changed with the regional one, by whoever finds the ring under an old regional key. Its pages
//! are sealed anew one by one, each under its version, while bookings go on: a page says which key it is under. The
//! old key stays in the ring, so a page that was passed over, restored or written late opens all the same.

use super::{Context, erasures};
use crate::{
    call::{Answer, Reply},
    keyring::{
        KeyTask, Slot,
        objects::{PAGES_AHEAD, page_of},
    },
    store::StoreError,
    tables::corrupt,
};

/// Has every page of keys looked at.
pub fn check_keys(cx: &Context<'_>) -> Answer {
    check_all(cx, cx.store.last_key_slot()?)?;
    Ok(Reply::Done)
}

/// A slot that was not given out yet. After the tenant's key was changed, all pages are looked at once.
pub fn next_slot(cx: &Context<'_>) -> Result<Slot, StoreError> {
    let (slot, pages_under) = cx.store.next_key_slot()?;
    let newest = cx.keyring.borrow().newest();
    if let Some(newest) = newest.filter(|newest| *newest > pages_under) {
        cx.store.set_pages_under(newest)?;
        check_all(cx, slot)?;
    }
    Ok(slot)
}

/// One page of keys was looked at.
pub fn checked(cx: &Context<'_>, page: u32) -> Result<(), StoreError> {
    let last = last_page(cx.store.last_key_slot()?)?;
    let is_absent = cx.keyring.borrow().is_absent(page);
    if is_absent && page <= last {
        let detail = "a page of keys that were given out is not in the vault";
        return Err(StoreError(detail.to_owned()));
    }
    erasures::erase_again(cx, page)?;
    if !is_absent && page > last {
        // More were made than this store knows of, so there may be still more.
        check(cx, page.saturating_add(1))?;
    }
    Ok(())
}

/// The pages whose keys were given out, and those that are made ahead. The last leads on if there are more.
fn check_all(cx: &Context<'_>, last_slot: Slot) -> Result<(), StoreError> {
    if last_slot == 0 {
        return Ok(());
    }
    let last = last_page(last_slot)?.saturating_add(PAGES_AHEAD);
    (0..=last).try_for_each(|page| check(cx, page))
}

fn check(cx: &Context<'_>, page: u32) -> Result<(), StoreError> {
    if cx.store.is_to_be_checked(page)? {
        return Ok(());
    }
    cx.store.add_key_task(KeyTask::Check(page), None, cx.now)
}

fn last_page(slot: Slot) -> Result<u32, StoreError> {
    let (page, _) = page_of(slot).ok_or_else(corrupt)?;
    Ok(page)
}
