//! Somebody else was quicker: the nearest free times.

use leptos::prelude::*;

use super::times::TimeButton;
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    times::{Time, beside, there_time},
    words::Sentence,
};

#[component]
pub(super) fn Taken(booker: Booker) -> impl IntoView {
    let (title, day, times) = booker.peek(of_flow).unwrap_or_default();
    let help = booker.peek(|flow| {
        flow.say(&if flow.moving() {
            Sentence::TakenHelpMove
        } else {
            Sentence::TakenHelp
        })
    });
    view! {
        <div class="main taken" part="taken">
            <div class="note" part="note">
                <h3 tabindex="-1" data-focus="heading">{title}</h3>
                <span>{help}</span>
            </div>
            <h4>{day}</h4>
            {if times.is_empty() {
                view! { <p class="fine">{booker.say(&Sentence::NoAlternatives)}</p> }.into_any()
            } else {
                let times = times.into_iter().map(|time| view! { <TimeButton booker time /> }.into_any());
                view! { <div class="slots wide">{times.collect_view().into_any()}</div> }.into_any()
            }}
            <button class="plain" part="button" type="button" data-action="back" on:click=move |_| booker.send(Event::Back)>
                {booker.say(&Sentence::OtherTimes)}
            </button>
        </div>
    }
}

/// The lost time in words, its day, and the times beside it. The step does not change these.
fn of_flow(flow: &Flow) -> Option<(String, String, Vec<Time>)> {
    let lost = flow.lost()?;
    let locale = flow.locale();
    let times = lost.alternatives.iter().map(|slot| Time {
        start: slot.start,
        text: beside(slot, lost.start, locale),
        there: slot
            .service_start
            .map(|there| there_time(slot.start, there, locale)),
    });
    let time = locale.time(lost.start);
    Some((
        flow.say(&Sentence::Taken { time: &time }),
        locale.day(lost.start.date()),
        times.collect(),
    ))
}
