//! It is booked: what, when, where, and what to take along.

use leptos::{prelude::*, task::spawn_local};

use super::icon::{Icon, icon};
use crate::{
    browser::{Booker, copy, save_calendar_file},
    flow::{Event, How},
    summary,
    words::Sentence,
};

#[component]
pub(super) fn Booked(booker: Booker) -> impl IntoView {
    let moved = booker.peek(|flow| flow.how() == How::Moved);
    let (title, help) =
        if moved { (Sentence::Moved, Sentence::MovedHelp) } else { (Sentence::Booked, Sentence::BookedHelp) };
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
    let booked = booker.read(|flow| {
        let booking = flow.booked()?.booking.clone();
        let when = summary::of_booking(flow, &booking);
        Some((booking, when))
    });
    let line = move |label: Sentence<'static>, text: String, small: Option<String>| {
        view! {
            <div>
                <dt>{booker.say(&label)}</dt>
                <dd>{text}{small.map(|text| view! { <small>{text}</small> })}</dd>
            </div>
        }
    };
    view! {
        <dl>
            {move || {
                booked
                    .get()
                    .map(|(booking, when)| {
                        view! {
                            {line(Sentence::What, booking.service_name, None)}
                            {line(Sentence::When, when.title, Some(when.zones))}
                            {line(Sentence::Who, booking.host_name, None)}
                            {booking.location.map(|place| line(Sentence::Where, place, None))}
                        }
                    })
            }}
        </dl>
    }
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
    let failed = RwSignal::new(None::<String>);
    let copied = RwSignal::new(false);
    let copy_link = move |_| {
        let Some(url) = booker.peek(|flow| flow.booked().map(|booked| booked.manage_url.clone())) else { return };
        spawn_local(async move {
            let done = copy(url.clone()).await;
            copied.set(done);
            failed.set((!done).then_some(url));
            booker.speak(booker.say(&if done { Sentence::Copied } else { Sentence::CopyFailed }));
        });
    };
    view! {
        <div class="row">
            <button class="plain" part="button" type="button" data-action="calendar-file" on:click=save>
                {booker.say(&Sentence::CalendarFile)}
            </button>
            <button class="plain" part="button" type="button" data-action="copy-link" on:click=copy_link>
                {move || booker.say(&if copied.get() { Sentence::Copied } else { Sentence::CopyLink })}
            </button>
        </div>
        {move || {
            failed
                .get()
                .map(|url| {
                    view! {
                        <p class="fine">{booker.say(&Sentence::CopyFailed)}</p>
                        <input class="url" part="input" readonly aria-label=booker.say(&Sentence::CopyLink) prop:value=url />
                    }
                })
        }}
    }
}
