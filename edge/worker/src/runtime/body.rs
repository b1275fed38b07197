//! The body of a request, up to its limit.

use js_sys::{Promise, Uint8Array};
use slotstead_shared::limits::BODY_BYTES;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Request, wasm_bindgen_futures::JsFuture};

use crate::exchange::BodyError;

#[wasm_bindgen(module = "/src/runtime/body.js")]
extern "C" {
    #[wasm_bindgen(js_name = readBody)]
    fn read_body(request: &JsValue, limit: usize) -> Promise;
}

/// Reads the body up to its limit, whatever length it claims.
pub async fn read(request: &Request) -> Result<Vec<u8>, BodyError> {
    let bytes = JsFuture::from(read_body(request.inner(), BODY_BYTES)).await;
    let bytes = bytes.map_err(|_| BodyError::Broken)?;
    let bytes: Uint8Array = bytes.dyn_into().map_err(|_| BodyError::TooLarge)?;
    Ok(bytes.to_vec())
}
