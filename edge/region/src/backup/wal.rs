//! SQLite's write-ahead log as it lies in the file: a header, then frames, each a page with a checksum over
//! everything before it. So a place in a log is known by its last checksum, and whatever continues from
//! there is known to continue that very log (<https://sqlite.org/fileformat2.html#walformat>).

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

/// Bytes of a log's header, and of the head before each page.
pub const HEADER: usize = 32;
const FRAME_HEAD: usize = 24;

/// The log's magic number; its lowest bit says in which order the checksum reads bytes.
const MAGIC: u32 = 0x377f_0682;

/// The one version of the format.
const VERSION: u32 = 3_007_000;

/// A place in a log, after its header or after a frame that ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The log's header. Its salts differ from those of every other log of the store.
    pub header: [u8; HEADER],
    /// Frames before this place.
    pub frames: u32,
    /// The checksum of all of them.
    pub sum: [u32; 2],
}

/// A stretch of a log, from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Before the first frame.
    pub from: Place,
    /// After the last.
    pub to: Place,
    /// The frames.
    pub frames: Vec<u8>,
}

/// What follows a place.
#[derive(Debug, PartialEq, Eq)]
pub enum Follows {
    /// Committed frames.
    More(Stretch),
    /// Nothing yet.
    Nothing,
    /// This is another log than the place is in.
    Another,
}

impl Place {
    /// The start of the log with this header, if it is one.
    pub fn start(header: [u8; HEADER]) -> Option<Self> {
        let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("4 bytes"));
        let page = word(8);
        let known = word(0) & !1 == MAGIC
            && word(4) == VERSION
            && page.is_power_of_two()
            && (512..=65_536).contains(&page);
        let start = Self {
            header,
            frames: 0,
            sum: [word(24), word(28)],
        };
        (known && start.add([0, 0], &header[..24]) == start.sum).then_some(start)
    }

    /// Bytes of a page.
    pub fn page_bytes(&self) -> usize {
        let bytes = self.header[8..12].try_into().expect("4 bytes");
        u32::from_be_bytes(bytes) as usize
    }

    /// Bytes of a frame.
    pub fn frame_bytes(&self) -> usize {
        FRAME_HEAD + self.page_bytes()
    }

    /// Where in the file this place is.
    fn offset(&self) -> u64 {
        HEADER as u64 + u64::from(self.frames) * self.frame_bytes() as u64
    }

    /// The checksum `sum`, continued over some words.
    fn add(&self, mut sum: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        let big = self.header[3] & 1 == 1;
        for pair in bytes.as_chunks::<8>().0 {
            let (first, second) = pair.split_at(4);
            let word = |bytes: &[u8]| {
                let bytes = bytes.try_into().expect("4 bytes");
                if big {
                    u32::from_be_bytes(bytes)
                } else {
                    u32::from_le_bytes(bytes)
                }
            };
            sum[0] = sum[0].wrapping_add(word(first)).wrapping_add(sum[1]);
            sum[1] = sum[1].wrapping_add(word(second)).wrapping_add(sum[0]);
        }
        sum
    }

    /// After this frame, if it is the next one.
    pub fn after(&self, frame: &[u8]) -> Option<Self> {
        let (head, page) = frame.split_at(FRAME_HEAD);
        if head[8..16] != self.header[16..24] {
            return None;
        }
        let sum = self.add(self.add(self.sum, &head[..8]), page);
        (stored_sum(head) == sum).then_some(Self {
            header: self.header,
            frames: self.frames + 1,
            sum,
        })
    }

    /// The place after the last transaction in `frames` that ends before `limit`, and whether all of
    /// `frames` follows this place.
    fn committed(&self, frames: &[u8], limit: u32) -> (Self, bool) {
        let (mut here, mut committed) = (*self, *self);
        for frame in frames.chunks_exact(self.frame_bytes()) {
            if here.frames == limit {
                return (committed, false);
            }
            let Some(next) = here.after(frame) else {
                return (committed, false);
            };
            here = next;
            if Frame::of(frame).ends.is_some() {
                committed = here;
            }
        }
        (committed, true)
    }
}

fn stored_sum(head: &[u8]) -> [u32; 2] {
    let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("4 bytes"));
    [word(16), word(20)]
}

/// A frame.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which page, counted from 1.
    pub page: u32,
    /// The pages of the database after the transaction that this frame ends, if it ends one.
    pub ends: Option<u32>,
    /// The page.
    pub bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame in these bytes.
    pub fn of(frame: &'a [u8]) -> Self {
        let (head, bytes) = frame.split_at(FRAME_HEAD);
        let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("4 bytes"));
        Self {
            page: word(0),
            ends: Some(word(4)).filter(|pages| *pages > 0),
            bytes,
        }
    }
}

/// Reads what follows `from` in the log at `path`, or the log from its start: whole transactions, about
/// `most` bytes of them or one that is longer, up to the frame `limit`.
pub fn read(path: &Path, from: Option<&Place>, limit: u32, most: usize) -> io::Result<Follows> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(from.map_or(Follows::Nothing, |_| Follows::Another));
        }
        Err(error) => return Err(error),
    };
    let mut header = [0; HEADER];
    let whole = read_up_to(&file, &mut header, 0)? == HEADER;
    let start = Place::start(header).filter(|_| whole);
    let from = match (start, from) {
        (None, None) => return Ok(Follows::Nothing),
        (Some(start), None) => start,
        (Some(start), Some(from)) if start.header == from.header && is_in(&file, from)? => *from,
        (_, Some(_)) => return Ok(Follows::Another),
    };
    let mut frames = (most / from.frame_bytes()).max(1);
    loop {
        let mut bytes = vec![0; frames * from.frame_bytes()];
        let read = read_up_to(&file, &mut bytes, from.offset())?;
        let wanted = bytes.len();
        bytes.truncate(read);
        let (to, all) = from.committed(&bytes, limit);
        if to.frames > from.frames {
            bytes.truncate((to.frames - from.frames) as usize * from.frame_bytes());
            return Ok(Follows::More(Stretch {
                from,
                to,
                frames: bytes,
            }));
        }
        if !all || read < wanted {
            return Ok(Follows::Nothing);
        }
        // One transaction that is longer than what was read.
        frames *= 2;
    }
}

/// Whether the frame before `place` is the one it was.
fn is_in(file: &File, place: &Place) -> io::Result<bool> {
    if place.frames == 0 {
        return Ok(true);
    }
    let mut head = [0; FRAME_HEAD];
    let at = place.offset() - place.frame_bytes() as u64;
    let whole = read_up_to(file, &mut head, at)? == FRAME_HEAD;
    Ok(whole && head[8..16] == place.header[16..24] && stored_sum(&head) == place.sum)
}

fn read_up_to(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests;
