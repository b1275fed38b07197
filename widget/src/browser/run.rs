//! Runs a flow: events in, effects carried out, the next tick scheduled.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, Window};

use super::{fetch, focus};
use crate::{
    api::{Call, HttpRequest},
    flow::{Effect as Deed, Event, Flow, Millis, Step, Ticket},
    words::Sentence,
};

pub(super) fn window() -> Window {
    web_sys::window().expect("the widget runs in a page")
}

/// Milliseconds since the page was opened: a clock that only runs forward.
pub(super) fn now() -> Millis {
    let time = window().performance().map_or(0.0, |clock| clock.now());
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, whole ms are enough"
    )]
    let milliseconds = time as Millis;
    milliseconds
}

/// One booker on the page: its flow, and a handle that components copy around.
#[derive(Clone, Copy)]
pub(crate) struct Booker {
    flow: RwSignal<Flow>,
    spoken: RwSignal<String>,
    frame: StoredValue<HtmlElement, LocalStorage>,
    timer: StoredValue<Option<TimeoutHandle>, LocalStorage>,
}

impl Booker {
    pub(super) fn new(flow: Flow, frame: HtmlElement) -> Self {
        Self {
            flow: RwSignal::new(flow),
            spoken: RwSignal::new(String::new()),
            frame: StoredValue::new_local(frame),
            timer: StoredValue::new_local(None),
        }
    }

    /// Shows the flow to a reader that follows it. Not generic, so that it is there once.
    pub(super) fn look(self, read: &mut dyn FnMut(&Flow)) {
        self.flow.with(|flow| read(flow));
    }

    /// The same for a reader that looks only now.
    fn glance(self, read: &mut dyn FnMut(&Flow)) {
        self.flow.with_untracked(|flow| read(flow));
    }

    /// Something of the flow as it is now.
    pub(crate) fn peek<T>(self, read: impl Fn(&Flow) -> T) -> T {
        let mut seen = None;
        self.glance(&mut |flow| seen = Some(read(flow)));
        seen.expect("looking calls back at once")
    }

    /// A sentence.
    pub(crate) fn say(self, sentence: &Sentence<'_>) -> String {
        self.peek(|flow| flow.say(sentence))
    }

    /// What the live region says.
    pub(crate) fn spoken(self) -> super::Text {
        Box::new(move || self.spoken.get())
    }

    /// Says something through the live region.
    pub(crate) fn speak(self, text: String) {
        // The same text twice is not read twice; a no-break space makes it another one.
        self.spoken.update(|spoken| {
            *spoken = if *spoken == text {
                text + "\u{a0}"
            } else {
                text
            };
        });
    }

    /// Tells the flow what happened and does what it asks for.
    pub(crate) fn send(self, event: Event) {
        let before = self.peek(Flow::step);
        let deeds = self.flow.try_update(|flow| flow.on(event, now()));
        let after = self.peek(Flow::step);
        if before != after {
            self.hold_height(after);
        }
        self.perform(deeds.unwrap_or_default());
    }

    /// An answer may bring a shorter step long after the click: the frame stays as
    /// tall as it was, so that the page below does not move. The month, which is
    /// only ever reached by a click or first of all, has the frame's own height again.
    fn hold_height(self, step: Step) {
        self.frame.with_value(|frame| {
            let style = frame.style();
            // Not taken means that the frame may move; nothing worse.
            let _ = match step {
                Step::Opening | Step::Month | Step::Service => style.set_property("min-height", ""),
                _ => style.set_property("min-height", &format!("{}px", frame.offset_height())),
            };
        });
    }

    pub(super) fn perform(self, deeds: Vec<Deed>) {
        for deed in deeds {
            match deed {
                Deed::Send(ticket, call, request) => spawn_local(self.ask(ticket, call, *request)),
                Deed::Focus(target) => self
                    .frame
                    .with_value(|frame| focus::move_to(frame, &target)),
                Deed::Announce(text) => self.speak(text),
            }
        }
        self.schedule();
    }

    async fn ask(self, ticket: Ticket, call: Call, request: HttpRequest) {
        let answer = fetch::send(request).await;
        self.send(Event::Answered(ticket, call.outcome(answer)));
    }

    fn schedule(self) {
        let wait = self.peek(|flow| flow.next_wake().map(|at| at.saturating_sub(now())));
        self.timer.update_value(|timer| {
            if let Some(old) = timer.take() {
                old.clear();
            }
            // A moment more than needed, so that the tick does not come just before its time.
            *timer = wait.and_then(|wait| {
                set_timeout_with_handle(
                    move || self.send(Event::Tick),
                    Duration::from_millis(wait + 5),
                )
                .ok()
            });
        });
    }

    /// A new key for one content to be sent: 128 random bits.
    pub(crate) fn fresh_key() -> String {
        let mut bytes = [0_u8; 16];
        // Every browser that runs wasm has it; without randomness, the time still tells clicks apart.
        let random = window()
            .crypto()
            .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
        let rest = if random.is_ok() { 0 } else { now() };
        format!("{:032x}{rest:x}", u128::from_be_bytes(bytes))
    }
}
