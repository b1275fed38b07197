//! What `Intl` is asked: names of days and months, the habits of a locale, zone names.
//!
//! Names are asked for dates at noon UTC in zone UTC, so no rule of any time zone
//! takes part. Offsets are never asked for here; they come from the region.

use js_sys::{Array, Date as JsDate, Function, JSON, Object, Reflect};
use slotstead_shared::Date;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    dates::{Locale, first_guess},
    month::WeekStart,
    words::Language,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &JsValue, options: &JsValue) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, milliseconds: f64) -> String;
    #[wasm_bindgen(method, js_name = formatToParts)]
    fn format_to_parts(this: &DateTimeFormat, milliseconds: f64) -> Array;
    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &DateTimeFormat) -> JsValue;

    #[wasm_bindgen(js_namespace = Intl, js_name = Locale)]
    type IntlLocale;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl, js_class = "Locale")]
    fn new(tag: &str) -> Result<IntlLocale, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Intl, js_name = supportedValuesOf)]
    fn supported_values_of(key: &str) -> Result<Array, JsValue>;
}

const DAY_MS: f64 = 86_400_000.0;
/// Monday 2024-01-01, noon UTC.
const A_MONDAY_MS: f64 = 1_704_110_400_000.0;

fn format(tag: &str, options: &str) -> Option<DateTimeFormat> {
    let options = JSON::parse(options).ok()?;
    DateTimeFormat::new(&JsValue::from_str(tag), &options).ok()
}

fn get(object: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(key))
        .ok()
        .filter(|value| !value.is_undefined())
}

fn names<const N: usize>(
    tag: &str,
    options: &str,
    at: impl Fn(usize) -> f64,
) -> Option<[String; N]> {
    let format = format(tag, options)?;
    Some(std::array::from_fn(|index| format.format(at(index))))
}

/// Names in `language`, habits of the locale `tag`; what `Intl` does not know stays English.
pub(crate) fn locale(language: Language, tag: &str) -> Locale {
    let fallback = Locale::default();
    #[allow(clippy::cast_precision_loss, reason = "small indices")]
    let weekday = |index: usize| A_MONDAY_MS + index as f64 * DAY_MS;
    // The middle of each month: 30.4 days on from 2024-01-15.
    #[allow(clippy::cast_precision_loss, reason = "small indices")]
    let month = |index: usize| A_MONDAY_MS + (14.0 + index as f64 * 30.44) * DAY_MS;
    let words = language.tag();
    Locale {
        weekdays: names(words, r#"{"weekday":"long","timeZone":"UTC"}"#, weekday)
            .unwrap_or(fallback.weekdays),
        weekdays_short: names(words, r#"{"weekday":"short","timeZone":"UTC"}"#, weekday)
            .unwrap_or(fallback.weekdays_short),
        months: names(words, r#"{"month":"long","timeZone":"UTC"}"#, month)
            .unwrap_or(fallback.months),
        week_start: week_start(tag).unwrap_or(fallback.week_start),
        twelve_hours: twelve_hours(tag).unwrap_or(fallback.twelve_hours),
        month_first: month_first(tag).unwrap_or(fallback.month_first),
    }
}

fn twelve_hours(tag: &str) -> Option<bool> {
    let resolved = format(tag, r#"{"hour":"numeric"}"#)?.resolved_options();
    get(&resolved, "hour12")?.as_bool()
}

fn month_first(tag: &str) -> Option<bool> {
    let parts = format(tag, r#"{"month":"long","day":"numeric","timeZone":"UTC"}"#)?
        .format_to_parts(A_MONDAY_MS);
    let kinds: Vec<String> = parts
        .iter()
        .filter_map(|part| get(&part, "type")?.as_string())
        .collect();
    let place = |kind: &str| kinds.iter().position(|part| part == kind);
    Some(place("month")? < place("day")?)
}

fn week_start(tag: &str) -> Option<WeekStart> {
    let locale: JsValue = IntlLocale::new(tag).ok()?.into();
    // Newer browsers have the method, older ones the property, the oldest neither.
    let info = match get(&locale, "getWeekInfo") {
        Some(method) => method.dyn_into::<Function>().ok()?.call0(&locale).ok()?,
        None => get(&locale, "weekInfo")?,
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "1 to 7"
    )]
    Some(WeekStart::from_iso(get(&info, "firstDay")?.as_f64()? as u32))
}

/// The browser's own zone; `UTC` if it will not say.
pub(crate) fn own_zone() -> String {
    DateTimeFormat::new(&JsValue::UNDEFINED, &Object::new())
        .ok()
        .and_then(|format| get(&format.resolved_options(), "timeZone")?.as_string())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// The zones the browser knows, for the list to choose from.
pub(crate) fn known_zones() -> Vec<String> {
    supported_values_of("timeZone")
        .map(|zones| zones.iter().filter_map(|zone| zone.as_string()).collect())
        .unwrap_or_default()
}

/// The date on the browser's clock: a guess of which month to ask for first.
pub(crate) fn local_date() -> Option<Date> {
    let now = JsDate::new_0();
    first_guess(
        i32::try_from(now.get_full_year()).ok()?,
        now.get_month() + 1,
        now.get_date(),
    )
}
