//! One request to the edge: no cookies, no cache, and never without an end.

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, RequestMode, Response,
};

use crate::api::{HttpRequest, Silence};

/// Sends a request. Gives status and body, or why there is no answer.
pub(super) async fn send(request: HttpRequest) -> Result<(u16, String), Silence> {
    attempt(&request).await.map_err(|error| silence(&error))
}

async fn attempt(request: &HttpRequest) -> Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    if let Some(bearer) = &request.bearer {
        headers.set("authorization", &format!("Bearer {bearer}"))?;
    }
    if let Some(key) = &request.idempotency_key {
        headers.set("idempotency-key", key)?;
    }
    let init = RequestInit::new();
    if let Some(body) = &request.body {
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(body));
    }
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(request.timeout_ms)));
    if request.keepalive {
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    let sent = super::run::window().fetch_with_str_and_init(&request.url, &init);
    let response: Response = JsFuture::from(sent).await?.dyn_into()?;
    let body = JsFuture::from(response.text()?).await?;
    Ok((response.status(), body.as_string().unwrap_or_default()))
}

/// Waits for the session that the loader asked for: a promise of `[status, body]`.
pub(super) async fn session(asked: Promise) -> Result<(u16, String), Silence> {
    let answer: Array = JsFuture::from(asked)
        .await
        .map_err(|error| silence(&error))?
        .unchecked_into();
    let status = answer.get(0).as_f64().unwrap_or_default();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an HTTP status"
    )]
    Ok((status as u16, answer.get(1).as_string().unwrap_or_default()))
}

fn silence(error: &JsValue) -> Silence {
    if !super::run::window().navigator().on_line() {
        return Silence::Offline;
    }
    let name = Reflect::get(error, &"name".into())
        .ok()
        .and_then(|name| name.as_string());
    match name.as_deref() {
        Some("TimeoutError" | "AbortError") => Silence::TimedOut,
        _ => Silence::Broken,
    }
}
