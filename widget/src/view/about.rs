//! Who offers what: the panel that stays beside the steps where there is room.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{
    button::{Look, button},
    dom::{el, nothing, views},
    facts::{choices, facts},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow, Step},
    wish::Wish,
    words::Sentence,
};

pub(super) fn about(booker: Booker) -> AnyView {
    // The style sheet puts it in upper case, which costs less than the tables for it.
    let initial = booker.text(|flow| flow.business().chars().take(1).collect());
    let who = el("p")
        .class("who")
        .child(
            el("span")
                .class("initial")
                .attr("aria-hidden", "true")
                .child(initial),
        )
        .child(el("span").child(booker.text(|flow| flow.business().to_owned())));
    // Where the wish is being chosen it is left out: the controls stay while it changes.
    let shown = |flow: &Flow| {
        let service = flow.service().filter(|_| flow.step() != Step::Service);
        service.map(|service| {
            let settled = (!flow.choosing_wish()).then(|| flow.wish().clone());
            (service.clone(), settled)
        })
    };
    let service = booker.part(
        shown,
        move |shown: Option<(OfferedService, Option<Wish>)>| {
            let Some((service, settled)) = shown else {
                return nothing();
            };
            let facts = match settled {
                Some(wish) => facts(booker, &service, Some(&wish)),
                None => choices(booker, &service),
            };
            let description = service.description.clone();
            views([
                el("h2").child(service.name.clone()).view(),
                el("p").class("fine description").child(description).view(),
                facts,
            ])
        },
    );
    let leave = booker.part(way_back, move |words| match words {
        Some(words) => button(booker, Look::Back, "back", words, Event::Back).view(),
        None => nothing(),
    });
    el("div")
        .class("about")
        .part("about")
        .child(who)
        .child(service)
        .child(leave)
        .view()
}

/// The words of the way back from the month, if there is one.
fn way_back(flow: &Flow) -> Option<String> {
    match (flow.step(), flow.moving(), flow.has_service_list()) {
        (Step::Month, true, _) => Some(flow.say(&Sentence::KeepOldTime)),
        (Step::Month, false, true) => Some(flow.say(&Sentence::AllServices)),
        _ => None,
    }
}
