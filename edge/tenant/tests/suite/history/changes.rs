//! Steps of bookers: cancelling, moving, and asking again.

use serde_json::json;
use slotstead_shared::wire::{self, BookingStatus};
use slotstead_tenant::{Command, Refusal, Reply};

use super::{
    History,
    model::{Answered, Wish},
    services::SERVICES,
    shop::{DAY, subject},
    stamp,
};
use crate::kit::{booker, moves, wire};

impl History<'_> {
    fn a_booking(&mut self) -> Option<wire::Booking> {
        let all: Vec<&wire::Booking> = self.model.bookings.values().collect();
        self.random.pick(&all).map(|booking| (*booking).clone())
    }

    pub(super) fn cancel(&mut self) {
        let Some(known) = self.a_booking() else {
            return;
        };
        let command = Command::Cancel {
            id: known.id.clone(),
        };
        let Some(answer) = self.ask(&booker(&known.id), &command) else {
            return;
        };
        let cancelled = known.status == BookingStatus::Cancelled;
        if !cancelled && known.start.unix_seconds() <= self.model.now {
            assert_eq!(answer, Err(Refusal::BookingClosed));
            self.met.note("cancel: too late");
            return;
        }
        let Ok(Reply::Booking { booking, .. }) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(booking.status, BookingStatus::Cancelled);
        assert_eq!(booking.sequence, known.sequence + u32::from(!cancelled));
        if cancelled {
            self.met.note("cancel: was cancelled");
        } else {
            self.met.note("cancel");
            self.model.claims.remove(booking.id.as_str());
            self.model.remember(&booking);
        }
    }

    pub(super) fn reschedule(&mut self) {
        let Some(known) = self.a_booking() else {
            return;
        };
        let old = known.start.unix_seconds();
        let wish = wish_to_move(&known);
        let start = if self.random.chance(5) {
            old
        } else {
            self.start(&wish)
        };
        let command = Command::Reschedule {
            idempotency_key: self.key(),
            id: known.id.clone(),
            to: wire(json!({ "start": stamp(start), "zone": "UTC" })),
        };
        let actor = booker(&known.id);
        let Some(answer) = self.ask(&actor, &command) else {
            return;
        };
        if known.status == BookingStatus::Cancelled || old <= self.model.now {
            assert_eq!(answer, Err(Refusal::BookingClosed));
            self.met.note("moved: too late");
            self.answered(actor, command, answer);
            return;
        }
        let choices = self.model.choices(&wish, start);
        if choices.is_empty() {
            self.assert_refused(&answer, &wish, start);
        } else if !self.model.booker_has_room(&wish, &known.email, start) {
            let conflict = matches!(answer, Err(Refusal::Conflict { .. }));
            assert!(conflict, "{answer:?}");
            self.met.note("moved: too many of a booker");
        } else {
            let Ok(Reply::Booking { booking, .. }) = &answer else {
                panic!("{answer:?}, not {choices:?}")
            };
            assert_eq!(booking.id, known.id);
            assert_eq!(booking.sequence, known.sequence + 1);
            assert_eq!(booking.host_named, known.host_named);
            self.acknowledge(booking, &wish, start, &choices, "moved");
        }
        self.answered(actor, command, answer);
    }

    /// What a booking is offered to move to is what it could move to, but for the start it has.
    pub(super) fn check_moves(&mut self) {
        let Some(known) = self.a_booking() else {
            return;
        };
        let old = known.start.unix_seconds();
        let ask = moves(&known.id, "2027-02-25", "2027-04-01");
        let answer = self.world.ask(&booker(&known.id), ask);
        if known.status == BookingStatus::Cancelled || old <= self.model.now {
            assert_eq!(answer, Err(Refusal::BookingClosed));
            return;
        }
        let Ok(Reply::Slots(slots)) = answer else {
            panic!("{answer:?}")
        };
        let slots = slots.days.iter().flat_map(|day| &day.slots);
        let starts: Vec<_> = slots.map(|slot| slot.start.unix_seconds()).collect();
        let wish = wish_to_move(&known);
        let mut expected = self.model.offered(&wish);
        expected.retain(|start| *start != old);
        assert_eq!(starts, expected, "{wish:?}");
        self.met.note("moved: offered");
    }

    /// Every key gives its first answer, for as long as it is remembered, and to nothing else.
    pub(super) fn replay(&mut self) {
        let now = self.model.now;
        let known = self.random.pick(&self.model.answered);
        let known = known.filter(|known| now < known.at + DAY).cloned();
        let Some(Answered {
            actor,
            mut command,
            first,
            ..
        }) = known
        else {
            return;
        };
        if self.random.chance(20) {
            match &mut command {
                Command::Book { booking, .. } => booking.name.push('!'),
                Command::Reschedule { to, .. } => "Asia/Tokyo".clone_into(&mut to.zone),
                other => panic!("{other:?}"),
            }
            if let Some(answer) = self.ask(&actor, &command) {
                assert_eq!(answer, Err(Refusal::IdempotencyKeyReused));
                self.met.note("replayed: with another request");
            }
            return;
        }
        let Some(again) = self.ask(&actor, &command) else {
            return;
        };
        match (again, first) {
            (
                Ok(Reply::Booking {
                    booking, replayed, ..
                }),
                Ok(Reply::Booking { booking: first, .. }),
            ) => {
                assert!(replayed);
                assert_eq!(booking, first);
                self.met.note("replayed: a booking");
            }
            (Err(again), Err(first)) => {
                assert_eq!(again, first);
                self.met.note("replayed: a refusal");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// What a booking asks for when it moves.
fn wish_to_move(known: &wire::Booking) -> Wish {
    let host = subject(&format!("host:{}", known.host));
    Wish {
        service: service_of(known),
        duration: known.end.unix_seconds() - known.start.unix_seconds(),
        named: known.host_named.then_some(host),
        preferred: Some(host),
        except: known.id.to_string(),
    }
}

fn service_of(booking: &wire::Booking) -> usize {
    let mut services = SERVICES.iter();
    let found = services.position(|service| service.id == booking.service.as_str());
    found.unwrap()
}
