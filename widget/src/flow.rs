//! The flow: what the booker does and what the server answers, turned into what is
//! shown and what is asked next. It names no browser and no clock: events come in
//! with the time, effects go out.
//!
//! | step | shown | leads on | leads back |
//! | --- | --- | --- | --- |
//! | `Opening` | the skeleton, or why it cannot open ([`Fault`]) with a way on | session answered → `Service`, `Month` or `Manage` | – |
//! | `Service` | the services | one chosen → `Month` | – |
//! | `Month` | duration and host where there is a choice, month, times of the day in hand, zone | time picked → `Form` (a hold is placed), or `Confirm` when moving | all services → `Service`; when moving → `Manage` |
//! | `Form` | the time and its hold, the questions | sent → `Booked`; refused → `Taken` | change → `Month` (the hold is released) |
//! | `Confirm` | old and new time | sent → `Booked`; refused → `Taken` | → `Month` |
//! | `Taken` | which time is gone, the nearest free ones | one picked → `Form` or `Confirm` | all times → `Month` |
//! | `Booked` | the booking, its file and link | change or cancel → `Manage` | book another → `Month` |
//! | `Manage` | the booking, what can be done | move → `Month`; cancel, confirmed → `Cancelled`; delete my data, confirmed → `Erased` | → `Booked` |
//! | `Cancelled` | that it is cancelled | book another → `Month`; delete my data → `Manage`, asked | – |
//! | `Erased` | that what was written is deleted | book another → `Month` | – |
//!
//! While something is being sent ([`Sending`]):
//!
//! | state | meaning | what ends it |
//! | --- | --- | --- |
//! | `Idle` | nothing under way | – |
//! | `AwaitingHold` | to be sent once the hold is answered, so that our own hold is not in our way | the hold's answer |
//! | `InFlight` | the first try is under way; a second click changes nothing | its answer |
//! | `Checking` | a try got no answer; the *same* request with the *same* key is repeated | an answer, or the last try |
//! | `Unknown` | no try got an answer; said so, never "nothing was booked" | "Check again": the same request |
//! | `Offline` | no network | the network is back: the same request |
//! | `Limited` | refused for now by the rate limit | time passes, then the same key again |
//! | `Failed` | refused for good | an edit or another try, with a new key |
//!
//! What keeps true: what was typed outlives every event ([`Form`] is only ever
//! edited by the booker, and emptied when the booker has their data deleted); one content has one idempotency key; an answer to a
//! question no longer asked is dropped; a hold nobody waits for is released.

mod booking;
mod diary;
mod event;
mod fault;
mod hold;
mod managing;
mod month_step;
mod opening;
mod reading;
#[cfg(test)]
mod tests;
mod wire;
mod wishing;

use slotstead_shared::{
    Date, Stamp,
    ids::HoldId,
    wire::{BookedView, OfferedService, Session, Slot},
};

pub use diary::Diary;
pub use event::{Effect, Event, Focus, Grave};
pub use fault::Fault;
pub use wire::Ticket;

use crate::{
    api::{Call, Place},
    capability::Capability,
    dates::Locale,
    form::Form,
    wish::Wish,
    words::{Language, Sentence},
};

/// Milliseconds of a clock that only runs forward.
pub type Millis = u64;

/// What the page and the browser say before anything is asked.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where to ask.
    pub place: Place,
    /// The service that the page names.
    pub service: Option<String>,
    /// In manage mode: what the link holds.
    pub manage: Option<Option<Capability>>,
    /// The browser's zone.
    pub zone: String,
    /// The browser's date; only a guess of which month to ask for.
    pub today: Date,
    /// Names and habits.
    pub locale: Locale,
    /// The language of the sentences.
    pub language: Language,
}

/// Where the booker is; see the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table above says it")]
pub enum Step {
    Opening,
    Service,
    Month,
    Form,
    Confirm,
    Taken,
    Booked,
    Manage,
    Cancelled,
    Erased,
}

impl Step {
    /// The name in `data-step`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Service => "service",
            Self::Month => "month",
            Self::Form => "form",
            Self::Confirm => "confirm",
            Self::Taken => "taken",
            Self::Booked => "booked",
            Self::Manage => "manage",
            Self::Cancelled => "cancelled",
            Self::Erased => "erased",
        }
    }
}

/// How far sending is; see the table above.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table above says it")]
pub enum Sending {
    Idle,
    AwaitingHold { key: String },
    InFlight,
    Checking { tries: u32, next_at: Option<Millis> },
    Unknown,
    Offline,
    Limited { until: Millis },
    Failed(Fault),
}

/// The time the booker picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The slot.
    pub slot: Slot,
    /// Its hold.
    pub keeping: Keeping,
}

/// The hold of the picked time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// It waits for the release of the hold before.
    Queued,
    /// It was asked for.
    Asked(Ticket),
    /// It stands until this moment.
    Kept {
        /// The hold.
        id: HoldId,
        /// When it lapses.
        until: Millis,
    },
    /// It could not be placed; the booking goes without.
    Without,
    /// It lapsed; whether the time is still free, once known.
    Lapsed {
        /// `None` until the server has answered.
        still_free: Option<bool>,
    },
    /// It was released because the page was left.
    LetGo,
}

/// The time that was lost to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its start.
    pub start: Stamp,
    /// The nearest free slots.
    pub alternatives: Vec<Slot>,
}

/// How the shown booking came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was just made.
    Made,
    /// It was just moved.
    Moved,
    /// It was opened by its link.
    Opened,
}

