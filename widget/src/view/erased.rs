//! What the booker wrote is deleted.

use leptos::prelude::*;

use super::{
    booked::done,
    button::{Look, button},
    dom::el,
    icon::Icon,
};
use crate::{browser::Booker, flow::Event, words::Sentence};

pub(super) fn erased(booker: Booker) -> AnyView {
    let another = booker.say(&Sentence::BookAnother);
    done(booker, Icon::Tick, &Sentence::Erased, &Sentence::ErasedHelp)
        .class("main done erased")
        .part("erased")
        .child(el("div").class("row").child(button(
            booker,
            Look::Plain,
            "another",
            another,
            Event::BookAnother,
        )))
        .view()
}
