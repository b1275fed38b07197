//! Moving the focus after the view has followed the flow.

use std::time::Duration;

use leptos::prelude::set_timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::flow::Focus;

/// Focuses the first element in `frame` that the target means.
///
/// The view is updated in microtasks; a timer runs after all of them.
pub(super) fn move_to(frame: &HtmlElement, target: &Focus) {
    let selector = match target {
        Focus::Heading => "[data-focus=heading]".to_owned(),
        Focus::Times => "[data-focus=times]".to_owned(),
        Focus::Day(date) => format!("[data-date='{date}']"),
        Focus::Question(key) => format!("[name='{}']", key.name()),
        Focus::Note => "[data-focus=note]".to_owned(),
        Focus::Zones => "[data-focus=zones]".to_owned(),
    };
    let frame = frame.clone();
    // A target that is not there is no error: the booker has moved on meanwhile.
    set_timeout(move || _ = focus(&frame, &selector), Duration::ZERO);
}

fn focus(frame: &HtmlElement, selector: &str) -> Option<()> {
    let element: HtmlElement = frame.query_selector(selector).ok()??.dyn_into().ok()?;
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).ok()?;
    bring_into_view(&element);
    Some(())
}

/// Scrolls only as far as needed, and not at all if the element is in view.
fn bring_into_view(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
