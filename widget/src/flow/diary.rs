//! The diary: answered months kept in memory, the month shown, the day in hand.
//!
//! An entry belongs to one service and one zone; changing either empties the
//! diary. Each month knows the ticket of the question last asked for it, so an
//! answer to an earlier question is recognised as stale and dropped.

use slotstead_shared::{
    Date, Stamp,
    wire::{Slot, SlotDay, Slots},
};

use super::{Fault, Millis, Ticket};
use crate::month::{self, Grid, MonthId, WeekStart};

/// Milliseconds after which an answer is asked for anew when the page is looked at again.
const FRESH_MS: Millis = 60_000;

#[derive(Debug, Clone, Default)]
struct Entry {
    answer: Option<Slots>,
    /// `None` also for an answer that is known to be out of date.
    answered_at: Option<Millis>,
    asked: Option<Ticket>,
    fault: Option<Fault>,
}

/// Months, days and times.
#[derive(Debug, Clone)]
pub struct Diary {
    shown: MonthId,
    chosen: Option<Date>,
    /// Whether the booker chose the day in hand.
    picked: bool,
    cursor: Option<Date>,
    today: Date,
    last_date: Option<Date>,
    months: Vec<(MonthId, Entry)>,
}

impl Diary {
    pub(super) fn new(today: Date) -> Self {
        Self {
            shown: MonthId::of(today),
            chosen: None,
            picked: false,
            cursor: None,
            today,
            last_date: None,
            months: Vec::new(),
        }
    }

    /// Forgets all answers, keeps where the booker was.
    pub(super) fn empty(&mut self) {
        self.months.clear();
        self.last_date = None;
    }

    /// Makes the answers count as old, so that the next look asks anew.
    pub(super) fn age(&mut self) {
        let shown = self.shown;
        self.months.retain(|(id, _)| *id == shown);
        for (_, entry) in &mut self.months {
            entry.answered_at = None;
        }
    }

    fn entry(&self, id: MonthId) -> Option<&Entry> {
        self.months
            .iter()
            .find(|(month, _)| *month == id)
            .map(|(_, entry)| entry)
    }

    fn entry_mut(&mut self, id: MonthId) -> &mut Entry {
        let place = self.months.iter().position(|(month, _)| *month == id);
        let place = place.unwrap_or_else(|| {
            self.months.push((id, Entry::default()));
            self.months.len() - 1
        });
        &mut self.months[place].1
    }

    pub(super) fn asked(&mut self, id: MonthId, ticket: Ticket) {
        let entry = self.entry_mut(id);
        entry.asked = Some(ticket);
        entry.fault = None;
    }

