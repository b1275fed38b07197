//! The way to a region host and back: what of it is JavaScript.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// The origin under which an object is called. A request has to have one.
pub const OBJECT: &str = "https://tenant";

#[wasm_bindgen(module = "/src/runtime/hop.js")]
extern "C" {
    /// Sends a call as the body, to the object called `name` or, without one, to the binding itself.
    #[wasm_bindgen(catch)]
    pub fn send(
        binding: &JsValue,
        name: Option<String>,
        url: &str,
        call: &str,
    ) -> Result<Promise, JsValue>;

    /// Sends a call as a header, if it fits into one.
    #[wasm_bindgen(catch)]
    pub fn ask(
        binding: &JsValue,
        name: Option<String>,
        url: &str,
        call: &str,
    ) -> Result<Promise, JsValue>;

    /// The call in a request's header.
    pub fn asked(request: &JsValue) -> Option<String>;

    /// An answer.
    #[wasm_bindgen(catch)]
    pub fn reply(status: u16, bytes: &[u8]) -> Result<JsValue, JsValue>;
}
