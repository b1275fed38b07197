//! How long, with whom, where.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{
    dom::el,
    icon::{Icon, icon},
};
use crate::{browser::Booker, words::Sentence};

pub(super) fn facts(booker: Booker, service: &OfferedService) -> AnyView {
    let duration = booker.say(&Sentence::Minutes(service.duration_minutes));
    let with = (!service.hosts.is_empty()).then(|| booker.say(&Sentence::With(&service.hosts)));
    let facts = [
        (Icon::Clock, Some(duration)),
        (Icon::Person, with),
        (Icon::Pin, service.location.clone()),
    ];
    let fact = |(which, text): (Icon, Option<String>)| {
        text.map(|text| el("li").child(icon(which)).child(el("span").child(text)))
    };
    facts
        .into_iter()
        .fold(el("ul").class("facts"), |list, line| list.child(fact(line)))
        .view()
}
