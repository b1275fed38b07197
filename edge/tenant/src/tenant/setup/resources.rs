//! Resources: the things that a booking takes besides a host's time.

use slotstead_shared::{
    ids::ResourceId,
    limits::RESOURCES,
    wire::{Resource, ResourceInput},
};

use super::{conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tables::ledger::Subject,
    tenant::{Context, check::Check},
};

pub fn list(cx: &Context<'_>) -> Answer {
    Ok(Reply::Resources(cx.store.resources()?))
}

pub fn put(cx: &Context<'_>, id: &ResourceId, input: &ResourceInput) -> Answer {
    let mut check = Check::default();
    let name = check.name("name", &input.name);
    if let Some(schedule) = &input.schedule
        && cx.store.schedule(schedule)?.is_none()
    {
        check.wrong("schedule", "There is no such schedule");
    }
    check.finish()?;
    if cx.store.resource(id)?.is_none() {
        room_for_one_more(cx.store.resources()?.len(), RESOURCES, "resources")?;
    }
    let resource = Resource {
        id: id.clone(),
        input: ResourceInput {
            name,
            schedule: input.schedule.clone(),
        },
    };
    cx.store.put_resource(&resource)?;
    Ok(Reply::Resource(resource))
}

pub fn delete(cx: &Context<'_>, id: &ResourceId) -> Answer {
    if cx.store.resource(id)?.is_none() {
        return Err(Refusal::not_found("resource"));
    }
    if cx.store.services_of_resource(id)? > 0 {
        return Err(conflict(
            "A service still needs this resource. Take the resource off it first.",
        ));
    }
    let subject = Subject::Resource(id.clone());
    if cx.store.unfinished_bookings_of(&subject, cx.now)? > 0 {
        return Err(conflict(
            "This resource has bookings to come. Cancel or move them first.",
        ));
    }
    cx.store.delete_holds_of(&subject)?;
    cx.store.delete_resource(id)?;
    Ok(Reply::Done)
}
