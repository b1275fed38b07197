//! The foot of a step that sends something: its button, or the note that takes its
//! place. It has room for either, so that nothing moves when an answer is late.

use leptos::prelude::*;

use super::note::NoteBox;
use crate::{browser::Booker, notes};

#[component]
pub(super) fn Foot(booker: Booker, children: Children) -> impl IntoView {
    let content = booker.part(notes::sending, move |note| match note {
        Some(note) => view! { <NoteBox booker note /> }.into_any(),
        None => {
            let busy = booker.maybe(|flow| Some(flow.busy().to_string()));
            view! {
                <button class="go" part="main-button" type="submit" data-action="submit" aria-disabled=busy>
                    {booker.text(notes::button)}
                </button>
            }
            .into_any()
        }
    });
    view! {
        <div class="foot">
            {content}
            {children()}
        </div>
    }
}
