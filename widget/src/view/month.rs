//! The month: a grid of buttons with a roving tab stop.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::{
    cell::cell,
    dom::{Element, el, heading, views},
    icon::{Icon, icon},
    zone::zone,
};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    month::{COLUMNS, MonthId, ROWS, Step},
    words::Sentence,
};

pub(super) fn month(booker: Booker) -> AnyView {
    let title = booker.text(|flow| flow.locale().month(flow.diary().shown()));
    let bar = el("div")
        .class("bar")
        .child(heading("heading", title).attr("id", "month-title"))
        .child(
            el("div")
                .class("nav")
                .child(turn(booker, false))
                .child(turn(booker, true)),
        );
    el("div")
        .class("month")
        .part("month")
        .child(
            booker
                .peek(banner)
                .map(|words| el("p").class("fine banner").child(words)),
        )
        .child(bar)
        .child(table(booker))
        .child(
            el("p")
                .class("sr")
                .attr("id", "month-help")
                .child(booker.say(&Sentence::GridHelp)),
        )
        .child(zone(booker))
        .view()
}

/// What the month is for while a booking is being moved.
fn banner(flow: &Flow) -> Option<String> {
    let booked = flow.booked().filter(|_| flow.moving())?;
    let start = booked.booking.start;
    let old = format!(
        "{}, {}",
        flow.locale().day(start.date()),
        flow.locale().time(start)
    );
    Some(flow.say(&Sentence::ChooseNewTime { old: &old }))
}

fn table(booker: Booker) -> Element {
    let grid = booker.read(|flow| flow.diary().grid(flow.locale().week_start));
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
    let heads = heads.into_iter().map(|(long, short)| {
        el("th")
            .attr("scope", "col")
            .attr("abbr", long)
            .child(short)
            .view()
    });
    let rows = (0..ROWS).map(|row| {
        let cells = (0..COLUMNS).map(|column| cell(booker, grid, row, column));
        el("tr").child(views(cells)).view()
    });
    el("table")
        .attr("role", "grid")
        .attr("aria-labelledby", "month-title")
        .attr("aria-describedby", "month-help")
        .live(
            "aria-busy",
            booker.maybe(|flow| Some(flow.diary().loading().to_string())),
        )
        .on("keydown", move |event| keydown(booker, &event))
        .child(el("thead").child(el("tr").child(views(heads))))
        .child(el("tbody").child(views(rows)))
}

/// Turns the page by a month. At the ends it stays where it is, so that focus is not lost.
fn turn(booker: Booker, forward: bool) -> Element {
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
    el("button")
        .part("nav-button")
        .attr("type", "button")
        .attr("aria-label", booker.say(&words))
        .live(
            "aria-disabled",
            booker.maybe(move |flow| target(flow).is_none().then(|| "true".to_owned())),
        )
        .on("click", move |_| {
            if let Some(id) = booker.peek(target) {
                booker.send(Event::ShowMonth(id));
            }
        })
        .child(icon(which))
}

fn keydown(booker: Booker, event: &web_sys::Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
        return;
    };
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
