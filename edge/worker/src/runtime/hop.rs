//! The way to a region host and back: what of it is JavaScript.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// The origin under which an object is called. A request has to have one.
pub const OBJECT: &str = "https://tenant";

#[wasm_bindgen(module = "/src/runtime/hop.js")]
extern "C" {
    /// Sends a call as the body, to the object called `name` or, without one, to the binding itself. A promise of
    /// the status and the bytes of the answer, or of nothing once the time is over. What throws was not sent.
    #[wasm_bindgen(catch)]
    pub fn send(
        binding: &JsValue,
        name: Option<String>,
        url: &str,
        call: &str,
        milliseconds: u32,
    ) -> Result<Promise, JsValue>;

    /// The same as a header, if the call fits into one. The body of an object's answer with the status `finished`
    /// is not read: its stream comes instead of its bytes.
    #[wasm_bindgen(catch)]
    pub fn ask(
        binding: &JsValue,
        name: Option<String>,
        url: &str,
        call: &str,
        milliseconds: u32,
        finished: u16,
    ) -> Result<Promise, JsValue>;

    /// Gathers what comes to an object at the same time.
    pub type Gathering;

    /// A new one. It is of one object: what another object's request waits for may not be waited for.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Gathering;

    /// A promise for some dozens who ask before it is kept: as soon as nothing else that came in is left to be done.
    #[wasm_bindgen(method, catch)]
    pub fn over(this: &Gathering) -> Result<Promise, JsValue>;

    /// The call in a request's header.
    pub fn asked(request: &JsValue) -> Option<String>;

    /// An answer.
    #[wasm_bindgen(catch)]
    pub fn reply(status: u16, bytes: &[u8]) -> Result<JsValue, JsValue>;
}
