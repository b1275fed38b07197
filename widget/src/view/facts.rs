//! How long, with whom, where.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::icon::{Icon, icon};
use crate::{browser::Booker, words::Sentence};

#[component]
pub(super) fn Facts(booker: Booker, service: OfferedService) -> impl IntoView {
    let with = (!service.hosts.is_empty()).then(|| booker.say(&Sentence::With(&service.hosts)));
    let facts = [
        (
            Icon::Clock,
            Some(booker.say(&Sentence::Minutes(service.duration_minutes))),
        ),
        (Icon::Person, with),
        (Icon::Pin, service.location),
    ];
    let fact = |(which, text): (Icon, Option<String>)| {
        text.map(|text| view! { <li>{icon(which)}<span>{text}</span></li> }.into_any())
    };
    view! {
        <ul class="facts">{facts.into_iter().filter_map(fact).collect_view()}</ul>
    }
}
