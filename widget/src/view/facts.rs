//! How long, with whom, where.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::icon::{Icon, icon};
use crate::{browser::Booker, words::Sentence};

#[component]
pub(super) fn Facts(booker: Booker, service: OfferedService) -> impl IntoView {
    let fact = |which, text: String| view! { <li>{icon(which)}<span>{text}</span></li> };
    let hosts = (!service.hosts.is_empty()).then(|| fact(Icon::Person, booker.say(&Sentence::With(&service.hosts))));
    view! {
        <ul class="facts">
            {fact(Icon::Clock, booker.say(&Sentence::Minutes(service.duration_minutes)))}
            {hosts}
            {service.location.map(|place| fact(Icon::Pin, place))}
        </ul>
    }
}
