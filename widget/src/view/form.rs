//! The form.

use leptos::prelude::*;

use super::{
    dom::{Element, el, views},
    foot::foot,
    pick::pick_card,
    question::question,
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    form::Key,
    words::Sentence,
};

pub(super) fn form(booker: Booker) -> AnyView {
    let keys = |flow: &Flow| -> Vec<Key> {
        flow.form()
            .questions()
            .iter()
            .map(|question| question.key.clone())
            .collect()
    };
    let questions = booker.part(keys, move |keys| {
        views(keys.into_iter().map(|key| question(booker, key)))
    });
    let privacy = booker.peek(|flow| {
        flow.say(&Sentence::WhoGetsIt {
            business: flow.business(),
        })
    });
    sending_form(booker, || Event::Submit(Booker::fresh_key()))
        .class("main form")
        .part("form")
        .attr("aria-label", booker.say(&Sentence::YourDetails))
        .child(pick_card(booker))
        .child(el("div").class("questions").child(questions))
        .child(foot(
            booker,
            Some(el("p").class("fine privacy").child(privacy)),
            None,
        ))
        .view()
}

/// A form that tells the flow instead of leaving the page.
pub(super) fn sending_form(booker: Booker, event: impl Fn() -> Event + 'static) -> Element {
    el("form")
        .attr("novalidate", "")
        .on("submit", move |submitted| {
            submitted.prevent_default();
            booker.send(event());
        })
}
