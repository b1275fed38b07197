//! The zone of the times, and the list to choose another from.

use leptos::prelude::*;

use super::{
    button::{Look, bare},
    dom::{el, views},
    icon::{Icon, icon},
};
use crate::{
    browser::{Booker, known_zones},
    dates::{place, zone_with_offset},
    flow::{Event, Flow},
    words::Sentence,
    zones::{Choice, Group, grouped},
};

pub(super) fn zone(booker: Booker) -> AnyView {
    let open = Flow::choosing_zone;
    let content = booker.part(open, move |open| {
        if open {
            list(booker)
        } else {
            el("span")
                .class("zone-text")
                .child(booker.text(text))
                .view()
        }
    });
    let words = booker.text(move |flow| {
        flow.say(&if open(flow) {
            Sentence::Done
        } else {
            Sentence::ChangeZone
        })
    });
    let button = bare(Look::Link, "zone")
        .live(
            "aria-expanded",
            booker.maybe(move |flow| Some(open(flow).to_string())),
        )
        .live(
            "aria-label",
            booker.maybe(move |flow| (!open(flow)).then(|| flow.say(&Sentence::ChangeZoneLabel))),
        )
        .on("click", move |_| booker.send(Event::ToggleZones))
        .child(words);
    el("div")
        .class("zone")
        .part("zone")
        .child(icon(Icon::Globe))
        .child(content)
        .child(button)
        .view()
}

fn text(flow: &Flow) -> String {
    let zone = flow.zone();
    let zone = match flow.diary().offset_stamp() {
        Some(stamp) => zone_with_offset(zone, stamp),
        None => place(zone).unwrap_or_else(|| zone.to_owned()),
    };
    let text = flow.say(&Sentence::TimesIn { zone: &zone });
    match flow.zone_refused() {
        Some(_) => format!("{text} · {}", flow.say(&Sentence::OwnZoneUnknown)),
        None => text,
    }
}

fn list(booker: Booker) -> AnyView {
    let (groups, now, own) = booker.peek(|flow| {
        let own = flow.service().map(|service| service.zone.clone());
        let always: Vec<&str> = own
            .iter()
            .map(String::as_str)
            .chain([flow.zone()])
            .collect();
        (
            grouped(&known_zones(), &always),
            flow.zone().to_owned(),
            own,
        )
    });
    let option = |choice: Choice| {
        let selected = (choice.zone == now).then_some("");
        el("option")
            .attr("value", choice.zone)
            .attr_if("selected", selected)
            .child(choice.label)
            .view()
    };
    let first = own.map(|zone| {
        let label = place(&zone).unwrap_or_else(|| zone.clone());
        let heading = booker.peek(|flow| {
            flow.say(&Sentence::ZoneOfService {
                business: flow.business(),
            })
        });
        el("optgroup")
            .attr("label", heading)
            .child(option(Choice { zone, label }))
    });
    let rest = groups.into_iter().map(|Group { region, zones }| {
        let region = if region.is_empty() {
            booker.say(&Sentence::OtherZones)
        } else {
            region
        };
        el("optgroup")
            .attr("label", region)
            .child(views(zones.into_iter().map(option)))
            .view()
    });
    el("select")
        .part("input")
        .attr("data-focus", "zones")
        .attr("aria-label", booker.say(&Sentence::ZoneLabel))
        .on("change", move |event| {
            booker.send(Event::ChooseZone(event_target_value(&event)));
        })
        .child(first)
        .child(views(rest))
        .view()
}
