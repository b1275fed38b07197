//! The same through the crate `nettu_scheduler_domain`, as its own server calls it:
//! `Schedule::freebusy`, `get_free_busy`, `get_booking_slots`. It counts in milliseconds.

use nettu_scheduler_domain::{
    EventInstance, ID, Schedule, TimeSpan,
    booking_slots::{BookingSlot, BookingSlotsOptions, get_booking_slots},
    get_free_busy,
};
use serde_json::json;

use crate::month::{Month, SLOT_MINUTES, ZONE};

/// A user with office hours and a calendar.
pub struct Host {
    schedule: Schedule,
    busy: Vec<EventInstance>,
}

impl Host {
    pub fn new(month: &Month) -> Self {
        let zone = ZONE.parse().expect("a known zone");
        let mut schedule = Schedule::new(ID::default(), ID::default(), &zone);
        schedule.rules = ["Mon", "Tue", "Wed", "Thu", "Fri"]
            .into_iter()
            .map(|weekday| {
                let rule = json!({
                    "variant": { "type": "WDay", "value": weekday },
                    "intervals": [{
                        "start": { "hours": 9, "minutes": 0 },
                        "end": { "hours": 17, "minutes": 0 },
                    }],
                });
                serde_json::from_value(rule).expect("a rule as the crate writes it")
            })
            .collect();
        let instance = |&(start, end): &(i64, i64)| EventInstance {
            start_ts: start * 1_000,
            end_ts: end * 1_000,
            busy: true,
        };
        Self {
            schedule,
            busy: month.busy.iter().map(instance).collect(),
        }
    }

    /// The month's slots, as the crate returns them.
    pub fn slots(&self, month: &Month) -> Vec<BookingSlot> {
        let (start_ts, end_ts) = (month.start * 1_000, month.end * 1_000);
        let mut instances: Vec<_> = self
            .schedule
            .freebusy(&TimeSpan::new(start_ts, end_ts))
            .inner()
            .into();
        // The crate consumes its input.
        instances.extend_from_slice(&self.busy);
        let slot = SLOT_MINUTES * 60_000;
        let options = BookingSlotsOptions {
            start_ts,
            end_ts,
            duration: slot,
            interval: slot,
        };
        get_booking_slots(&get_free_busy(instances).free, &options)
    }

    /// The month's starts.
    pub fn starts(&self, month: &Month) -> Vec<i64> {
        self.slots(month)
            .iter()
            .map(|slot| slot.start / 1_000)
            .collect()
    }
}
