//! Somebody else was quicker: the nearest free times.

use leptos::prelude::*;

use super::times::TimeButton;
use crate::{
    browser::Booker,
    flow::Event,
    times::{Time, beside},
    words::Sentence,
};

#[component]
pub(super) fn Taken(booker: Booker) -> impl IntoView {
    let view_of = booker.read(|flow| {
        let lost = flow.lost()?;
        let locale = flow.locale();
        let times: Vec<Time> = lost
            .alternatives
            .iter()
            .map(|slot| Time {
                start: slot.start,
                text: beside(slot, lost.start, locale),
                there: slot.service_start.map(|there| crate::times::there_time(slot.start, there, locale)),
            })
            .collect();
        let time = locale.time(lost.start);
        Some((flow.say(&Sentence::Taken { time: &time }), locale.day(lost.start.date()), times))
    });
    let help = booker.peek(|flow| {
        flow.say(&if flow.moving() { Sentence::TakenHelpMove } else { Sentence::TakenHelp })
    });
    view! {
        <div class="main taken" part="taken">
            <div class="note" part="note">
                <h3 tabindex="-1" data-focus="heading">{move || view_of.get().map(|(title, ..)| title)}</h3>
                <span>{help}</span>
            </div>
            <h4>{move || view_of.get().map(|(_, day, _)| day)}</h4>
            {move || {
                let times = view_of.get().map(|(.., times)| times).unwrap_or_default();
                if times.is_empty() {
                    view! { <p class="fine">{booker.say(&Sentence::NoAlternatives)}</p> }.into_any()
                } else {
                    let times = times.into_iter().map(|time| view! { <TimeButton booker time /> }).collect_view();
                    view! { <div class="slots wide">{times}</div> }.into_any()
                }
            }}
            <button class="plain" part="button" type="button" data-action="back" on:click=move |_| booker.send(Event::Back)>
                {booker.say(&Sentence::OtherTimes)}
            </button>
        </div>
    }
}
