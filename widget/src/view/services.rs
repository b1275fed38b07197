//! The services to choose from.

use leptos::prelude::*;
use slotstead_shared::wire::OfferedService;

use super::{facts::Facts, icon::{Icon, icon}};
use crate::{browser::Booker, flow::{Event, Flow}, words::Sentence};

#[component]
pub(super) fn Services(booker: Booker) -> impl IntoView {
    let services = booker.read(|flow| Flow::services(flow).to_vec());
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
                    {service.description.clone().map(|text| view! { <span class="fine description">{text}</span> })}
                    <Facts booker service />
                    {icon(Icon::On)}
                </button>
            </li>
        }
    };
    view! {
        <div class="main services" part="services">
            <h3 tabindex="-1" data-focus="heading">{booker.say(&Sentence::ChooseService)}</h3>
            <ul>{move || services.get().into_iter().map(choice).collect_view()}</ul>
        </div>
    }
}
