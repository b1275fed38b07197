//! Hosts: the people whose time a booking takes.

use slotstead_shared::{
    ids::HostId,
    limits::HOSTS,
    wire::{Host, HostInput},
};

use super::{check_limits, conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tables::ledger::Subject,
    tenant::{Context, check::Check},
};

pub fn list(cx: &Context<'_>) -> Answer {
    Ok(Reply::Hosts(cx.store.hosts()?))
}

pub fn put(cx: &Context<'_>, id: &HostId, input: &HostInput) -> Answer {
    let mut check = Check::default();
    let name = check.name("name", &input.name);
    if cx.store.schedule(&input.schedule)?.is_none() {
        check.wrong("schedule", "There is no such schedule");
    }
    check_limits(&mut check, "limits", &input.limits);
    check.finish()?;
    let known = cx.store.host(id)?;
    if known.is_none() {
        room_for_one_more(cx.store.hosts()?.len(), HOSTS, "hosts")?;
    }
    let host = Host {
        id: id.clone(),
        input: HostInput {
            name,
            schedule: input.schedule.clone(),
            limits: input.limits.clone(),
        },
    };
    cx.store.put_host(&host)?;
    // With another schedule comes perhaps another zone, in which the host's calendars say
    // something else: read them again soon.
    if known.is_some_and(|known| known.input.schedule != host.input.schedule) {
        for feed in cx.store.feeds_of(std::slice::from_ref(id))? {
            cx.store.hasten_fetch(&feed.id, cx.now)?;
        }
    }
    Ok(Reply::Host(host))
}

pub fn delete(cx: &Context<'_>, id: &HostId) -> Answer {
    if cx.store.host(id)?.is_none() {
        return Err(Refusal::not_found("host"));
    }
    if cx.store.services_of_host(id)? > 0 {
        return Err(conflict(
            "A service still has this host. Take the host off it first.",
        ));
    }
    let subject = Subject::Host(id.clone());
    if cx.store.unfinished_bookings_of(&subject, cx.now)? > 0 {
        return Err(conflict(
            "This host has bookings to come. Cancel or move them first.",
        ));
    }
    if !cx.store.feeds_of(std::slice::from_ref(id))?.is_empty() {
        return Err(conflict(
            "A calendar feed still belongs to this host. Delete it first.",
        ));
    }
    cx.store.delete_holds_of(&subject)?;
    cx.store.delete_host(id)?;
    Ok(Reply::Done)
}
