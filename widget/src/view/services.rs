//! The services to choose from.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{
    dom::{el, heading, views},
    facts::facts,
    icon::{Icon, icon},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    words::Sentence,
};

pub(super) fn services(booker: Booker) -> AnyView {
    let choice = move |service: OfferedService| {
        let id = service.id.clone();
        let button = el("button")
            .class("service")
            .part("service")
            .attr("type", "button")
            .attr("data-service", id.to_string())
            .on("click", move |_| {
                booker.send(Event::ChooseService(id.clone()));
            })
            .child(el("strong").child(service.name.clone()))
            .child(
                el("span")
                    .class("fine description")
                    .child(service.description.clone()),
            )
            .child(facts(booker, &service, None))
            .child(icon(Icon::On));
        el("li").child(button).view()
    };
    let choices = booker.part(
        |flow| Flow::services(flow).to_vec(),
        move |services| views(services.into_iter().map(choice)),
    );
    el("div")
        .class("main services")
        .part("services")
        .child(heading("heading", booker.say(&Sentence::ChooseService)))
        .child(el("ul").child(choices))
        .view()
}
