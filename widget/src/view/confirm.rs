//! Moving a booking: the old time, the new one, and whether to.

use leptos::prelude::*;

use super::{booked::line, foot::Foot};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    summary,
    words::Sentence,
};

#[component]
pub(super) fn Confirm(booker: Booker) -> impl IntoView {
    let old = booker.peek(|flow| {
        flow.booked()
            .map(|booked| summary::of_booking(flow, &booked.booking))
    });
    let new = booker.peek(|flow| flow.pick().map(|pick| summary::of_slot(flow, &pick.slot)));
    let lines = [(Sentence::OldTime, old), (Sentence::NewTime, new)]
        .into_iter()
        .filter_map(|(label, when)| {
            let when = when?;
            Some(line(booker.say(&label), when.title, Some(when.zones)))
        });
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
            <dl>{lines.collect_view()}</dl>
            <Foot booker>
                <button
                    class="link"
                    part="link"
                    type="button"
                    data-action="back"
                    disabled=booker.flag(Flow::undecided)
                    on:click=move |_| booker.send(Event::Back)
                >
                    {booker.say(&Sentence::OtherTimes)}
                </button>
            </Foot>
        </form>
    }
}
