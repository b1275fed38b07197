//! How long, with whom, where.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{
    choice,
    dom::{Element, el},
    icon::{Icon, icon},
};
use crate::{
    browser::Booker,
    wish::{Wish, durations, hosts as offered},
    words::Sentence,
};

/// The facts of a service, as far as they are settled: `wish` is what was chosen of it.
pub(super) fn facts(booker: Booker, service: &OfferedService, wish: Option<&Wish>) -> AnyView {
    list(
        how_long(booker, service, wish),
        with(booker, service, wish),
        service,
    )
}

/// The facts with the choices in their places.
pub(super) fn choices(booker: Booker, service: &OfferedService) -> AnyView {
    let wish = Wish::of(service);
    let duration = choice::duration(booker, service);
    let host = choice::host(booker, service);
    list(
        duration.unwrap_or_else(|| how_long(booker, service, Some(&wish))),
        host.or_else(|| with(booker, service, Some(&wish))),
        service,
    )
}

fn list(how_long: Element, with: Option<Element>, service: &OfferedService) -> AnyView {
    let place = service.location.clone().map(text);
    let facts = [
        (Icon::Clock, Some(how_long)),
        (Icon::Person, with),
        (Icon::Pin, place),
    ];
    let fact = |(which, fact): (Icon, Option<Element>)| {
        fact.map(|fact| el("li").child(icon(which)).child(fact))
    };
    facts
        .into_iter()
        .fold(el("ul").class("facts"), |list, line| list.child(fact(line)))
        .view()
}

fn text(words: String) -> Element {
    el("span").child(words)
}

fn how_long(booker: Booker, service: &OfferedService, wish: Option<&Wish>) -> Element {
    let all = durations(service);
    text(booker.say(&match wish {
        None if !all.is_empty() => Sentence::Durations(&all),
        None => Sentence::Minutes(service.duration_minutes),
        Some(wish) => Sentence::Minutes(wish.minutes(service)),
    }))
}

fn with(booker: Booker, service: &OfferedService, wish: Option<&Wish>) -> Option<Element> {
    let named = wish.and_then(|wish| wish.host_name(service));
    let hosts = named.map_or(service.hosts.as_slice(), std::slice::from_ref);
    let said = if service.together {
        Sentence::WithAll(hosts)
    } else if wish.is_none() && offered(service).len() > 2 {
        Sentence::WithOneOf(hosts.len())
    } else {
        Sentence::With(hosts)
    };
    (!hosts.is_empty()).then(|| text(booker.say(&said)))
}
