//! One picked time, or one booking, in a line or two.

use slotstead_shared::{
    Stamp,
    wire::{Booking, Slot},
};

use crate::{
    dates::{place, zone_with_offset},
    flow::Flow,
    times::there_time,
    words::Sentence,
};

/// A time in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// `Thursday 11 March, 14:30`.
    pub title: String,
    /// `London, UTC+0 · in Oslo 15:30`.
    pub zones: String,
}

/// A slot, before it is booked. Its end is not shown: only the region may work it out.
#[must_use]
pub fn of_slot(flow: &Flow, slot: &Slot) -> When {
    let locale = flow.locale();
    let title = format!(
        "{}, {}",
        locale.day(slot.start.date()),
        locale.time(slot.start)
    );
    let there = slot
        .service_start
        .zip(flow.service())
        .map(|(there, service)| (service.zone.clone(), there_time(slot.start, there, locale)));
    When {
        title,
        zones: zones(flow, flow.zone(), slot.start, there),
    }
}

/// A booking.
#[must_use]
pub fn of_booking(flow: &Flow, booking: &Booking) -> When {
    let locale = flow.locale();
    let title = format!(
        "{}, {}",
        locale.day_and_year(booking.start.date()),
        locale.time_range(booking.start, booking.end)
    );
    let differs = booking.start.offset_seconds() != booking.service_start.offset_seconds();
    let there = differs.then(|| {
        let day = if booking.start.date() == booking.service_start.date() {
            String::new()
        } else {
            format!("{} ", locale.short_day(booking.service_start.date()))
        };
        let range = locale.time_range(booking.service_start, booking.service_end);
        (booking.service_zone.clone(), day + &range)
    });
    When {
        title,
        zones: zones(flow, &booking.zone, booking.start, there),
    }
}

/// All who give it: the host, and whoever comes along.
#[must_use]
pub fn hosts_of(flow: &Flow, booking: &Booking) -> String {
    let others = booking.co_hosts.iter().map(|host| host.name.clone());
    let all: Vec<String> = std::iter::once(booking.host_name.clone())
        .chain(others)
        .collect();
    flow.say(&Sentence::All(&all))
}

/// What it takes besides its hosts; `None` for nothing.
#[must_use]
pub fn resources_of(flow: &Flow, booking: &Booking) -> Option<String> {
    let names = booking.resources.iter().map(|named| named.name.clone());
    let all: Vec<String> = names.collect();
    (!all.is_empty()).then(|| flow.say(&Sentence::All(&all)))
}

/// What was chosen of a service, in a line; empty where there was no choice.
#[must_use]
pub fn of_wish(flow: &Flow) -> String {
    let Some(service) = flow.service() else {
        return String::new();
    };
    let wish = flow.wish();
    let minutes = wish.duration_minutes;
    let minutes = minutes.map(|minutes| flow.say(&Sentence::ShortMinutes(minutes)));
    let host = wish.host_name(service);
    let host = host.map(|host| flow.say(&Sentence::With(std::slice::from_ref(host))));
    let parts: Vec<String> = minutes.into_iter().chain(host).collect();
    parts.join(" · ")
}

fn zones(flow: &Flow, zone: &str, start: Stamp, there: Option<(String, String)>) -> String {
    let here = zone_with_offset(zone, start);
    match there {
        Some((zone, time)) => {
            let place = place(&zone).unwrap_or(zone);
            format!(
                "{here} · {}",
                flow.say(&Sentence::There {
                    place: &place,
                    time: &time
                })
            )
        }
        None => here,
    }
}
