//! The month: asking for it, moving in it, the zone, picking a time.

use slotstead_shared::{Date, Stamp, problem::ProblemKind};

use super::{Effect, Fault, Flow, Focus, Keeping, Lost, Pick, Step, Ticket};
use crate::{
    api::{Call, Outcome, Reply},
    month::{self, MonthId},
    words::Sentence,
};

impl Flow {
    /// Forgets what is known of times and asks for the shown month anew. The day in hand stays
    /// if the answer has times for it.
    pub(super) fn restart_diary(&mut self) {
        self.diary.empty();
        self.ask(self.diary.shown());
    }

    fn ask(&mut self, id: MonthId) {
        let Some(service) = &self.service else { return };
        let call = Call::Slots {
            service: service.id.clone(),
            from: id.first(),
            to: id.end(),
            zone: self.zone.clone(),
            wish: self.wish.clone(),
            moving: self
                .booked()
                .filter(|_| self.moving)
                .map(|booked| booked.booking.id.clone()),
        };
        let ticket = self.send(call);
        self.diary.asked(id, ticket);
    }

    pub(super) fn ask_again(&mut self) {
        self.ask(self.diary.shown());
        self.announce(&Sentence::Looking);
    }

    /// Asks for the shown month if its answer has aged.
    pub(super) fn refresh_month(&mut self) {
        let shown = self.diary.shown();
        if self.step == Step::Month && self.diary.wants(shown, self.now) {
            self.ask(shown);
        }
    }

    /// Asks for the month of a time, to see whether it is still free.
    pub(super) fn ask_about(&mut self, start: Stamp) {
        self.ask(MonthId::of(start.date()));
    }

    pub(super) fn slots_answered(&mut self, ticket: Ticket, from: Date, outcome: Outcome) {
        let id = MonthId::of(from);
        let known = self.diary.answer().is_some();
        let before = self.diary.in_hand();
        if zone_is_refused(&outcome) && self.fall_back_from_zone() {
            return;
        }
        let answer = match outcome {
            Outcome::Done(Reply::Slots(slots)) => Ok(slots),
            other => Err(Fault::of(&other, self.now)),
        };
        let succeeded = answer.is_ok();
        if !self.diary.answered(ticket, id, answer, self.now) {
            return;
        }
        // The browser's date was behind: its month holds nothing any more.
        if succeeded && self.diary.shown() < MonthId::of(self.diary.today()) {
            return self.show_month(MonthId::of(self.diary.today()));
        }
        if succeeded {
            self.judge_lapsed(id);
        }
        if id != self.diary.shown() {
            return;
        }
        self.diary.settle(known);
        if self.step == Step::Month && !(known && self.diary.in_hand() == before) {
            match self.diary.chosen() {
                Some(date) if known => self.announce_day(date),
                _ => self.announce_month(),
            }
        }
        if succeeded && self.diary.has_next() && self.diary.lacks(id.next()) {
            self.ask(id.next());
        }
    }

    fn announce_month(&mut self) {
        if self.diary.loading() || self.diary.fault().is_some() {
            return;
        }
        let shown = self.diary.shown();
        let month = self.locale().month(shown);
        let days = self.diary.days(shown).len();
        self.announce(&Sentence::MonthLoaded {
            month: &month,
            days,
        });
    }

    fn announce_day(&mut self, date: Date) {
        let (day, free) = (self.locale().day(date), self.diary.slots_of(date).len());
        self.announce(&Sentence::TimesOf { day: &day, free });
    }

    pub(super) fn show_month(&mut self, id: MonthId) {
        if self.step != Step::Month || !self.diary.reaches(id) {
            return;
        }
        self.diary.show(id);
        if self.diary.wants(id, self.now) {
            self.ask(id);
        } else if self.diary.has_next() && self.diary.lacks(id.next()) {
            self.ask(id.next());
        }
        self.announce_month();
    }

