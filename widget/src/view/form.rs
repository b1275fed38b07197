//! The form.

use leptos::prelude::*;

use super::{foot::Foot, pick::PickCard, question::Question};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    form::Key,
    words::Sentence,
};

#[component]
pub(super) fn Form(booker: Booker) -> impl IntoView {
    let keys = |flow: &Flow| -> Vec<Key> {
        flow.form()
            .questions()
            .iter()
            .map(|question| question.key.clone())
            .collect()
    };
    let questions = booker.part(keys, move |keys| {
        let questions = keys
            .into_iter()
            .map(|key| view! { <Question booker key_of=key /> }.into_any());
        questions.collect_view().into_any()
    });
    let privacy = booker.peek(|flow| {
        flow.say(&Sentence::WhoGetsIt {
            business: flow.business(),
        })
    });
    view! {
        <form
            class="main form"
            part="form"
            novalidate
            aria-label=booker.say(&Sentence::YourDetails)
            on:submit=move |event| {
                event.prevent_default();
                booker.send(Event::Submit(Booker::fresh_key()));
            }
        >
            <PickCard booker />
            <div class="questions">{questions}</div>
            <Foot booker>
                <p class="fine privacy">{privacy}</p>
            </Foot>
        </form>
    }
}
