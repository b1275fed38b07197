//! From bytes to the few lines that say when something is.
//!
//! This pass comes before the parser and keeps three things true. What the product has no
//! need of (titles, people, places, notes) never reaches the parser (R1, R2). The file is
//! whole: every `BEGIN` has its `END`. And every kept line has a shape that the parser reads
//! without guessing; the parser is lenient, and what it guesses may be free time.

use super::{error::FeedError, shape};

/// The property that this pass adds to every component: the line on which it begins.
pub(super) const LINE: &str = "X-LINE";
/// The deepest nesting of a feed is three; this leaves room for odd ones.
const DEPTH: usize = 16;

/// The properties that say when something is. All others are dropped unread. Among those is EXRULE:
/// RFC 5545 took it out, so most programs show what it would exclude.
const KEPT: [&str; 20] = [
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "UID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "FREEBUSY",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "X-LIC-LOCATION",
    "X-MICROSOFT-CDO-TZID",
    "X-WR-TIMEZONE",
    "TIMEZONE-ID",
];

/// Properties that some programs write without a value, as if they were not there.
const MAY_BE_EMPTY: [&str; 7] = [
    "RRULE", "EXDATE", "RDATE", "UID", "SEQUENCE", "STATUS", "TRANSP",
];

/// Properties that a component has once (RFC 5545 sections 3.6.1 and 3.6.5), where two values have no
/// reading that is busy in both. Of several ends, of STATUS and of TRANSP there is one.
const SINGLE: [&str; 11] = [
    "DTSTART",
    "RECURRENCE-ID",
    "UID",
    "SEQUENCE",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "X-LIC-LOCATION",
    "X-MICROSOFT-CDO-TZID",
    "X-WR-TIMEZONE",
    "TIMEZONE-ID",
];

/// What a component means here.
enum Role {
    /// Its lines are kept.
    Kept,
    /// It takes no time (alarms, to-dos, journals, extensions): dropped with all it holds.
    Dropped,
}

