//! Steps of visitors: holds and bookings.

use serde_json::{Value as Json, json};
use slotstead_shared::{Interval, UnixSeconds, ids::HoldId, wire};
use slotstead_tenant::{Actor, Answer, Command, Refusal, Reply};

use super::{
    History, hosts_and_resources,
    model::{Answered, Choice, Claim, Wish},
    shop::{MINUTE, id_of, subject},
    stamp,
};
use crate::kit::{slug, visitor, wire, with};

const HOLD_SECONDS: i64 = 600;
const SESSION_HOLDS: usize = 3;
const BOOKERS: [&str; 3] = ["amal@example.com", "Amal@Example.com", "bo@example.com"];

impl History<'_> {
    /// The members of a hold or a booking that say what is wished for.
    fn wished(&mut self, wish: &Wish, start: UnixSeconds) -> Json {
        let service = &self.model.services[wish.service];
        let mut json = json!({ "service": service.id, "start": stamp(start), "zone": "UTC" });
        // The usual duration may be left out.
        if wish.duration != service.durations[0] || self.random.chance(30) {
            json = with(json, json!({ "duration_minutes": wish.duration / MINUTE }));
        }
        if let Some(host) = wish.named {
            json = with(json, json!({ "host": id_of(host) }));
        }
        json
    }

    pub(super) fn place_hold(&mut self) {
        let mut wish = self.wish();
        let mut start = self.start(&wish);
        let mut session = format!("session-{}", self.random.below(4));
        if self.random.chance(10)
            && let Some((_, own)) = self.a_hold()
        {
            // The same request again, whose answer was lost perhaps.
            (wish.service, start) = (own.service, own.core.start);
            (wish.duration, wish.named) = (own.core.end - start, None);
            session = own.session.unwrap();
        }
        let command = Command::PlaceHold {
            hold: wire(self.wished(&wish, start)),
            session: session.clone(),
        };
        let Some(answer) = self.ask(&visitor(), &command) else {
            return;
        };
        let service = self.model.services[wish.service];
        let (core, padded) = (
            service.core(start, wish.duration),
            service.padded(start, wish.duration),
        );
        let own = self.model.live();
        let own: Vec<_> = own
            .filter(|(_, claim)| claim.session.as_ref() == Some(&session))
            .collect();
        let same = own.iter().find(|(_, claim)| {
            (claim.service, claim.core, claim.padded) == (wish.service, core, padded)
                && wish.named.is_none_or(|host| claim.takes.contains(&host))
        });
        if same.is_some() {
            let Ok(Reply::Hold(hold)) = &answer else {
                panic!("{answer:?}")
            };
            let known = self.model.claims.get(hold.id.as_str()).unwrap();
            let found = (known.session.as_ref(), known.service, known.core);
            assert_eq!(found, (Some(&session), wish.service, core));
            self.met.note("hold: the own one again");
            return;
        }
        if own.len() >= SESSION_HOLDS {
            let conflict = matches!(answer, Err(Refusal::Conflict { .. }));
            assert!(conflict, "{answer:?}");
            self.met.note("hold: too many of a session");
            return;
        }
        let choices = self.model.choices(&wish, start);
        if choices.is_empty() {
            self.assert_refused(&answer, &wish, start);
            return;
        }
        let Ok(Reply::Hold(hold)) = &answer else {
            panic!("{answer:?}, not {choices:?}")
        };
        let id = hold.id.as_str();
        assert!(!self.model.claims.contains_key(id), "{id} is not new");
        // A hold does not tell what it keeps; the ledger does.
        let takes = self.taken_by(id);
        let choice = self.assert_legal(&choices, &takes, "hold");
        let claim = Claim {
            service: wish.service,
            core,
            padded,
            lead: choice.lead,
            takes,
            session: Some(session),
            expires_at: self.model.now + HOLD_SECONDS,
        };
        self.model.take(id, claim);
    }

    /// The one of the choices that was made.
    pub(super) fn assert_legal(
        &mut self,
        choices: &[Choice],
        takes: &[&'static str],
        what: &str,
    ) -> Choice {
        let legal = choices.iter().find(|choice| choice.takes == takes);
        let choice = legal.unwrap_or_else(|| panic!("{what} of {takes:?}, not {choices:?}"));
        let how = match (choice.mates, takes.len()) {
            (0, 1) => "one host",
            (0, _) => "several subjects",
            (_, 1) => "a seat beside others",
            (..) => "a seat with several subjects",
        };
        self.met.note(&format!("{what}: {how}"));
        if choices.len() > 1 {
            self.met.note("any of several would have done");
        }
        choice.clone()
    }

    /// Refused for the right reason, with the nearest starts that could be booked instead.
    pub(super) fn assert_refused(&mut self, answer: &Answer, wish: &Wish, start: UnixSeconds) {
        let is_slot = self.model.is_wanted_slot(wish, start);
        let alternatives = match answer {
            Err(Refusal::SlotTaken { alternatives }) => {
                assert!(is_slot, "{answer:?}");
                self.met.note("refused: taken");
                alternatives
            }
            Err(Refusal::SlotNotOffered { alternatives, .. }) => {
                assert!(!is_slot, "{answer:?}");
                self.met.note("refused: not offered");
                alternatives
            }
            other => panic!("{wish:?} at {start} is not there, but {other:?}"),
        };
        let alternatives = alternatives.iter().map(|slot| slot.start.unix_seconds());
        let alternatives: Vec<UnixSeconds> = alternatives.collect();
        assert_eq!(alternatives, self.model.nearest(wish, start), "{wish:?}");
    }

    fn a_hold(&mut self) -> Option<(String, Claim)> {
        let holds = self.model.claims.iter();
        let holds: Vec<_> = holds.filter(|(_, claim)| claim.session.is_some()).collect();
        let (id, claim) = self.random.pick(&holds)?;
        Some(((*id).clone(), (*claim).clone()))
    }

    pub(super) fn release_hold(&mut self) {
        let Some((id, claim)) = self.a_hold() else {
            return;
        };
        let live = claim.expires_at > self.model.now;
        let command = Command::ReleaseHold {
            id: slug::<HoldId>(&id),
        };
        let Some(answer) = self.ask(&visitor(), &command) else {
            return;
        };
        // Released after a failure that kept the write, the hold is not found again: gone is gone.
        let gone = answer == Err(Refusal::not_found("hold"));
        assert!(gone || (live && answer == Ok(Reply::Done)), "{answer:?}");
        let note = if live { "release" } else { "release: lapsed" };
        self.met.note(note);
        self.model.claims.remove(&id);
    }

    pub(super) fn book(&mut self) {
        let mut wish = self.wish();
        let mut start = self.start(&wish);
        let hold = if self.random.chance(50) {
            self.a_hold()
        } else {
            None
        };
        if let Some((_, claim)) = &hold
            && self.random.chance(85)
        {
            (wish.service, start) = (claim.service, claim.core.start);
            wish.duration = claim.core.end - start;
            wish.named = self.a_name(wish.service);
        }
        let email = *self.random.pick(&BOOKERS).unwrap();
        let mut booking = with(
            self.wished(&wish, start),
            json!({ "name": "Amal", "email": email }),
        );
        if let Some((id, _)) = &hold {
            booking = with(booking, json!({ "hold": id }));
        }
        let command = Command::Book {
            idempotency_key: self.key(),
            booking: wire(booking),
        };
        let Some(answer) = self.ask(&visitor(), &command) else {
            return;
        };
        match hold {
            Some((id, claim)) if claim.expires_at > self.model.now => wish.except = id,
            Some(_) => self.met.note("booked with a hold that lapsed"),
            None => {}
        }
        let afresh = self.model.choices(&wish, start);
        let kept = self.model.kept(&wish, start);
        if kept.is_some() && afresh.is_empty() {
            self.met.note("a hold kept what nobody else could have");
        }
        let (choices, what) = match kept {
            Some(kept) => (vec![kept], "hold confirmed"),
            None => (afresh, "booked"),
        };
        if choices.is_empty() {
            self.assert_refused(&answer, &wish, start);
        } else if !self.model.booker_has_room(&wish, email, start) {
            let conflict = matches!(answer, Err(Refusal::Conflict { .. }));
            assert!(conflict, "{answer:?}");
            self.met.note("booked: too many of a booker");
        } else {
            let Ok(Reply::Booking { booking, .. }) = &answer else {
                panic!("{answer:?}, not {choices:?}")
            };
            assert_eq!((booking.sequence, booking.email.as_str()), (0, email));
            assert_eq!(booking.host_named, wish.named.is_some());
            self.model.claims.remove(&wish.except);
            self.acknowledge(booking, &wish, start, &choices, what);
        }
        self.answered(visitor(), command, answer);
    }

    /// Notes the first answer to a key.
    pub(super) fn answered(&mut self, actor: Actor, command: Command, first: Answer) {
        self.model.answered.push(Answered {
            actor,
            command,
            first,
            at: self.model.now,
        });
    }

    /// A booking was made or moved by one of the choices. From now on it must stay as told here.
    pub(super) fn acknowledge(
        &mut self,
        booking: &wire::Booking,
        wish: &Wish,
        start: UnixSeconds,
        choices: &[Choice],
        what: &str,
    ) {
        let takes = hosts_and_resources(booking);
        let choice = self.assert_legal(choices, &takes, what);
        assert_eq!(subject(&format!("host:{}", booking.host)), choice.lead);
        let service = self.model.services[wish.service];
        let core = service.core(start, wish.duration);
        assert_eq!(booking.service.as_str(), service.id);
        let times = (booking.start.unix_seconds(), booking.end.unix_seconds());
        assert_eq!(Interval::new(times.0, times.1), core);
        let claim = Claim {
            service: wish.service,
            core,
            padded: service.padded(start, wish.duration),
            lead: choice.lead,
            takes,
            session: None,
            expires_at: i64::MAX,
        };
        let id = booking.id.as_str();
        self.model.claims.remove(id);
        self.model.take(id, claim);
        self.model.remember(booking);
    }
}
