//! Runs a flow: events in, effects carried out, the next tick scheduled.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, Window};

use super::{fetch, focus};
use crate::{
    api::{Call, HttpRequest},
    flow::{Effect as Deed, Event, Flow, Millis, Ticket},
    words::Sentence,
};

pub(super) fn window() -> Window {
    web_sys::window().expect("the widget runs in a page")
}

/// Milliseconds since the page was opened: a clock that only runs forward.
pub(super) fn now() -> Millis {
    let time = window().performance().map_or(0.0, |clock| clock.now());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, whole ms are enough")]
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

    /// Something of the flow, followed for as long as the component lives.
    pub(crate) fn read<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Flow) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.flow.with(|flow| read(flow)))
    }

    /// Something of the flow as it is now.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&Flow) -> T) -> T {
        self.flow.with_untracked(read)
    }

    /// A sentence.
    pub(crate) fn say(self, sentence: &Sentence<'_>) -> String {
        self.peek(|flow| flow.say(sentence))
    }

    /// What the live region says.
    pub(crate) fn spoken(self) -> ReadSignal<String> {
        self.spoken.read_only()
    }

    /// Says something through the live region.
    pub(crate) fn speak(self, text: String) {
        // The same text twice is not read twice; a no-break space makes it another one.
        self.spoken.update(|spoken| {
            *spoken = if *spoken == text { text + "\u{a0}" } else { text };
        });
    }

    /// Tells the flow what happened and does what it asks for.
    pub(crate) fn send(self, event: Event) {
        let deeds = self.flow.try_update(|flow| flow.on(event, now()));
        self.perform(deeds.unwrap_or_default());
    }

    pub(super) fn perform(self, deeds: Vec<Deed>) {
        for deed in deeds {
            match deed {
                Deed::Send(ticket, call, request) => spawn_local(self.ask(ticket, call, request)),
                Deed::Focus(target) => self.frame.with_value(|frame| focus::move_to(frame, &target)),
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
                set_timeout_with_handle(move || self.send(Event::Tick), Duration::from_millis(wait + 5)).ok()
            });
        });
    }

    /// A new key for one content to be sent: 128 random bits.
    pub(crate) fn fresh_key() -> String {
        let mut bytes = [0_u8; 16];
        // Every browser that runs wasm has it; without randomness, the time still tells clicks apart.
        let random = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
        let rest = if random.is_ok() { 0 } else { now() };
        format!("{:032x}{rest:x}", u128::from_be_bytes(bytes))
    }
}
