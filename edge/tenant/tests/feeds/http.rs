//! The request and the statuses.

use slotstead_shared::{
    engine::parse_zone,
    limits::{FEED_BYTES, FEED_HORIZON_DAYS},
};
use slotstead_tenant::{
    connectors::feed::{FeedError, Reading, read, request},
    effect::FetchResponse,
};

use crate::{NOW, calendar, response, unix};

fn with_status(status: u16, conditional: bool) -> Result<Reading, FeedError> {
    let response = FetchResponse {
        status,
        headers: Vec::new(),
        body: b"<html>zq7body".to_vec(),
    };
    read(
        &response,
        conditional,
        unix(NOW),
        parse_zone("Europe/Oslo").unwrap(),
    )
}

#[test]
fn a_request_names_its_conditions() {
    let plain = request("https://example.com/a.ics", None, None);
    let names: Vec<_> = plain
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["accept", "user-agent"]);
    let conditional = request(
        "https://example.com/a.ics",
        Some("\"x\""),
        Some("Mon, 01 Mar 2027 10:00:00 GMT"),
    );
    let has = |name: &str, value: &str| {
        conditional
            .headers
            .contains(&(name.to_owned(), value.to_owned()))
    };
    assert!(
        has("if-none-match", "\"x\"") && has("if-modified-since", "Mon, 01 Mar 2027 10:00:00 GMT")
    );
    assert_eq!(conditional.max_bytes, FEED_BYTES);
}

#[test]
fn every_status_has_its_sentence() {
    for (status, sentence) in [
        (401, "refuses this address (401)"),
        (403, "refuses this address (403)"),
        (404, "no calendar at this address any more (404)"),
        (410, "no calendar at this address any more (410)"),
        (429, "cannot answer now (429)"),
        (500, "cannot answer now (500)"),
        (503, "cannot answer now (503)"),
        (204, "not a calendar (204)"),
        (206, "not a calendar (206)"),
        (302, "not a calendar (302)"),
        (418, "not a calendar (418)"),
    ] {
        let error = with_status(status, true).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
        assert!(!error.contains("zq7body"), "{error}");
    }
}

#[test]
fn not_modified_answers_a_condition_only() {
    assert_eq!(with_status(304, true), Ok(Reading::NotModified));
    assert_eq!(with_status(304, false), Err(FeedError::NothingToCompare));
}

#[test]
fn a_login_page_is_not_a_calendar() {
    let error = with_status(200, true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "That address is not a calendar: it does not begin with BEGIN:VCALENDAR"
    );
    for body in [
        &b""[..],
        b"\n\n",
        b"{}",
        b"BEGIN:VCARD\nEND:VCARD\n",
        b"PK\x03\x04",
    ] {
        let read = read(
            &response(body),
            false,
            unix(NOW),
            parse_zone("UTC").unwrap(),
        );
        assert_eq!(read, Err(FeedError::NotACalendar), "{body:?}");
    }
}

#[test]
fn a_reading_says_how_far_it_reaches_and_how_to_ask_again() {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut response = response(calendar(""));
    response.headers = vec![
        header("etag", "W/\"7\""),
        header("last-modified", "Mon, 01 Mar 2027 10:00:00 GMT"),
    ];
    let expected = Reading::Busy {
        blocks: Vec::new(),
        covered_until: unix(NOW) + FEED_HORIZON_DAYS * 86_400,
        etag: Some("W/\"7\"".to_owned()),
        last_modified: Some("Mon, 01 Mar 2027 10:00:00 GMT".to_owned()),
    };
    let zone = parse_zone("Europe/Oslo").unwrap();
    assert_eq!(read(&response, true, unix(NOW), zone), Ok(expected));
    response.headers = vec![
        header("etag", &"x".repeat(300)),
        header("last-modified", "\u{1F4A3}"),
    ];
    let Ok(Reading::Busy {
        etag: None,
        last_modified: None,
        ..
    }) = read(&response, true, unix(NOW), zone)
    else {
        panic!("odd headers are not worth a condition");
    };
}

#[test]
fn a_calendar_over_the_limit_is_refused() {
    let body = calendar(&format!("X-NOTE:{}", "x".repeat(FEED_BYTES)));
    let read = read(
        &response(body),
        false,
        unix(NOW),
        parse_zone("UTC").unwrap(),
    );
    assert_eq!(read, Err(FeedError::TooLarge));
}
