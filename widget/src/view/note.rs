//! A note with its way on.

use leptos::prelude::*;

use crate::{
    browser::Booker,
    flow::{Event, Step},
    notes::{Action, Note},
};

#[component]
pub(super) fn NoteBox(booker: Booker, note: Note) -> impl IntoView {
    let Note {
        title,
        text,
        waiting,
        action,
    } = note;
    let act = move |action| match action {
        Action::Submit => booker.send(Event::Submit(Booker::fresh_key())),
        Action::Retry => booker.send(Event::Retry),
    };
    // In the form the note takes the place of the main button, so its way on looks like it.
    let main = booker.peek(|flow| matches!(flow.step(), Step::Form | Step::Confirm));
    view! {
        <div class=if waiting { "note waiting" } else { "note" } part="note" tabindex="-1" data-focus="note">
            <b>{title}</b>
            <span>{text}</span>
        </div>
        {action
            .map(|(words, action, enabled)| {
                view! {
                    <button
                        class=if main { "go" } else { "plain" }
                        part=if main { "main-button" } else { "button" }
                        type="button"
                        data-action="retry"
                        disabled=!enabled
                        on:click=move |_| act(action)
                    >
                        {words}
                    </button>
                }
                .into_any()
            })}
    }
}
