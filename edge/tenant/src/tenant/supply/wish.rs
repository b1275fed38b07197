//! What somebody wants of a service, and whether the service gives that at all.

use slotstead_shared::{
    Interval,
    engine::Policy,
    ids::{HostId, ServiceId},
    problem::FieldError,
    wire::{HostChoice, Service},
};

use super::super::Context;
use crate::refusal::Refusal;

/// What somebody wants of a service: how long, and with whom.
#[derive(Debug, Clone)]
pub struct Wish {
    pub service: Service,
    pub duration_minutes: u32,
    /// The host whom the booker named.
    pub host: Option<HostId>,
}

impl Wish {
    /// The wish, or the refusal that names what is wrong with it.
    pub fn find(
        cx: &Context<'_>,
        id: &ServiceId,
        duration_minutes: Option<u32>,
        host: Option<&HostId>,
    ) -> Result<Self, Refusal> {
        let service = service(cx, id)?;
        let input = &service.input;
        let mut errors = Vec::new();
        let duration = duration_minutes.unwrap_or(input.duration_minutes);
        if !offers_duration(&service, duration) {
            let detail = "This is not one of the durations of the service";
            errors.push(FieldError::new("duration_minutes", detail));
        }
        if let Some(Err(detail)) = host.map(|host| may_name(&service, host)) {
            errors.push(FieldError::new("host", detail));
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        Ok(Self {
            service,
            duration_minutes: duration,
            host: host.cloned(),
        })
    }

    /// The service as it is offered now for a booking that was made earlier: its own duration and
    /// named host, as far as the service still has them.
    pub fn again(
        cx: &Context<'_>,
        id: &ServiceId,
        core: Interval,
        named: Option<&HostId>,
    ) -> Result<Self, Refusal> {
        let service = service(cx, id)?;
        let duration = u32::try_from((core.end - core.start) / 60).unwrap_or(0);
        let duration_minutes = if offers_duration(&service, duration) {
            duration
        } else {
            service.input.duration_minutes
        };
        let named = named.filter(|host| may_name(&service, host).is_ok());
        Ok(Self {
            duration_minutes,
            host: named.cloned(),
            service,
        })
    }

    pub fn policy(&self) -> Policy {
        Policy::of(&self.service.input, self.duration_minutes)
    }
}

fn offers_duration(service: &Service, minutes: u32) -> bool {
    let input = &service.input;
    input.duration_minutes == minutes || input.other_durations_minutes.contains(&minutes)
}

/// Whether the booker may ask for this host of the service; if not, what to say.
fn may_name(service: &Service, host: &HostId) -> Result<(), &'static str> {
    let input = &service.input;
    if !input.booker_names_host || input.host_choice == HostChoice::Collective {
        return Err("The host of this service is not for the booker to name");
    }
    if !input.hosts.contains(host) {
        return Err("This host does not give the service");
    }
    Ok(())
}

/// The service, or the refusal that names it.
fn service(cx: &Context<'_>, id: &ServiceId) -> Result<Service, Refusal> {
    cx.store
        .service(id)?
        .ok_or_else(|| Refusal::not_found_in("service", "service"))
}
