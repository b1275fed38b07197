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
    let when = |flow: &Flow| flow.pick().map(|pick| summary::of_slot(flow, &pick.slot));
    let keep_again = booker.part(is_lapsed, move |lapsed| {
        if !lapsed {
            return ().into_any();
        }
        view! {
            <button class="link" part="link" type="button" data-action="keep" on:click=move |_| booker.send(Event::KeepAgain)>
                {booker.say(&Sentence::KeepAgain)}
            </button>
        }
        .into_any()
    });
    let title = booker.maybe(move |flow| when(flow).map(|when| when.title));
    let zones = booker.maybe(move |flow| when(flow).map(|when| when.zones));
    let class = booker.text(|flow| {
        if is_lapsed(flow) {
            "pick lapsed"
        } else {
            "pick"
        }
        .to_owned()
    });
    view! {
        <div class=class part="pick">
            <div>
                <h3 tabindex="-1" data-focus="heading">{title}</h3>
                <p class="fine">{zones}</p>
                <p class="fine kept">{booker.text(kept)}</p>
            </div>
            <div class="pick-actions">
                {keep_again}
                <button
                    class="link"
                    part="link"
                    type="button"
                    data-action="back"
                    aria-label=booker.say(&Sentence::ChangeTimeLabel)
                    disabled=booker.flag(Flow::undecided)
                    on:click=move |_| booker.send(Event::Back)
                >
                    {booker.say(&Sentence::ChangeTime)}
                </button>
            </div>
        </div>
    }
}

fn is_lapsed(flow: &Flow) -> bool {
    matches!(
        flow.pick().map(|pick| &pick.keeping),
        Some(Keeping::Lapsed { .. } | Keeping::LetGo)
    )
}

/// How the time is kept, as a line.
fn kept(flow: &Flow) -> String {
    let Some(pick) = flow.pick() else {
        return String::new();
    };
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
            format!(
                "{} {}",
                flow.say(&Sentence::Lapsed { time: &time }),
                flow.say(&rest)
            )
        }
        Keeping::LetGo => flow.say(&Sentence::LapsedStillFree),
    }
}
