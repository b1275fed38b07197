//! Services: what is offered.

use std::collections::BTreeSet;

use slotstead_shared::{
    ids::ServiceId,
    limits::{
        BUFFER_MINUTES, DURATION_MINUTES, HOST_WEIGHT, LIMIT_BOOKINGS, NEED_RESOURCES,
        NOTICE_MINUTES, OTHER_DURATIONS, SEATS, SERVICE_HOSTS, SERVICE_NEEDS, SERVICES,
        SLOT_STEP_MINUTES, WINDOW_BUSINESS_DAYS, WINDOW_DAYS,
    },
    wire::{HostChoice, Service, ServiceInput, WindowDays},
};

use super::{check_limits, conflict, room_for_one_more};
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
    service.other_durations_minutes.sort_unstable();
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
    check_rules(&mut check, input);
    check_hosts(cx, &mut check, input)?;
    check_resources(cx, &mut check, input)?;
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

/// Durations, window, limits and seats.
fn check_rules(check: &mut Check, input: &ServiceInput) {
    let durations = &input.other_durations_minutes;
    check.at_most(
        "other_durations_minutes",
        durations.len(),
        OTHER_DURATIONS,
        "durations",
    );
    let mut seen = BTreeSet::from([input.duration_minutes]);
    for (at, duration) in durations.iter().enumerate() {
        let field = format!("other_durations_minutes[{at}]");
        check.within(&field, *duration, &DURATION_MINUTES, "minutes");
        if !seen.insert(*duration) {
            check.wrong(field, "This duration is here twice");
        }
    }
    // A step of nothing is named already.
    if input.slot_offset_minutes >= input.slot_step_minutes.max(1) {
        check.wrong(
            "slot_offset_minutes",
            "The offset must be less than the step",
        );
    }
    if input.booking_window_counts == WindowDays::Business {
        let (field, days) = ("booking_window_days", input.booking_window_days);
        check.within(field, days, &WINDOW_BUSINESS_DAYS, "business days");
    }
    if let Some(dates) = &input.bookable_dates
        && dates.last < dates.first
    {
        let detail = "The last date must not be before the first";
        check.wrong("bookable_dates.last", detail);
    }
    check_limits(check, "limits", &input.limits);
    check_limits(check, "booker_limits", &input.booker_limits);
    if let Some(most) = input.booker_upcoming {
        check.within("booker_upcoming", most, &LIMIT_BOOKINGS, "bookings");
    }
    check.within("seats", input.seats, &SEATS, "seats");
}

fn check_hosts(cx: &Context<'_>, check: &mut Check, input: &ServiceInput) -> Result<(), Refusal> {
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
    for (host, weight) in &input.host_weights {
        let field = format!("host_weights.{host}");
        check.within(&field, *weight, &HOST_WEIGHT, "as a weight");
        if !seen.contains(host) {
            check.wrong(field, "This host does not give the service");
        }
    }
    if !input.host_weights.is_empty() && input.host_choice != HostChoice::RoundRobin {
        let detail = "Weights are for `host_choice` `round_robin`";
        check.wrong("host_weights", detail);
    }
    if input.booker_names_host && input.host_choice == HostChoice::Collective {
        let detail = "All hosts of a collective come, so none can be named";
        check.wrong("booker_names_host", detail);
    }
    Ok(())
}

fn check_resources(
    cx: &Context<'_>,
    check: &mut Check,
    input: &ServiceInput,
) -> Result<(), Refusal> {
    check.at_most("resources", input.resources.len(), SERVICE_NEEDS, "needs");
    let known = cx.store.resources()?.into_iter();
    let known: BTreeSet<_> = known.map(|resource| resource.id).collect();
    let mut seen = BTreeSet::new();
    for (at, need) in input.resources.iter().enumerate() {
        let list = format!("resources[{at}].any_of");
        if need.any_of.is_empty() {
            check.wrong(&list, "A need names at least one resource");
        }
        check.at_most(&list, need.any_of.len(), NEED_RESOURCES, "resources");
        for (place, resource) in need.any_of.iter().enumerate() {
            if !known.contains(resource) {
                check.wrong(format!("{list}[{place}]"), "There is no such resource");
            } else if !seen.insert(resource) {
                check.wrong(
                    format!("{list}[{place}]"),
                    "This resource is here twice; one booking takes it once",
                );
            }
        }
    }
    Ok(())
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
