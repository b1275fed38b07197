//! A booking that exists: change it or cancel it.

use leptos::prelude::*;

use super::{
    booked::details,
    button::{Look, button},
    dom::{el, heading, nothing},
    foot::foot,
    form::sending_form,
    note::note_box,
};
use crate::{
    browser::Booker,
    flow::{Event, Flow, How},
    notes,
    words::Sentence,
};

pub(super) fn manage(booker: Booker) -> AnyView {
    let title = booker.text(|flow| {
        flow.say(&if flow.asking_cancel() {
            Sentence::CancelQuestion
        } else {
            Sentence::YourBooking
        })
    });
    let content = booker.part(Flow::asking_cancel, move |asking| {
        if asking {
            ask_cancel(booker)
        } else {
            choices(booker)
        }
    });
    el("div")
        .class("main manage")
        .part("manage")
        .child(heading("heading", title))
        .child(details(booker))
        .child(content)
        .view()
}

fn choices(booker: Booker) -> AnyView {
    let note = booker.part(notes::sending, move |note| match note {
        Some(note) => note_box(booker, note),
        None => nothing(),
    });
    let can_change = |flow: &Flow| {
        flow.booked()
            .is_some_and(|booked| booked.booking.can_change)
    };
    let ways = booker.part(can_change, move |can_change| {
        if !can_change {
            let closed = booker.peek(|flow| {
                flow.say(&Sentence::Closed {
                    business: flow.business(),
                })
            });
            return el("p").class("fine").child(closed).view();
        }
        el("div")
            .class("row")
            .child(button(
                booker,
                Look::Plain,
                "move",
                booker.say(&Sentence::MoveIt),
                Event::BeginMove,
            ))
            .child(button(
                booker,
                Look::Grave,
                "cancel",
                booker.say(&Sentence::CancelIt),
                Event::AskCancel,
            ))
            .view()
    });
    let from_booked = booker.peek(|flow| flow.how() != How::Opened);
    let back = from_booked.then(|| {
        button(
            booker,
            Look::Link,
            "back",
            booker.say(&Sentence::Back),
            Event::Back,
        )
    });
    el("div")
        .class("foot")
        .child(note)
        .child(ways)
        .child(back)
        .view()
}

fn ask_cancel(booker: Booker) -> AnyView {
    let no = button(
        booker,
        Look::Link,
        "keep-booking",
        booker.say(&Sentence::CancelNo),
        Event::DropCancel,
    );
    sending_form(booker, || Event::ConfirmCancel)
        .class("ask")
        .child(
            el("p")
                .class("fine")
                .child(booker.say(&Sentence::CancelHelp)),
        )
        .child(foot(booker, None, Some(no)))
        .view()
}
