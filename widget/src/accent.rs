//! The accent colour, made safe: text on it and text in it stay readable.
//!
//! The owner sets one colour. From it come the fill of buttons with the text on
//! it (black or white, whichever reads better), and a second shade for text and
//! thin lines, moved towards ink until it reaches [`TEXT_CONTRAST`] on paper *and*
//! on the tint of free days (WCAG 2.2, 1.4.3). Pure arithmetic in sRGB.

use std::fmt;

/// Contrast that text must reach (WCAG 2.2, 1.4.3).
pub const TEXT_CONTRAST: f32 = 4.5;
/// Contrast that a shape must reach against what is around it (WCAG 2.2, 1.4.11).
pub const SHAPE_CONTRAST: f32 = 3.0;
/// How much accent is in the tint of a free day; the style sheet mixes the same.
const TINT: f32 = 0.1;

/// The accent when the owner has set none.
pub const DEFAULT: Rgb = Rgb {
    red: 0x0f,
    green: 0x6b,
    blue: 0x52,
};
const BLACK: Rgb = Rgb {
    red: 0x10,
    green: 0x12,
    blue: 0x14,
};
const WHITE: Rgb = Rgb {
    red: 0xff,
    green: 0xff,
    blue: 0xff,
};

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

impl Rgb {
    /// Reads `#rrggbb`, `#rgb`, and the `rgb(r, g, b)` in which browsers report a computed colour.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(hex) = text.strip_prefix('#') {
            let digits: Vec<u8> = hex
                .chars()
                .map(|digit| {
                    digit
                        .to_digit(16)
                        .and_then(|value| u8::try_from(value).ok())
                })
                .collect::<Option<_>>()?;
            return match digits[..] {
                [red, green, blue] => Some(Self {
                    red: red * 17,
                    green: green * 17,
                    blue: blue * 17,
                }),
                [r, red, g, green, b, blue] => Some(Self {
                    red: r * 16 + red,
                    green: g * 16 + green,
                    blue: b * 16 + blue,
                }),
                _ => None,
            };
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let parts: Vec<u8> = inner
            .split(',')
            .map(|part| part.trim().parse().ok())
            .collect::<Option<_>>()?;
        match parts[..] {
            [red, green, blue] => Some(Self { red, green, blue }),
            _ => None,
        }
    }

    /// `share` of `other` in `self`, channel by channel, as `color-mix(in srgb, …)` does.
    fn mix(self, other: Self, share: f32) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of two bytes is a byte"
        )]
        let channel =
            |a: u8, b: u8| (f32::from(a) * (1.0 - share) + f32::from(b) * share).round() as u8;
        Self {
            red: channel(self.red, other.red),
            green: channel(self.green, other.green),
            blue: channel(self.blue, other.blue),
        }
    }

    /// Relative luminance (WCAG 2.2, definitions).
    fn luminance(self) -> f32 {
        let linear = |channel: u8| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definitions).
#[must_use]
pub fn contrast(one: Rgb, other: Rgb) -> f32 {
    let (a, b) = (one.luminance(), other.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What the booker is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// White paper.
    Light,
    /// Near-black paper.
    Dark,
}

impl Theme {
    const fn paper(self) -> Rgb {
        match self {
            Self::Light => WHITE,
            Self::Dark => Rgb {
                red: 0x16,
                green: 0x18,
                blue: 0x1b,
            },
        }
    }

    const fn ink(self) -> Rgb {
        match self {
            Self::Light => BLACK,
            Self::Dark => WHITE,
        }
    }
}

/// The shades that one theme uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The fill of the day in hand and of the main button.
    pub fill: Rgb,
    /// The text on the fill.
    pub on_fill: Rgb,
    /// Accent-coloured text and focus rings.
    pub text: Rgb,
    /// The ground of a free day.
    pub tint: Rgb,
}

