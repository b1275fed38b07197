//! The picked time and how it is kept.

use leptos::prelude::*;

use crate::{
    browser::Booker,
    flow::{Event, Flow, Keeping},
    summary,
    words::Sentence,
};

#[component]
pub(super) fn PickCard(booker: Booker) -> impl IntoView {
    let when = booker.read(|flow| flow.pick().map(|pick| summary::of_slot(flow, &pick.slot)));
    let kept = booker.read(kept);
    let lapsed = booker.read(|flow| {
        matches!(flow.pick().map(|pick| &pick.keeping), Some(Keeping::Lapsed { .. } | Keeping::LetGo))
    });
    let fixed = booker.read(Flow::undecided);
    let title = move || when.get().map(|when| when.title);
    let zones = move || when.get().map(|when| when.zones);
    view! {
        <div class="pick" part="pick" class:lapsed=move || lapsed.get()>
            <div>
                <h3 tabindex="-1" data-focus="heading">{title}</h3>
                <p class="fine">{zones}</p>
                <p class="fine kept">{kept}</p>
            </div>
            <div class="pick-actions">
                {move || {
                    lapsed
                        .get()
                        .then(|| {
                            view! {
                                <button
                                    class="link"
                                    part="link"
                                    type="button"
                                    data-action="keep"
                                    on:click=move |_| booker.send(Event::KeepAgain)
                                >
                                    {booker.say(&Sentence::KeepAgain)}
                                </button>
                            }
                        })
                }}
                <button
                    class="link"
                    part="link"
                    type="button"
                    data-action="back"
                    aria-label=booker.say(&Sentence::ChangeTimeLabel)
                    disabled=move || fixed.get()
                    on:click=move |_| booker.send(Event::Back)
                >
                    {booker.say(&Sentence::ChangeTime)}
                </button>
            </div>
        </div>
    }
}

/// How the time is kept, as a line.
fn kept(flow: &Flow) -> String {
    let Some(pick) = flow.pick() else { return String::new() };
    match &pick.keeping {
        Keeping::Queued | Keeping::Asked(_) => flow.say(&Sentence::KeepingIt),
        Keeping::Kept { until, .. } => {
            let minutes = until.saturating_sub(flow.now()) / 60_000;
            flow.say(&Sentence::KeptFor { minutes })
        }
        Keeping::Without => flow.say(&Sentence::NotKept),
        Keeping::Lapsed { still_free } => {
            let time = flow.locale().time(pick.slot.start);
            let rest = match still_free {
                Some(true) => Sentence::LapsedStillFree,
                Some(false) | None => Sentence::LapsedChecking,
            };
            format!("{} {}", flow.say(&Sentence::Lapsed { time: &time }), flow.say(&rest))
        }
        Keeping::LetGo => flow.say(&Sentence::LapsedStillFree),
    }
}
