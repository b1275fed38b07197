//! One place in the month's grid. The button stays the same node from month to
//! month, so that the focus stays in the grid while months come and go.

use chrono::Datelike;
use leptos::prelude::*;

use crate::{
    browser::{Booker, Reading},
    flow::Event,
    month::{Cell as Day, Grid},
    words::Sentence,
};

#[component]
pub(super) fn Cell(
    booker: Booker,
    grid: Reading<Grid>,
    row: usize,
    column: usize,
) -> impl IntoView {
    let cell = move || grid.with(|grid| grid.rows[row][column]);
    let of = move |read: fn(Booker, Day) -> Option<String>| -> Box<dyn FnMut() -> Option<String> + Send> {
        Box::new(move || cell().and_then(|cell| read(booker, cell)))
    };
    let choose = move |_| {
        if let Some(cell) = untrack(cell) {
            booker.send(Event::ChooseDay(cell.date));
        }
    };
    view! {
        <td role="gridcell" aria-selected=of(|_, cell| Some(cell.chosen.to_string()))>
            <button
                type="button"
                part=of(|_, cell| Some(if cell.free > 0 { "day free-day" } else { "day" }.to_owned()))
                class=of(|_, cell| Some(if cell.free > 0 { "day free" } else { "day" }.to_owned()))
                tabindex=of(|_, cell| Some(if cell.tabbable { "0" } else { "-1" }.to_owned()))
                data-date=of(|_, cell| Some(cell.date.to_string()))
                aria-label=of(label)
                aria-disabled=of(|_, cell| (cell.free == 0).then(|| "true".to_owned()))
                aria-pressed=of(|_, cell| (cell.free > 0).then(|| cell.chosen.to_string()))
                aria-current=of(|_, cell| cell.today.then(|| "date".to_owned()))
                on:click=choose
            >
                {of(|_, cell| Some(cell.date.0.day().to_string()))}
            </button>
        </td>
    }
}

fn label(booker: Booker, cell: Day) -> Option<String> {
    booker.peek(|flow| {
        let day = flow.locale().day(cell.date);
        Some(flow.say(&Sentence::DayLabel {
            day: &day,
            free: cell.free,
        }))
    })
}
