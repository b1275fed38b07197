//! A booking that exists: change it, cancel it, or have what it holds of the booker deleted.

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
    flow::{Event, Flow, Grave, How},
    notes,
    words::Sentence,
};

pub(super) fn manage(booker: Booker) -> AnyView {
    let title = booker.text(|flow| {
        flow.say(&match flow.asking() {
            Some(Grave::Cancel) => Sentence::CancelQuestion,
            Some(Grave::Erase) => Sentence::EraseQuestion,
            None => Sentence::YourBooking,
        })
    });
    let content = booker.part(Flow::asking, move |asking| match asking {
        Some(what) => ask(booker, what),
        None => choices(booker),
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
                Event::Ask(Grave::Cancel),
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
    let erase = button(
        booker,
        Look::Link,
        "erase",
        booker.say(&Sentence::EraseIt),
        Event::Ask(Grave::Erase),
    );
    el("div")
        .class("foot")
        .child(note)
        .child(ways)
        .child(el("div").class("row").child(back).child(erase))
        .view()
}

fn ask(booker: Booker, what: Grave) -> AnyView {
    let (help, no) = match what {
        Grave::Cancel => (Sentence::CancelHelp, Sentence::CancelNo),
        Grave::Erase if booker.peek(can_change) => (Sentence::EraseHelpCancels, Sentence::EraseNo),
        Grave::Erase => (Sentence::EraseHelp, Sentence::EraseNo),
    };
    let no = button(
        booker,
        Look::Link,
        "keep-booking",
        booker.say(&no),
        Event::DropAsked,
    );
    sending_form(booker, || Event::ConfirmAsked)
        .class("ask")
        .child(el("p").class("fine").child(booker.say(&help)))
        .child(foot(booker, None, Some(no)))
        .view()
}

fn can_change(flow: &Flow) -> bool {
    let booked = flow.booked();
    booked.is_some_and(|booked| booked.booking.can_change)
}
