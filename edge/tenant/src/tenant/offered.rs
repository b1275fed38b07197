//! Free times that were asked for a moment ago.
//!
//! What is free is a function of the question, the second and the store. So the same question in the same second
//! has the same answer, unless something was written in between: then nothing that is known here is looked at.
//! Who asks is looked at before, every time.

use slotstead_shared::{UnixSeconds, wire::Slots};

use super::Context;
use crate::{
    call::{Answer, Command, Reply},
    written::Written,
};

/// Questions whose answers are kept: the months and services of those who ask in one second.
const QUESTIONS: usize = 4;
/// Slots in an answer that is kept, at most: about 120 bytes each.
const SLOTS: usize = 2_000;

/// The answers of one second.
#[derive(Debug, Default)]
pub struct Offered {
    /// The second, and how often the store had been written to.
    at: Option<(UnixSeconds, u64)>,
    answers: Vec<(Command, Written<Slots>)>,
}

/// The answer to a question for free times, worked out by `first` unless it is known.
pub fn offered_once(cx: &Context<'_>, command: &Command, first: impl FnOnce() -> Answer) -> Answer {
    let Some(writes) = cx.store.writes() else {
        return first();
    };
    let at = (cx.now, writes);
    if let Some(slots) = cx.offered.borrow().known(at, command) {
        return Ok(Reply::Slots(slots));
    }
    let answer = first();
    if let Ok(Reply::Slots(slots)) = &answer {
        cx.offered.borrow_mut().keep(at, command, slots);
    }
    answer
}

impl Offered {
    fn known(&self, at: (UnixSeconds, u64), command: &Command) -> Option<Written<Slots>> {
        if self.at != Some(at) {
            return None;
        }
        let found = self.answers.iter().find(|(asked, _)| asked == command);
        found.map(|(_, slots)| slots.clone())
    }

    fn keep(&mut self, at: (UnixSeconds, u64), command: &Command, slots: &Written<Slots>) {
        if self.at != Some(at) {
            self.at = Some(at);
            self.answers.clear();
        }
        let count: usize = slots.days.iter().map(|day| day.slots.len()).sum();
        if count > SLOTS {
            return;
        }
        if self.answers.len() == QUESTIONS {
            self.answers.remove(0);
        }
        self.answers.push((command.clone(), slots.clone()));
    }
}
