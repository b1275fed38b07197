//! Steps of the owner and of calendars: what changes the rules, and the question why.

use serde_json::json;
use slotstead_shared::{Interval, UnixSeconds};
use slotstead_tenant::{
    Actor, Command, Refusal, Reply,
    effect::{FetchFailure, Outcome},
};

use super::{
    History, date_of,
    services::{SERVICES, Who},
    shop::{DAY, DAYS, FIRST_DAY, HOURS, MINUTE, OVERRIDES, clock, id_of},
    stamp,
};
use crate::kit::{calendar, fetched, owner, slug, wire};

impl History<'_> {
    pub(super) fn sync(&mut self) {
        let command = Command::SyncFeed {
            id: slug("calendar"),
        };
        let Some(Ok(_)) = self.ask(&owner(), &command) else {
            return;
        };
        let effects = self.world.take();
        let [effect] = effects.as_slice() else { return };
        let events: Vec<Interval> = (0..self.random.below(4))
            .map(|_| {
                let start = self.any_start() - 5 * MINUTE;
                let minutes = i64::try_from(1 + self.random.below(120)).unwrap();
                Interval::new(start, start + minutes * MINUTE)
            })
            .collect();
        let failed = self.random.chance(20);
        let outcome = if failed {
            Outcome::Failed(FetchFailure::TimedOut)
        } else {
            let basic = events
                .iter()
                .map(|event| (basic(event.start), basic(event.end)));
            let texts: Vec<(String, String)> = basic.collect();
            let texts = texts
                .iter()
                .map(|(start, end)| (start.as_str(), end.as_str()));
            fetched(&calendar(&texts.collect::<Vec<_>>()))
        };
        let command = Command::SettleEffect {
            id: effect.id,
            outcome,
        };
        let Some(answer) = self.ask(&Actor::RegionHost, &command) else {
            return;
        };
        assert_eq!(answer, Ok(Reply::Done));
        if failed {
            self.met.note("calendar: not reached");
        } else {
            self.met.note("calendar: read");
            self.model.busy = Some(events);
            self.model.read_at = self.model.now;
        }
    }

    /// The owner puts other hours in place of a day's, or takes them back.
    pub(super) fn override_day(&mut self) {
        let schedule = usize::try_from(self.random.below(HOURS.len() as u64)).unwrap();
        let day = i64::try_from(self.random.below(DAYS.unsigned_abs())).unwrap();
        let date = slug(&date_of(FIRST_DAY + day * DAY));
        let at = (schedule, day);
        if self.model.overrides.contains_key(&at) && self.random.chance(60) {
            let command = Command::DeleteOverride {
                schedule: slug(HOURS[schedule].id),
                date,
            };
            if let Some(answer) = self.ask(&owner(), &command) {
                let gone = answer == Err(Refusal::not_found("override"));
                assert!(gone || answer == Ok(Reply::Done), "{answer:?}");
                self.model.overrides.remove(&at);
                self.met.note("hours: as usual again");
            }
            return;
        }
        let spans = *self.random.pick(&OVERRIDES).unwrap();
        let json = spans
            .iter()
            .map(|(start, end)| json!({ "start": clock(*start), "end": clock(*end) }));
        let command = Command::PutOverride {
            schedule: slug(HOURS[schedule].id),
            date,
            value: wire(json!({ "spans": json.collect::<Vec<_>>() })),
        };
        if let Some(answer) = self.ask(&owner(), &command) {
            answer.unwrap();
            self.model.overrides.insert(at, spans);
            self.met.note("hours: other ones");
        }
    }

    /// The owner changes a service; what was booked stays as it was made.
    pub(super) fn alter(&mut self) {
        let alterable = SERVICES.iter().enumerate();
        let alterable: Vec<_> = alterable
            .filter_map(|(at, service)| Some((at, service.other?)))
            .collect();
        let (at, (after, seats)) = *self.random.pick(&alterable).unwrap();
        let mut service = SERVICES[at];
        if self.model.services[at].after == service.after {
            (service.after, service.seats) = (after, seats);
        }
        if let Some(answer) = self.ask(&owner(), &service.command()) {
            answer.unwrap();
            self.model.services[at] = service;
            self.met.note("service: changed");
        }
    }

    /// The owner asks why a start is not offered: it has a reason exactly if it is not.
    pub(super) fn explain(&mut self) {
        let mut wish = self.wish();
        wish.named = None;
        let start = if self.random.chance(10) {
            self.model.now.div_euclid(15 * MINUTE) * 15 * MINUTE
        } else {
            self.start(&wish)
        };
        let service = self.model.services[wish.service];
        let command = Command::Explain {
            service: slug(service.id),
            date: slug(&date_of(start)),
            time: Some(slug(&stamp(start)[11..16])),
            duration_minutes: Some(u32::try_from(wish.duration / MINUTE).unwrap()),
        };
        let Some(Ok(Reply::Reasons(reasons))) = self.ask(&owner(), &command) else {
            return;
        };
        let [time] = reasons.times.as_slice() else {
            panic!("{reasons:?}")
        };
        let can = !self.model.choices(&wish, start).is_empty();
        assert_eq!(time.reason.is_none(), can, "{wish:?} at {start}: {time:?}");
        if let Some(reason) = time.reason {
            self.met.note(&format!("reason: {reason:?}"));
        }
        if !matches!(service.who, Who::Collective) {
            for (host, told) in service.hosts.iter().zip(&time.hosts) {
                assert_eq!(id_of(host), told.host.as_str());
                let can = self.model.host_can(&wish, host, start);
                assert_eq!(told.reason.is_none(), can, "{wish:?} at {start}: {told:?}");
            }
        }
    }
}

/// The instant as iCalendar's basic format in UTC.
fn basic(at: UnixSeconds) -> String {
    stamp(at)[..19].replace(['-', ':'], "") + "Z"
}
