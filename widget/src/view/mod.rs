//! Thin components: each shows one part of the flow and turns clicks into events.
//!
//! No decision is made here. What is shown comes from the flow, so a keystroke
//! touches the nodes that changed and nothing else.
//!
//! A component is a function from a [`Booker`](crate::browser::Booker) to an
//! `AnyView`. They use Leptos through the few types of `dom` and not through `view!`
//! and `#[component]`: those make a new type of every element, attribute and
//! closure, and the visitor downloads code for each (measured: 50 KB after brotli).

mod about;
mod booked;
mod button;
mod cancelled;
mod cell;
mod choice;
mod confirm;
mod dom;
mod erased;
mod facts;
mod foot;
mod form;
mod icon;
mod manage;
mod month;
mod note;
mod opening;
mod pick;
mod question;
mod services;
mod sheet;
mod taken;
mod times;
mod zone;

pub(crate) use sheet::sheet;
