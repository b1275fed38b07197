//! The way to a region host and back: what of it is JavaScript.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// The origin under which an object is called. A request has to have one.
pub const OBJECT: &str = "https://tenant";

#[wasm_bindgen(module = "/src/runtime/hop.js")]
extern "C" {
    /// Sends a call to a region server, in a header if it fits into one. A promise of the status and the bytes of
    /// the answer, or of nothing once the time is over. What throws was not sent.
    #[wasm_bindgen(catch, js_name = toServer)]
    pub fn to_server(
        server: &JsValue,
        url: &str,
        call: &str,
        header: bool,
        milliseconds: u32,
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

#[wasm_bindgen(module = "/src/runtime/groups.js")]
extern "C" {
    /// Sends a call to the object called `name`, in a header if it fits into one, or together with other calls that
    /// come at the same time. A promise of the status and the body of the answer, or of nothing once the time is
    /// over; if it is broken, nobody knows what was done. The body of an answer with the status `finished` is bytes or
    /// a stream that nobody has read.
    #[wasm_bindgen(catch, js_name = toObject)]
    #[allow(
        clippy::too_many_arguments,
        reason = "each is a step, an object of them several"
    )]
    pub fn to_object(
        namespace: &JsValue,
        name: &str,
        url: &str,
        call: &str,
        header: bool,
        writes: bool,
        milliseconds: u32,
        finished: u16,
    ) -> Result<Promise, JsValue>;
}
