//! A note with its way on.

use leptos::prelude::*;

use super::{
    button::{Look, bare},
    dom::{el, views},
};
use crate::{
    browser::Booker,
    flow::{Event, Step},
    notes::{Action, Note},
};

pub(super) fn note_box(booker: Booker, note: Note) -> AnyView {
    let words = el("div")
        .class(if note.waiting { "note waiting" } else { "note" })
        .part("note")
        .attr("tabindex", "-1")
        .attr("data-focus", "note")
        .child(el("b").child(note.title))
        .child(el("span").child(note.text));
    // In the form the note takes the place of the main button, so its way on looks like it.
    let main = booker.peek(|flow| matches!(flow.step(), Step::Form | Step::Confirm));
    let look = if main { Look::Main } else { Look::Plain };
    let way_on = note.action.map(|(words, action, enabled)| {
        let name = match action {
            Action::Retry | Action::Submit => "retry",
            Action::Keep => "keep",
        };
        let act = move |_| match action {
            Action::Submit => booker.send(Event::Submit(Booker::fresh_key())),
            Action::Retry => booker.send(Event::Retry),
            Action::Keep => booker.send(Event::KeepAgain),
        };
        bare(look, name)
            .attr_if("disabled", (!enabled).then_some(""))
            .on("click", act)
            .child(words)
            .view()
    });
    views([words.view()].into_iter().chain(way_on))
}
