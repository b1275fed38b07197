//! Services: what is offered.

use std::collections::BTreeSet;

use slotstead_shared::{
    ids::ServiceId,
    limits::{
        BUFFER_MINUTES, DURATION_MINUTES, NOTICE_MINUTES, SERVICE_HOSTS, SERVICES,
        SLOT_STEP_MINUTES, WINDOW_DAYS,
    },
    wire::{Service, ServiceInput},
};

use super::{conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tenant::{Context, check::Check},
};

pub fn list(cx: &Context<'_>) -> Answer {
    Ok(Reply::Services(cx.store.services()?))
}

/// Changing a service changes what is offered from now on; bookings stay as they were made.
pub fn put(cx: &Context<'_>, id: &ServiceId, input: &ServiceInput) -> Answer {
    let mut check = Check::default();
    let mut service = input.clone();
    service.name = check.name("name", &input.name);
    service.description = check.optional_text("description", input.description.as_deref());
    service.location = check.optional_text("location", input.location.as_deref());
    for (field, value, range, unit) in [
        (
            "duration_minutes",
            input.duration_minutes,
            &DURATION_MINUTES,
            "minutes",
        ),
        (
            "slot_step_minutes",
            input.slot_step_minutes,
            &SLOT_STEP_MINUTES,
            "minutes",
        ),
        (
            "buffer_before_minutes",
            input.buffer_before_minutes,
            &BUFFER_MINUTES,
            "minutes",
        ),
        (
            "buffer_after_minutes",
            input.buffer_after_minutes,
            &BUFFER_MINUTES,
            "minutes",
        ),
        (
            "minimum_notice_minutes",
            input.minimum_notice_minutes,
            &NOTICE_MINUTES,
            "minutes",
        ),
        (
            "booking_window_days",
            input.booking_window_days,
            &WINDOW_DAYS,
            "days",
        ),
    ] {
        check.within(field, value, range, unit);
    }
    if input.hosts.is_empty() {
        check.wrong("hosts", "A service needs at least one host");
    }
    check.at_most("hosts", input.hosts.len(), SERVICE_HOSTS, "hosts");
    let known: BTreeSet<_> = cx.store.hosts()?.into_iter().map(|host| host.id).collect();
    let mut seen = BTreeSet::new();
    for (at, host) in input.hosts.iter().enumerate() {
        if !known.contains(host) {
            check.wrong(format!("hosts[{at}]"), "There is no such host");
        } else if !seen.insert(host) {
            check.wrong(format!("hosts[{at}]"), "This host is here twice");
        }
    }
    check.finish()?;
    if cx.store.service(id)?.is_none() {
        room_for_one_more(cx.store.services()?.len(), SERVICES, "services")?;
    }
    cx.store.put_service(id, &service)?;
    Ok(Reply::Service(Service {
        id: id.clone(),
        input: service,
    }))
}

pub fn delete(cx: &Context<'_>, id: &ServiceId) -> Answer {
    if cx.store.service(id)?.is_none() {
        return Err(Refusal::not_found("service"));
    }
    if cx.store.unfinished_bookings_of_service(id, cx.now)? > 0 {
        return Err(conflict(
            "This service has bookings to come. Cancel them first.",
        ));
    }
    cx.store.delete_holds_of_service(id)?;
    cx.store.delete_service(id)?;
    Ok(Reply::Done)
}
