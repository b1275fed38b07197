//! The foot of a step that sends something: its button, or the note that takes its
//! place. It has room for either, so that nothing moves when an answer is late.

use leptos::prelude::*;

use super::{
    dom::{Element, el},
    note::note_box,
};
use crate::{browser::Booker, notes};

pub(super) fn foot(booker: Booker, above: Option<Element>, below: Option<Element>) -> AnyView {
    let content = booker.part(notes::foot, move |note| match note {
        Some(note) => note_box(booker, note),
        None => el("button")
            .class("go")
            .part("main-button")
            .attr("type", "submit")
            .attr("data-action", "submit")
            .live(
                "aria-disabled",
                booker.maybe(|flow| flow.busy().then(|| "true".to_owned())),
            )
            .child(booker.text(notes::button))
            .view(),
    });
    el("div")
        .class("foot")
        .child(above)
        .child(content)
        .child(below)
        .view()
}
