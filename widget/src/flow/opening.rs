//! From nothing to the first view: the session, the link in manage mode, the service.

use slotstead_shared::{ids::ServiceId, wire::OfferedService};

use super::{Fault, Flow, How, Step};
use crate::{
    api::{Call, Outcome, Reply},
    words::Sentence,
};

impl Flow {
    /// In manage mode: asks for the booking without waiting for the session.
    pub(super) fn open_link(&mut self) {
        match &self.setup.manage {
            None => {}
            Some(None) => self.fault = Some(Fault::BadLink),
            Some(Some(capability)) => {
                let look = Call::Look(capability.booking.clone());
                self.send(look);
            }
        }
    }

    /// The token for reading and changing the booking in hand.
    pub(super) fn capability(&self) -> Option<&str> {
        match (&self.booked, &self.setup.manage) {
            (Some(booked), _) => Some(&booked.capability),
            (None, Some(Some(capability))) => Some(&capability.token),
            (None, _) => None,
        }
    }

    pub(super) fn opened(&mut self, outcome: Outcome) {
        if let Outcome::Done(Reply::Session(session)) = outcome {
            self.form.ask(&session.fields);
            self.session = Some(*session);
            self.resume_parked();
            if self.step == Step::Opening {
                self.enter();
            }
            return;
        }
        if self.step == Step::Opening {
            self.fail_opening(Fault::of(&outcome, self.now));
        }
        self.fail_parked(&outcome);
    }

    pub(super) fn fail_opening(&mut self, fault: Fault) {
        // A broken link stays the thing to say, whatever else happens.
        if self.fault != Some(Fault::BadLink) {
            self.fault = Some(fault);
        }
    }

    /// Leaves the opening once all that the first view needs is there.
    pub(super) fn enter(&mut self) {
        let Some(session) = &self.session else { return };
        if self.setup.manage.is_some() {
            if let Some(booked) = &self.booked {
                self.fault = None;
                self.step = Step::Manage;
                self.how = How::Opened;
                self.service = find(&session.services, booked.booking.service.as_str()).cloned();
            }
            return;
        }
        let service = match &self.setup.service {
            Some(wanted) => match find(&session.services, wanted) {
                Some(service) => service,
                None => return self.fail_opening(Fault::Missing),
            },
            None => match session.services.as_slice() {
                [] => return self.fail_opening(Fault::NoServices),
                [only] => only,
                _ => {
                    self.fault = None;
                    self.step = Step::Service;
                    return;
                }
            },
        };
        let service = service.clone();
        self.take_service(service);
        self.fault = None;
        self.step = Step::Month;
        self.restart_diary();
    }

    /// Asks again for what the first view still lacks.
    pub(super) fn reopen(&mut self) {
        self.fault = None;
        if self.session.is_none() && !self.awaits(|call| *call == Call::Open) {
            self.send(Call::Open);
        }
        if self.booked.is_none() && !self.awaits(|call| matches!(call, Call::Look(_))) {
            self.open_link();
        }
        self.enter();
        if self.step == Step::Opening && self.fault.is_none() {
            self.announce(&Sentence::Looking);
        }
    }

    pub(super) fn choose_service(&mut self, id: &ServiceId) {
        if self.step != Step::Service {
            return;
        }
        let Some(service) = find(self.services(), id.as_str()).cloned() else {
            return;
        };
        self.take_service(service);
        self.go(Step::Month);
        self.restart_diary();
    }

    /// The network is back: whatever waited for it goes on by itself.
    pub(super) fn back_online(&mut self) {
        if self.fault == Some(Fault::Offline) {
            self.reopen();
        }
        if self.diary.fault() == Some(&Fault::Offline) {
            self.ask_again();
        }
        self.resend_if_offline();
    }

    /// The page is looked at again: what is shown may have aged meanwhile.
    pub(super) fn returned(&mut self) {
        self.tick();
        self.refresh_month();
        self.keep_after_return();
    }
}

fn find<'a>(services: &'a [OfferedService], id: &str) -> Option<&'a OfferedService> {
    services.iter().find(|service| service.id.as_str() == id)
}
