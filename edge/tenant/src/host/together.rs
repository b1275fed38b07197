//! Calls that come to a Durable Object in one request, and their answers in one.
//!
//! The request is a line for each call: the address that it would have gone to by itself, a space, and the call as JSON,
//! which has no line breaks. The answer, with the status [`TOGETHER`], is the number of answers in it and each of them in
//! the order of the calls: its status in two bytes, its length in four, and its bytes. Numbers are big-endian. A length of
//! [`THE_SAME`] stands for the body of the answer before, as visitors of one page ask for the same free times. A call
//! whose answer has the status 0 was counted and not carried out; one that has none, as there was no room, neither. Both are to
//! come alone, the first with the query `again`.

use std::ops::Range;

/// The path of calls that come together.
pub const PATH: &str = "/together";

/// The status of answers that go out together.
pub const TOGETHER: u16 = 207;

/// The length in the place of a body that is that of the answer before.
pub const THE_SAME: u32 = u32::MAX;

/// The query of a call that was counted before.
pub const AGAIN: &str = "again";

/// Bytes of bodies after which there is no room for another answer: a question about free times may be answered with
/// megabytes, an object has 128, and so has the edge, which may hand out a body several times.
const ROOM: usize = 1024 * 1024;

/// The address and the text of each call.
pub fn calls(request: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.split('\n');
    lines.map(|line| line.split_once(' ').unwrap_or((line, "")))
}

/// Answers that go out together.
#[derive(Debug)]
pub struct Answers {
    number: u32,
    /// All of them, after the room for their number.
    bytes: Vec<u8>,
    /// Where the last body is.
    last: Range<usize>,
    /// Bytes of all bodies, whether they are here once or not.
    handed_out: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            number: 0,
            bytes: vec![0; size_of::<u32>()],
            last: 0..0,
            handed_out: 0,
        }
    }
}

impl Answers {
    /// Whether there is room for another one, however long it is. There is for the first.
    #[must_use]
    pub const fn have_room(&self) -> bool {
        self.handed_out < ROOM
    }

    /// Adds the answer to the next call.
    pub fn push(&mut self, status: u16, body: &[u8]) {
        self.number += 1;
        self.handed_out += body.len();
        self.bytes.extend(status.to_be_bytes());
        if self.number > 1 && self.bytes[self.last.clone()] == *body {
            self.bytes.extend(THE_SAME.to_be_bytes());
            return;
        }
        let length = u32::try_from(body.len()).expect("an object has no room for 4 GB");
        self.bytes.extend(length.to_be_bytes());
        self.last = self.bytes.len()..self.bytes.len() + body.len();
        self.bytes.extend(body);
    }

    /// Says that the next call was counted and not carried out.
    pub fn push_none(&mut self) {
        self.push(0, b"");
    }

    /// What goes out.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.bytes[..size_of::<u32>()].copy_from_slice(&self.number.to_be_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_call() {
        let request = "https://tenant/ {\"a\": \"b c\"}\nhttps://tenant/body {}\n\nhttps://tenant/";
        let found: Vec<_> = calls(request).collect();
        assert_eq!(
            found,
            [
                ("https://tenant/", "{\"a\": \"b c\"}"),
                ("https://tenant/body", "{}"),
                ("", ""),
                ("https://tenant/", ""),
            ]
        );
    }

    #[test]
    fn answers_stand_one_after_the_other_behind_their_number() {
        assert_eq!(Answers::default().into_bytes(), [0, 0, 0, 0]);
        let mut answers = Answers::default();
        answers.push(200, b"{}");
        answers.push(421, b"");
        assert_eq!(
            answers.into_bytes(),
            [
                0, 0, 0, 2, 0, 200, 0, 0, 0, 2, b'{', b'}', 1, 165, 0, 0, 0, 0
            ]
        );
    }

    #[test]
    fn a_body_that_comes_again_is_there_once() {
        let mut answers = Answers::default();
        let bodies = [
            (203, "a"),
            (203, "a"),
            (200, "a"),
            (200, ""),
            (0, ""),
            (200, "a"),
        ];
        for (status, body) in bodies {
            answers.push(status, body.as_bytes());
        }
        let the_same = THE_SAME.to_be_bytes();
        let frames: [&[u8]; 10] = [
            &[0, 0, 0, 6],
            &[0, 203, 0, 0, 0, 1, b'a'],
            &[0, 203],
            &the_same,
            &[0, 200],
            &the_same,
            &[0, 200, 0, 0, 0, 0],
            &[0, 0],
            &the_same,
            &[0, 200, 0, 0, 0, 1, b'a'],
        ];
        assert_eq!(answers.into_bytes(), frames.concat());
    }

    #[test]
    fn there_is_room_until_a_megabyte_is_full() {
        let mut answers = Answers::default();
        assert!(answers.have_room());
        answers.push(200, &vec![b' '; ROOM / 2]);
        answers.push(200, &vec![b' '; ROOM / 2 - 1]);
        assert!(answers.have_room());
        answers.push(200, b" ");
        assert!(!answers.have_room());
        // One that is there once is handed out as often as it was asked for.
        let mut answers = Answers::default();
        answers.push(200, &vec![b' '; ROOM / 2]);
        assert!(answers.have_room());
        answers.push(200, &vec![b' '; ROOM / 2]);
        assert!(!answers.have_room());
    }
}
