//! Every sentence of the widget, named by what it says.
//!
//! A sentence is a variant with its parts; a language is one function that turns
//! each variant into text. Adding a language is adding one file with that match:
//! the compiler names every sentence that is missing. Dates and times arrive as
//! text, made by [`crate::dates`].

mod english;

use crate::form::Hint;

/// The languages spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
}

impl Language {
    /// The language for a tag such as `en-GB`, `nb`; English where there is no other yet.
    #[must_use]
    pub fn of_tag(_tag: &str) -> Self {
        Self::English
    }

    /// The tag for `lang` and for asking `Intl` for names.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// A sentence in this language.
    #[must_use]
    pub fn say(self, sentence: &Sentence<'_>) -> String {
        match self {
            Self::English => english::say(sentence).into_owned(),
        }
    }
}

/// Everything the widget says. Titles and actions carry no full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each sentence is documented; its parts are named after what they are"
)]
pub enum Sentence<'a> {
    // The frame.
    /// Names the whole widget for assistive technology.
    BookerLabel,
    /// Shown once loading takes longer than 400 ms.
    Looking,
    /// A duration.
    Minutes(u32),
    /// The durations to choose from.
    Durations(&'a [u32]),
    /// One of them, in the least room.
    ShortMinutes(u32),
    /// Asks for one of them.
    HowLong,
    /// Who gives the service: one of these.
    With(&'a [String]),
    /// Who gives the service: one of so many, whom the booker may name.
    WithOneOf(usize),
    /// Who give the service together.
    WithAll(&'a [String]),
    /// No host in particular.
    Anyone,
    /// All of these.
    All(&'a [String]),
    /// Leads back to the step before.
    Back,
    /// Try the same once more.
    TryAgain,

    // Services.
    /// Heading of the list of services.
    ChooseService,
    /// Leads back to the list of services.
    AllServices,

    // The month.
    /// To the month before.
    PreviousMonth,
    /// To the month after.
    NextMonth,
    /// A day with the number of its free times.
    DayLabel { day: &'a str, free: usize },
    /// A month, announced after it was loaded.
    MonthLoaded { month: &'a str, days: usize },
    /// How the keyboard moves through the month.
    GridHelp,
    /// No free time in a month; another follows.
    NothingFree { month: &'a str },
    /// Where the next free time is.
    NextFree { day: &'a str, time: &'a str },
    /// Goes there.
    ShowIt,
    /// No free time in a month and none after it.
    NothingLater { month: &'a str },
    /// Shows another month.
    ShowMonth { month: &'a str },
    /// No free time at all.
    NothingAtAll,
    /// What to do about it.
    NothingAtAllHelp { business: &'a str },
    /// Asks again.
    LookAgain,
    /// The zone of the times.
    TimesIn { zone: &'a str },
    /// Opens the list of zones.
    ChangeZone,
    /// What "Change" changes, for assistive technology.
    ChangeZoneLabel,
    /// Label of the list of zones.
    ZoneLabel,
    /// The group of the service's own zone.
    ZoneOfService { business: &'a str },
    /// Zones that belong to no region.
    OtherZones,
    /// Why the shown zone is not the booker's own.
    OwnZoneUnknown,
    /// Closes the list of zones.
    Done,
    /// The server did not know the browser's zone.
    ZoneRefused { zone: &'a str, used: &'a str },
    /// Times of a day, announced after it was chosen.
    TimesOf { day: &'a str, free: usize },
    /// In the place of the times before a day is chosen.
    ChooseDay,
    /// In the place of the times of a day that has none.
    NoTimes { day: &'a str },
    /// Times before noon.
    Morning,
    /// Times from noon.
    Afternoon,
    /// Times from five.
    Evening,
    /// Says what the second line of the time buttons is.
    SecondLine { place: &'a str },
    /// How many can still book a time.
    SeatsLeft(u32),
    /// Where the second line of a time button is.
    InPlace { place: &'a str },

    // The form.
    /// Heading of the form.
    YourDetails,
    /// Label of the name.
    YourName,
    /// Label of the address.
    Email,
    /// Marks what may be left empty.
    Optional,
    /// The first, empty option of a choice.
    ChooseOne,
    /// A hint.
    Hint(Hint),
    /// The hold is being placed.
    KeepingIt,
    /// The hold stands.
    KeptFor { minutes: u64 },
    /// There is no hold; the time is still free as far as known.
    NotKept,
    /// The hold is gone.
    NoLongerKept,
    /// The hold lapsed.
    Lapsed { time: &'a str },
    /// And whether the time is still free is being looked up.
    LapsedChecking,
    /// And the time is still free.
    LapsedStillFree,
    /// Places a hold again.
    KeepAgain,
    /// Goes back to choose another time.
    ChangeTime,
    /// What "Change" changes, for assistive technology.
    ChangeTimeLabel,
    /// The button that books.
    BookAt { time: &'a str },
    /// It is being sent.
    Booking,
    /// Who gets what was typed.
    WhoGetsIt { business: &'a str },
    /// Some questions are marked.
    Marked { count: usize },
    /// The same instant in the service's zone.
    There { place: &'a str, time: &'a str },

    // Sending.
    /// The outcome is unknown and is being looked up: title and text.
    Checking,
    /// And the text.
    CheckingHelp,
    /// The outcome could not be found out.
    Unknown,
    /// And what to do.
    UnknownHelp,
    /// Looks again.
    CheckAgain,
    /// There is no network.
    Offline,
    /// And what happens to what was typed.
    OfflineKept,
    /// And that we try again.
    OfflineRetry,
    /// The region or the edge cannot be reached.
    Unreachable,
    /// And that nothing was booked.
    NothingBooked,
    /// And that nothing was changed.
    NothingChanged,
    /// Too many tries.
    Limited,
    /// And when to go on.
    LimitedFor { seconds: u64 },
    /// And that one can go on now.
    LimitedOver,
    /// The server refused for a reason it gave.
    NotDone,
    /// The page may not carry this booker.
    Origin,
    /// And who can change that.
    OriginHelp,
    /// There is no such tenant or service.
    Missing,
    /// And who can change that.
    MissingHelp,
    /// The tenant offers nothing yet.
    NoServices,
    /// And what to do.
    NoServicesHelp { business: &'a str },

    // Taken.
    /// Somebody else was quicker.
    Taken { time: &'a str },
    /// What was kept and what to do.
    TakenHelp,
    /// The same when moving a booking.
    TakenHelpMove,
    /// No other time is free near it.
    NoAlternatives,
    /// Heading of the alternatives.
    Nearest,
    /// Back to the month.
    OtherTimes,

    // Booked.
    /// It is done.
    Booked,
    /// And how to change it later.
    BookedHelp,
    /// It was moved.
    Moved,
    /// And what that means for files saved before.
    MovedHelp,
    /// Label: the service.
    What,
    /// Label: the time.
    When,
    /// Label: the place.
    Where,
    /// Label: the host.
    Who,
    /// Label: the resources.
    Includes,
    /// The same time for the booker.
    ForYou { place: &'a str, time: &'a str },
    /// Saves the calendar file.
    CalendarFile,
    /// Copies the link that changes or cancels.
    CopyLink,
    /// It was copied.
    Copied,
    /// It could not be copied.
    CopyFailed,
    /// Leads to changing and cancelling.
    ChangeOrCancel,
    /// Starts anew.
    BookAnother,

    // Changing.
    /// Heading of a booking looked at.
    YourBooking,
    /// Starts moving it.
    MoveIt,
    /// Starts cancelling it.
    CancelIt,
    /// Asks whether to cancel.
    CancelQuestion,
    /// What that does.
    CancelHelp,
    /// Yes.
    CancelYes,
    /// No.
    CancelNo,
    /// It is being cancelled.
    Cancelling,
    /// It is cancelled.
    Cancelled,
    /// And the time is free.
    CancelledHelp,
    /// Starts deleting the booker's data.
    EraseIt,
    /// Asks whether to delete it.
    EraseQuestion,
    /// What that does.
    EraseHelp,
    /// What that does to a booking to come.
    EraseHelpCancels,
    /// Yes.
    EraseYes,
    /// No.
    EraseNo,
    /// It is being deleted.
    Erasing,
    /// It is deleted.
    Erased,
    /// And nobody can read it.
    ErasedHelp,
    /// It can no longer be changed.
    Closed { business: &'a str },
    /// Heading above the month while moving.
    ChooseNewTime { old: &'a str },
    /// Asks whether to move.
    MoveQuestion,
    /// Label: the time it has.
    OldTime,
    /// Label: the time it would get.
    NewTime,
    /// The button that moves.
    MoveTo { time: &'a str },
    /// It is being moved.
    Moving,
    /// Back without moving.
    KeepOldTime,
    /// The service is not offered any more.
    ServiceGone,
    /// The link holds no capability.
    BadLink,
    /// And what to do.
    BadLinkHelp,
    /// The capability has expired.
    LinkOver,
    /// And what to do.
    LinkOverHelp,
}

#[cfg(test)]
mod tests;
