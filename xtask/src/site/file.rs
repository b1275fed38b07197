//! One file of a site: found without leaving its folder, typed by its name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A file as it is sent.
#[derive(Debug, Clone)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub content_type: String,
    /// When it was last changed.
    pub modified: SystemTime,
}

impl File {
    /// The file at `path`, or the `index.html` in the folder at `path`.
    pub fn read(path: &Path) -> Option<Self> {
        let path = if path.is_dir() {
            path.join("index.html")
        } else {
            path.to_owned()
        };
        let bytes = fs::read(&path).ok()?;
        let modified = fs::metadata(&path).ok()?.modified().ok()?;
        Some(Self {
            bytes,
            content_type: content_type(&path).to_owned(),
            modified,
        })
    }

    /// The same file with each `{{name}}` replaced, when it is text.
    pub fn with(mut self, replacements: &BTreeMap<String, String>) -> Self {
        if self.content_type.starts_with("text/html")
            && let Ok(mut text) = String::from_utf8(std::mem::take(&mut self.bytes))
        {
            for (name, value) in replacements {
                text = text.replace(&format!("{{{{{name}}}}}"), value);
            }
            self.bytes = text.into_bytes();
        }
        self
    }
}

/// The path below a folder that a URL's path (without its first slash) names. `None` for
/// anything that is not plain names: `..`, hidden files, encoded or odd characters.
pub fn relative(path: &str) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.starts_with('.') || !name.bytes().all(plain) {
            return None;
        }
        found.push(name);
    }
    Some(found)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_its_folder() {
        for bad in [
            "..",
            "../x",
            "a/../b",
            ".git/config",
            "a/.env",
            "%2e%2e/x",
            "a\\b",
            "a\0",
            "a b",
        ] {
            assert_eq!(relative(bad), None, "{bad:?}");
        }
        assert_eq!(relative("a//b.ics"), Some(PathBuf::from("a/b.ics")));
        assert_eq!(relative(""), Some(PathBuf::new()));
        assert_eq!(relative("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
    }

    #[test]
    fn names_are_replaced_in_pages_only() {
        let page = |content_type: &str| File {
            bytes: b"<script src={{edge}}/x data={{other}}>".to_vec(),
            content_type: content_type.to_owned(),
            modified: SystemTime::UNIX_EPOCH,
        };
        let replacements = BTreeMap::from([("edge".to_owned(), "http://e".to_owned())]);
        assert_eq!(
            page("text/html; charset=utf-8").with(&replacements).bytes,
            b"<script src=http://e/x data={{other}}>"
        );
        assert_eq!(page("image/png").with(&replacements).bytes, page("").bytes);
    }
}
