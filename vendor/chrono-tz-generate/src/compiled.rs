//! Zone files as the reference compiler `zic` wrote them (RFC 9636), read as the
//! second opinion on the tables.

use std::path::Path;

use crate::{footer, END_COMPARED, END_COMPARED_YEAR};

/// The offsets of one zone until [`END_COMPARED`].
pub struct Compiled {
    /// The first instant and the offset from there on, in seconds, ascending.
    pub changes: Vec<(i64, i64)>,
    /// The offset before the first of them.
    pub first: i64,
}

impl Compiled {
    /// Reads the 64-bit part of the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&bytes).ok_or_else(|| format!("{} is not a compiled zone", path.display()))
    }

    /// The offset at an instant.
    pub fn at(&self, instant: i64) -> i64 {
        match self.changes.partition_point(|change| change.0 <= instant) {
            0 => self.first,
            next => self.changes[next - 1].1,
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        // The 32-bit part comes first; its own counts say where it ends.
        let old = Counts::parse(bytes, 4)?;
        let bytes = bytes.get(old.end..)?;
        let new = Counts::parse(bytes, 8)?;
        let times = bytes.get(44..)?.chunks_exact(8).take(new.times);
        let kinds = &bytes.get(44 + 8 * new.times..)?[..new.times];
        let offset = |kind: usize| {
            let at = 44 + 9 * new.times + 6 * kind;
            Some(i64::from(i32::from_be_bytes(
                bytes.get(at..at + 4)?.try_into().ok()?,
            )))
        };
        let mut changes = Vec::with_capacity(new.times);
        for (time, kind) in times.zip(kinds) {
            changes.push((
                i64::from_be_bytes(time.try_into().ok()?),
                offset(usize::from(*kind))?,
            ));
        }
        // The footer stands between line feeds and applies after the last change.
        let footer = std::str::from_utf8(bytes.get(new.end..)?).ok()?.trim();
        let last = changes.last().map_or(i64::MIN, |change| change.0);
        let for_ever = footer::changes(footer, 1970, END_COMPARED_YEAR)?;
        changes.extend(
            for_ever
                .into_iter()
                .filter(|change| change.0 > last && change.0 < END_COMPARED),
        );
        Some(Self {
            changes,
            first: offset(0)?,
        })
    }
}

struct Counts {
    times: usize,
    end: usize,
}

impl Counts {
    fn parse(bytes: &[u8], width: usize) -> Option<Self> {
        if bytes.get(..4)? != b"TZif" {
            return None;
        }
        let count = |at: usize| {
            Some(u32::from_be_bytes(bytes.get(20 + 4 * at..24 + 4 * at)?.try_into().ok()?) as usize)
        };
        let (utc, standard, leap) = (count(0)?, count(1)?, count(2)?);
        let (times, kinds, letters) = (count(3)?, count(4)?, count(5)?);
        let end =
            44 + times * (width + 1) + kinds * 6 + letters + leap * (width + 4) + standard + utc;
        Some(Self { times, end })
    }
}
