//! The frame of all steps, and the one live region.

use leptos::prelude::*;

use super::{
    about::about,
    booked::booked,
    cancelled::cancelled,
    confirm::confirm,
    dom::{el, views},
    erased::erased,
    form::form,
    manage::manage,
    month::month,
    opening::opening,
    services::services,
    taken::taken,
    times::times,
};
use crate::{
    browser::Booker,
    flow::{Flow, Step},
    words::Sentence,
};

pub(crate) fn sheet(booker: Booker) -> AnyView {
    let name = booker.maybe(|flow| {
        let name = match (flow.step(), flow.fault()) {
            (Step::Opening, Some(_)) => "fault",
            (step, _) => step.name(),
        };
        Some(name.to_owned())
    });
    let content = booker.part(Flow::step, move |step| match step {
        Step::Opening => opening(booker),
        Step::Service => views([about(booker), services(booker)]),
        Step::Month => views([about(booker), month(booker), times(booker)]),
        Step::Form => views([about(booker), form(booker)]),
        Step::Confirm => views([about(booker), confirm(booker)]),
        Step::Taken => views([about(booker), taken(booker)]),
        Step::Booked => booked(booker),
        Step::Manage => manage(booker),
        Step::Cancelled => cancelled(booker),
        Step::Erased => erased(booker),
    });
    let live_region = el("p")
        .class("sr")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .child(booker.spoken());
    el("section")
        .class("sheet")
        .part("sheet")
        .live("data-step", name)
        .attr("lang", booker.peek(|flow| flow.language().tag()))
        .live("aria-label", booker.maybe(|flow| Some(label(flow))))
        .child(content)
        .child(live_region)
        .view()
}

/// Tells one booker from another on the same page.
fn label(flow: &Flow) -> String {
    let words = flow.say(&Sentence::BookerLabel);
    match flow.service() {
        Some(service) => format!("{words}: {}", service.name),
        None => words,
    }
}
