//! The few places that touch the browser: requests, timers, focus, names, files.

mod fetch;
mod file;
mod focus;
mod follow;
mod intl;
mod mount;
mod paint;
mod run;

pub(crate) use file::{copy, save_calendar_file};
pub(crate) use follow::{Flag, Maybe, Part, Reading, Text};
pub(crate) use intl::known_zones;
pub(crate) use run::Booker;
