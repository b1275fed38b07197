//! It is booked: what, when, where, and what to take along.

use leptos::{prelude::*, task::spawn_local};

use super::icon::{Icon, icon};
use crate::{
    browser::{Booker, Part, Text, copy, save_calendar_file},
    flow::{Event, Flow, How},
    summary,
    words::Sentence,
};

#[component]
pub(super) fn Booked(booker: Booker) -> impl IntoView {
    let moved = booker.peek(|flow| flow.how() == How::Moved);
    let (title, help) = if moved {
        (Sentence::Moved, Sentence::MovedHelp)
    } else {
        (Sentence::Booked, Sentence::BookedHelp)
    };
    view! {
        <div class="main done" part="booked">
            <span class="mark" aria-hidden="true">{icon(Icon::Tick)}</span>
            <h3 tabindex="-1" data-focus="heading">{booker.say(&title)}</h3>
            <p class="fine">{booker.say(&help)}</p>
            <Details booker />
            <TakeAlong booker />
            <div class="row">
                <button class="link" part="link" type="button" data-action="manage" on:click=move |_| booker.send(Event::Manage)>
                    {booker.say(&Sentence::ChangeOrCancel)}
                </button>
                <button class="link" part="link" type="button" data-action="another" on:click=move |_| booker.send(Event::BookAnother)>
                    {booker.say(&Sentence::BookAnother)}
                </button>
            </div>
        </div>
    }
}

/// What, when, with whom, where.
#[component]
pub(super) fn Details(booker: Booker) -> impl IntoView {
    let lines = |flow: &Flow| {
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
            (flow.say(&Sentence::Who), booking.host_name.clone(), None),
        ];
        lines.extend(
            booking
                .location
                .clone()
                .map(|place| (flow.say(&Sentence::Where), place, None)),
        );
        lines
    };
    let lines = booker.part(lines, |lines| {
        lines
            .into_iter()
            .map(|(label, text, small)| line(label, text, small))
            .collect_view()
            .into_any()
    });
    view! { <dl>{lines}</dl> }
}

/// One line of a booking.
pub(super) fn line(label: String, text: String, small: Option<String>) -> AnyView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{text}<small>{small}</small></dd>
        </div>
    }
    .into_any()
}

/// The calendar file and the link.
#[component]
fn TakeAlong(booker: Booker) -> impl IntoView {
    let save = move |_| {
        booker.peek(|flow| {
            let booked = flow.booked()?;
            let name = format!("{}.ics", booked.booking.service);
            save_calendar_file(&booked.calendar_file, &name)
        });
    };
    // What the last click on "Copy link" came to: a word, and the link if it could not be copied.
    let copied = RwSignal::new((Sentence::CopyLink, None::<String>));
    let copy_link = move |_| {
        let Some(url) = booker.peek(|flow| flow.booked().map(|booked| booked.manage_url.clone()))
        else {
            return;
        };
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
    let by_hand: Part = Box::new(move || {
        let Some(url) = copied.get().1 else {
            return ().into_any();
        };
        view! {
            <p class="fine">{booker.say(&Sentence::CopyFailed)}</p>
            <input class="url" part="input" readonly aria-label=booker.say(&Sentence::CopyLink) value=url />
        }
        .into_any()
    });
    view! {
        <div class="row">
            <button class="plain" part="button" type="button" data-action="calendar-file" on:click=save>
                {booker.say(&Sentence::CalendarFile)}
            </button>
            <button class="plain" part="button" type="button" data-action="copy-link" on:click=copy_link>
                {words}
            </button>
        </div>
        {by_hand}
    }
}
