//! The flow, driven as the browser and the server would drive it.

mod booking;
mod kept;
mod managing;
mod month;
mod opening;
mod support;
mod wishing;
