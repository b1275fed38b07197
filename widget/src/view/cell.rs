//! One place in the month's grid. The button stays the same node from month to
//! month, so that the focus stays in the grid while months come and go.

use chrono::Datelike;
use leptos::prelude::*;

use crate::{browser::Booker, flow::Event, month::Grid, words::Sentence};

#[component]
pub(super) fn Cell(booker: Booker, grid: Memo<Grid>, row: usize, column: usize) -> impl IntoView {
    let cell = Memo::new(move |_| grid.with(|grid| grid.rows[row][column]));
    let label = move || {
        cell.get().map(|cell| {
            booker.peek(|flow| {
                let day = flow.locale().day(cell.date);
                flow.say(&Sentence::DayLabel { day: &day, free: cell.free })
            })
        })
    };
    let choose = move |_| {
        if let Some(cell) = cell.get_untracked() {
            booker.send(Event::ChooseDay(cell.date));
        }
    };
    view! {
        <td role="gridcell" aria-selected=move || cell.get().map(|cell| cell.chosen.to_string())>
            <button
                part=move || if cell.get().is_some_and(|cell| cell.free > 0) { "day free-day" } else { "day" }
                type="button"
                class:free=move || cell.get().is_some_and(|cell| cell.free > 0)
                hidden=move || cell.get().is_none()
                tabindex=move || if cell.get().is_some_and(|cell| cell.tabbable) { "0" } else { "-1" }
                data-date=move || cell.get().map(|cell| cell.date.to_string())
                aria-label=label
                aria-disabled=move || cell.get().filter(|cell| cell.free == 0).map(|_| "true")
                aria-pressed=move || cell.get().filter(|cell| cell.free > 0).map(|cell| cell.chosen.to_string())
                aria-current=move || cell.get().filter(|cell| cell.today).map(|_| "date")
                on:click=choose
            >
                {move || cell.get().map(|cell| cell.date.0.day())}
            </button>
        </td>
    }
}
