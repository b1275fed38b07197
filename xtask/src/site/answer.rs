//! One answer of a site: the file, "not modified", or why not (RFC 9110, section 13).

use std::io::Cursor;

use sha2::{Digest, Sha256};
use tiny_http::{Header, Method, Request, Response};

use super::file::File;

/// The answer to `request` when its path names `file`.
pub fn answer(request: &Request, file: Option<File>) -> Response<Cursor<Vec<u8>>> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return text(405, "Only GET and HEAD.").with_header(header("Allow", "GET, HEAD"));
    }
    let Some(file) = file else {
        return text(404, "There is nothing here.");
    };
    let etag = etag(&file.bytes);
    let modified = httpdate::fmt_http_date(file.modified);
    let given = |name: &'static str| {
        request
            .headers()
            .iter()
            .find(|header| header.field.equiv(name))
            .map(|header| header.value.as_str())
    };
    let unchanged = is_unchanged(
        &etag,
        &modified,
        given("If-None-Match"),
        given("If-Modified-Since"),
    );
    let response = if unchanged {
        Response::from_data(Vec::new()).with_status_code(304)
    } else {
        Response::from_data(file.bytes).with_header(header("Content-Type", &file.content_type))
    };
    response
        .with_header(header("ETag", &etag))
        .with_header(header("Last-Modified", &modified))
        .with_header(header("Cache-Control", "no-cache"))
        .with_header(header("X-Content-Type-Options", "nosniff"))
}

fn text(status: u16, sentence: &str) -> Response<Cursor<Vec<u8>>> {
    Response::from_data(format!("{sentence}\n"))
        .with_status_code(status)
        .with_header(header("Content-Type", "text/plain; charset=utf-8"))
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names are constants, values are ASCII")
}

/// `If-Modified-Since` counts only without `If-None-Match`. A date is compared as text,
/// which RFC 9110 section 13.1.3 allows: the client sends back what it got.
fn is_unchanged(
    etag: &str,
    modified: &str,
    if_none_match: Option<&str>,
    if_modified_since: Option<&str>,
) -> bool {
    match (if_none_match, if_modified_since) {
        (Some(tags), _) => tags.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
        }),
        (None, Some(date)) => date.trim() == modified,
        (None, None) => false,
    }
}

fn etag(bytes: &[u8]) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
    format!("\"{hash}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_outranks_the_date() {
        let check = |tag, date| is_unchanged("\"a\"", "D", tag, date);
        assert!(check(Some("\"a\""), None));
        assert!(check(Some("\"b\", W/\"a\""), Some("older")));
        assert!(check(None, Some("D")));
        assert!(!check(Some("\"b\""), Some("D")));
        assert!(!check(None, Some("E")));
        assert!(!check(None, None));
    }
}
