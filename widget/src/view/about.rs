//! Who offers what: the panel that stays beside the steps where there is room.

use leptos::prelude::*;

use super::{
    facts::Facts,
    icon::{Icon, icon},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow, Step},
    words::Sentence,
};

#[component]
pub(super) fn About(booker: Booker) -> impl IntoView {
    let initial = booker.text(|flow| {
        let first = flow.business().chars().next();
        first
            .map(|first| first.to_uppercase().to_string())
            .unwrap_or_default()
    });
    let service = booker.part(
        |flow| {
            flow.service()
                .filter(|_| flow.step() != Step::Service)
                .cloned()
        },
        move |service| {
            let Some(service) = service else {
                return ().into_any();
            };
            let description = service.description.clone();
            view! {
                <h2>{service.name.clone()}</h2>
                <p class="fine description">{description.unwrap_or_default()}</p>
                <Facts booker service />
            }
            .into_any()
        },
    );
    let leave = booker.part(way_back, move |words| {
        let Some(words) = words else { return ().into_any() };
        view! {
            <button class="link back" part="link" type="button" data-action="back" on:click=move |_| booker.send(Event::Back)>
                {icon(Icon::Back)}
                {words}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="about" part="about">
            <p class="who"><span class="initial" aria-hidden="true">{initial}</span><span>{booker.text(|flow| flow.business().to_owned())}</span></p>
            {service}
            {leave}
        </div>
    }
}

/// The words of the way back from the month, if there is one.
fn way_back(flow: &Flow) -> Option<String> {
    match (flow.step(), flow.moving(), flow.has_service_list()) {
        (Step::Month, true, _) => Some(flow.say(&Sentence::KeepOldTime)),
        (Step::Month, false, true) => Some(flow.say(&Sentence::AllServices)),
        _ => None,
    }
}
