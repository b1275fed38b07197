//! Somebody else was quicker: the nearest free times.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    dom::{el, heading, views},
    times::time_button,
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    times::{Time, beside, there_time},
    words::Sentence,
};

pub(super) fn taken(booker: Booker) -> AnyView {
    let (title, day, times) = booker.peek(of_flow).unwrap_or_default();
    let help = booker.peek(|flow| {
        flow.say(&if flow.moving() {
            Sentence::TakenHelpMove
        } else {
            Sentence::TakenHelp
        })
    });
    let note = el("div")
        .class("note")
        .part("note")
        .child(heading("heading", title))
        .child(el("span").child(help));
    let times = if times.is_empty() {
        el("p")
            .class("fine")
            .child(booker.say(&Sentence::NoAlternatives))
    } else {
        let times = times.into_iter().map(|time| time_button(booker, time));
        el("div").class("slots wide").child(views(times))
    };
    el("div")
        .class("main taken")
        .part("taken")
        .child(note)
        .child(el("h4").child(day))
        .child(times)
        .child(button(
            booker,
            Look::Plain,
            "back",
            booker.say(&Sentence::OtherTimes),
            Event::Back,
        ))
        .view()
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
        seats_left: slot.seats_left,
    });
    let time = locale.time(lost.start);
    Some((
        flow.say(&Sentence::Taken { time: &time }),
        locale.day(lost.start.date()),
        times.collect(),
    ))
}