/// The kept lines of a calendar file as iCalendar text of its own: unfolded, in UTF-8, with
/// names in upper case and [`LINE`] at the start of each component.
pub(super) fn prepare(body: &[u8]) -> Result<String, FeedError> {
    if is_utf_16(body) {
        return Err(FeedError::Utf16);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut pass = Pass::default();
    for (line, bytes) in unfold(body) {
        pass.take(line, &bytes)?;
    }
    pass.finish()
}

/// Whether it begins with a mark of UTF-16, or with two letters and two zeros that are as good.
fn is_utf_16(body: &[u8]) -> bool {
    matches!(
        body,
        [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [b'B' | b'b', 0, b'E' | b'e', 0, ..]
            | [0, b'B' | b'b', 0, b'E' | b'e', ..]
    )
}

/// A component whose `END:` is still to come.
struct Open {
    name: String,
    /// What it has said of [`SINGLE`], as kept.
    said: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Pass {
    kept: String,
    open: Vec<Open>,
    /// How many components were open when the outermost dropped one began.
    dropping_from: Option<usize>,
    /// The line before was kept, so the next must be a line of its own, not a lost part of it.
    after_kept: Option<&'static str>,
    seen_any: bool,
}

impl Pass {
    fn take(&mut self, line: u32, bytes: &[u8]) -> Result<(), FeedError> {
        let bytes = bytes.trim_ascii_end();
        if bytes.is_empty() {
            return Ok(());
        }
        // No program writes one on purpose, and inside a name it hides what the line says.
        if self.seen_any && bytes.contains(&0) {
            let property = "a NUL byte";
            return Err(FeedError::Line { line, property });
        }
        let name_end = bytes.iter().position(|byte| matches!(byte, b':' | b';'));
        let name = bytes[..name_end.unwrap_or(bytes.len())].trim_ascii_end();
        let is_name = !name.is_empty()
            && name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !self.seen_any && !bytes.eq_ignore_ascii_case(b"BEGIN:VCALENDAR") {
            return Err(FeedError::NotACalendar);
        }
        self.seen_any = true;
        if name.eq_ignore_ascii_case(b"BEGIN") && name_end.is_some() {
            return self.begin(line, &value_name(bytes));
        }
        if name.eq_ignore_ascii_case(b"END") && name_end.is_some() {
            return self.end(line, &value_name(bytes));
        }
        if self.open.is_empty() {
            // Some servers add remarks of their own after the end.
            let is_remark = is_name && name.starts_with(b"X-") && name_end.is_some();
            return if is_remark {
                Ok(())
            } else {
                Err(FeedError::Structure { line })
            };
        }
        if self.dropping_from.is_some() {
            return Ok(());
        }
        let kept = KEPT
            .into_iter()
            .find(|kept| is_name && name.eq_ignore_ascii_case(kept.as_bytes()));
        if let (None, Some(property)) = (kept, self.after_kept)
            && !(is_name && name_end.is_some())
        {
            return Err(FeedError::Line { line, property });
        }
        self.after_kept = kept;
        let rest = &bytes[name_end.unwrap_or(bytes.len())..];
        let Some(property) = kept else {
            return if shape::has_soft_break(rest) {
                let property = "ENCODING=QUOTED-PRINTABLE";
                Err(FeedError::Line { line, property })
            } else {
                Ok(())
            };
        };
        let rest = decode(rest);
        let bad = FeedError::Line { line, property };
        // The file ends its lines otherwise, so what comes after this is another line only to some.
        if rest.contains('\r') {
            return Err(bad);
        }
        let (parameters, value) = split_value(&rest).ok_or(bad.clone())?;
        let value = shape::tidy(property, value.trim());
        if value.is_empty() && MAY_BE_EMPTY.contains(&property) {
            return Ok(());
        }
        if !shape::fits(property, parameters, &value) {
            return Err(bad);
        }
        let text = [property, parameters, ":", &value].concat();
        if self.is_new(line, property, &text)? {
            self.push(&[&text]);
        }
        Ok(())
    }

    /// Whether the innermost component has not said so before; an error if it has said otherwise.
    fn is_new(&mut self, line: u32, property: &'static str, text: &str) -> Result<bool, FeedError> {
        let Some(open) = self.open.last_mut().filter(|_| SINGLE.contains(&property)) else {
            return Ok(true);
        };
        match open.said.iter().find(|(said, _)| *said == property) {
            Some((_, before)) if before == text => Ok(false),
            Some(_) => Err(FeedError::Contradiction { line, property }),
            None => {
                open.said.push((property, text.to_owned()));
                Ok(true)
            }
        }
    }

    fn push(&mut self, parts: &[&str]) {
        self.kept.extend(parts.iter().copied());
        self.kept.push('\n');
    }

    fn begin(&mut self, line: u32, name: &str) -> Result<(), FeedError> {
        self.after_kept = None;
        let parent = self.open.last().map(|open| open.name.as_str());
        if self.dropping_from.is_none() {
            match role(parent, name, line)? {
                Role::Kept => {
                    let number = line.to_string();
                    self.push(&["BEGIN:", name]);
                    self.push(&[LINE, ":", &number]);
                }
                Role::Dropped => self.dropping_from = Some(self.open.len()),
            }
        }
        if self.open.len() >= DEPTH {
            return Err(FeedError::Structure { line });
        }
        self.open.push(Open {
            name: name.to_owned(),
            said: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self, line: u32, name: &str) -> Result<(), FeedError> {
        self.after_kept = None;
        if self.open.pop().is_none_or(|open| open.name != name) {
            return Err(FeedError::Structure { line });
        }
        match self.dropping_from {
            Some(depth) if depth == self.open.len() => self.dropping_from = None,
            Some(_) => {}
            None => self.push(&["END:", name]),
        }
        Ok(())
    }

    fn finish(self) -> Result<String, FeedError> {
        if !self.seen_any {
            Err(FeedError::NotACalendar)
        } else if self.open.is_empty() {
            Ok(self.kept)
        } else {
            Err(FeedError::Truncated)
        }
    }
}

fn role(parent: Option<&str>, name: &str, line: u32) -> Result<Role, FeedError> {
    match (parent, name) {
        (None, "VCALENDAR")
        | (Some("VCALENDAR"), "VEVENT" | "VFREEBUSY" | "VTIMEZONE")
        | (Some("VTIMEZONE"), "STANDARD" | "DAYLIGHT") => Ok(Role::Kept),
        (Some("VCALENDAR"), "VTODO" | "VJOURNAL" | "VALARM" | "VCARD") => Ok(Role::Dropped),
        // RFC 5545 section 3.6 asks to ignore what a vendor added.
        (Some("VCALENDAR"), vendor) if vendor.starts_with("X-") => Ok(Role::Dropped),
        // RFC 7953 says there when somebody is away; whatever else is registered may do so too.
        (Some("VCALENDAR"), "VAVAILABILITY") => Err(FeedError::Unsupported {
            line,
            what: "published availability (VAVAILABILITY)",
        }),
        (None | Some("VCALENDAR"), _) | (_, "VCALENDAR" | "VEVENT" | "VFREEBUSY" | "VTIMEZONE") => {
            Err(FeedError::Structure { line })
        }
        // Inside an event: alarms, participants, places.
        (Some(_), _) => Ok(Role::Dropped),
    }
}

/// The name after `BEGIN:` or `END:`.
fn value_name(bytes: &[u8]) -> String {
    let start = bytes
        .iter()
        .position(|byte| *byte == b':')
        .map_or(bytes.len(), |at| at + 1);
    decode(bytes[start..].trim_ascii()).to_ascii_uppercase()
}

/// Parameters (from their first `;`) and value, at the first `:` outside of quotes.
fn split_value(rest: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = rest.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    Some((&rest[..at], &rest[at + 1..]))
}

/// UTF-8, or else Latin-1: the properties that matter are ASCII in both.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Logical lines with the number of their first physical line. A line that starts with a space or a
/// tab continues the one before (RFC 5545 section 3.1).
///
/// Lines end with CRLF or LF, or with CR where the first one does. Elsewhere a CR is a part of the text:
/// somebody's title with one in it would otherwise say `TRANSP:TRANSPARENT` in its second half.
fn unfold(body: &[u8]) -> impl Iterator<Item = (u32, Vec<u8>)> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let first_end = body.iter().position(is_end).unwrap_or(body.len());
    let after_cr = body[first_end..].iter().find(|byte| **byte != b'\r');
    let lines_end_with_cr = after_cr != Some(&b'\n');
    let mut rest = body;
    let mut number = 0_u32;
    let mut next_physical = move || {
        if rest.is_empty() {
            return None;
        }
        let ends = |byte: &u8| *byte == b'\n' || (lines_end_with_cr && *byte == b'\r');
        let end = rest.iter().position(ends);
        let mut line = &rest[..end.unwrap_or(rest.len())];
        while let [before @ .., b'\r'] = line {
            line = before;
        }
        let skip = match end {
            Some(at) if rest[at..].starts_with(b"\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        rest = &rest[skip..];
        number += 1;
        Some((number, line))
    };
    let mut waiting = next_physical();
    std::iter::from_fn(move || {
        let (number, first) = waiting.take()?;
        let mut logical = first.to_vec();
        loop {
            waiting = next_physical();
            match waiting {
                Some((_, [b' ' | b'\t', more @ ..])) => logical.extend_from_slice(more),
                _ => return Some((number, logical)),
            }
        }
    })
}

#[cfg(test)]
mod tests;
