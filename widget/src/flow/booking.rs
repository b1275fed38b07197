//! The sending: one booking for any number of clicks and tries.
//!
//! Why a double click and a retry make one booking: the request is kept whole in
//! `attempt`, key included. While its outcome is unknown the booker can change
//! nothing, and every further try sends that very request. Only a definite answer
//! clears it; a later click then carries a new key, unless a rate limit turned the
//! same content away, which keeps its key.

use slotstead_shared::{
    Stamp,
    ids::HoldId,
    problem::{Problem, ProblemKind},
    wire::{NewBooking, Reschedule},
};

use super::{Effect, Fault, Flow, Focus, How, Keeping, Sending, Step, fault::limit_end};
use crate::{
    api::{Call, Outcome, Reply, Silence},
    form::Key,
    words::Sentence,
};

/// How often a request without an answer is repeated before the booker is asked to decide.
const CHECKS: u32 = 4;
/// Milliseconds before the first repeat; each further one waits twice as long: 1, 2, 4, 8 s.
const FIRST_PAUSE_MS: u64 = 1_000;

impl Flow {
    pub(super) fn submit(&mut self, key: String) {
        if self.undecided()
            || matches!(self.sending, Sending::Limited { until } if until > self.now)
        {
            return;
        }
        match self.step {
            Step::Form => self.submit_form(key),
            Step::Confirm => self.submit_move(key),
            _ => {}
        }
    }

    fn submit_form(&mut self, key: String) {
        if let Some(first) = self.form.check() {
            self.show_marked(first);
            return;
        }
        if matches!(self.keeping(), Some(Keeping::Asked(_) | Keeping::Queued)) {
            self.sending = Sending::AwaitingHold { key };
            return;
        }
        let (Some(service), Some(pick)) = (&self.service, &self.pick) else {
            return;
        };
        let hold: Option<HoldId> = match &pick.keeping {
            Keeping::Kept { id, .. } => Some(id.clone()),
            _ => None,
        };
        let booking = Box::new(NewBooking {
            service: service.id.clone(),
            start: pick.slot.start,
            duration_minutes: self.wish.duration_minutes,
            host: self.wish.host.clone(),
            hold,
            zone: self.zone.clone(),
            name: self.form.value(&Key::Name).trim().to_owned(),
            email: self.form.value(&Key::Email).trim().to_owned(),
            answers: self.form.answers(),
        });
        let key = match &self.attempt {
            Some(Call::Book {
                key,
                booking: tried,
            }) if *tried == booking => key.clone(),
            _ => key,
        };
        self.try_first(Call::Book { key, booking });
    }

    fn submit_move(&mut self, key: String) {
        let (Some(booked), Some(pick)) = (&self.booked, &self.pick) else {
            return;
        };
        let booking = booked.booking.id.clone();
        let to = Reschedule {
            start: pick.slot.start,
            zone: self.zone.clone(),
        };
        let key = match &self.attempt {
            Some(Call::Move { key, to: tried, .. }) if *tried == to => key.clone(),
            _ => key,
        };
        self.try_first(Call::Move { booking, key, to });
    }

    pub(super) fn try_first(&mut self, call: Call) {
        self.attempt = Some(call.clone());
        self.sending = Sending::InFlight;
        self.send(call);
    }

    /// Sends the kept request once more, as it was.
    pub(super) fn resend(&mut self) {
        let allowed = match &self.sending {
            Sending::Unknown | Sending::Offline | Sending::Failed(_) => true,
            Sending::Limited { until } => *until <= self.now,
            Sending::Idle
            | Sending::AwaitingHold { .. }
            | Sending::InFlight
            | Sending::Checking { .. } => false,
        };
        if allowed && let Some(call) = self.attempt.clone() {
            self.sending = Sending::Checking {
                tries: 0,
                next_at: None,
            };
            self.send(call);
        }
    }

    pub(super) fn resend_if_offline(&mut self) {
        if self.sending == Sending::Offline {
            self.resend();
        }
    }

    pub(super) fn check_if_due(&mut self) {
        let Sending::Checking {
            tries,
            next_at: Some(at),
        } = self.sending
        else {
            return;
        };
        if at > self.now {
            return;
        }
        let Some(call) = self.attempt.clone() else {
            return;
        };
        self.sending = Sending::Checking {
            tries,
            next_at: None,
        };
        self.send(call);
    }

    /// What came of booking, moving or cancelling.
    pub(super) fn settled(&mut self, call: &Call, outcome: Outcome) {
        match outcome {
            Outcome::Done(Reply::Booked(view)) => self.succeed(call, view),
            Outcome::Done(Reply::Erased) => self.erased(),
            // An earlier try was heard, and there is nothing left to find.
            Outcome::Refused(problem)
                if matches!(call, Call::Erase(_)) && problem.kind == ProblemKind::NotFound =>
            {
                self.erased();
            }
            Outcome::Refused(problem) => self.refused(call, *problem),
            Outcome::Silent(Silence::Offline) => {
                self.sending = Sending::Offline;
                self.announce(&Sentence::Offline);
            }
            Outcome::Done(_)
            | Outcome::Silent(Silence::Broken | Silence::TimedOut | Silence::Garbled) => {
                self.check_later();
            }
        }
    }

