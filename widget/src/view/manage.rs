//! A booking that exists: change it or cancel it.

use leptos::prelude::*;

use super::{booked::Details, foot::Foot, note::NoteBox};
use crate::{
    browser::Booker,
    flow::{Event, Flow, How},
    notes,
    words::Sentence,
};

#[component]
pub(super) fn Manage(booker: Booker) -> impl IntoView {
    let asking = booker.read(Flow::asking_cancel);
    let title = move || booker.say(&if asking.get() { Sentence::CancelQuestion } else { Sentence::YourBooking });
    view! {
        <div class="main manage" part="manage">
            <h3 tabindex="-1" data-focus="heading">{title}</h3>
            <Details booker />
            {move || {
                if asking.get() {
                    view! { <AskCancel booker /> }.into_any()
                } else {
                    view! { <Choices booker /> }.into_any()
                }
            }}
        </div>
    }
}

#[component]
fn Choices(booker: Booker) -> impl IntoView {
    let can_change = booker.read(|flow| flow.booked().is_some_and(|booked| booked.booking.can_change));
    let note = booker.read(notes::sending);
    let busy = booker.read(Flow::undecided);
    let from_booked = booker.peek(|flow| flow.how() != How::Opened);
    let closed = booker.peek(|flow| flow.say(&Sentence::Closed { business: flow.business() }));
    view! {
        <div class="foot">
            {move || note.get().map(|note| view! { <NoteBox booker note /> })}
            {move || {
                if can_change.get() {
                    view! {
                        <div class="row">
                            <button class="plain" part="button" type="button" data-action="move" disabled=move || busy.get() on:click=move |_| booker.send(Event::BeginMove)>
                                {booker.say(&Sentence::MoveIt)}
                            </button>
                            <button class="plain bad" part="button" type="button" data-action="cancel" disabled=move || busy.get() on:click=move |_| booker.send(Event::AskCancel)>
                                {booker.say(&Sentence::CancelIt)}
                            </button>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <p class="fine">{closed.clone()}</p> }.into_any()
                }
            }}
            {from_booked
                .then(|| {
                    view! {
                        <button class="link" part="link" type="button" data-action="back" on:click=move |_| booker.send(Event::Back)>
                            {booker.say(&Sentence::Back)}
                        </button>
                    }
                })}
        </div>
    }
}

#[component]
fn AskCancel(booker: Booker) -> impl IntoView {
    let fixed = booker.read(Flow::undecided);
    view! {
        <form
            class="ask"
            on:submit=move |event| {
                event.prevent_default();
                booker.send(Event::ConfirmCancel);
            }
        >
            <p class="fine">{booker.say(&Sentence::CancelHelp)}</p>
            <Foot booker>
                <button class="link" part="link" type="button" data-action="keep-booking" disabled=move || fixed.get() on:click=move |_| booker.send(Event::DropCancel)>
                    {booker.say(&Sentence::CancelNo)}
                </button>
            </Foot>
        </form>
    }
}
