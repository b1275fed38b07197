//! The services to choose from.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{
    facts::Facts,
    icon::{Icon, icon},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    words::Sentence,
};

#[component]
pub(super) fn Services(booker: Booker) -> impl IntoView {
    let choice = move |service: OfferedService| {
        let id = service.id.clone();
        view! {
            <li>
                <button
                    class="service"
                    part="service"
                    type="button"
                    data-service=id.to_string()
                    on:click=move |_| booker.send(Event::ChooseService(id.clone()))
                >
                    <strong>{service.name.clone()}</strong>
                    <span class="fine description">{service.description.clone().unwrap_or_default()}</span>
                    <Facts booker service />
                    {icon(Icon::On)}
                </button>
            </li>
        }
        .into_any()
    };
    let choices = booker.part(
        |flow| Flow::services(flow).to_vec(),
        move |services| services.into_iter().map(choice).collect_view().into_any(),
    );
    view! {
        <div class="main services" part="services">
            <h3 tabindex="-1" data-focus="heading">{booker.say(&Sentence::ChooseService)}</h3>
            <ul>{choices}</ul>
        </div>
    }
}
