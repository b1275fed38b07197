//! Thin components: each shows one part of the flow and turns clicks into events.
//!
//! No decision is made here. What is shown comes from the flow through memos, so a
//! keystroke touches the nodes that changed and nothing else.

mod about;
mod booked;
mod cancelled;
mod cell;
mod confirm;
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

pub(crate) use sheet::{Sheet, SheetProps};
