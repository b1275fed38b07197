//! The frame of all steps, and the one live region.

use leptos::prelude::*;

use super::{
    about::About, booked::Booked, cancelled::Cancelled, confirm::Confirm, form::Form,
    manage::Manage, month::Month, opening::Opening, services::Services, taken::Taken, times::Times,
};
use crate::{
    browser::Booker,
    flow::{Flow, Step},
    words::Sentence,
};

#[component]
pub(crate) fn Sheet(booker: Booker) -> impl IntoView {
    let name = booker.text(|flow| match (flow.step(), flow.fault()) {
        (Step::Opening, Some(_)) => "fault".to_owned(),
        (step, _) => step.name().to_owned(),
    });
    let content = booker.part(Flow::step, move |step| match step {
        Step::Opening => view! { <Opening booker /> }.into_any(),
        Step::Service => view! { <About booker /> <Services booker /> }.into_any(),
        Step::Month => view! { <About booker /> <Month booker /> <Times booker /> }.into_any(),
        Step::Form => view! { <About booker /> <Form booker /> }.into_any(),
        Step::Confirm => view! { <About booker /> <Confirm booker /> }.into_any(),
        Step::Taken => view! { <About booker /> <Taken booker /> }.into_any(),
        Step::Booked => view! { <Booked booker /> }.into_any(),
        Step::Manage => view! { <Manage booker /> }.into_any(),
        Step::Cancelled => view! { <Cancelled booker /> }.into_any(),
    });
    view! {
        <section
            class="sheet"
            part="sheet"
            data-step=name
            lang=booker.peek(|flow| flow.language().tag())
            aria-label=booker.say(&Sentence::BookerLabel)
        >
            {content}
            <p class="sr" role="status" aria-live="polite">{booker.spoken()}</p>
        </section>
    }
}
