//! Before anything is known: words over the loader's skeleton, or why it cannot open.

use leptos::prelude::*;

use super::{
    dom::{el, views},
    note::note_box,
};
use crate::{browser::Booker, notes, words::Sentence};

pub(super) fn opening(booker: Booker) -> AnyView {
    let content = booker.part(
        |flow| flow.fault().map(|fault| notes::fault(flow, fault)),
        move |note| match note {
            Some(note) => el("div")
                .class("main middle")
                .child(note_box(booker, note))
                .view(),
            None => el("p")
                .class("late opening-words")
                .child(booker.say(&Sentence::Looking))
                .view(),
        },
    );
    views([content.into_any()])
}
