//! It is cancelled.

use leptos::prelude::*;

use super::{
    booked::{details, done},
    button::{Look, button},
    dom::el,
    icon::Icon,
};
use crate::{
    browser::Booker,
    flow::{Event, Grave},
    words::Sentence,
};

pub(super) fn cancelled(booker: Booker) -> AnyView {
    let another = booker.say(&Sentence::BookAnother);
    done(
        booker,
        Icon::Cross,
        &Sentence::Cancelled,
        &Sentence::CancelledHelp,
    )
    .class("main done cancelled")
    .part("cancelled")
    .child(details(booker))
    .child(
        el("div")
            .class("row")
            .child(button(
                booker,
                Look::Plain,
                "another",
                another,
                Event::BookAnother,
            ))
            .child(button(
                booker,
                Look::Link,
                "erase",
                booker.say(&Sentence::EraseIt),
                Event::Ask(Grave::Erase),
            )),
    )
    .view()
}
