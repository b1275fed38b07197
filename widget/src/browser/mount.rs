//! The widget's entrance: what the loader calls once everything is there.

use std::time::Duration;

use js_sys::{Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::{fetch, intl, paint, run};
use crate::{
    api::{Call, Place},
    capability::Capability,
    flow::{Event, Flow, Setup, Step, Ticket},
    view::sheet,
    words::Language,
};

/// How often a page that stays open is looked at. What is older than a minute is asked for anew.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Draws a booker into `frame`, an element in the loader's shadow root.
///
/// `config` has `edge`, `tenant` and, as the page gives them, `service`, `lang` and
/// `manage`. `session` is a promise of `[status, body]` of `POST sessions`.
#[wasm_bindgen]
pub fn mount(frame: HtmlElement, config: &JsValue, session: Promise) {
    let text = |key: &str| {
        Reflect::get(config, &key.into())
            .ok()
            .and_then(|value| value.as_string())
    };
    let tag = text("lang")
        .or_else(|| run::window().navigator().language())
        .unwrap_or_else(|| "en".to_owned());
    let language = Language::of_tag(&tag);
    let fallback = "2026-01-01".parse().expect("a date");
    let setup = Setup {
        place: Place {
            edge: text("edge").unwrap_or_default(),
            tenant: text("tenant").unwrap_or_default(),
        },
        service: text("service"),
        manage: text("manage").map(|_| {
            let fragment = run::window().location().hash().unwrap_or_default();
            Capability::from_fragment(&fragment)
        }),
        zone: intl::own_zone(),
        today: intl::local_date().unwrap_or(fallback),
        locale: intl::locale(language, &tag),
        language,
    };
    paint::paint(&frame, None);
    let parent = frame.clone();
    leptos::mount::mount_to(parent, move || start(setup, frame, session)).forget();
}

fn start(setup: Setup, frame: HtmlElement, session: Promise) -> impl IntoView {
    let (flow, deeds) = Flow::start(setup, run::now());
    let booker = run::Booker::new(flow, frame.clone());
    booker.perform(deeds);
    spawn_local(async move {
        let answer = fetch::session(session).await;
        booker.send(Event::Answered(Ticket::FIRST, Call::Open.outcome(answer)));
    });
    listen(booker);
    follow(booker, frame);
    sheet(booker)
}

fn listen(booker: run::Booker) {
    let on = |name, event: Event| {
        window_event_listener_untyped(name, move |_| booker.send(event.clone()));
    };
    on("online", Event::Online);
    on("focus", Event::Returned);
    on("pageshow", Event::Returned);
    on("pagehide", Event::Leaving);
    let look = move || {
        let document = run::window().document();
        if document.is_some_and(|document| !document.hidden()) {
            booker.send(Event::Returned);
        }
    };
    window_event_listener_untyped("visibilitychange", move |_| look());
    // A page that stays open is looked at too, as long as it can be seen.
    set_interval(look, LOOK_AGAIN);
}

/// Takes the skeleton away once there is something to show, and paints the owner's accent.
fn follow(booker: run::Booker, frame: HtmlElement) {
    let state = booker.read(|flow| {
        let ready = flow.step() != Step::Opening || flow.fault().is_some();
        (
            ready,
            flow.profile().and_then(|profile| profile.accent.clone()),
        )
    });
    Effect::new(move |_| {
        let (ready, accent) = state.with(Clone::clone);
        paint::paint(&frame, accent.as_deref());
        if ready && let Ok(Some(bones)) = frame.query_selector(".bones") {
            bones.remove();
        }
    });
}
