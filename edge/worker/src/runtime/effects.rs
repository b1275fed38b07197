//! Carries out a fetch: redirects followed by hand with every address checked, bytes and time bounded.

use std::{pin::pin, time::Duration};

use futures_util::{
    StreamExt,
    future::{Either, select},
};
use slotstead_tenant::{
    effect::{FetchFailure, FetchRequest, FetchResponse, Outcome},
    host::journey::{Body, Journey, Leg},
};
use worker::{
    AbortController, AbortSignal, CacheMode, Delay, Fetch, Headers, Method, Request, RequestInit,
    RequestRedirect, Response, ResponseBody,
};

/// Sends the request and tells what became of it, within its seconds.
pub async fn fetch(request: &FetchRequest, allow_private: bool) -> Outcome {
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetching = pin!(follow(request, allow_private, &signal));
    let deadline = Delay::from(Duration::from_secs(request.timeout_seconds.into()));
    let result = match select(fetching, deadline).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(FetchFailure::TimedOut),
    };
    // Whatever is still under way (a body too large, a slow one) is let go.
    controller.abort();
    match result {
        Ok(response) => Outcome::Fetched(response),
        Err(failure) => Outcome::Failed(failure),
    }
}

async fn follow(
    request: &FetchRequest,
    allow_private: bool,
    signal: &AbortSignal,
) -> Result<FetchResponse, FetchFailure> {
    let mut journey = Journey::begin(request, allow_private)?;
    loop {
        let response = send(journey.address().as_str(), request, signal)
            .await
            .map_err(|_| FetchFailure::Unreachable)?;
        let location = response.headers().get("location").ok().flatten();
        if journey.answered(response.status_code(), location.as_deref())? == Leg::Arrived {
            return read(response, request.max_bytes).await;
        }
    }
}

async fn send(url: &str, request: &FetchRequest, signal: &AbortSignal) -> worker::Result<Response> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Get)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        // What the platform's cache remembers is neither fresh nor inside the region.
        .with_cache(CacheMode::NoStore);
    Fetch::Request(Request::new_with_init(url, &init)?)
        .send_with_signal(signal)
        .await
}

/// Reads the body, decoded by the platform, and stops at the first byte too many.
async fn read(mut response: Response, max_bytes: usize) -> Result<FetchResponse, FetchFailure> {
    let mut body = Body::up_to(max_bytes);
    if matches!(response.body(), ResponseBody::Stream(_)) {
        let mut chunks = response.stream().map_err(|_| FetchFailure::Unreachable)?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| FetchFailure::Unreachable)?;
            body.push(&chunk)?;
        }
    }
    Ok(FetchResponse {
        status: response.status_code(),
        headers: response
            .headers()
            .entries()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
        body: body.into_bytes(),
    })
}
