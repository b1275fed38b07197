//! The picked time and how it is kept.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    dom::{el, heading},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow, Keeping},
    summary::{When, of_slot, of_wish},
    words::Sentence,
};

pub(super) fn pick_card(booker: Booker) -> AnyView {
    let words = el("div")
        .child(heading("heading", booker.text(|flow| when(flow).title)))
        .child(el("p").class("fine").child(booker.text(of_wish)))
        .child(
            el("p")
                .class("fine")
                .child(booker.text(|flow| when(flow).zones)),
        )
        .child(el("p").class("fine kept").child(booker.text(kept)));
    let change = button(
        booker,
        Look::Link,
        "back",
        booker.say(&Sentence::ChangeTime),
        Event::Back,
    )
    .attr("aria-label", booker.say(&Sentence::ChangeTimeLabel));
    let class = booker.maybe(|flow| {
        Some(
            if is_lapsed(flow) {
                "pick lapsed"
            } else {
                "pick"
            }
            .to_owned(),
        )
    });
    el("div")
        .live("class", class)
        .part("pick")
        .child(words)
        .child(change)
        .view()
}

fn when(flow: &Flow) -> When {
    let when = flow.pick().map(|pick| of_slot(flow, &pick.slot));
    when.unwrap_or_else(|| When {
        title: String::new(),
        zones: String::new(),
    })
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
        Keeping::Lapsed { .. } | Keeping::LetGo => flow.say(&Sentence::NoLongerKept),
    }
}
