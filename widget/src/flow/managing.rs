//! Changing or cancelling a booking, on the same component.

use slotstead_shared::{problem::ProblemKind, wire::BookingStatus};

use super::{Effect, Fault, Flow, Focus, How, Sending, Step};
use crate::{
    api::{Call, Outcome, Reply, Silence},
    wish::Wish,
    words::Sentence,
};

impl Flow {
    /// A booking was looked at: on opening its link, or to find out how it stands.
    pub(super) fn looked(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done(Reply::Booked(view)) => {
                let cancelled = view.booking.status == BookingStatus::Cancelled;
                self.booked = Some(view);
                if self.step == Step::Opening {
                    self.enter();
                } else {
                    self.attempt = None;
                    self.sending = Sending::Idle;
                    self.asking_cancel = false;
                    self.moving = false;
                    self.pick = None;
                    self.go(if cancelled {
                        Step::Cancelled
                    } else {
                        Step::Manage
                    });
                }
            }
            other if self.step == Step::Opening => {
                let fault = match &other {
                    Outcome::Refused(problem) => match problem.kind {
                        ProblemKind::TokenExpired | ProblemKind::NotAllowed => Fault::LinkOver,
                        // Part of it is missing or altered.
                        ProblemKind::Unauthenticated | ProblemKind::NotFound => Fault::BadLink,
                        _ => Fault::of(&other, self.now),
                    },
                    other => Fault::of(other, self.now),
                };
                self.fail_opening(fault);
            }
            Outcome::Silent(Silence::Offline) => self.sending = Sending::Offline,
            other => self.fail(Fault::of(&other, self.now)),
        }
    }

    /// The server says that the booking is closed: looks at how it stands now.
    pub(super) fn look_again(&mut self) {
        let Some(booked) = &self.booked else { return };
        let look = Call::Look(booked.booking.id.clone());
        self.attempt = Some(look.clone());
        self.sending = Sending::InFlight;
        self.send(look);
    }

    pub(super) fn manage(&mut self) {
        if self.step == Step::Booked {
            self.go(Step::Manage);
        }
    }

    pub(super) fn leave_manage(&mut self) {
        if self.undecided() {
            return;
        }
        if self.asking_cancel {
            self.drop_cancel();
        } else if self.how != How::Opened {
            self.sending = Sending::Idle;
            self.go(Step::Booked);
        }
    }

    pub(super) fn begin_move(&mut self) {
        if self.step != Step::Manage || self.undecided() {
            return;
        }
        let Some(booked) = &self.booked else { return };
        let wanted = &booked.booking.service;
        let found = self
            .services()
            .iter()
            .find(|service| service.id == *wanted)
            .map(|service| (service.clone(), Wish::of_booking(service, &booked.booking)));
        let Some((service, wish)) = found else {
            return self.fail(Fault::ServiceGone);
        };
        self.sending = Sending::Idle;
        self.asking_cancel = false;
        self.service = Some(service);
        self.wish = wish;
        self.moving = true;
        self.go(Step::Month);
        self.restart_diary();
    }

    pub(super) fn ask_cancel(&mut self) {
        if self.step == Step::Manage && !self.undecided() {
            self.sending = Sending::Idle;
            self.asking_cancel = true;
            self.out.push(Effect::Focus(Focus::Heading));
        }
    }

    pub(super) fn drop_cancel(&mut self) {
        if self.asking_cancel && !self.undecided() {
            self.asking_cancel = false;
            self.sending = Sending::Idle;
            self.out.push(Effect::Focus(Focus::Heading));
        }
    }

    pub(super) fn confirm_cancel(&mut self) {
        let limited = matches!(self.sending, Sending::Limited { until } if until > self.now);
        if self.step != Step::Manage || !self.asking_cancel || self.undecided() || limited {
            return;
        }
        let Some(booked) = &self.booked else { return };
        // Cancelling twice is cancelling once, so this needs no key.
        let cancel = Call::Cancel(booked.booking.id.clone());
        self.announce(&Sentence::Cancelling);
        self.try_first(cancel);
    }

    pub(super) fn book_another(&mut self) {
        if !matches!(self.step, Step::Booked | Step::Cancelled) {
            return;
        }
        self.booked = None;
        self.how = How::Made;
        self.setup.manage = None;
        self.moving = false;
        self.step = Step::Opening;
        self.diary.age();
        self.enter();
        self.out.push(Effect::Focus(Focus::Heading));
    }
}
