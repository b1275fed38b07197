//! Moving a booking: the old time, the new one, and whether to.

use leptos::prelude::*;

use super::foot::Foot;
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    summary,
    words::Sentence,
};

#[component]
pub(super) fn Confirm(booker: Booker) -> impl IntoView {
    let old = booker.read(|flow| flow.booked().map(|booked| summary::of_booking(flow, &booked.booking)));
    let new = booker.read(|flow| flow.pick().map(|pick| summary::of_slot(flow, &pick.slot)));
    let fixed = booker.read(Flow::undecided);
    let line = move |label: Sentence<'static>, when: Memo<Option<summary::When>>| {
        view! {
            <div>
                <dt>{booker.say(&label)}</dt>
                <dd>
                    {move || when.get().map(|when| when.title)}
                    <small>{move || when.get().map(|when| when.zones)}</small>
                </dd>
            </div>
        }
    };
    view! {
        <form
            class="main confirm"
            part="form"
            on:submit=move |event| {
                event.prevent_default();
                booker.send(Event::Submit(Booker::fresh_key()));
            }
        >
            <h3 tabindex="-1" data-focus="heading">{booker.say(&Sentence::MoveQuestion)}</h3>
            <dl>{line(Sentence::OldTime, old)} {line(Sentence::NewTime, new)}</dl>
            <Foot booker>
                <button
                    class="link"
                    part="link"
                    type="button"
                    data-action="back"
                    disabled=move || fixed.get()
                    on:click=move |_| booker.send(Event::Back)
                >
                    {booker.say(&Sentence::OtherTimes)}
                </button>
            </Foot>
        </form>
    }
}
