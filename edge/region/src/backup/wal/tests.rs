//! Logs that SQLite wrote, read as files.

use std::fs;

use slotstead_tenant::{
    Store,
    store::sqlite::{Log, Sqlite, log_of},
};

use super::*;

/// Leaves the log alone.
struct Never;

impl Log for Never {
    fn committed(&mut self, _: u32) -> bool {
        false
    }

    fn emptied(&mut self, _: bool) {}
}

/// A log of some transactions, one of them longer than what is read at a time, and where it lies.
fn log(name: &str) -> (std::path::PathBuf, Vec<u8>) {
    let name = format!("slotstead-wal-{}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("store.sqlite");
    let mut store = Sqlite::in_file(&path).unwrap();
    store.keep_log(Never).unwrap();
    store.run("CREATE TABLE t (a TEXT)", &[]).unwrap();
    for length in [10, 10, 60_000, 10] {
        let text = "x".repeat(length);
        store
            .run("INSERT INTO t VALUES (?1)", &[text.into()])
            .unwrap();
    }
    let bytes = fs::read(log_of(&path)).unwrap();
    (folder, bytes)
}

#[test]
fn a_log_is_read_transaction_by_transaction_and_nothing_else_is_taken_for_it() {
    let (folder, bytes) = log("read");
    let path = folder.join("copy");
    fs::write(&path, &bytes).unwrap();
    let (mut place, mut read) = (None, Vec::<u8>::new());
    let mut places: Vec<Place> = Vec::new();
    while let Follows::More(stretch) = super::read(&path, place.as_ref(), u32::MAX, 1).unwrap() {
        let mut frames = stretch.frames.chunks_exact(stretch.from.frame_bytes());
        let end = frames.try_fold(stretch.from, |here, frame| here.after(frame));
        assert_eq!(end, Some(stretch.to));
        assert!(place.is_none_or(|place| place == stretch.from));
        read.extend(&stretch.frames);
        place = Some(stretch.to);
        places.push(stretch.to);
    }
    assert_eq!(read, bytes[HEADER..]);
    assert_eq!(places.len(), 5);
    // Up to a limit, as if the rest had not been committed.
    let limit = places[2].frames;
    let some = super::read(&path, None, limit, 1 << 20).unwrap();
    assert!(matches!(some, Follows::More(stretch) if stretch.to == places[2]));
    // A changed byte ends what can be read before its transaction, and a place behind it is in another log.
    for at in (HEADER..bytes.len()).step_by(997) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let frame = u32::try_from((at - HEADER) / places[0].frame_bytes()).unwrap();
        let before = places.iter().rev().find(|place| place.frames <= frame);
        match super::read(&path, None, u32::MAX, 1 << 20).unwrap() {
            Follows::More(stretch) => assert_eq!(Some(&stretch.to), before, "{at}"),
            other => assert_eq!((other, before), (Follows::Nothing, None), "{at}"),
        }
    }
    fs::write(&path, &bytes[..HEADER]).unwrap();
    let cut = super::read(&path, Some(&places[0]), u32::MAX, 1).unwrap();
    assert_eq!(cut, Follows::Another);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_header_is_one_or_is_not() {
    let (folder, bytes) = log("header");
    let header: [u8; HEADER] = bytes[..HEADER].try_into().unwrap();
    assert!(Place::start(header).is_some());
    for at in 0..HEADER {
        let mut changed = header;
        changed[at] ^= 4;
        assert_eq!(Place::start(changed), None, "{at}");
    }
    fs::remove_dir_all(folder).unwrap();
}