    pub(super) fn move_from(&mut self, date: Date, step: month::Step) {
        let there = step.from(date, self.locale().week_start);
        let id = MonthId::of(there);
        if id != self.diary.shown() {
            if !self.diary.reaches(id) {
                return;
            }
            self.show_month(id);
        }
        self.diary.set_cursor(there);
        self.out.push(Effect::Focus(Focus::Day(there)));
    }

    pub(super) fn choose_day(&mut self, date: Date) {
        if self.step != Step::Month {
            return;
        }
        if self.diary.slots_of(date).is_empty() {
            self.diary.set_cursor(date);
        } else {
            self.diary.choose(date);
            self.out.push(Effect::Focus(Focus::Times));
        }
        self.announce_day(date);
    }

    pub(super) fn toggle_zones(&mut self) {
        if self.step != Step::Month {
            return;
        }
        self.choosing_zone = !self.choosing_zone;
        if self.choosing_zone {
            self.out.push(Effect::Focus(Focus::Zones));
        }
    }

    pub(super) fn choose_zone(&mut self, zone: String) {
        if self.step != Step::Month {
            return;
        }
        // The list stays open: arrow keys in a closed list choose one zone after another.
        if zone != self.zone {
            self.zone = zone;
            self.zone_refused = None;
            self.restart_diary();
        }
    }

    /// The server does not know the zone: goes on in the service's own. `false` if that was it.
    fn fall_back_from_zone(&mut self) -> bool {
        let Some(service) = &self.service else {
            return false;
        };
        if service.zone == self.zone {
            return false;
        }
        let used = service.zone.clone();
        let refused = std::mem::replace(&mut self.zone, used);
        self.announce(&Sentence::ZoneRefused {
            zone: &refused,
            used: &self.zone.clone(),
        });
        self.zone_refused = Some(refused);
        self.restart_diary();
        true
    }

    pub(super) fn pick_time(&mut self, start: Stamp) {
        let known = match self.step {
            Step::Month => self.diary.slot(start),
            Step::Taken => self.lost.as_ref().and_then(|lost| {
                lost.alternatives
                    .iter()
                    .find(|slot| slot.start.unix_seconds() == start.unix_seconds())
            }),
            _ => None,
        };
        let Some(slot) = known.cloned() else { return };
        self.diary.choose(slot.start.date());
        self.lost = None;
        self.pick = Some(Pick {
            slot,
            keeping: Keeping::Without,
        });
        if self.moving {
            self.go(Step::Confirm);
        } else {
            self.go(Step::Form);
            self.place_hold();
        }
    }

    /// The picked time is gone: shows the nearest free ones. What was typed stays.
    pub(super) fn lose(&mut self, start: Stamp, alternatives: Vec<slotstead_shared::wire::Slot>) {
        let alternatives = if alternatives.is_empty() {
            self.diary.nearest(start, 3)
        } else {
            alternatives
        };
        self.forget_pick();
        self.diary.age();
        self.lost = Some(Lost {
            start,
            alternatives,
        });
        self.go(Step::Taken);
        let time = self.locale().time(start);
        self.announce(&Sentence::Taken { time: &time });
    }

    pub(super) fn leave_taken(&mut self) {
        let start = self.lost.take().map(|lost| lost.start);
        self.show_times_of(start);
    }

    /// Back to the month, on the day of a time that was looked at.
    pub(super) fn show_times_of(&mut self, start: Option<Stamp>) {
        self.step = Step::Month;
        if let Some(start) = start {
            let id = MonthId::of(start.date());
            if id != self.diary.shown() {
                self.diary.show(id);
            }
            self.diary.choose(start.date());
        }
        self.out.push(Effect::Focus(Focus::Times));
        if self.diary.wants(self.diary.shown(), self.now) {
            self.ask(self.diary.shown());
        }
    }

    pub(super) fn leave_month(&mut self) {
        if self.moving {
            self.moving = false;
            self.go(Step::Manage);
        } else if self.has_service_list() {
            self.go(Step::Service);
        }
    }
}

fn zone_is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(problem)
        if problem.kind == ProblemKind::InvalidField && problem.errors.iter().any(|error| error.field == "zone"))
}
