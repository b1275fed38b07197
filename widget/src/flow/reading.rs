//! What the view reads of a flow.

use slotstead_shared::wire::{BookedView, OfferedService, Profile};

use super::{Diary, Fault, Flow, Grave, How, Lost, Millis, Pick, Sending, Step};
use crate::{
    dates::Locale,
    form::Form,
    wish::Wish,
    words::{Language, Sentence},
};

impl Flow {
    /// A sentence in the booker's language.
    #[must_use]
    pub fn say(&self, sentence: &Sentence<'_>) -> String {
        self.setup.language.say(sentence)
    }

    /// Names and habits of the booker's locale.
    #[must_use]
    pub const fn locale(&self) -> &Locale {
        &self.setup.locale
    }

    /// The language of the sentences.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.setup.language
    }

    /// Where the booker is.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// Why it cannot open.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// How far sending is.
    #[must_use]
    pub const fn sending(&self) -> &Sending {
        &self.sending
    }

    /// Whether something is under way that a second click must not repeat.
    #[must_use]
    pub const fn busy(&self) -> bool {
        matches!(
            self.sending,
            Sending::AwaitingHold { .. }
                | Sending::InFlight
                | Sending::Checking { .. }
                | Sending::Offline
        )
    }

    /// Whether the outcome of what was sent is not known yet, so that nothing may be changed.
    #[must_use]
    pub const fn undecided(&self) -> bool {
        self.busy() || matches!(self.sending, Sending::Unknown)
    }

    /// The business, once known.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.session.as_ref().map(|session| &session.profile)
    }

    /// The name of the business; empty until it is known.
    #[must_use]
    pub fn business(&self) -> &str {
        self.profile().map_or("", |profile| &profile.name)
    }

    /// What is offered.
    #[must_use]
    pub fn services(&self) -> &[OfferedService] {
        self.session
            .as_ref()
            .map_or(&[], |session| &session.services)
    }

    /// The service in hand.
    #[must_use]
    pub const fn service(&self) -> Option<&OfferedService> {
        self.service.as_ref()
    }

    /// What the booker wants of it.
    #[must_use]
    pub const fn wish(&self) -> &Wish {
        &self.wish
    }

    /// Whether this is the place to choose how long and with whom.
    #[must_use]
    pub const fn choosing_wish(&self) -> bool {
        matches!(self.step, Step::Month) && !self.moving
    }

    /// Months, days and times.
    #[must_use]
    pub const fn diary(&self) -> &Diary {
        &self.diary
    }

    /// The zone of the shown times.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The browser's zone, if the server did not know it.
    #[must_use]
    pub fn zone_refused(&self) -> Option<&str> {
        self.zone_refused.as_deref()
    }

    /// Whether the list of zones is open.
    #[must_use]
    pub const fn choosing_zone(&self) -> bool {
        self.choosing_zone
    }

    /// The form.
    #[must_use]
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// The picked time.
    #[must_use]
    pub const fn pick(&self) -> Option<&Pick> {
        self.pick.as_ref()
    }

    /// The lost time.
    #[must_use]
    pub const fn lost(&self) -> Option<&Lost> {
        self.lost.as_ref()
    }

    /// The booking, once there is one.
    #[must_use]
    pub fn booked(&self) -> Option<&BookedView> {
        self.booked.as_deref()
    }

    /// How it came about.
    #[must_use]
    pub const fn how(&self) -> How {
        self.how
    }

    /// Whether a new time is being chosen for a booking that exists.
    #[must_use]
    pub const fn moving(&self) -> bool {
        self.moving
    }

    /// What the booker is being asked about before it is done.
    #[must_use]
    pub fn asking(&self) -> Option<Grave> {
        self.asking.map(|(what, _)| what)
    }

    /// Whether there is a list of services to go back to.
    #[must_use]
    pub fn has_service_list(&self) -> bool {
        self.setup.service.is_none() && !self.moving && self.services().len() > 1
    }

    /// The time now, as the last event gave it.
    #[must_use]
    pub const fn now(&self) -> Millis {
        self.now
    }
}
