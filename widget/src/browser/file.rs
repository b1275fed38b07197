//! What the booker takes along: the calendar file and the link.

use std::time::Duration;

use js_sys::Array;
use leptos::prelude::set_timeout;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::run::window;

/// Long enough for any browser to have taken the file.
const KEEP_FILE: Duration = Duration::from_secs(30);

/// Saves an iCalendar file under `name`.
pub(crate) fn save_calendar_file(text: &str, name: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type("text/calendar;charset=utf-8");
    let parts = Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = window()
        .document()?
        .create_element("a")
        .ok()?
        .dyn_into()
        .ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    set_timeout(move || _ = Url::revoke_object_url(&url), KEEP_FILE);
    Some(())
}

/// Copies text. `false` where the page or the browser does not let us.
pub(crate) async fn copy(text: String) -> bool {
    let navigator: JsValue = window().navigator().into();
    // Outside a secure context there is no clipboard at all.
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| !clipboard.is_undefined());
    there
        && JsFuture::from(window().navigator().clipboard().write_text(&text))
            .await
            .is_ok()
}
