//! The foot of a step that sends something: its button, or the note that takes its
//! place. It has room for either, so that nothing moves when an answer is late.

use leptos::prelude::*;

use super::note::NoteBox;
use crate::{browser::Booker, flow::Flow, notes};

#[component]
pub(super) fn Foot(booker: Booker, children: Children) -> impl IntoView {
    let note = booker.read(notes::sending);
    let words = booker.read(notes::button);
    let busy = booker.read(Flow::busy);
    view! {
        <div class="foot">
            {move || match note.get() {
                Some(note) => view! { <NoteBox booker note /> }.into_any(),
                None => {
                    view! {
                        <button class="go" part="main-button" type="submit" data-action="submit" aria-disabled=move || busy.get().to_string()>
                            {words}
                        </button>
                    }
                        .into_any()
                }
            }}
            {children()}
        </div>
    }
}
