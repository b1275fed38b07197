//! The zone of the times, and the list to choose another from.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::{
    browser::{Booker, known_zones},
    dates::{place, zone_with_offset},
    flow::{Event, Flow},
    words::Sentence,
    zones::{Choice, Group, grouped},
};

#[component]
pub(super) fn Zone(booker: Booker) -> impl IntoView {
    let text = |flow: &Flow| {
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
    };
    let content = booker.part(Flow::choosing_zone, move |open| match open {
        true => view! { <ZoneList booker /> }.into_any(),
        false => view! { <span class="zone-text">{booker.text(text)}</span> }.into_any(),
    });
    let open = Flow::choosing_zone;
    view! {
        <div class="zone" part="zone">
            {icon(Icon::Globe)}
            {content}
            <button
                class="link"
                part="link"
                type="button"
                aria-expanded=booker.maybe(move |flow| Some(open(flow).to_string()))
                aria-label=booker.maybe(move |flow| (!open(flow)).then(|| flow.say(&Sentence::ChangeZoneLabel)))
                on:click=move |_| booker.send(Event::ToggleZones)
            >
                {booker.text(move |flow| flow.say(&if open(flow) { Sentence::Done } else { Sentence::ChangeZone }))}
            </button>
        </div>
    }
}

#[component]
fn ZoneList(booker: Booker) -> impl IntoView {
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
    let option = |choice: Choice, selected: bool| {
        view! { <option value=choice.zone selected=selected>{choice.label}</option> }.into_any()
    };
    let first = own.map(|zone| {
        let label = place(&zone).unwrap_or_else(|| zone.clone());
        let heading = booker.peek(|flow| {
            flow.say(&Sentence::ZoneOfService {
                business: flow.business(),
            })
        });
        let selected = zone == now;
        view! { <optgroup label=heading>{option(Choice { zone, label }, selected)}</optgroup> }
            .into_any()
    });
    let rest = groups
        .into_iter()
        .map(|Group { region, zones }| {
            let region = if region.is_empty() {
                booker.say(&Sentence::OtherZones)
            } else {
                region
            };
            let options = zones.into_iter().map(|choice| {
                let selected = choice.zone == now;
                option(choice, selected)
            });
            view! { <optgroup label=region>{options.collect_view().into_any()}</optgroup> }
                .into_any()
        })
        .collect_view();
    view! {
        <select
            data-focus="zones"
            part="input"
            aria-label=booker.say(&Sentence::ZoneLabel)
            on:change=move |event| booker.send(Event::ChooseZone(event_target_value(&event)))
        >
            {first}
            {rest}
        </select>
    }
}