/// The shades of `accent` on the paper of `theme`.
#[must_use]
pub fn palette(accent: Rgb, theme: Theme) -> Palette {
    let (paper, ink) = (theme.paper(), theme.ink());
    // On dark paper a dark accent would be a hole: the fill has to stand out from the paper.
    // On light paper a pale fill may stay as the owner chose it: it carries readable text.
    let fill = match theme {
        Theme::Light => accent,
        Theme::Dark => towards(accent, ink, |shade| {
            contrast(shade, paper) >= SHAPE_CONTRAST
        }),
    };
    let tint = paper.mix(accent, TINT);
    let text = towards(accent, ink, |shade| {
        contrast(shade, paper) >= TEXT_CONTRAST && contrast(shade, tint) >= TEXT_CONTRAST
    });
    let on_fill = if contrast(fill, WHITE) >= contrast(fill, BLACK) {
        WHITE
    } else {
        BLACK
    };
    Palette {
        fill,
        on_fill,
        text,
        tint,
    }
}

/// Whether text in `accent` itself reads on white paper, so that nothing has to be darkened.
#[must_use]
pub fn reads_as_text(accent: Rgb) -> bool {
    palette(accent, Theme::Light).text == accent
}

/// The first shade on the way from `start` to `end` that is good enough; `end` if none is.
fn towards(start: Rgb, end: Rgb, good: impl Fn(Rgb) -> bool) -> Rgb {
    (0_u8..=50)
        .map(|step| start.mix(end, f32::from(step) / 50.0))
        .find(|shade| good(*shade))
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(text: &str) -> Rgb {
        Rgb::parse(text).unwrap()
    }

    #[test]
    fn colours_are_read_as_owners_and_browsers_write_them() {
        assert_eq!(rgb("#0f6b52").to_string(), "#0f6b52");
        assert_eq!(rgb(" #0F6 ").to_string(), "#00ff66");
        assert_eq!(rgb("rgb(15, 107, 82)").to_string(), "#0f6b52");
        for bad in [
            "",
            "#12",
            "#12345",
            "#gggggg",
            "teal",
            "rgb(1,2)",
            "rgb(1,2,300)",
            "#١٢٣",
        ] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guideline() {
        assert!((contrast(rgb("#000"), rgb("#fff")) - 21.0).abs() < 0.01);
        assert!((contrast(rgb("#777"), rgb("#fff")) - 4.48).abs() < 0.01);
        assert!((contrast(rgb("#fff"), rgb("#fff")) - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_good_accent_is_left_alone_and_a_pale_one_is_darkened_for_text_only() {
        let green = palette(DEFAULT, Theme::Light);
        assert_eq!(
            (green.fill, green.text, green.on_fill),
            (DEFAULT, DEFAULT, WHITE)
        );
        assert!(reads_as_text(DEFAULT));
        let yellow = palette(rgb("#ffd400"), Theme::Light);
        assert_eq!((yellow.fill, yellow.on_fill), (rgb("#ffd400"), BLACK));
        assert!(!reads_as_text(rgb("#ffd400")));
    }

    /// Every 15th value of each channel: 5,832 accents, both themes.
    #[test]
    fn whatever_the_accent_text_reads_in_both_themes() {
        let steps = || (0_u8..=255).step_by(15);
        for (red, green, blue) in
            steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b))))
        {
            let accent = Rgb { red, green, blue };
            for theme in [Theme::Light, Theme::Dark] {
                let shades = palette(accent, theme);
                let case = format!("{accent} {theme:?} {shades:?}");
                assert!(
                    contrast(shades.text, theme.paper()) >= TEXT_CONTRAST,
                    "{case}"
                );
                assert!(
                    contrast(shades.text, shades.tint) >= TEXT_CONTRAST,
                    "{case}"
                );
                assert!(contrast(shades.on_fill, shades.fill) >= 4.3, "{case}");
                if theme == Theme::Dark {
                    assert!(
                        contrast(shades.fill, theme.paper()) >= SHAPE_CONTRAST,
                        "{case}"
                    );
                }
            }
        }
    }
}
