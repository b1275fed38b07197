//! The accent as custom properties on the frame (through the CSSOM, so a strict CSP allows it).

use web_sys::HtmlElement;

use crate::accent::{self, Rgb, Theme};

/// Paints the frame: the page's `--slotstead-accent` if it sets one, else the owner's accent.
pub(super) fn paint(frame: &HtmlElement, owners: Option<&str>) {
    let pages = super::run::window()
        .get_computed_style(frame)
        .ok()
        .flatten()
        .and_then(|style| style.get_property_value("--slotstead-accent").ok());
    let accent = pages
        .as_deref()
        .and_then(Rgb::parse)
        .or_else(|| owners.and_then(Rgb::parse))
        .unwrap_or(accent::DEFAULT);
    let style = frame.style();
    for (theme, prefix) in [(Theme::Light, "l"), (Theme::Dark, "d")] {
        let shades = accent::palette(accent, theme);
        for (name, shade) in [
            ("fill", shades.fill),
            ("on", shades.on_fill),
            ("text", shades.text),
            ("tint", shades.tint),
        ] {
            // A property that is not taken leaves the style sheet's own value.
            let _ = style.set_property(&format!("--{prefix}-{name}"), &shade.to_string());
        }
    }
}
