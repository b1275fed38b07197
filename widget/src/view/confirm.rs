//! Moving a booking: the old time, the new one, and whether to.

use leptos::prelude::*;

use super::{
    booked::line,
    button::{Look, button},
    dom::{el, heading, views},
    foot::foot,
    form::sending_form,
};
use crate::{browser::Booker, flow::Event, summary, words::Sentence};

pub(super) fn confirm(booker: Booker) -> AnyView {
    let old = booker.peek(|flow| {
        flow.booked()
            .map(|booked| summary::of_booking(flow, &booked.booking))
    });
    let new = booker.peek(|flow| flow.pick().map(|pick| summary::of_slot(flow, &pick.slot)));
    let lines = [(Sentence::OldTime, old), (Sentence::NewTime, new)]
        .into_iter()
        .filter_map(|(label, when)| {
            let when = when?;
            Some(line(booker.say(&label), when.title, Some(when.zones)))
        });
    let back = button(
        booker,
        Look::Link,
        "back",
        booker.say(&Sentence::OtherTimes),
        Event::Back,
    );
    sending_form(booker, || Event::Submit(Booker::fresh_key()))
        .class("main confirm")
        .part("form")
        .child(heading("heading", booker.say(&Sentence::MoveQuestion)))
        .child(el("dl").child(views(lines)))
        .child(foot(booker, None, Some(back)))
        .view()
}
