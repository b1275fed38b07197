//! The way to a Durable Object and back: what of it is JavaScript.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// Bytes of a call that travels as a header, at most.
const SHORT: usize = 2_048;

#[wasm_bindgen(module = "/src/runtime/hop.js")]
extern "C" {
    /// Sends a call as the body.
    #[wasm_bindgen(catch)]
    pub fn send(namespace: &JsValue, name: &str, url: &str, call: &str)
    -> Result<Promise, JsValue>;

    /// Sends a call as a header, if it [`fits`].
    #[wasm_bindgen(catch)]
    pub fn ask(namespace: &JsValue, name: &str, url: &str, call: &str) -> Result<Promise, JsValue>;

    /// The call in a request's header.
    pub fn asked(request: &JsValue) -> Option<String>;

    /// An answer.
    #[wasm_bindgen(catch)]
    pub fn reply(status: u16, bytes: &[u8]) -> Result<JsValue, JsValue>;
}

/// Whether a call can travel as a header.
pub fn fits(call: &str) -> bool {
    call.len() <= SHORT && call.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
