//! Records, whole and in halves.

use std::fs;

use super::*;

fn frames(to: u32, bytes: u64) -> Entry {
    Entry::Frames {
        from: to - 1,
        to,
        sum: [1, 2],
        bytes,
        commits: vec![(1_795_000_000, to)],
    }
}

/// A log of three records, where each ends, and the file.
fn log(name: &str) -> (PathBuf, Vec<u8>, Vec<usize>) {
    let name = format!("slotstead-record-{}-{name}", std::process::id());
    let (mut bytes, mut ends, mut hash) = (Vec::new(), Vec::new(), [0; 32]);
    for number in 1..=3 {
        let (record, next) = encode(&frames(number, 5), b"\nabc\n", &hash);
        bytes.extend(record);
        ends.push(bytes.len());
        hash = next;
    }
    let path = std::env::temp_dir().join(name);
    fs::write(&path, &bytes).unwrap();
    (path, bytes, ends)
}

#[test]
fn a_log_ends_before_half_a_record() {
    let (path, bytes, ends) = log("cut");
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        for checked in [true, false] {
            let mut reader = Reader::open(&path).unwrap();
            let whole = ends.iter().filter(|end| **end <= length).count();
            for number in 1..=u32::try_from(whole).unwrap() {
                let payload = if checked {
                    b"\nabc\n".to_vec()
                } else {
                    Vec::new()
                };
                let next = reader.next_if(checked).unwrap();
                assert_eq!(next, Next::Record(frames(number, 5), payload));
            }
            let end = whole.checked_sub(1).map_or(0, |last| ends[last]);
            assert_eq!(reader.whole, end as u64);
            let left = reader.next_if(checked).unwrap();
            let expected = if end == length {
                Next::Nothing
            } else {
                Next::Cut
            };
            assert_eq!(left, expected, "{length}");
        }
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn a_record_that_was_changed_lost_or_moved_is_damage() {
    let (path, bytes, ends) = log("changed");
    let damaged = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let mut reader = Reader::open(&path).unwrap();
        loop {
            match reader.read() {
                Ok(Next::Record(..)) => {}
                // A length that was changed may reach behind the end.
                Ok(Next::Cut) | Err(Failure::Damaged(..)) => return true,
                other => return other.is_err(),
            }
        }
    };
    assert!(!damaged(&bytes));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(damaged(&changed), "{at}");
    }
    assert!(damaged(&bytes[ends[0]..]), "the first is lost");
    let without = [&bytes[..ends[0]], &bytes[ends[1]..]].concat();
    assert!(damaged(&without), "one is lost");
    fs::remove_file(path).unwrap();
}
