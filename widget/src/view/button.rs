//! A button that tells the flow something.

use super::dom::{Element, el};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
};

/// How a button looks.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// Underlined text.
    Link,
    /// Underlined text with an arrow, leading back.
    Back,
    /// A frame.
    Plain,
    /// A frame, for what cannot be undone.
    Grave,
    /// Filled: the one thing to do next.
    Main,
}

impl Look {
    const fn class_and_part(self) -> (&'static str, &'static str) {
        match self {
            Self::Link => ("link", "link"),
            Self::Back => ("link back", "link"),
            Self::Plain => ("plain", "button"),
            Self::Grave => ("plain bad", "button"),
            Self::Main => ("go", "main-button"),
        }
    }
}

/// A button that leads somewhere else. While the outcome of something sent is not
/// known, nothing leads away from it.
pub(super) fn button(
    booker: Booker,
    look: Look,
    action: &'static str,
    words: String,
    event: Event,
) -> Element {
    bare(look, action)
        .live(
            "disabled",
            booker.maybe(|flow| Flow::undecided(flow).then(String::new)),
        )
        .on("click", move |_| booker.send(event.clone()))
        .child(words)
}

/// A button that does nothing yet.
pub(super) fn bare(look: Look, action: &'static str) -> Element {
    let (class, part) = look.class_and_part();
    el("button")
        .class(class)
        .part(part)
        .attr("type", "button")
        .attr("data-action", action)
}
