//! The picked time and how it is kept.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    dom::{el, heading, nothing},
};
use crate::{
    browser::Booker,
    flow::{Event, Flow, Keeping},
    summary::{When, of_slot},
    words::Sentence,
};

pub(super) fn pick_card(booker: Booker) -> AnyView {
    let words = el("div")
        .child(heading("heading", booker.text(|flow| when(flow).title)))
        .child(
            el("p")
                .class("fine")
                .child(booker.text(|flow| when(flow).zones)),
        )
        .child(el("p").class("fine kept").child(booker.text(kept)));
    let keep_again = booker.part(is_lapsed, move |lapsed| {
        if !lapsed {
            return nothing();
        }
        let words = booker.say(&Sentence::KeepAgain);
        button(booker, Look::Link, "keep", words, Event::KeepAgain).view()
    });
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
        .child(
            el("div")
                .class("pick-actions")
                .child(keep_again)
                .child(change),
        )
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
