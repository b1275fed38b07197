//! What happens to a flow, and what it asks for.

use slotstead_shared::{
    Date, Stamp,
    ids::{HostId, ServiceId},
};

use super::Ticket;
use crate::{
    api::{Call, HttpRequest, Outcome},
    form::Key,
    month::{self, MonthId},
};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request came to this.
    Answered(Ticket, Outcome),
    /// Time has passed.
    Tick,
    /// The network is back.
    Online,
    /// The page is looked at again.
    Returned,
    /// The page is being left.
    Leaving,
    /// A service was chosen.
    ChooseService(ServiceId),
    /// A duration was chosen.
    ChooseDuration(u32),
    /// A host was chosen, or anyone.
    ChooseHost(Option<HostId>),
    /// Another month is wanted.
    ShowMonth(MonthId),
    /// A key was pressed on a day.
    MoveFrom(Date, month::Step),
    /// A day was chosen.
    ChooseDay(Date),
    /// A time was picked.
    PickTime(Stamp),
    /// The list of zones is opened or closed.
    ToggleZones,
    /// A zone was chosen.
    ChooseZone(String),
    /// Something was typed.
    Edit(Key, String),
    /// A question was left.
    Leave(Key),
    /// Book, or move. The string is a fresh random key; it is used if the content is new.
    Submit(String),
    /// Keep the lapsed time again.
    KeepAgain,
    /// The way on of whatever failed.
    Retry,
    /// A step back.
    Back,
    /// Change or cancel.
    Manage,
    /// Move it.
    BeginMove,
    /// Cancel it, or delete the booker's data: ask first.
    Ask(Grave),
    /// No.
    DropAsked,
    /// Yes.
    ConfirmAsked,
    /// Start anew.
    BookAnother,
}

/// What cannot be taken back, so that it is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grave {
    /// Cancelling the booking.
    Cancel,
    /// Deleting what it holds of the booker.
    Erase,
}

/// Where the focus goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Focus {
    /// The heading of the step.
    Heading,
    /// The heading of the times.
    Times,
    /// A day of the month.
    Day(Date),
    /// A question of the form.
    Question(Key),
    /// The note that says what went wrong.
    Note,
    /// The list of zones.
    Zones,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a request; answer with [`Event::Answered`].
    Send(Ticket, Call, Box<HttpRequest>),
    /// Move the focus, after the view has followed.
    Focus(Focus),
    /// Say something through the live region.
    Announce(String),
}
