//! What the booker wants of a service: how long, and with whom.
//!
//! A wish names only what the service leaves to the booker, so that everything else stays for
//! the region to decide.

use slotstead_shared::{
    ids::HostId,
    wire::{Booking, Named, OfferedService},
};

/// How long, and with whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// How long; `None` where the service has one duration only.
    pub duration_minutes: Option<u32>,
    /// With whom; `None` for anyone.
    pub host: Option<HostId>,
}

impl Wish {
    /// The first wish: the usual duration, with anyone.
    #[must_use]
    pub fn of(service: &OfferedService) -> Self {
        let several = !service.other_durations_minutes.is_empty();
        Self {
            duration_minutes: several.then_some(service.duration_minutes),
            host: None,
        }
    }

    /// What a booking that is being moved keeps, as far as the service still offers it.
    #[must_use]
    pub fn of_booking(service: &OfferedService, booking: &Booking) -> Self {
        let seconds = booking.end.unix_seconds() - booking.start.unix_seconds();
        let lasts = u32::try_from(seconds / 60).ok();
        let named = booking.host_named && name_of(service, &booking.host).is_some();
        Self {
            duration_minutes: lasts.filter(|minutes| durations(service).contains(minutes)),
            host: named.then(|| booking.host.clone()),
        }
    }

    /// As the end of a query.
    #[must_use]
    pub fn query(&self) -> String {
        let minutes = self.duration_minutes;
        let minutes = minutes.map(|minutes| format!("&duration_minutes={minutes}"));
        let host = self.host.as_ref().map(|host| format!("&host={host}"));
        minutes.into_iter().chain(host).collect()
    }

    /// How long it takes.
    #[must_use]
    pub fn minutes(&self, service: &OfferedService) -> u32 {
        self.duration_minutes.unwrap_or(service.duration_minutes)
    }

    /// The name of the host, where the booker named one.
    #[must_use]
    pub fn host_name<'a>(&self, service: &'a OfferedService) -> Option<&'a String> {
        name_of(service, self.host.as_ref()?)
    }
}

fn name_of<'a>(service: &'a OfferedService, host: &HostId) -> Option<&'a String> {
    let mut choices = service.host_choices.iter();
    choices
        .find(|choice| choice.id == *host)
        .map(|choice| &choice.name)
}

/// The durations to choose from, ascending; none where there is no choice.
#[must_use]
pub fn durations(service: &OfferedService) -> Vec<u32> {
    let mut all = service.other_durations_minutes.clone();
    if !all.is_empty() {
        let place = all.partition_point(|minutes| *minutes < service.duration_minutes);
        all.insert(place, service.duration_minutes);
    }
    all
}

/// The hosts to choose from, in order; none where there is no choice.
#[must_use]
pub fn hosts(service: &OfferedService) -> &[Named<HostId>] {
    match service.host_choices.as_slice() {
        [] | [_] => &[],
        choices => choices,
    }
}
