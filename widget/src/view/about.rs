//! Who offers what: the panel that stays beside the steps where there is room.

use leptos::prelude::*;

use super::{facts::Facts, icon::{Icon, icon}};
use crate::{browser::Booker, flow::{Event, Flow, Step}, words::Sentence};

#[component]
pub(super) fn About(booker: Booker) -> impl IntoView {
    let business = booker.read(|flow| flow.business().to_owned());
    let initial = move || business.get().chars().next().map(|first| first.to_uppercase().to_string());
    let service = booker.read(|flow| flow.service().filter(|_| flow.step() != Step::Service).cloned());
    let has_list = booker.read(|flow| flow.has_service_list() && flow.step() == Step::Month);
    let moving = booker.read(Flow::moving);
    let leave = move || {
        let (shown, sentence) = match (moving.get(), has_list.get()) {
            (true, _) => (true, Sentence::KeepOldTime),
            (false, list) => (list, Sentence::AllServices),
        };
        shown.then(|| {
            view! {
                <button class="link back" part="link" type="button" on:click=move |_| booker.send(Event::Back)>
                    {icon(Icon::Back)}
                    {booker.say(&sentence)}
                </button>
            }
        })
    };
    view! {
        <div class="about" part="about">
            <p class="who"><span class="initial" aria-hidden="true">{initial}</span><span>{business}</span></p>
            {move || {
                service
                    .get()
                    .map(|service| {
                        view! {
                            <h2>{service.name.clone()}</h2>
                            {service.description.clone().map(|text| view! { <p class="fine description">{text}</p> })}
                            <Facts booker service />
                        }
                    })
            }}
            {leave}
        </div>
    }
}
