//! Holds: a slot kept for ten minutes. A hold is a claim like a booking's, until it lapses.

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::Tz,
    ids::HoldId,
    limits::{HOLD_SECONDS, SESSION_HOLDS},
    wire::{Hold, NewHold},
};

use super::{
    Context,
    check::Check,
    offer::{Wanted, stamped},
    supply::{Supply, Wish},
};
use crate::{
    call::{Actor, Answer, Reply},
    refusal::Refusal,
    store::StoreError,
    tables::{
        holds::HoldRow,
        ledger::{Subject, Taking},
    },
};

pub fn place(cx: &Context<'_>, wanted: &NewHold, session: &str) -> Answer {
    let mut check = Check::default();
    let zone = check.zone("zone", &wanted.zone);
    check.finish()?;
    let named = wanted.host.as_ref();
    let wish = Wish::find(cx, &wanted.service, wanted.duration_minutes, named)?;
    let start = wanted.start.unix_seconds();
    let policy = wish.policy();
    cx.store.sweep_lapsed_holds(cx.now)?;
    let own = cx.store.live_holds_of_session(session, cx.now)?;
    // A retry of the same request, whose answer was lost, finds its own hold.
    let same = |hold: &&HoldRow| {
        hold.service == wish.service.id
            && (hold.core, hold.padded) == (policy.core(start), policy.padded(start))
            && named.is_none_or(|host| hold.subjects.contains(&Subject::Host(host.clone())))
    };
    if let Some(hold) = own.iter().find(same) {
        return Ok(Reply::Hold(view(hold, zone, cx.now)?));
    }
    if own.len() >= SESSION_HOLDS {
        let detail = format!(
            "You keep {SESSION_HOLDS} times already. Let one go first, or wait until it lapses."
        );
        return Err(Refusal::Conflict { detail });
    }
    // Sessions cost nothing, so the client has a limit too.
    let Actor::Visitor { client, .. } = cx.actor else {
        return Err(Refusal::NotAllowed);
    };
    if cx.store.live_holds_of_client(client, cx.now)? >= i64::from(cx.settings.rates.live_holds) {
        let detail = "Too many times are kept from your network already. Let one go first, or \
                      wait until one lapses.";
        return Err(Refusal::Conflict {
            detail: detail.to_owned(),
        });
    }
    let supply = Supply::load(cx, wish, Interval::new(start, start), "")?;
    let taken = supply.choose(cx, start, None)?.map_err(|reason| {
        Wanted {
            supply: &supply,
            start,
            zone,
            except: "",
            not: None,
        }
        .refuse(cx, reason)
    })?;
    let Taking {
        group,
        service,
        subjects,
        core,
        padded,
        ..
    } = taken.taking.clone();
    let hold = HoldRow {
        id: HoldId::from_random(cx.random),
        service,
        group,
        subjects,
        core,
        padded,
        expires_at: cx.now + HOLD_SECONDS,
    };
    let (id, expires_at) = (&hold.id, hold.expires_at);
    cx.store
        .insert_hold(id, &taken.taking, session, client, cx.now, expires_at)?;
    Ok(Reply::Hold(view(&hold, zone, cx.now)?))
}

pub fn release(cx: &Context<'_>, id: &HoldId) -> Answer {
    if cx.store.live_hold(id, cx.now)?.is_none() {
        return Err(Refusal::not_found("hold"));
    }
    cx.store.delete_claim(id.as_str())?;
    Ok(Reply::Done)
}

fn view(hold: &HoldRow, zone: Tz, now: UnixSeconds) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: hold.id.clone(),
        service: hold.service.clone(),
        start: stamped(zone, hold.core.start)?,
        expires_at: stamped(zone, hold.expires_at)?,
        expires_in_seconds: u32::try_from(hold.expires_at - now).unwrap_or(0),
    })
}
