//! A request as it comes in and an answer as it goes out.

use std::collections::BTreeMap;

use js_sys::{Promise, Uint8Array};
use slotstead_shared::limits::BODY_BYTES;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Url, wasm_bindgen_futures::JsFuture, web_sys::Request};

use crate::exchange::{BodyError, Content, Method, Outgoing};

#[wasm_bindgen(module = "/src/runtime/http.js")]
extern "C" {
    #[wasm_bindgen(js_name = head)]
    fn head_of(request: &Request) -> String;

    #[wasm_bindgen(js_name = readBody)]
    fn body_of(request: &Request, limit: usize) -> Promise;

    #[wasm_bindgen(catch, js_name = answer)]
    fn answer_with(
        status: u16,
        headers: &str,
        encoded: bool,
        body: JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = answerBytes)]
    fn answer_with_bytes(
        status: u16,
        headers: &str,
        encoded: bool,
        bytes: &[u8],
    ) -> Result<JsValue, JsValue>;
}

/// What a request says before its body.
pub struct Head {
    pub method: Method,
    /// None if it is no address.
    pub url: Option<Url>,
    pub headers: Vec<(String, String)>,
}

/// Reads what comes before the body.
pub fn read_head(request: &Request) -> Head {
    // What is not Unicode is no address either.
    let (method, url, headers): (String, String, Vec<(String, String)>) =
        serde_json::from_str(&head_of(request)).unwrap_or_default();
    Head {
        method: Method::parse(&method),
        url: Url::parse(&url).ok(),
        headers,
    }
}

/// Reads the body up to its limit, whatever length it claims.
pub async fn read_body(request: &Request) -> Result<Vec<u8>, BodyError> {
    let bytes = JsFuture::from(body_of(request, BODY_BYTES)).await;
    let bytes = bytes.map_err(|_| BodyError::Broken)?;
    let bytes: Uint8Array = bytes.dyn_into().map_err(|_| BodyError::TooLarge)?;
    Ok(bytes.to_vec())
}

/// The platform's answer. `at_hand` is the body that goes out as it came.
pub fn answer(outgoing: &Outgoing, at_hand: Option<JsValue>) -> Result<JsValue, JsValue> {
    let Outgoing {
        status, encoded, ..
    } = *outgoing;
    let headers = outgoing
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let headers = serde_json::to_string(&headers.collect::<BTreeMap<_, _>>()).unwrap_or_default();
    match &outgoing.content {
        Content::Empty => answer_with(status, &headers, encoded, JsValue::NULL),
        Content::Bytes(bytes) => answer_with_bytes(status, &headers, encoded, bytes),
        Content::Static(bytes) => answer_with_bytes(status, &headers, encoded, bytes),
        Content::AtHand => {
            let body = at_hand.ok_or("the body is gone")?;
            answer_with(status, &headers, encoded, body)
        }
    }
}
