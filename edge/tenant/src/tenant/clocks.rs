//! By which clocks a host's calendars are read.
//!
//! A floating time or an all-day event happens by the clock of where the host is: in the schedule's
//! own zone, and during a stay elsewhere also in that one. Around the edges of a stay it could be
//! either, so there it is busy by both. What was read by other clocks counts as unknown.

use slotstead_shared::{
    Date, Interval, UnixSeconds,
    engine::{Tz, dates_interval, parse_zone},
    interval::merge,
    wire::ScheduleInput,
};

use crate::{store::StoreError, tables::corrupt};

/// Busy times, and until when they are known.
pub type Known = (Vec<Interval>, UnixSeconds);

/// The clocks of a schedule.
#[derive(Debug, Clone)]
pub struct Clocks {
    /// The schedule's own zone.
    pub zone: Tz,
    /// The zones of stays, with the time in which they can matter.
    stays: Vec<(Tz, Interval)>,
    key: String,
}

impl Clocks {
    pub fn of(schedule: &ScheduleInput) -> Result<Self, StoreError> {
        let zone = parse_zone(&schedule.zone).map_err(|_| corrupt())?;
        let (mut stays, mut key) = (Vec::new(), zone.name().to_owned());
        for stay in &schedule.travel {
            let there = parse_zone(&stay.zone).map_err(|_| corrupt())?;
            // A day before and after: what crosses midnight, and dates elsewhere.
            let from = Date(stay.first.0.pred_opt().unwrap_or(stay.first.0));
            let days = chrono::Days::new(2);
            let to = Date(stay.last.0.checked_add_days(days).unwrap_or(stay.last.0));
            stays.push((there, dates_interval(there, from, to)));
            key = format!("{key}; {there} {} {}", stay.first, stay.last);
        }
        Ok(Self { zone, stays, key })
    }

    /// What is stored with a reading: another text means other clocks.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The busy times by all clocks. `home` is those of the schedule's own zone; `read` gives them for
    /// another.
    pub fn with_stays<E>(
        &self,
        home: Known,
        read: impl Fn(Tz) -> Result<Known, E>,
    ) -> Result<Known, E> {
        let (mut blocks, mut covered) = home;
        let mut zones: Vec<Tz> = self.stays.iter().map(|(zone, _)| *zone).collect();
        zones.sort_unstable_by_key(|zone| zone.name());
        zones.dedup();
        for zone in zones {
            let (there, until) = read(zone)?;
            covered = covered.min(until);
            for (_, stay) in self.stays.iter().filter(|(of, _)| *of == zone) {
                let met = there.iter().filter(|block| block.overlaps(*stay));
                blocks.extend(met.copied());
            }
        }
        Ok((merge(blocks), covered))
    }
}
