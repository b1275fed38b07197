//! The thin shell between the platform and the edge: requests in, answers out, one log line each.

mod clock;
mod effects;
mod hop;
mod http;
mod keys;
mod microtask;
mod object;
mod random;
mod region;
mod sql;
mod vault;

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use worker::{Env, event, wasm_bindgen_futures::future_to_promise, web_sys, worker_sys};

use crate::{
    config::{Config, Mistake},
    edge::{self, Edge},
    exchange::{Incoming, Method, Outgoing},
};
use http::Head;
use region::Workers;

thread_local! {
    /// Built once per isolate: variables do not change under a running one, and making the key
    /// pair of a seed costs more than most requests.
    static EDGE: OnceCell<Result<Rc<Edge>, Vec<Mistake>>> = const { OnceCell::new() };
}

#[event(start)]
fn start() {
    microtask::stay_inside();
}

/// Answers a request: what the macro of the `worker` crate would write, but that the platform waits for the
/// answer. Whoever leaves ends the request otherwise, and what is inside it, its body too, would stay in memory
/// for good, as nothing ever continues it.
#[wasm_bindgen]
pub fn fetch(
    request: web_sys::Request,
    env: Env,
    context: &worker_sys::Context,
) -> Result<Promise, JsValue> {
    let answer = future_to_promise(async move {
        answer(&request, env).await.or_else(|error| {
            worker::console_error!("the answer could not be written: {error:?}");
            http::answer(&Outgoing::empty(500), None)
        })
    });
    context.wait_until(&answer)?;
    Ok(answer)
}

async fn answer(request: &web_sys::Request, env: Env) -> Result<JsValue, JsValue> {
    let started = clock::now_millis();
    let Head {
        method,
        url,
        headers,
    } = http::read_head(request);
    let Some(url) = url else {
        let (outgoing, written) = edge::unreadable(method, random::random());
        worker::console_log!("{}", written.line(clock::now_millis() - started));
        return http::answer(&outgoing, None);
    };
    let host = url.host_str().unwrap_or_default();
    let incoming = Incoming {
        method,
        https: url.scheme() == "https",
        host: url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        headers,
        body: match method {
            Method::Post | Method::Put => http::read_body(request).await,
            Method::Get | Method::Head | Method::Delete | Method::Options | Method::Other => {
                Ok(Vec::new())
            }
        },
    };
    let edge = EDGE.with(|cell| {
        cell.get_or_init(|| config(&env).map(|config| Rc::new(Edge { config })))
            .clone()
    });
    let at_hand = RefCell::default();
    let (outgoing, written) = match &edge {
        Ok(edge) => {
            let platform = Workers {
                env: &env,
                config: &edge.config,
                at_hand: &at_hand,
            };
            edge.answer(&platform, &incoming).await
        }
        Err(mistakes) => {
            for mistake in mistakes {
                worker::console_error!("misconfigured: {mistake}");
            }
            edge::misconfigured(&incoming, random::random())
        }
    };
    worker::console_log!("{}", written.line(clock::now_millis() - started));
    http::answer(&outgoing, at_hand.take())
}

fn config(env: &Env) -> Result<Config, Vec<Mistake>> {
    let var = |name: &str| env.var(name).ok().map(|value| value.to_string());
    Config::read(var, |name| env.bucket(name).is_ok())
}
