//! The month: a grid of buttons with a roving tab stop.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{cell::Cell, icon::{Icon, icon}, zone::Zone};
use crate::{
    browser::Booker,
    flow::Event,
    month::{COLUMNS, MonthId, ROWS, Step},
    words::Sentence,
};

#[component]
pub(super) fn Month(booker: Booker) -> impl IntoView {
    let title = booker.read(|flow| flow.locale().month(flow.diary().shown()));
    let loading = booker.read(|flow| flow.diary().loading());
    let grid = booker.read(|flow| flow.diary().grid(flow.locale().week_start));
    let old = booker.read(|flow| {
        let booked = flow.booked().filter(|_| flow.moving())?;
        let start = booked.booking.start;
        let old = format!("{}, {}", flow.locale().day(start.date()), flow.locale().time(start));
        Some(flow.say(&Sentence::ChooseNewTime { old: &old }))
    });
    let heads = booker.peek(|flow| {
        let locale = flow.locale();
        let columns = locale.week_start.columns();
        columns.map(|day| (locale.weekdays[day].clone(), locale.weekdays_short[day].clone()))
    });
    let head = |(long, short): (String, String)| view! { <th scope="col" abbr=long>{short}</th> };
    let rows = (0..ROWS)
        .map(|row| {
            let cells = (0..COLUMNS).map(|column| view! { <Cell booker grid row column /> }).collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="month" part="month">
            {move || old.get().map(|text| view! { <p class="fine banner">{text}</p> })}
            <div class="bar">
                <h3 id="month-title" tabindex="-1" data-focus="heading">{title}</h3>
                <div class="nav">
                    <Turn booker forward=false />
                    <Turn booker forward=true />
                </div>
            </div>
            <table
                role="grid"
                aria-labelledby="month-title"
                aria-describedby="month-help"
                aria-busy=move || loading.get().to_string()
                on:keydown=move |event| keydown(booker, &event)
            >
                <thead>
                    <tr>{heads.into_iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p id="month-help" class="sr">{booker.say(&Sentence::GridHelp)}</p>
            <Zone booker />
        </div>
    }
}

/// Turns the page by a month. It stays where it is at the ends, so that focus is not lost.
#[component]
fn Turn(booker: Booker, forward: bool) -> impl IntoView {
    let target = booker.read(move |flow| {
        let diary = flow.diary();
        let (there, id): (bool, MonthId) = if forward {
            (diary.has_next(), diary.shown().next())
        } else {
            (diary.has_previous(), diary.shown().previous())
        };
        there.then_some(id)
    });
    let (words, which) = if forward { (Sentence::NextMonth, Icon::On) } else { (Sentence::PreviousMonth, Icon::Back) };
    view! {
        <button
            part="nav-button"
            type="button"
            aria-label=booker.say(&words)
            aria-disabled=move || target.get().is_none().to_string()
            on:click=move |_| {
                if let Some(id) = target.get_untracked() {
                    booker.send(Event::ShowMonth(id));
                }
            }
        >
            {icon(which)}
        </button>
    }
}

fn keydown(booker: Booker, event: &web_sys::KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(step) = Step::of_key(&event.key()) else { return };
    let date = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.get_attribute("data-date"))
        .and_then(|date| date.parse().ok());
    if let Some(date) = date {
        event.prevent_default();
        booker.send(Event::MoveFrom(date, step));
    }
}
