//! It is booked: what, when, where, and what to take along.

use leptos::{prelude::*, task::spawn_local};

use super::{
    button::{Look, bare, button},
    dom::{Element, el, heading, nothing, views},
    icon::{Icon, icon},
};
use crate::{
    browser::{Booker, Part, Text, copy, save_calendar_file},
    flow::{Event, Flow, How},
    summary,
    words::Sentence,
};

pub(super) fn booked(booker: Booker) -> AnyView {
    let (title, help) = if booker.peek(|flow| flow.how() == How::Moved) {
        (Sentence::Moved, Sentence::MovedHelp)
    } else {
        (Sentence::Booked, Sentence::BookedHelp)
    };
    let change = booker.say(&Sentence::ChangeOrCancel);
    let another = booker.say(&Sentence::BookAnother);
    let ways = el("div")
        .class("row")
        .child(button(booker, Look::Link, "manage", change, Event::Manage))
        .child(button(
            booker,
            Look::Link,
            "another",
            another,
            Event::BookAnother,
        ));
    done(booker, Icon::Tick, &title, &help)
        .class("main done")
        .part("booked")
        .child(details(booker))
        .child(take_along(booker))
        .child(ways)
        .view()
}

/// The top of a view that says that something is done.
pub(super) fn done(
    booker: Booker,
    mark: Icon,
    title: &Sentence<'_>,
    help: &Sentence<'_>,
) -> Element {
    el("div")
        .child(
            el("span")
                .class("mark")
                .attr("aria-hidden", "true")
                .child(icon(mark)),
        )
        .child(heading("heading", booker.say(title)))
        .child(el("p").class("fine").child(booker.say(help)))
}

/// What, when, with whom, where.
pub(super) fn details(booker: Booker) -> Element {
    let lines = booker.part(lines, |lines| {
        views(
            lines
                .into_iter()
                .map(|(label, text, small)| line(label, text, small)),
        )
    });
    el("dl").child(lines)
}

fn lines(flow: &Flow) -> Vec<(String, String, Option<String>)> {
    let Some(booked) = flow.booked() else {
        return Vec::new();
    };
    let booking = &booked.booking;
    let when = summary::of_booking(flow, booking);
    let mut lines = vec![
        (
            flow.say(&Sentence::What),
            booking.service_name.clone(),
            None,
        ),
        (flow.say(&Sentence::When), when.title, Some(when.zones)),
        (
            flow.say(&Sentence::Who),
            summary::hosts_of(flow, booking),
            None,
        ),
    ];
    lines.extend(
        booking
            .location
            .clone()
            .map(|place| (flow.say(&Sentence::Where), place, None)),
    );
    lines.extend(
        summary::resources_of(flow, booking)
            .map(|names| (flow.say(&Sentence::Includes), names, None)),
    );
    lines
}

/// One line of a booking.
pub(super) fn line(label: String, text: String, small: Option<String>) -> AnyView {
    let words = el("dd")
        .child(text)
        .child(small.map(|small| el("small").child(small)));
    el("div").child(el("dt").child(label)).child(words).view()
}

/// The calendar file and the link.
fn take_along(booker: Booker) -> AnyView {
    let save = move |_| {
        booker.peek(|flow| {
            let view = flow.booked()?;
            save_calendar_file(
                &view.calendar_file,
                &format!("{}.ics", view.booking.service),
            )
        });
    };
    // What the last click on "Copy link" came to: a word, and the link if it could not be copied.
    let copied = RwSignal::new((Sentence::CopyLink, None::<String>));
    let copy_link = move |_| {
        let url = booker.peek(|flow| flow.booked().map(|booked| booked.manage_url.clone()));
        let Some(url) = url else { return };
        spawn_local(async move {
            let done = copy(url.clone()).await;
            let word = if done {
                Sentence::Copied
            } else {
                Sentence::CopyFailed
            };
            booker.speak(booker.say(&word));
            copied.set(if done {
                (word, None)
            } else {
                (Sentence::CopyLink, Some(url))
            });
        });
    };
    let words: Text = Box::new(move || booker.say(&copied.get().0));
    let by_hand: Part = Box::new(move || match copied.get().1 {
        Some(url) => by_hand(booker, url),
        None => nothing(),
    });
    let file = bare(Look::Plain, "calendar-file")
        .on("click", save)
        .child(booker.say(&Sentence::CalendarFile));
    let link = bare(Look::Plain, "copy-link")
        .on("click", copy_link)
        .child(words);
    views([
        el("div").class("row").child(file).child(link).view(),
        by_hand.into_any(),
    ])
}

/// The link to copy by hand, where the page does not let us.
fn by_hand(booker: Booker, url: String) -> AnyView {
    let label = booker.say(&Sentence::CopyLink);
    views([
        el("p")
            .class("fine")
            .child(booker.say(&Sentence::CopyFailed))
            .view(),
        el("input")
            .class("url")
            .part("input")
            .attr("readonly", "")
            .attr("aria-label", label)
            .attr("value", url)
            .view(),
    ])
}