    /// Takes an answer. `false` if it is stale: another question was asked since.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        id: MonthId,
        answer: Result<Slots, Fault>,
        now: Millis,
    ) -> bool {
        let Some((_, entry)) = self
            .months
            .iter_mut()
            .find(|(month, entry)| *month == id && entry.asked == Some(ticket))
        else {
            return false;
        };
        entry.asked = None;
        match answer {
            Ok(slots) => {
                self.today = slots.today;
                self.last_date = Some(slots.last_date);
                entry.answer = Some(slots);
                entry.answered_at = Some(now);
            }
            // An older answer still stands; it is better than an error in its place.
            Err(_) if entry.answer.is_some() => {}
            Err(fault) => entry.fault = Some(fault),
        }
        true
    }

    /// Whether a month has to be asked for: never answered, or aged.
    pub(super) fn wants(&self, id: MonthId, now: Millis) -> bool {
        self.entry(id).is_none_or(|entry| {
            let fresh = entry
                .answered_at
                .is_some_and(|at| now.saturating_sub(at) <= FRESH_MS);
            entry.asked.is_none() && !fresh
        })
    }

    /// Whether a month is unknown and not being asked for.
    pub(super) fn lacks(&self, id: MonthId) -> bool {
        self.entry(id)
            .is_none_or(|entry| entry.asked.is_none() && entry.answer.is_none())
    }

    pub(super) fn show(&mut self, id: MonthId) {
        self.shown = id;
        self.cursor = None;
        self.take_first();
    }

    pub(super) fn choose(&mut self, date: Date) {
        self.chosen = Some(date);
        self.picked = true;
        self.cursor = Some(date);
    }

    pub(super) fn set_cursor(&mut self, date: Date) {
        self.cursor = Some(date);
    }

    fn take_first(&mut self) {
        self.chosen = self.days(self.shown).first().map(|day| day.date);
        self.picked = false;
    }

    /// After an answer: a day in hand that has no times left gives way to the first that has,
    /// unless the booker chose it and the month was `known` before.
    pub(super) fn settle(&mut self, known: bool) {
        let (_, free) = self.in_hand();
        if !(free || known && self.picked) {
            self.take_first();
        }
    }

    /// The day in hand, and whether it has free times.
    pub(super) fn in_hand(&self) -> (Option<Date>, bool) {
        let free = |date| !self.slots_of(date).is_empty();
        (self.chosen, self.chosen.is_some_and(free))
    }

    /// The month shown.
    #[must_use]
    pub const fn shown(&self) -> MonthId {
        self.shown
    }

    /// Today, as the region last said (at first: as the browser guessed).
    #[must_use]
    pub const fn today(&self) -> Date {
        self.today
    }

    /// The day in hand.
    #[must_use]
    pub const fn chosen(&self) -> Option<Date> {
        self.chosen
    }

    /// Whether the shown month has not been answered yet.
    #[must_use]
    pub fn loading(&self) -> bool {
        self.answer().is_none() && self.fault().is_none()
    }

    /// Why the shown month is not there.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.entry(self.shown)?.fault.as_ref()
    }

    /// The answer for the shown month.
    #[must_use]
    pub fn answer(&self) -> Option<&Slots> {
        self.entry(self.shown)?.answer.as_ref()
    }

    /// Whether the month before can hold anything.
    #[must_use]
    pub fn has_previous(&self) -> bool {
        self.shown > MonthId::of(self.today)
    }

    /// Whether the month after can hold anything.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.last_date
            .is_some_and(|last| self.shown < MonthId::of(last))
    }

    /// Whether a month lies between today and the end of the booking window.
    #[must_use]
    pub fn reaches(&self, id: MonthId) -> bool {
        id >= MonthId::of(self.today) && self.last_date.is_none_or(|last| id <= MonthId::of(last))
    }

    /// The days with free times of a month; none while it is not known.
    #[must_use]
    pub fn days(&self, id: MonthId) -> &[SlotDay] {
        self.entry(id)
            .and_then(|entry| entry.answer.as_ref())
            .map_or(&[], |answer| &answer.days)
    }

    /// The free times of a date.
    #[must_use]
    pub fn slots_of(&self, date: Date) -> &[Slot] {
        self.days(MonthId::of(date))
            .iter()
            .find(|day| day.date == date)
            .map_or(&[], |day| &day.slots)
    }

    /// The slot that starts at an instant, if it is known to be free.
    #[must_use]
    pub fn slot(&self, start: Stamp) -> Option<&Slot> {
        self.slots_of(start.date())
            .iter()
            .find(|slot| slot.start.unix_seconds() == start.unix_seconds())
    }

    /// Up to `most` known slots around an instant, ascending.
    #[must_use]
    pub fn nearest(&self, start: Stamp, most: usize) -> Vec<Slot> {
        let lost = start.unix_seconds();
        let at = |slot: &Slot| slot.start.unix_seconds();
        let answers = self
            .months
            .iter()
            .filter_map(|(_, entry)| entry.answer.as_ref());
        let slots = answers
            .flat_map(|answer| &answer.days)
            .flat_map(|day| &day.slots);
        let mut nearest: Vec<Slot> = Vec::new();
        for slot in slots.filter(|slot| at(slot) != lost) {
            let place = nearest.partition_point(|other| at(other) < at(slot));
            nearest.insert(place, slot.clone());
            if nearest.len() > most {
                // Ascending, so the farthest is at one of the ends.
                let far = |slot: Option<&Slot>| slot.map_or(0, |slot| at(slot).abs_diff(lost));
                if far(nearest.first()) > far(nearest.last()) {
                    nearest.remove(0);
                } else {
                    nearest.pop();
                }
            }
        }
        nearest
    }

    /// A stamp whose offset is the one to print: of the day in hand, else of the
    /// month's first slot, else of now.
    #[must_use]
    pub fn offset_stamp(&self) -> Option<Stamp> {
        let of_day = self.chosen.and_then(|date| self.slots_of(date).first());
        let of_month = || {
            self.days(self.shown)
                .first()
                .and_then(|day| day.slots.first())
        };
        of_day
            .or_else(of_month)
            .map(|slot| slot.start)
            .or_else(|| self.answer().map(|answer| answer.now))
    }

    /// The shown month as a grid.
    #[must_use]
    pub fn grid(&self, week_start: WeekStart) -> Grid {
        let marks = month::Marks {
            week_start,
            today: self.today,
            chosen: self.chosen,
            cursor: self.cursor,
        };
        month::grid(self.shown, marks, |date| self.slots_of(date).len())
    }
}
