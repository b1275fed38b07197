//! The hold: placed when a time is picked, released when nobody waits for it, and
//! what happens when it lapses.

use slotstead_shared::{problem::ProblemKind, wire::NewHold};

use super::{Effect, Flow, Focus, Keeping, Sending, Step, Ticket};
use crate::{
    api::{Call, Outcome, Reply},
    month::MonthId,
    words::Sentence,
};

impl Flow {
    pub(super) fn place_hold(&mut self) {
        let (Some(service), Some(pick)) = (&self.service, &self.pick) else {
            return;
        };
        let keeping = if self.awaits(|call| matches!(call, Call::Release(_))) {
            // Our own hold may be on the same time: it has to be gone first.
            Keeping::Queued
        } else {
            let hold = NewHold {
                service: service.id.clone(),
                start: pick.slot.start,
                duration_minutes: self.wish.duration_minutes,
                host: self.wish.host.clone(),
                zone: self.zone.clone(),
            };
            Keeping::Asked(self.send(Call::Keep(hold)))
        };
        self.set_keeping(keeping);
    }

    pub(super) fn set_keeping(&mut self, keeping: Keeping) {
        if let Some(pick) = &mut self.pick {
            pick.keeping = keeping;
        }
    }

    pub(super) fn keeping(&self) -> Option<&Keeping> {
        self.pick.as_ref().map(|pick| &pick.keeping)
    }

    pub(super) fn hold_answered(&mut self, ticket: Ticket, outcome: Outcome) {
        let wanted = self.keeping() == Some(&Keeping::Asked(ticket));
        match outcome {
            Outcome::Done(Reply::Hold(hold)) if wanted => {
                let minutes = u64::from(hold.expires_in_seconds) / 60;
                self.set_keeping(Keeping::Kept {
                    id: hold.id,
                    until: self.now + u64::from(hold.expires_in_seconds) * 1_000,
                });
                self.announce(&Sentence::KeptFor { minutes });
            }
            // Nobody waits for it any more, so it must not stand in others' way.
            Outcome::Done(Reply::Hold(hold)) => {
                self.send(Call::Release(hold.id));
            }
            Outcome::Refused(problem) if wanted && time_is_gone(problem.kind) => {
                let start = self.pick.as_ref().map(|pick| pick.slot.start);
                if let Some(start) = start {
                    return self.lose(start, problem.alternatives);
                }
            }
            // Without a hold one can still book; the server decides at that moment.
            _ if wanted => self.set_keeping(Keeping::Without),
            _ => {}
        }
        if let Sending::AwaitingHold { key } = &self.sending {
            let key = key.clone();
            self.sending = Sending::Idle;
            self.submit(key);
        }
    }

    /// A hold was released: the time may be offered again, and the next hold may be placed.
    pub(super) fn released(&mut self) {
        if self.keeping() == Some(&Keeping::Queued) {
            self.place_hold();
        }
        self.diary.age();
        self.refresh_month();
    }

    pub(super) fn lapse_if_due(&mut self) {
        let Some(Keeping::Kept { until, .. }) = self.keeping() else {
            return;
        };
        if self.now < *until || self.undecided() {
            return;
        }
        self.lapse();
    }

    fn lapse(&mut self) {
        let Some(start) = self.pick.as_ref().map(|pick| pick.slot.start) else {
            return;
        };
        self.set_keeping(Keeping::Lapsed { still_free: None });
        let time = self.locale().time(start);
        self.announce(&Sentence::Lapsed { time: &time });
        self.ask_about(start);
    }

    /// The month of a lapsed time was answered anew: it is still free, or it is lost.
    pub(super) fn judge_lapsed(&mut self, answered: MonthId) {
        let Some(Keeping::Lapsed { still_free: None }) = self.keeping() else {
            return;
        };
        let Some(start) = self.pick.as_ref().map(|pick| pick.slot.start) else {
            return;
        };
        if self.undecided() || MonthId::of(start.date()) != answered {
            return;
        }
        if self.diary.slot(start).is_some() {
            self.set_keeping(Keeping::Lapsed {
                still_free: Some(true),
            });
        } else {
            self.lose(start, Vec::new());
        }
    }

    pub(super) fn keep_again(&mut self) {
        let lapsed = matches!(
            self.keeping(),
            Some(Keeping::Lapsed { .. } | Keeping::LetGo)
        );
        if self.step == Step::Form && lapsed && !self.undecided() {
            self.place_hold();
            self.out.push(Effect::Focus(Focus::Heading));
        }
    }

    /// The page is being left: the time must not stay blocked for ten minutes.
    pub(super) fn leaving(&mut self) {
        if self.undecided() {
            return;
        }
        if let Some(Keeping::Kept { id, .. }) = self.keeping() {
            let id = id.clone();
            self.set_keeping(Keeping::LetGo);
            self.send(Call::Release(id));
        }
    }

    /// The page came back after all (from the browser's back-forward cache).
    pub(super) fn keep_after_return(&mut self) {
        if self.keeping() == Some(&Keeping::LetGo) {
            self.place_hold();
        }
    }

    /// Drops the picked time and releases its hold.
    pub(super) fn forget_pick(&mut self) {
        if let Some(pick) = self.pick.take()
            && let Keeping::Kept { id, .. } = pick.keeping
        {
            self.send(Call::Release(id));
        }
        self.attempt = None;
        self.sending = Sending::Idle;
    }

    pub(super) fn leave_pick(&mut self) {
        if self.undecided() {
            return;
        }
        let start = self.pick.as_ref().map(|pick| pick.slot.start);
        self.forget_pick();
        self.show_times_of(start);
    }
}

const fn time_is_gone(kind: ProblemKind) -> bool {
    matches!(kind, ProblemKind::SlotTaken | ProblemKind::SlotNotOffered)
}
