//! The thin shell between the platform and the edge: requests in, answers out, one log line each.

mod body;
mod clock;
mod effects;
mod hop;
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
use worker::{
    EncodeBody, Env, Headers, Request, Response, ResponseBuilder, Url, event,
    wasm_bindgen_futures::future_to_promise,
    web_sys::{self, ReadableStream},
    worker_sys,
};

use crate::{
    config::{Config, Mistake},
    edge::{self, Edge},
    exchange::{Content, Incoming, Method, Outgoing},
};
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
        let answer = match answer(request.into(), env).await {
            Ok(answer) => answer,
            Err(error) => {
                worker::console_error!("{error}");
                Response::error("the answer could not be written", 500)?
            }
        };
        Ok(web_sys::Response::from(answer).into())
    });
    context.wait_until(&answer)?;
    Ok(answer)
}

async fn answer(request: Request, env: Env) -> worker::Result<Response> {
    let started = clock::now_millis();
    // The wrapper's own type of methods takes an unknown one for GET.
    let method = Method::parse(&request.inner().method());
    let Ok(url) = request.url() else {
        let (outgoing, written) = edge::unreadable(method, random::random());
        worker::console_log!("{}", written.line(clock::now_millis() - started));
        return response(outgoing, None);
    };
    let incoming = incoming(request, &url, method).await;
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
    response(outgoing, at_hand.take())
}

fn config(env: &Env) -> Result<Config, Vec<Mistake>> {
    let var = |name: &str| env.var(name).ok().map(|value| value.to_string());
    Config::read(var, |name| env.bucket(name).is_ok())
}

async fn incoming(request: Request, url: &Url, method: Method) -> Incoming {
    let host = url.host_str().unwrap_or_default();
    Incoming {
        method,
        https: url.scheme() == "https",
        host: url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        headers: request.headers().entries().collect(),
        body: match method {
            Method::Post | Method::Put => body::read(&request).await,
            Method::Get | Method::Head | Method::Delete | Method::Options | Method::Other => {
                Ok(Vec::new())
            }
        },
    }
}

fn response(outgoing: Outgoing, at_hand: Option<ReadableStream>) -> worker::Result<Response> {
    let headers = Headers::new();
    for (name, value) in &outgoing.headers {
        headers.append(name, value)?;
    }
    let mut builder = ResponseBuilder::new()
        .with_status(outgoing.status)
        .with_headers(headers);
    if outgoing.encoded {
        builder = builder.with_encode_body(EncodeBody::Manual);
    }
    Ok(match outgoing.content {
        Content::Empty => builder.empty(),
        Content::Bytes(bytes) => builder.fixed(bytes),
        Content::Static(bytes) => builder.fixed(bytes.to_vec()),
        Content::AtHand => match at_hand {
            Some(body) => builder.stream(body),
            None => return Err("the body is gone".into()),
        },
    })
}
