//! One window of one calendar: what the witness says and what we say.

use std::{borrow::Cow, fs};

use anyhow::{Result, anyhow};
use serde::Deserialize;
use slotstead_shared::{Interval, UnixSeconds, engine::parse_zone, interval::merge};
use slotstead_tenant::{
    connectors::feed::{Reading, read},
    effect::FetchResponse,
};

/// One line of `witness.py`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub corpus: String,
    pub name: String,
    /// Where times without a zone are.
    zone: String,
    now: UnixSeconds,
    /// Where the calendar is, or itself.
    file: Option<String>,
    text: Option<String>,
    /// Busy times, or why the witness knows none.
    busy: Option<Vec<(UnixSeconds, UnixSeconds)>>,
    error: Option<String>,
}

/// What comes of the comparison.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Agree,
    Busier,
    /// Our sentence, without its numbers.
    Error(String),
    /// The witness refuses the calendar itself.
    NoWitness,
    Free {
        at: UnixSeconds,
    },
}

impl Outcome {
    pub const NAMES: [&'static str; 5] = ["agree", "busier", "error", "no witness", "free"];

    pub fn name(&self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Busier => "busier",
            Self::Error(_) => "error",
            Self::NoWitness => "no witness",
            Self::Free { .. } => "free",
        }
    }
}

pub fn compare(answer: &Answer) -> Result<Outcome> {
    let body = match (&answer.file, &answer.text) {
        (Some(file), None) => Cow::Owned(fs::read(file)?),
        (None, Some(text)) => Cow::Borrowed(text.as_bytes()),
        _ => return Err(anyhow!("{} has no calendar", answer.name)),
    };
    let response = FetchResponse {
        status: 200,
        headers: Vec::new(),
        body: body.into_owned(),
    };
    let zone = parse_zone(&answer.zone).map_err(|_| anyhow!("no zone {}", answer.zone))?;
    // Read in any case: a calendar that no witness reads must not take us down either.
    let reading = read(&response, false, answer.now, zone);
    let theirs = match (&answer.busy, &answer.error) {
        (Some(busy), None) => busy.iter().map(|(start, end)| Interval::new(*start, *end)),
        (None, Some(_)) => return Ok(Outcome::NoWitness),
        _ => return Err(anyhow!("{} has no answer, or two", answer.name)),
    };
    let theirs = merge(theirs);
    match reading {
        Ok(Reading::Busy { blocks, .. }) => Ok(versus(&blocks, &theirs)),
        Ok(Reading::NotModified) => Err(anyhow!("the status is 200")),
        Err(error) => Ok(Outcome::Error(without_numbers(&error.to_string()))),
    }
}

fn versus(ours: &[Interval], theirs: &[Interval]) -> Outcome {
    if ours == theirs {
        return Outcome::Agree;
    }
    // Both are merged, so an interval of theirs is covered by one of ours or not at all.
    let uncovered = theirs.iter().find(|busy| {
        let after = ours.partition_point(|own| own.start <= busy.start);
        after == 0 || ours[after - 1].end < busy.end
    });
    match uncovered {
        Some(busy) => Outcome::Free { at: busy.start },
        None => Outcome::Busier,
    }
}

/// The sentence with each number as `N`: line numbers would make every row a row of its own.
fn without_numbers(sentence: &str) -> String {
    let mut short = String::new();
    for letter in sentence.chars() {
        if !letter.is_ascii_digit() {
            short.push(letter);
        } else if !short.ends_with('N') {
            short.push('N');
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(pairs: &[(i64, i64)]) -> Vec<Interval> {
        pairs
            .iter()
            .map(|(start, end)| Interval::new(*start, *end))
            .collect()
    }

    #[test]
    fn the_four_outcomes() {
        let theirs = intervals(&[(10, 20), (30, 40)]);
        let versus = |ours: &[(i64, i64)]| versus(&intervals(ours), &theirs);
        assert_eq!(versus(&[(10, 20), (30, 40)]), Outcome::Agree);
        assert_eq!(versus(&[(10, 40)]), Outcome::Busier);
        assert_eq!(versus(&[(5, 21), (30, 40), (50, 60)]), Outcome::Busier);
        for ours in [
            &[(30, 40)][..],
            &[(10, 19), (30, 40)],
            &[(11, 20), (30, 40)],
            &[],
        ] {
            assert!(matches!(versus(ours), Outcome::Free { .. }), "{ours:?}");
        }
        assert_eq!(without_numbers("line 120 (404), 7"), "line N (N), N");
    }
}