/// The whole state of one booker.
#[derive(Debug, Clone)]
pub struct Flow {
    setup: Setup,
    now: Millis,
    out: Vec<Effect>,
    wire: wire::Wire,
    session: Option<Session>,
    step: Step,
    fault: Option<Fault>,
    service: Option<OfferedService>,
    wish: Wish,
    zone: String,
    zone_refused: Option<String>,
    choosing_zone: bool,
    diary: Diary,
    form: Form,
    pick: Option<Pick>,
    lost: Option<Lost>,
    sending: Sending,
    attempt: Option<Call>,
    booked: Option<Box<BookedView>>,
    how: How,
    moving: bool,
    /// What is being asked about, and in which step it was asked for.
    asking: Option<(Grave, Step)>,
}

impl Flow {
    /// Starts. The loader has already asked for a session: its answer belongs to
    /// [`Ticket::FIRST`].
    #[must_use]
    pub fn start(setup: Setup, now: Millis) -> (Self, Vec<Effect>) {
        let mut flow = Self {
            now,
            out: Vec::new(),
            wire: wire::Wire::opening(),
            session: None,
            step: Step::Opening,
            fault: None,
            service: None,
            wish: Wish::default(),
            zone: setup.zone.clone(),
            zone_refused: None,
            choosing_zone: false,
            diary: Diary::new(setup.today),
            form: Form::default(),
            pick: None,
            lost: None,
            sending: Sending::Idle,
            attempt: None,
            booked: None,
            how: How::Made,
            moving: false,
            asking: None,
            setup,
        };
        flow.form.ask(&[]);
        flow.open_link();
        let effects = std::mem::take(&mut flow.out);
        (flow, effects)
    }

    /// Takes one event and gives what is to be done.
    pub fn on(&mut self, event: Event, now: Millis) -> Vec<Effect> {
        self.now = now;
        match event {
            Event::Answered(ticket, outcome) => self.answered(ticket, outcome),
            Event::Tick => self.tick(),
            Event::Online => self.back_online(),
            Event::Returned => self.returned(),
            Event::Leaving => self.leaving(),
            Event::ChooseService(id) => self.choose_service(&id),
            Event::ChooseDuration(minutes) => self.choose_duration(minutes),
            Event::ChooseHost(host) => self.choose_host(host),
            Event::ShowMonth(id) => self.show_month(id),
            Event::MoveFrom(date, step) => self.move_from(date, step),
            Event::ChooseDay(date) => self.choose_day(date),
            Event::PickTime(start) => self.pick_time(start),
            Event::ToggleZones => self.toggle_zones(),
            Event::ChooseZone(zone) => self.choose_zone(zone),
            Event::Edit(key, value) => self.form.edit(&key, value),
            Event::Leave(key) => self.form.leave(&key),
            Event::Submit(key) => self.submit(key),
            Event::KeepAgain => self.keep_again(),
            Event::Retry => self.retry(),
            Event::Back => self.back(),
            Event::Manage => self.manage(),
            Event::BeginMove => self.begin_move(),
            Event::Ask(what) => self.ask_first(what),
            Event::DropAsked => self.drop_asked(),
            Event::ConfirmAsked => self.confirm_asked(),
            Event::BookAnother => self.book_another(),
        }
        std::mem::take(&mut self.out)
    }

    /// When the next [`Event::Tick`] changes something, if at all.
    #[must_use]
    pub fn next_wake(&self) -> Option<Millis> {
        let limited = |until: Millis| (until > self.now).then(|| until.min(self.now + 1_000));
        let hold = match self.pick.as_ref().map(|pick| &pick.keeping) {
            // The countdown is in minutes, so it changes when a whole minute is left.
            Some(Keeping::Kept { until, .. }) if *until > self.now => {
                Some(self.now + ((*until - self.now - 1) % 60_000 + 1))
            }
            _ => None,
        };
        let sending = match &self.sending {
            Sending::Checking { next_at, .. } => *next_at,
            Sending::Limited { until } => limited(*until),
            Sending::Failed(fault) => fault.until().and_then(limited),
            Sending::Idle
            | Sending::AwaitingHold { .. }
            | Sending::InFlight
            | Sending::Unknown
            | Sending::Offline => None,
        };
        let faults = [self.fault.as_ref(), self.diary.fault()];
        let faults = faults
            .into_iter()
            .flatten()
            .filter_map(|fault| fault.until().and_then(limited));
        hold.into_iter().chain(sending).chain(faults).min()
    }

    fn tick(&mut self) {
        self.lapse_if_due();
        self.check_if_due();
    }

    /// The way on of whatever failed, by where it failed.
    fn retry(&mut self) {
        match self.step {
            Step::Opening => self.reopen(),
            Step::Month => self.ask_again(),
            Step::Form | Step::Confirm | Step::Manage => self.resend(),
            Step::Service | Step::Taken | Step::Booked | Step::Cancelled | Step::Erased => {}
        }
    }

    fn back(&mut self) {
        match self.step {
            Step::Form | Step::Confirm => self.leave_pick(),
            Step::Taken => self.leave_taken(),
            Step::Month => self.leave_month(),
            Step::Manage => self.leave_manage(),
            Step::Opening | Step::Service | Step::Booked | Step::Cancelled | Step::Erased => {}
        }
    }

    fn go(&mut self, step: Step) {
        self.step = step;
        self.choosing_zone = false;
        self.out.push(Effect::Focus(Focus::Heading));
    }

    fn announce(&mut self, sentence: &Sentence<'_>) {
        let text = self.say(sentence);
        self.out.push(Effect::Announce(text));
    }
}
