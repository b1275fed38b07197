//! Calendar feeds through the public functions only: files in, busy intervals or a sentence out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod canary;
mod clock;
mod corpus;
mod exports;
mod hostile;
mod http;
mod learnt;
mod repeats;
mod twice;
mod unknown;

use slotstead_shared::{
    Interval, Stamp, UnixSeconds,
    engine::{parse_zone, stamp},
};
use slotstead_tenant::{
    connectors::feed::{FeedError, Reading, read},
    effect::FetchResponse,
};

/// 1 March 2027, noon in UTC: a month before the clocks change in Europe.
const NOW: &str = "2027-03-01T12:00:00Z";

fn unix(text: &str) -> UnixSeconds {
    text.parse::<Stamp>().unwrap().unix_seconds()
}

fn response(body: impl Into<Vec<u8>>) -> FetchResponse {
    FetchResponse {
        status: 200,
        headers: Vec::new(),
        body: body.into(),
    }
}

fn blocks_at(now: &str, zone: &str, body: &str) -> Result<Vec<Interval>, FeedError> {
    match read(&response(body), false, unix(now), parse_zone(zone).unwrap())? {
        Reading::Busy { blocks, .. } => Ok(blocks),
        Reading::NotModified => panic!("the status is 200"),
    }
}

/// Busy intervals as `03-08T09:00/10:00` in Oslo, up to the end of April 2027; the end has its
/// date where it is on another one.
fn oslo(body: &str) -> Result<Vec<String>, FeedError> {
    let shown = |at| {
        stamp(parse_zone("Europe/Oslo").unwrap(), at)
            .unwrap()
            .to_string()
    };
    let april = unix("2027-05-01T00:00:00+02:00");
    let blocks = blocks_at(NOW, "Europe/Oslo", body)?;
    Ok(blocks
        .into_iter()
        .filter(|block| block.start < april)
        .map(|block| {
            let (start, end) = (shown(block.start), shown(block.end));
            let end = if end[..10] == start[..10] {
                &end[11..16]
            } else {
                &end[5..16]
            };
            format!("{}/{end}", &start[5..16])
        })
        .collect())
}

/// A calendar around `lines` of events.
fn calendar(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\n{}\nEND:VCALENDAR\n",
        lines.trim()
    )
}

/// A calendar with one event of these lines.
fn event(lines: &str) -> String {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:one\n{}\nEND:VEVENT",
        lines.trim()
    ))
}
