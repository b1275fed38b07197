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
    let title = booker.text(|flow| {
        flow.say(&if flow.asking_cancel() {
            Sentence::CancelQuestion
        } else {
            Sentence::YourBooking
        })
    });
    let content = booker.part(Flow::asking_cancel, move |asking| match asking {
        true => view! { <AskCancel booker /> }.into_any(),
        false => view! { <Choices booker /> }.into_any(),
    });
    view! {
        <div class="main manage" part="manage">
            <h3 tabindex="-1" data-focus="heading">{title}</h3>
            <Details booker />
            {content}
        </div>
    }
}

#[component]
fn Choices(booker: Booker) -> impl IntoView {
    let note = booker.part(notes::sending, move |note| match note {
        Some(note) => view! { <NoteBox booker note /> }.into_any(),
        None => ().into_any(),
    });
    let can_change = |flow: &Flow| {
        flow.booked()
            .is_some_and(|booked| booked.booking.can_change)
    };
    let choices = booker.part(can_change, move |can_change| {
        if !can_change {
            let closed = booker.peek(|flow| flow.say(&Sentence::Closed { business: flow.business() }));
            return view! { <p class="fine">{closed}</p> }.into_any();
        }
        view! {
            <div class="row">
                <button class="plain" part="button" type="button" data-action="move" disabled=booker.flag(Flow::undecided) on:click=move |_| booker.send(Event::BeginMove)>
                    {booker.say(&Sentence::MoveIt)}
                </button>
                <button class="plain bad" part="button" type="button" data-action="cancel" disabled=booker.flag(Flow::undecided) on:click=move |_| booker.send(Event::AskCancel)>
                    {booker.say(&Sentence::CancelIt)}
                </button>
            </div>
        }
        .into_any()
    });
    let back = booker.peek(|flow| flow.how() != How::Opened).then(|| {
        view! {
            <button class="link" part="link" type="button" data-action="back" on:click=move |_| booker.send(Event::Back)>
                {booker.say(&Sentence::Back)}
            </button>
        }
        .into_any()
    });
    view! { <div class="foot">{note} {choices} {back}</div> }
}

#[component]
fn AskCancel(booker: Booker) -> impl IntoView {
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
                <button class="link" part="link" type="button" data-action="keep-booking" disabled=booker.flag(Flow::undecided) on:click=move |_| booker.send(Event::DropCancel)>
                    {booker.say(&Sentence::CancelNo)}
                </button>
            </Foot>
        </form>
    }
}
