//! A note: what happened, what was kept, and the way on.

use crate::{
    flow::{Fault, Flow, Grave, Keeping, Sending, Step},
    words::Sentence,
};

/// What the way on does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Repeats what failed.
    Retry,
    /// Sends anew what the booker wrote or chose.
    Submit,
    /// Keeps the picked time again.
    Keep,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What happened.
    pub title: String,
    /// What was kept and what is next.
    pub text: String,
    /// Whether something is still under way, so that it is no error.
    pub waiting: bool,
    /// The way on: its words, what it does, whether it can be used now.
    pub action: Option<(String, Action, bool)>,
}

/// The note about a fault on opening, or in the place of the times.
#[must_use]
pub fn fault(flow: &Flow, fault: &Fault) -> Note {
    let safe = (flow.step() == Step::Month && !flow.moving()).then_some(Sentence::NothingBooked);
    note_of(
        flow,
        fault,
        safe,
        flow.say(&Sentence::TryAgain),
        Action::Retry,
    )
}

/// The note at the foot of the form: about sending, else about a hold that lapsed.
#[must_use]
pub fn foot(flow: &Flow) -> Option<Note> {
    sending(flow).or_else(|| lapsed(flow))
}

fn lapsed(flow: &Flow) -> Option<Note> {
    let pick = flow.pick().filter(|_| !flow.busy())?;
    let text = match pick.keeping {
        Keeping::Lapsed {
            still_free: Some(true),
        }
        | Keeping::LetGo => Sentence::LapsedStillFree,
        Keeping::Lapsed { .. } => Sentence::LapsedChecking,
        Keeping::Queued | Keeping::Asked(_) | Keeping::Kept { .. } | Keeping::Without => {
            return None;
        }
    };
    let time = flow.locale().time(pick.slot.start);
    Some(Note {
        title: flow.say(&Sentence::Lapsed { time: &time }),
        text: flow.say(&text),
        waiting: true,
        action: Some((flow.say(&Sentence::KeepAgain), Action::Keep, true)),
    })
}

/// The note about sending, if there is anything to say.
#[must_use]
pub fn sending(flow: &Flow) -> Option<Note> {
    let say = |sentence| flow.say(&sentence);
    let note = |title, text, waiting, action| {
        Some(Note {
            title: say(title),
            text: say(text),
            waiting,
            action,
        })
    };
    match flow.sending() {
        Sending::Idle | Sending::AwaitingHold { .. } | Sending::InFlight => None,
        Sending::Checking { .. } => note(Sentence::Checking, Sentence::CheckingHelp, true, None),
        Sending::Unknown => note(
            Sentence::Unknown,
            Sentence::UnknownHelp,
            false,
            Some((say(Sentence::CheckAgain), Action::Retry, true)),
        ),
        Sending::Offline => {
            let kept = if flow.step() == Step::Form {
                Sentence::OfflineKept
            } else {
                Sentence::OfflineRetry
            };
            note(Sentence::Offline, kept, true, None)
        }
        Sending::Limited { until } => {
            // The same request with the same key, not a new one.
            Some(limited(flow, *until, again(flow).0, Action::Retry))
        }
        Sending::Failed(fault) => {
            let safe = if flow.step() == Step::Form {
                Sentence::NothingBooked
            } else {
                Sentence::NothingChanged
            };
            let (words, action) = again(flow);
            Some(note_of(flow, fault, Some(safe), words, action))
        }
    }
}

/// The words of the button that sends again, and what it does.
fn again(flow: &Flow) -> (String, Action) {
    let time = flow.pick().map(|pick| flow.locale().time(pick.slot.start));
    match (flow.step(), time) {
        (Step::Form, Some(time)) => (flow.say(&Sentence::BookAt { time: &time }), Action::Submit),
        (Step::Confirm, Some(time)) => {
            (flow.say(&Sentence::MoveTo { time: &time }), Action::Submit)
        }
        _ => (flow.say(&Sentence::TryAgain), Action::Retry),
    }
}

/// What the button of the step says while nothing is wrong.
#[must_use]
pub fn button(flow: &Flow) -> String {
    let waiting = flow.busy();
    match flow.step() {
        Step::Form if waiting => flow.say(&Sentence::Booking),
        Step::Confirm if waiting => flow.say(&Sentence::Moving),
        Step::Manage => flow.say(&match (flow.asking(), waiting) {
            (Some(Grave::Erase), true) => Sentence::Erasing,
            (Some(Grave::Erase), false) => Sentence::EraseYes,
            (_, true) => Sentence::Cancelling,
            (_, false) => Sentence::CancelYes,
        }),
        _ => again(flow).0,
    }
}

fn limited(flow: &Flow, until: u64, words: String, action: Action) -> Note {
    let seconds = until.saturating_sub(flow.now()).div_ceil(1_000);
    let text = match seconds {
        0 => Sentence::LimitedOver,
        seconds => Sentence::LimitedFor { seconds },
    };
    Note {
        title: flow.say(&Sentence::Limited),
        text: flow.say(&text),
        waiting: seconds > 0,
        action: Some((words, action, seconds == 0)),
    }
}

fn note_of(
    flow: &Flow,
    fault: &Fault,
    safe: Option<Sentence<'_>>,
    words: String,
    action: Action,
) -> Note {
    let say = |sentence| flow.say(&sentence);
    let business = flow.business();
    let safe = safe.map(say).unwrap_or_default();
    let (title, text) = match fault {
        Fault::Limited { until } => return limited(flow, *until, words, action),
        Fault::Offline => (say(Sentence::Offline), say(Sentence::OfflineRetry)),
        Fault::Unreachable => (say(Sentence::Unreachable), safe),
        Fault::Origin => (say(Sentence::Origin), say(Sentence::OriginHelp)),
        Fault::Missing => (say(Sentence::Missing), say(Sentence::MissingHelp)),
        Fault::NoServices => (
            say(Sentence::NoServices),
            say(Sentence::NoServicesHelp { business }),
        ),
        Fault::BadLink => (say(Sentence::BadLink), say(Sentence::BadLinkHelp)),
        Fault::LinkOver => (say(Sentence::LinkOver), say(Sentence::LinkOverHelp)),
        Fault::ServiceGone => (say(Sentence::ServiceGone), safe),
        Fault::Refused(detail) if safe.is_empty() => (say(Sentence::NotDone), detail.clone()),
        Fault::Refused(detail) => (say(Sentence::NotDone), format!("{detail} {safe}")),
    };
    Note {
        title,
        text,
        waiting: false,
        action: fault.can_retry().then_some((words, action, true)),
    }
}