    /// No answer: the server may have done it. Asks again with the same key, later each time.
    pub(super) fn check_later(&mut self) {
        let tries = match self.sending {
            Sending::Checking { tries, .. } => tries,
            _ => 0,
        };
        if tries >= CHECKS {
            self.sending = Sending::Unknown;
            self.announce(&Sentence::Unknown);
            self.out.push(Effect::Focus(Focus::Note));
            return;
        }
        let pause = FIRST_PAUSE_MS << tries;
        self.sending = Sending::Checking {
            tries: tries + 1,
            next_at: Some(self.now + pause),
        };
        if tries == 0 {
            self.announce(&Sentence::Checking);
        }
    }

    fn succeed(&mut self, call: &Call, view: Box<slotstead_shared::wire::BookedView>) {
        self.booked = Some(view);
        self.pick = None;
        self.lost = None;
        self.attempt = None;
        self.sending = Sending::Idle;
        self.moving = false;
        self.asking = None;
        self.diary.age();
        let (step, sentence) = match call {
            Call::Cancel(_) => (Step::Cancelled, Sentence::Cancelled),
            Call::Move { .. } => {
                self.how = How::Moved;
                (Step::Booked, Sentence::Moved)
            }
            _ => {
                self.how = How::Made;
                (Step::Booked, Sentence::Booked)
            }
        };
        self.go(step);
        self.announce(&sentence);
    }

    fn refused(&mut self, call: &Call, problem: Problem) {
        let start = match call {
            Call::Book { booking, .. } => Some(booking.start),
            Call::Move { to, .. } => Some(to.start),
            _ => None,
        };
        match problem.kind {
            ProblemKind::SlotTaken | ProblemKind::SlotNotOffered => match start {
                Some(start) => self.lose_ours(start, problem),
                None => self.fail(Fault::Refused(problem.detail)),
            },
            ProblemKind::InvalidField => self.take_field_errors(&problem),
            ProblemKind::RateLimited => {
                self.sending = Sending::Limited {
                    until: limit_end(&problem, self.now),
                };
                self.announce(&Sentence::Limited);
                self.out.push(Effect::Focus(Focus::Note));
            }
            // The edge gave up waiting for the region, which may still have done it.
            ProblemKind::RegionUnavailable | ProblemKind::Internal => self.check_later(),
            ProblemKind::BookingClosed => self.look_again(),
            ProblemKind::Unauthenticated | ProblemKind::TokenExpired | ProblemKind::NotFound
                if call.needs_capability() =>
            {
                self.fail(Fault::LinkOver);
            }
            ProblemKind::OriginNotAllowed => self.fail(Fault::Origin),
            ProblemKind::NotFound => self.fail(Fault::Missing),
            ProblemKind::InvalidRequest
            | ProblemKind::Unauthenticated
            | ProblemKind::TokenExpired
            | ProblemKind::NotAllowed
            | ProblemKind::MethodNotAllowed
            | ProblemKind::IdempotencyKeyReused
            | ProblemKind::Conflict
            | ProblemKind::TooLarge
            | ProblemKind::UnsupportedMediaType
            | ProblemKind::HttpsRequired
            | ProblemKind::Misconfigured => self.fail(Fault::Refused(problem.detail)),
        }
    }

    /// The server's alternatives are in the booker's zone already.
    fn lose_ours(&mut self, start: Stamp, problem: Problem) {
        // The hold, if there was one, was of no use: nothing is left to release.
        self.set_keeping(Keeping::Without);
        self.lose(start, problem.alternatives);
    }

    fn take_field_errors(&mut self, problem: &Problem) {
        self.attempt = None;
        let rest: Vec<String> = self
            .form
            .mark(&problem.errors)
            .iter()
            .map(|error| error.detail.clone())
            .collect();
        self.sending = Sending::Idle;
        match self.form.first_marked() {
            Some(first) if self.step == Step::Form => {
                if !rest.is_empty() {
                    self.sending = Sending::Failed(Fault::Refused(rest.join(" ")));
                }
                self.show_marked(first);
            }
            _ if rest.is_empty() => self.fail(Fault::Refused(problem.detail.clone())),
            _ => self.fail(Fault::Refused(rest.join(" "))),
        }
    }

    fn show_marked(&mut self, first: Key) {
        self.announce(&Sentence::Marked {
            count: self.form.marked(),
        });
        self.out.push(Effect::Focus(Focus::Question(first)));
    }

    /// A definite no: nothing was done, and another try is a new one.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.attempt = None;
        self.sending = Sending::Failed(fault);
        self.announce(&Sentence::NotDone);
        self.out.push(Effect::Focus(Focus::Note));
    }
}
