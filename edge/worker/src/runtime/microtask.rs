//! What continues a future.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/runtime/microtask.js")]
extern "C" {
    /// Replaces the platform's `queueMicrotask`, which the first future looks for.
    #[wasm_bindgen(js_name = stayInside)]
    pub fn stay_inside();
}
