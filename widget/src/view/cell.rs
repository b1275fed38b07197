//! One place in the month's grid. The button stays the same node from month to
//! month, so that the focus stays in the grid while months come and go.

use chrono::Datelike;
use leptos::prelude::*;

use super::dom::el;
use crate::{
    browser::{Booker, Maybe, Reading, Text},
    flow::Event,
    month::{Cell, Grid},
    words::Sentence,
};

pub(super) fn cell(booker: Booker, grid: Reading<Grid>, row: usize, column: usize) -> AnyView {
    let cell = move || grid.with(|grid| grid.rows[row][column]);
    let of = move |read: fn(Booker, Cell) -> Option<String>| -> Maybe {
        Box::new(move || cell().and_then(|cell| read(booker, cell)))
    };
    let number: Text =
        Box::new(move || cell().map_or_else(String::new, |cell| cell.date.0.day().to_string()));
    let choose = move |_| {
        if let Some(cell) = untrack(cell) {
            booker.send(Event::ChooseDay(cell.date));
        }
    };
    let button = el("button")
        .attr("type", "button")
        .live(
            "part",
            of(|_, cell| Some(if cell.free > 0 { "day free-day" } else { "day" }.to_owned())),
        )
        .live(
            "class",
            of(|_, cell| Some(if cell.free > 0 { "day free" } else { "day" }.to_owned())),
        )
        .live(
            "tabindex",
            of(|_, cell| Some(if cell.tabbable { "0" } else { "-1" }.to_owned())),
        )
        .live("data-date", of(|_, cell| Some(cell.date.to_string())))
        .live("aria-label", of(label))
        .live(
            "aria-disabled",
            of(|_, cell| (cell.free == 0).then(|| "true".to_owned())),
        )
        .live(
            "aria-pressed",
            of(|_, cell| (cell.free > 0 || cell.chosen).then(|| cell.chosen.to_string())),
        )
        .live(
            "aria-current",
            of(|_, cell| cell.today.then(|| "date".to_owned())),
        )
        .on("click", choose)
        .child(number);
    el("td")
        .attr("role", "gridcell")
        .live("aria-selected", of(|_, cell| Some(cell.chosen.to_string())))
        .child(button)
        .view()
}

fn label(booker: Booker, cell: Cell) -> Option<String> {
    booker.peek(|flow| {
        let day = flow.locale().day(cell.date);
        Some(flow.say(&Sentence::DayLabel {
            day: &day,
            free: cell.free,
        }))
    })
}
