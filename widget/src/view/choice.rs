//! The choices that a service leaves to the booker: how long, and with whom.
//!
//! Real radio buttons and real lists: the keys, the names and the state are the browser's. They
//! stay the same nodes while the choice changes, so that the focus stays on them.

use slotstead_shared::wire::OfferedService;

use super::dom::{Element, el, views};
use crate::{
    browser::Booker,
    flow::Event,
    wish::{durations, hosts},
    words::Sentence,
};
use leptos::prelude::*;

/// So many durations stand side by side; more are a list.
const SIDE_BY_SIDE: usize = 4;

/// How long, where there is a choice.
pub(super) fn duration(booker: Booker, service: &OfferedService) -> Option<Element> {
    let all = durations(service);
    let chosen = booker.peek(|flow| flow.wish().duration_minutes);
    let label = booker.say(&Sentence::HowLong);
    let choices = all.iter().map(|minutes| Choice {
        value: minutes.to_string(),
        words: booker.say(&Sentence::ShortMinutes(*minutes)),
        chosen: chosen == Some(*minutes),
    });
    let choose = move |value: String| {
        if let Ok(minutes) = value.parse() {
            booker.send(Event::ChooseDuration(minutes));
        }
    };
    match all.len() {
        0 => None,
        1..=SIDE_BY_SIDE => Some(
            el("div")
                .class("seg")
                .attr("role", "radiogroup")
                .attr("aria-label", label)
                .child(views(choices.map(|choice| radio(choice, choose)))),
        ),
        _ => Some(list(choices, choose).attr("aria-label", label)),
    }
}

/// With whom, where there is a choice.
pub(super) fn host(booker: Booker, service: &OfferedService) -> Option<Element> {
    let all = hosts(service);
    let chosen = booker.peek(|flow| flow.wish().host.clone());
    let anyone = Choice {
        value: String::new(),
        words: booker.say(&Sentence::Anyone),
        chosen: chosen.is_none(),
    };
    let named = all.iter().map(|host| Choice {
        value: host.id.to_string(),
        words: host.name.clone(),
        chosen: chosen.as_ref() == Some(&host.id),
    });
    let choose = move |value: String| booker.send(Event::ChooseHost(value.parse().ok()));
    (!all.is_empty()).then(|| {
        el("label")
            .class("with")
            .child(el("span").child(booker.say(&Sentence::Who)))
            .child(list([anyone].into_iter().chain(named), choose))
    })
}

struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

fn radio(choice: Choice, choose: impl Fn(String) + 'static) -> AnyView {
    let control = el("input")
        .attr("type", "radio")
        .attr("name", "duration")
        .attr("value", choice.value)
        .attr_if("checked", choice.chosen.then_some(""))
        .on("change", move |event| choose(event_target_value(&event)));
    el("label")
        .part("choice")
        .child(control)
        .child(el("span").child(choice.words))
        .view()
}

fn list(choices: impl Iterator<Item = Choice>, choose: impl Fn(String) + 'static) -> Element {
    let option = |choice: Choice| {
        el("option")
            .attr("value", choice.value)
            .attr_if("selected", choice.chosen.then_some(""))
            .child(choice.words)
            .view()
    };
    el("select")
        .part("input")
        .on("change", move |event| choose(event_target_value(&event)))
        .child(views(choices.map(option)))
}
