//! It is cancelled.

use leptos::prelude::*;

use super::{
    booked::Details,
    icon::{Icon, icon},
};
use crate::{browser::Booker, flow::Event, words::Sentence};

#[component]
pub(super) fn Cancelled(booker: Booker) -> impl IntoView {
    view! {
        <div class="main done cancelled" part="cancelled">
            <span class="mark" aria-hidden="true">{icon(Icon::Cross)}</span>
            <h3 tabindex="-1" data-focus="heading">{booker.say(&Sentence::Cancelled)}</h3>
            <p class="fine">{booker.say(&Sentence::CancelledHelp)}</p>
            <Details booker />
            <div class="row">
                <button class="plain" part="button" type="button" data-action="another" on:click=move |_| booker.send(Event::BookAnother)>
                    {booker.say(&Sentence::BookAnother)}
                </button>
            </div>
        </div>
    }
}
