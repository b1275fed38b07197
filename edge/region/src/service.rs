//! What is served: calls and figures to the edge, figures alone to this machine.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use slotstead_tenant::host::{CALL_HEADER, FINISHED, Form, REFUSED};
use tokio::time::timeout;

use crate::region::Region;

/// Bytes of a call at most: the edge takes bodies of 192 KB, and what it makes of one is a little longer.
const CALL_BYTES: usize = 1024 * 1024;

/// How long the rest of a call may take after its head.
const BODY_SECONDS: u64 = 10;

/// Who asks, as far as that decides what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The edge, which has shown its certificate.
    Edge,
    /// Whoever is on this machine.
    Machine,
}

/// Answers a request.
pub async fn answer(
    region: Arc<Region>,
    door: Door,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let form = Form::of_path(request.uri().path()).filter(|_| door == Door::Edge);
    Ok(match (request.method(), request.uri().path(), form) {
        (&Method::GET, "/healthz", _) => health(&region).await,
        (&Method::GET, "/healthz/backup", _) => backup_health(&region),
        (&Method::GET, "/healthz/keys", _) => state(region.keys_state().await),
        (&Method::GET, "/metrics", _) => text(200, region.figures().await),
        (&Method::GET, _, Some(form)) => {
            let call = request.headers().get(CALL_HEADER);
            let call = call.map(|value| value.as_bytes().to_vec());
            call_region(&region, call.ok_or("there is no call"), form).await
        }
        (&Method::POST, _, Some(form)) => {
            let call = read(request.into_body()).await;
            call_region(&region, call, form).await
        }
        _ => text(REFUSED, "there is no such thing here"),
    })
}

async fn call_region(
    region: &Region,
    call: Result<Vec<u8>, &'static str>,
    form: Form,
) -> Response<Full<Bytes>> {
    match call {
        Ok(call) => {
            let (status, body) = region.answer(&call, form).await;
            response(status, "application/json", body)
        }
        Err(why) => text(REFUSED, why),
    }
}

/// Reads a call up to its limit, whatever length it claims.
async fn read(body: Incoming) -> Result<Vec<u8>, &'static str> {
    let whole = Limited::new(body, CALL_BYTES).collect();
    match timeout(Duration::from_secs(BODY_SECONDS), whole).await {
        Ok(Ok(bytes)) => Ok(bytes.to_bytes().to_vec()),
        Ok(Err(_)) => Err("the call is too long or broke off"),
        Err(_) => Err("the call took too long to arrive"),
    }
}

async fn health(region: &Region) -> Response<Full<Bytes>> {
    if region.is_healthy().await {
        text(200, "ok\n")
    } else {
        text(503, "the stores cannot be written to\n")
    }
}

/// Apart from the health of the server: one whose backup is behind still serves, and is not to be replaced
/// by one without what it has.
fn backup_health(region: &Region) -> Response<Full<Bytes>> {
    let none = || Err("nothing is backed up".to_owned());
    state(region.backup_state().unwrap_or_else(none))
}

fn state(state: Result<(), String>) -> Response<Full<Bytes>> {
    match state {
        Ok(()) => text(200, "ok\n"),
        Err(why) => text(503, format!("{why}\n")),
    }
}

fn text(status: u16, text: impl Into<String>) -> Response<Full<Bytes>> {
    response(
        status,
        "text/plain; charset=utf-8",
        text.into().into_bytes(),
    )
}

fn response(status: u16, kind: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    debug_assert!(matches!(status, 200 | FINISHED | REFUSED | 500 | 503));
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        // Nothing on the way may keep it.
        .header(CACHE_CONTROL, "no-store")
        .body(Full::new(body.into()))
        .expect("a status of three digits and headers of our own")
}
