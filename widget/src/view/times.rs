//! The times of the day in hand, or why there are none, in the same place.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    dom::{el, heading, views},
    note::note_box,
};
use crate::{
    browser::Booker,
    dates::{DayPart, place},
    flow::{Event, Fault},
    month::MonthId,
    notes,
    times::{Group, Shown, Time, shown},
    words::Sentence,
};

pub(super) fn times(booker: Booker) -> AnyView {
    let content = booker.part(shown, move |state| match state {
        Shown::Loading => loading(booker),
        Shown::Failed(fault) => failed(booker, fault),
        Shown::Empty {
            month,
            day,
            time,
            show,
        } => {
            let title = booker.say(&Sentence::NothingFree { month: &month });
            let text = booker.say(&Sentence::NextFree {
                day: &day,
                time: &time,
            });
            let words = booker.say(&Sentence::ShowIt);
            empty(booker, title, text, Some((words, Event::ShowMonth(show))))
        }
        Shown::NothingLater { month, before } => {
            let title = booker.say(&Sentence::NothingLater { month: &month });
            empty(
                booker,
                title,
                String::new(),
                Some(show_month(booker, before)),
            )
        }
        Shown::Nothing => {
            let title = booker.say(&Sentence::NothingAtAll);
            let text = booker.peek(|flow| {
                flow.say(&Sentence::NothingAtAllHelp {
                    business: flow.business(),
                })
            });
            empty(
                booker,
                title,
                text,
                Some((booker.say(&Sentence::LookAgain), Event::Retry)),
            )
        }
        Shown::NoDay => empty(
            booker,
            String::new(),
            booker.say(&Sentence::ChooseDay),
            None,
        ),
        Shown::Day { title, groups } => day(booker, title, groups),
    });
    el("div").class("times").part("times").child(content).view()
}

fn show_month(booker: Booker, id: MonthId) -> (String, Event) {
    let words = booker.peek(|flow| {
        flow.say(&Sentence::ShowMonth {
            month: flow.locale().bare_month(id),
        })
    });
    (words, Event::ShowMonth(id))
}

fn loading(booker: Booker) -> AnyView {
    let bones = (0..6).map(|_| el("i").class("bone").view());
    views([
        el("p")
            .class("late")
            .child(booker.say(&Sentence::Looking))
            .view(),
        el("div")
            .class("slots")
            .attr("aria-hidden", "true")
            .child(views(bones))
            .view(),
    ])
}

/// A fault, followed second by second while a rate limit lasts.
fn failed(booker: Booker, fault: Fault) -> AnyView {
    let note = booker.part(
        move |flow| notes::fault(flow, &fault),
        move |note| note_box(booker, note),
    );
    views([note.into_any()])
}

fn empty(booker: Booker, title: String, text: String, way_on: Option<(String, Event)>) -> AnyView {
    el("div")
        .class("empty")
        .child(heading("times", title))
        .child(el("p").child(text))
        .child(way_on.map(|(words, event)| button(booker, Look::Plain, "show", words, event)))
        .view()
}

fn day(booker: Booker, title: String, groups: Vec<Group>) -> AnyView {
    let both = groups
        .iter()
        .flat_map(|group| &group.times)
        .any(|time| time.there.is_some());
    let class = if both { "slots both" } else { "slots" };
    let group = |group: Group| {
        let name = booker.say(&match group.part {
            DayPart::Morning => Sentence::Morning,
            DayPart::Afternoon => Sentence::Afternoon,
            DayPart::Evening => Sentence::Evening,
        });
        let times = group
            .times
            .into_iter()
            .map(|time| time_button(booker, time));
        views([
            el("h4").child(name).view(),
            el("div").class(class).child(views(times)).view(),
        ])
    };
    let below = both.then(|| {
        booker.say(&Sentence::SecondLine {
            place: &service_place(booker),
        })
    });
    views([
        heading("times", title).view(),
        el("p").class("fine").child(below).view(),
        el("div")
            .class("groups")
            .child(views(groups.into_iter().map(group)))
            .view(),
    ])
}

/// Where the service is, for its own hour beside the booker's.
fn service_place(booker: Booker) -> String {
    booker
        .peek(|flow| flow.service().and_then(|service| place(&service.zone)))
        .unwrap_or_default()
}

pub(super) fn time_button(booker: Booker, time: Time) -> AnyView {
    let Time {
        start,
        text,
        there,
        seats_left,
    } = time;
    // Seen, the other hour is a second line; heard, it is "13:30, 14:30 in Oslo".
    let there = there.map(|there| {
        let place = booker.say(&Sentence::InPlace {
            place: &service_place(booker),
        });
        el("small")
            .child(el("span").class("sr").child(", ".to_owned()))
            .child(there)
            .child(el("span").class("sr").child(format!(" {place}")))
    });
    let left = seats_left.map(|seats| {
        el("small")
            .child(el("span").class("sr").child(", ".to_owned()))
            .child(booker.say(&Sentence::SeatsLeft(seats)))
    });
    el("button")
        .part("time")
        .attr("type", "button")
        .attr("data-slot", start.to_string())
        .on("click", move |_| booker.send(Event::PickTime(start)))
        .child(text)
        .child(there)
        .child(left)
        .view()
}
