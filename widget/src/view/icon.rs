//! Small line icons, drawn in the text's colour. They only repeat what the words say.

use leptos::prelude::*;

#[derive(Clone, Copy)]
pub(super) enum Icon {
    Clock,
    Person,
    Pin,
    Globe,
    Back,
    On,
    Tick,
    Cross,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Clock => "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
            Self::Person => {
                "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"
            }
            Self::Pin => {
                "M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
            }
            Self::Globe => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.5 2.6 3.8 5.7 3.8 9s-1.3 6.4-3.8 9c-2.5-2.6-3.8-5.7-3.8-9S9.5 5.6 12 3z"
            }
            Self::Back => "M14.5 5.5 8 12l6.5 6.5",
            Self::On => "M9.5 5.5 16 12l-6.5 6.5",
            Self::Tick => "M5 13l4.5 4.5L19 7.5",
            Self::Cross => "M6.5 6.5l11 11M17.5 6.5l-11 11",
        }
    }
}

pub(super) fn icon(which: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=which.path() />
        </svg>
    }
    .into_any()
}
