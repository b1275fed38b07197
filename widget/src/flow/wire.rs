//! What has been asked and not been answered, and the silent renewal of the session.

use slotstead_shared::problem::ProblemKind;

use super::{Effect, Flow};
use crate::api::{Call, Outcome};

/// Names one request, so that its answer finds its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u32);

impl Ticket {
    /// The session that the loader asks for before the widget is there.
    pub const FIRST: Self = Self(0);
}

#[derive(Debug, Clone)]
struct Pending {
    ticket: Ticket,
    call: Call,
    /// Whether this is the second try, with a new session.
    renewed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Wire {
    last: Ticket,
    pending: Vec<Pending>,
    /// Refused because the session had expired; sent again with the next one.
    parked: Vec<Pending>,
}

impl Wire {
    /// With the loader's request for a session under way.
    pub(super) fn opening() -> Self {
        Self {
            last: Ticket::FIRST,
            pending: vec![Pending {
                ticket: Ticket::FIRST,
                call: Call::Open,
                renewed: false,
            }],
            parked: Vec::new(),
        }
    }
}

impl Flow {
    /// Sends a call under a new ticket.
    pub(super) fn send(&mut self, call: Call) -> Ticket {
        self.wire.last.0 += 1;
        let ticket = self.wire.last;
        self.put(Pending {
            ticket,
            call,
            renewed: false,
        });
        ticket
    }

    fn put(&mut self, pending: Pending) {
        let session = self.session.as_ref().map(|session| session.token.as_str());
        let bearer = match &pending.call {
            Call::Open => None,
            call if call.needs_capability() => self.capability(),
            _ => session,
        };
        let request = pending.call.request(&self.setup.place, bearer);
        self.out.push(Effect::Send(
            pending.ticket,
            pending.call.clone(),
            Box::new(request),
        ));
        self.wire.pending.push(pending);
    }

    /// Whether a call like this one is under way.
    pub(super) fn awaits(&self, wanted: impl Fn(&Call) -> bool) -> bool {
        let all = self.wire.pending.iter().chain(&self.wire.parked);
        all.into_iter().any(|pending| wanted(&pending.call))
    }

    pub(super) fn answered(&mut self, ticket: Ticket, outcome: Outcome) {
        let place = self
            .wire
            .pending
            .iter()
            .position(|pending| pending.ticket == ticket);
        let Some(place) = place else { return };
        let pending = self.wire.pending.swap_remove(place);
        if session_expired(&pending, &outcome) {
            self.wire.parked.push(pending);
            if !self.awaits(|call| *call == Call::Open) {
                self.send(Call::Open);
            }
            return;
        }
        self.deliver(ticket, &pending.call, outcome);
    }

    fn deliver(&mut self, ticket: Ticket, call: &Call, outcome: Outcome) {
        match call {
            Call::Open => self.opened(outcome),
            Call::Slots { from, .. } => self.slots_answered(ticket, *from, outcome),
            Call::Keep(_) => self.hold_answered(ticket, outcome),
            Call::Release(_) => self.released(),
            Call::Look(_) => self.looked(outcome),
            Call::Book { .. } | Call::Move { .. } | Call::Cancel(_) | Call::Erase(_) => {
                self.settled(call, outcome);
            }
        }
    }

    /// The session was renewed: what waited for it is sent again, once.
    pub(super) fn resume_parked(&mut self) {
        for mut pending in std::mem::take(&mut self.wire.parked) {
            pending.renewed = true;
            self.put(pending);
        }
    }

    /// The session could not be renewed: what waited for it failed in the same way.
    pub(super) fn fail_parked(&mut self, outcome: &Outcome) {
        for pending in std::mem::take(&mut self.wire.parked) {
            self.deliver(pending.ticket, &pending.call, outcome.clone());
        }
    }
}

fn session_expired(pending: &Pending, outcome: &Outcome) -> bool {
    let Outcome::Refused(problem) = outcome else {
        return false;
    };
    matches!(
        problem.kind,
        ProblemKind::TokenExpired | ProblemKind::Unauthenticated
    ) && pending.call != Call::Open
        && !pending.call.needs_capability()
        && !pending.renewed
}
