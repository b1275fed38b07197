//! Looking for a text on disks and lines, in whatever form it could have got there.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use memchr::memmem::Finder;

/// A text that is looked for.
pub struct Needle(Vec<(&'static str, Finder<'static>)>);

impl Needle {
    /// `text` in lower-case letters and digits, which few encodings leave as they are.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let finders = forms(text).into_iter();
        Self(
            finders
                .map(|(form, bytes)| (form, Finder::new(&bytes).into_owned()))
                .collect(),
        )
    }

    /// The form in which `bytes` have it.
    #[must_use]
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let found = self
            .0
            .iter()
            .find(|(_, finder)| finder.find(bytes).is_some());
        found.map(|(form, _)| *form)
    }
}

/// Every form of `text`, with its name.
#[must_use]
pub fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let each = |write: fn(&mut String, u8)| {
        let mut out = String::new();
        for byte in bytes {
            write(&mut out, *byte);
        }
        out.into_bytes()
    };
    let upper = text.to_uppercase();
    let wide = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect();
    let mut forms = vec![
        ("plain", bytes.to_vec()),
        ("in capitals", upper.into_bytes()),
        ("backwards", bytes.iter().rev().copied().collect()),
        ("hex", HEXLOWER.encode(bytes).into_bytes()),
        ("hex in capitals", HEXUPPER.encode(bytes).into_bytes()),
        (
            "percent",
            each(|out, byte| {
                let _ = write!(out, "%{byte:02X}");
            }),
        ),
        (
            "percent in small letters",
            each(|out, byte| {
                let _ = write!(out, "%{byte:02x}");
            }),
        ),
        (
            "JSON escapes",
            each(|out, byte| {
                let _ = write!(out, "\\u{byte:04x}");
            }),
        ),
        (
            "JSON escapes in capitals",
            each(|out, byte| {
                let _ = write!(out, "\\u{byte:04X}");
            }),
        ),
        ("UTF-16, little end first", wide(u16::to_le_bytes)),
        ("UTF-16, big end first", wide(u16::to_be_bytes)),
    ];
    for shift in 0..3 {
        for (form, encoding) in [("base64", &BASE64), ("base64url", &BASE64URL)] {
            forms.push((form, shifted(bytes, shift, encoding)));
        }
    }
    forms
}

/// What base64 makes of `bytes` wherever `shift` others (of three) are before it: the characters that
/// depend on nothing but `bytes`.
fn shifted(bytes: &[u8], shift: usize, encoding: &data_encoding::Encoding) -> Vec<u8> {
    let mut before = vec![0; shift];
    before.extend_from_slice(bytes);
    let whole = encoding.encode(&before).into_bytes();
    // Six bits each: the first that has none of the bytes before, and the last that has all its bits.
    let (first, end) = ((8 * shift).div_ceil(6), 8 * before.len() / 6);
    whole[first..end].to_vec()
}

/// Every file below `folder`, whatever it is.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be listed") {
            let entry = entry.expect("it can be listed");
            // A link leads to what is looked at where it is.
            match entry.file_type().expect("it is there") {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

/// The files below `folder` that have the text in their bytes or in their name, each with the form.
#[must_use]
pub fn found_below(folder: &Path, needle: &Needle) -> Vec<(PathBuf, &'static str)> {
    let mut found = Vec::new();
    for path in files(folder) {
        // A journal may be gone by now; what was in it is in the store.
        let Ok(bytes) = fs::read(&path) else {
            continue;
        };
        let name = path.to_string_lossy().into_owned();
        let form = needle.found_in(&bytes);
        if let Some(form) = form.or_else(|| needle.found_in(name.as_bytes())) {
            found.push((path, form));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

    use super::*;

    const TEXT: &str = "k7q2marker9x4";

    #[test]
    fn each_form_is_found_amid_other_bytes_and_nothing_is_where_there_is_none() {
        let needle = Needle::new(TEXT);
        for (form, bytes) in forms(TEXT) {
            let amid = [&b"\x00before "[..], &bytes, b" after\xff"].concat();
            assert!(needle.found_in(&amid).is_some(), "{form}");
        }
        assert_eq!(needle.found_in(b"k7q2markex9x4"), None);
        assert_eq!(needle.found_in(b""), None);
    }

    #[test]
    fn base64_is_found_whatever_is_before_and_after() {
        let needle = Needle::new(TEXT);
        for before in 0..7 {
            for after in 0..7 {
                let whole = [&vec![b'?'; before][..], TEXT.as_bytes(), &vec![b'>'; after]].concat();
                for encoded in [BASE64_NOPAD.encode(&whole), BASE64URL_NOPAD.encode(&whole)] {
                    let found = needle.found_in(encoded.as_bytes());
                    assert!(found.is_some(), "{before}, {after}: {encoded}");
                }
            }
        }
    }
}
