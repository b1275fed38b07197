//! Changing or cancelling a booking and deleting what it holds of the booker, on the same component.

use slotstead_shared::{problem::ProblemKind, wire::BookingStatus};

use super::{Effect, Fault, Flow, Focus, Grave, How, Sending, Step};
use crate::{
    api::{Call, Outcome, Reply, Silence},
    form::Form,
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
                    self.asking = None;
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
        if self.asking.is_some() {
            self.drop_asked();
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
        self.asking = None;
        self.service = Some(service);
        self.wish = wish;
        self.moving = true;
        self.go(Step::Month);
        self.restart_diary();
    }

    pub(super) fn ask_first(&mut self, what: Grave) {
        let may = match self.step {
            Step::Manage => !self.undecided(),
            Step::Cancelled => what == Grave::Erase,
            _ => false,
        };
        if !may {
            return;
        }
        self.sending = Sending::Idle;
        self.asking = Some((what, self.step));
        if self.step == Step::Manage {
            self.out.push(Effect::Focus(Focus::Heading));
        } else {
            self.go(Step::Manage);
        }
    }

    pub(super) fn drop_asked(&mut self) {
        let Some((_, from)) = self.asking else { return };
        if self.undecided() {
            return;
        }
        self.asking = None;
        self.sending = Sending::Idle;
        if from == Step::Manage {
            self.out.push(Effect::Focus(Focus::Heading));
        } else {
            self.go(from);
        }
    }

    pub(super) fn confirm_asked(&mut self) {
        let limited = matches!(self.sending, Sending::Limited { until } if until > self.now);
        if self.step != Step::Manage || self.undecided() || limited {
            return;
        }
        let (Some((asked, _)), Some(booked)) = (self.asking, &self.booked) else {
            return;
        };
        let id = booked.booking.id.clone();
        // Done twice, either is done once, so this needs no key.
        let (call, sentence) = match asked {
            Grave::Cancel => (Call::Cancel(id), Sentence::Cancelling),
            Grave::Erase => (Call::Erase(id), Sentence::Erasing),
        };
        self.announce(&sentence);
        self.try_first(call);
    }

    /// The booker is not known any more: nothing of them stays here either.
    pub(super) fn erased(&mut self) {
        self.booked = None;
        self.form = Form::default();
        let fields = self.session.as_ref().map(|session| session.fields.clone());
        self.form.ask(&fields.unwrap_or_default());
        self.attempt = None;
        self.sending = Sending::Idle;
        self.asking = None;
        self.diary.age();
        self.go(Step::Erased);
        self.announce(&Sentence::Erased);
    }

    pub(super) fn book_another(&mut self) {
        if !matches!(self.step, Step::Booked | Step::Cancelled | Step::Erased) {
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
