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
