//! Runs a flow: events in, effects carried out, the next tick scheduled.

use std::{any::Any, marker::PhantomData, sync::Arc, time::Duration};

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

/// A text that follows the flow. These four are boxed so that each is one type for
/// all of the view: every further type of closure costs the visitor a kilobyte.
pub(crate) type Text = Box<dyn FnMut() -> String + Send>;
/// A text that follows the flow, or nothing.
pub(crate) type Maybe = Box<dyn FnMut() -> Option<String> + Send>;
/// A yes or no that follows the flow.
pub(crate) type Flag = Box<dyn FnMut() -> bool + Send>;
/// A part of the view that follows the flow.
pub(crate) type Part = Box<dyn FnMut() -> AnyView + Send>;

/// Something read of the flow, of any type, so that all memos are one type.
#[derive(Clone)]
struct Seen {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&(dyn Any + Send + Sync), &(dyn Any + Send + Sync)) -> bool,
}

impl Seen {
    fn new<T: PartialEq + Send + Sync + 'static>(value: T) -> Self {
        Self {
            value: Arc::new(value),
            same: |one, other| match (one.downcast_ref::<T>(), other.downcast_ref::<T>()) {
                (Some(one), Some(other)) => one == other,
                _ => false,
            },
        }
    }
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

/// Something of the flow that a component follows; it changes only when the value does.
pub(crate) struct Reading<T> {
    memo: Memo<Seen>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reading<T> {}

impl<T: 'static> Reading<T> {
    /// Something of the value, followed.
    pub(crate) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let seen = self.memo.get();
        read(
            seen.value
                .downcast_ref()
                .expect("the memo was made for this type"),
        )
    }
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
    pub(crate) fn read<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Flow) -> T + Send + Sync + 'static,
    ) -> Reading<T> {
        let memo = self.memo(Box::new(move |flow| Seen::new(read(flow))));
        Reading {
            memo,
            kind: PhantomData,
        }
    }

    fn memo(self, read: Box<dyn Fn(&Flow) -> Seen + Send + Sync>) -> Memo<Seen> {
        Memo::new(move |_| self.flow.with(|flow| read(flow)))
    }

    /// A text of the flow, followed by the node or attribute that shows it.
    pub(crate) fn text(self, read: impl Fn(&Flow) -> String + Send + 'static) -> Text {
        Box::new(move || self.flow.with(&read))
    }

    /// The same for what may be absent.
    pub(crate) fn maybe(self, read: impl Fn(&Flow) -> Option<String> + Send + 'static) -> Maybe {
        Box::new(move || self.flow.with(&read))
    }

    /// The same for yes or no.
    pub(crate) fn flag(self, read: impl Fn(&Flow) -> bool + Send + 'static) -> Flag {
        Box::new(move || self.flow.with(&read))
    }

    /// A part of the view that is built anew when what it reads of the flow has changed.
    pub(crate) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Flow) -> T + Send + Sync + 'static,
        build: impl Fn(T) -> AnyView + Send + 'static,
    ) -> Part {
        let reading = self.read(read);
        Box::new(move || build(reading.with(T::clone)))
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
                Deed::Send(ticket, call, request) => spawn_local(self.ask(ticket, call, request)),
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
