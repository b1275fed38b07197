//! The month: a grid of buttons with a roving tab stop.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    cell::Cell,
    icon::{Icon, icon},
    zone::Zone,
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    month::{COLUMNS, MonthId, ROWS, Step},
    words::Sentence,
};

#[component]
pub(super) fn Month(booker: Booker) -> impl IntoView {
    let title = booker.text(|flow| flow.locale().month(flow.diary().shown()));
    let loading = booker.maybe(|flow| Some(flow.diary().loading().to_string()));
    let grid = booker.read(|flow| flow.diary().grid(flow.locale().week_start));
    let banner = booker.peek(|flow| {
        let booked = flow.booked().filter(|_| flow.moving())?;
        let start = booked.booking.start;
        let old = format!(
            "{}, {}",
            flow.locale().day(start.date()),
            flow.locale().time(start)
        );
        Some(flow.say(&Sentence::ChooseNewTime { old: &old }))
    });
    let heads = booker.peek(|flow| {
        let locale = flow.locale();
        let columns = locale.week_start.columns();
        columns.map(|day| {
            (
                locale.weekdays[day].clone(),
                locale.weekdays_short[day].clone(),
            )
        })
    });
    let head = |(long, short): (String, String)| {
        view! { <th scope="col" abbr=long>{short}</th> }.into_any()
    };
    let rows = (0..ROWS)
        .map(|row| {
            let cells = (0..COLUMNS)
                .map(|column| view! { <Cell booker grid row column /> }.into_any())
                .collect_view();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect_view();
    view! {
        <div class="month" part="month">
            {banner.map(|text| view! { <p class="fine banner">{text}</p> }.into_any())}
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
                aria-busy=loading
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
    let target = move |flow: &Flow| -> Option<MonthId> {
        let diary = flow.diary();
        let (there, id) = if forward {
            (diary.has_next(), diary.shown().next())
        } else {
            (diary.has_previous(), diary.shown().previous())
        };
        there.then_some(id)
    };
    let (words, which) = if forward {
        (Sentence::NextMonth, Icon::On)
    } else {
        (Sentence::PreviousMonth, Icon::Back)
    };
    view! {
        <button
            part="nav-button"
            type="button"
            aria-label=booker.say(&words)
            aria-disabled=booker.maybe(move |flow| Some(target(flow).is_none().to_string()))
            on:click=move |_| {
                if let Some(id) = booker.peek(target) {
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
    let Some(step) = Step::of_key(&event.key()) else {
        return;
    };
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
