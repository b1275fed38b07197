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
    let open = booker.read(Flow::choosing_zone);
    let text = booker.read(|flow| {
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
    });
    view! {
        <div class="zone" part="zone">
            {icon(Icon::Globe)}
            {move || {
                if open.get() {
                    view! { <ZoneList booker /> }.into_any()
                } else {
                    view! { <span class="zone-text">{text}</span> }.into_any()
                }
            }}
            <button
                class="link"
                part="link"
                type="button"
                aria-expanded=move || open.get().to_string()
                aria-label=move || (!open.get()).then(|| booker.say(&Sentence::ChangeZoneLabel))
                on:click=move |_| booker.send(Event::ToggleZones)
            >
                {move || booker.say(&if open.get() { Sentence::Done } else { Sentence::ChangeZone })}
            </button>
        </div>
    }
}

#[component]
fn ZoneList(booker: Booker) -> impl IntoView {
    let (groups, now, own) = booker.peek(|flow| {
        let own = flow.service().map(|service| service.zone.clone());
        let always: Vec<&str> = own.iter().map(String::as_str).chain([flow.zone()]).collect();
        (grouped(&known_zones(), &always), flow.zone().to_owned(), own)
    });
    let option = |choice: Choice, selected: bool| {
        view! { <option value=choice.zone selected=selected>{choice.label}</option> }
    };
    let first = own.map(|zone| {
        let label = place(&zone).unwrap_or_else(|| zone.clone());
        let heading = booker.peek(|flow| flow.say(&Sentence::ZoneOfService { business: flow.business() }));
        let selected = zone == now;
        view! { <optgroup label=heading>{option(Choice { zone, label }, selected)}</optgroup> }
    });
    let rest = groups
        .into_iter()
        .map(|Group { region, zones }| {
            let region = if region.is_empty() { booker.say(&Sentence::OtherZones) } else { region };
            let options = zones.into_iter().map(|choice| {
                let selected = choice.zone == now;
                option(choice, selected)
            });
            view! { <optgroup label=region>{options.collect_view()}</optgroup> }
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
