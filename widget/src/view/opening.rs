//! Before anything is known: words over the loader's skeleton, or why it cannot open.

use leptos::prelude::*;

use super::note::NoteBox;
use crate::{browser::Booker, notes, words::Sentence};

#[component]
pub(super) fn Opening(booker: Booker) -> impl IntoView {
    booker.part(
        |flow| flow.fault().map(|fault| notes::fault(flow, fault)),
        move |note| match note {
            Some(note) => {
                view! { <div class="main middle"><NoteBox booker note /></div> }.into_any()
            }
            None => view! { <p class="late opening-words">{booker.say(&Sentence::Looking)}</p> }
                .into_any(),
        },
    )
}
