//! The end of a tenant's backup, to which the next record is added.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

use data_encoding::HEXLOWER;
use flate2::{Compression, write::ZlibEncoder};
use slotstead_shared::{TenantId, UnixSeconds};

use super::{
    Failure,
    folder::{self, Generation},
    record::{self, Entry, Hash, Next, Reader, Snapshot, Stamp},
    wal::{HEADER, Place},
    watch::Frames,
};
use crate::disk;

/// See the module.
#[derive(Debug)]
pub struct Chain {
    tenant: TenantId,
    generation: Generation,
    /// The log that is added to, or comes next.
    epoch: u32,
    /// Where that log ends. None while it has no record.
    log: Option<LogEnd>,
    /// The hash at the end of the log before.
    previous: Hash,
    /// The database from which the log goes on, while there is no log.
    stamp: Stamp,
    /// The log of the newest snapshot, and when that was made.
    snapshot: (u32, UnixSeconds),
}

#[derive(Debug)]
struct LogEnd {
    bytes: u64,
    hash: Hash,
    place: Place,
}

impl Chain {
    /// The end of what is in the folder of `tenant`, if there is anything. What was written in halves
    /// does not count.
    pub fn find(folder: &Path, tenant: &TenantId) -> Result<Option<Self>, Failure> {
        let folder = folder.join(tenant.as_str());
        let Some(generation) = folder::generations(&folder)?.pop() else {
            return Ok(None);
        };
        let Some(newest) = generation.snapshots()?.pop() else {
            return Ok(None);
        };
        let head = generation.head(newest)?;
        let mut chain = Self {
            tenant: tenant.clone(),
            epoch: newest,
            log: None,
            previous: [0; 32],
            stamp: head.stamp,
            snapshot: (newest, head.as_of),
            generation,
        };
        let logs = chain.generation.logs()?;
        // The last may be new, and then it is the one before that says where it goes on from.
        for epoch in &logs[logs.len().saturating_sub(2)..] {
            if epoch + 1 >= newest {
                chain.look_at(*epoch)?;
            }
        }
        Ok(Some(chain))
    }

    fn look_at(&mut self, epoch: u32) -> Result<(), Failure> {
        let path = self.generation.log(epoch);
        let mut reader = Reader::open(&path)?;
        let mut place = None;
        let mut last = (0, [0; 32]);
        loop {
            let before = (reader.whole, reader.hash);
            match reader.skim()? {
                Next::Record(Entry::Begin { header, .. }, _) => {
                    place = decode(&header).and_then(Place::start);
                }
                Next::Record(Entry::Frames { to, sum, .. }, _) => {
                    place = place.map(|place| Place {
                        frames: to,
                        sum,
                        ..place
                    });
                }
                Next::Record(Entry::End { stamp }, _) => {
                    (self.epoch, self.log) = (epoch + 1, None);
                    (self.stamp, self.previous) = (stamp, reader.hash);
                    return Ok(());
                }
                Next::Cut | Next::Nothing => break,
            }
            last = before;
        }
        // Nothing was added behind the last record: if it was changed, this is where it would show.
        let end = (reader.whole, reader.hash);
        reader.go_back(last.0, last.1)?;
        reader.read()?;
        (self.epoch, self.log) = (
            epoch,
            place.map(|place| LogEnd {
                bytes: end.0,
                hash: end.1,
                place,
            }),
        );
        Ok(())
    }

    /// Begins a generation with a copy of the database.
    pub fn begin(folder: &Path, head: Snapshot, database: &File) -> Result<Self, Failure> {
        let tenant: TenantId = head.tenant.parse().expect("it was made of one");
        let folder = folder.join(tenant.as_str());
        make(&folder)?;
        let last = folder::generations(&folder)?.pop();
        let generation = Generation::of(&folder, last.map_or(1, |last| last.number + 1));
        let unfinished = Generation {
            path: generation.unfinished(),
            ..generation.clone()
        };
        if unfinished.path.exists() {
            fs::remove_dir_all(&unfinished.path).map_err(Failure::at(&unfinished.path))?;
        }
        make(&unfinished.path)?;
        let head = Snapshot {
            generation: generation.number,
            ..head
        };
        record::write_snapshot(&unfinished.snapshot(head.epoch), &head, From0(database, 0))?;
        folder::sync(&unfinished.path)?;
        Ok(Self {
            tenant,
            epoch: head.epoch,
            log: None,
            previous: [0; 32],
            stamp: head.stamp,
            snapshot: (head.epoch, head.as_of),
            generation: unfinished,
        })
    }

    /// The copy is as it should be: from now on this is a generation.
    pub fn settle(mut self, folder: &Path) -> Result<Self, Failure> {
        let folder = folder.join(self.tenant.as_str());
        let settled = Generation::of(&folder, self.generation.number);
        let at = Failure::at(&settled.path);
        fs::rename(&self.generation.path, &settled.path).map_err(at)?;
        folder::sync(&folder)?;
        self.generation = settled;
        Ok(self)
    }

    /// The place after everything in the backup, or none before the log that comes next.
    pub fn place(&self) -> Option<Place> {
        self.log.as_ref().map(|log| log.place)
    }

    /// The database from which the next log goes on.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// When the newest snapshot was made.
    pub fn snapshot_at(&self) -> UnixSeconds {
        self.snapshot.1
    }

    /// Whether the log follows a database of which there is no snapshot.
    pub fn wants_snapshot(&self) -> bool {
        self.epoch > self.snapshot.0
    }

    /// The head of a snapshot of the database as it is now.
    pub fn snapshot_head(&self, frames: u32, as_of: UnixSeconds, stamp: Stamp) -> Snapshot {
        Snapshot {
            tenant: self.tenant.to_string(),
            generation: self.generation.number,
            epoch: self.epoch,
            frames,
            as_of,
            stamp,
        }
    }

    /// Adds a snapshot, if `still_good` says that the copy is as it should be.
    pub fn add_snapshot(
        &mut self,
        head: &Snapshot,
        database: &File,
        still_good: impl FnOnce() -> bool,
    ) -> Result<bool, Failure> {
        let path = self.generation.snapshot(head.epoch);
        let new = path.with_extension(folder::UNFINISHED);
        record::write_snapshot(&new, head, From0(database, 0))?;
        if !still_good() {
            fs::remove_file(&new).map_err(Failure::at(&new))?;
            return Ok(false);
        }
        fs::rename(&new, &path).map_err(Failure::at(&path))?;
        folder::sync(&self.generation.path)?;
        self.snapshot = (head.epoch, head.as_of);
        Ok(true)
    }

    /// Adds frames. Whether they follow; if not, nothing is added.
    pub fn add(&mut self, frames: &Frames) -> Result<bool, Failure> {
        let stretch = &frames.stretch;
        let follows = match &self.log {
            Some(log) => log.place == stretch.from,
            None => frames.after.as_ref() == Some(&self.stamp),
        };
        if !follows {
            return Ok(false);
        }
        let path = self.generation.log(self.epoch);
        let (begin, hash) = match &self.log {
            Some(log) => (Vec::new(), log.hash),
            None => record::encode(&self.first_entry(&stretch.from.header), &[], &[0; 32]),
        };
        let packed = pack(&stretch.frames).map_err(Failure::at(&path))?;
        let entry = Entry::Frames {
            from: stretch.from.frames,
            to: stretch.to.frames,
            sum: stretch.to.sum,
            bytes: packed.len() as u64,
            commits: frames.commits.clone(),
        };
        let (bytes, hash) = record::encode(&entry, &packed, &hash);
        let bytes = self.write(&[begin, bytes].concat())?;
        self.log = Some(LogEnd {
            bytes,
            hash,
            place: stretch.to,
        });
        Ok(true)
    }

    /// Adds that the log was emptied into the database. Whether this is where it ended.
    pub fn end(&mut self, place: Place, stamp: Stamp) -> Result<bool, Failure> {
        let Some(log) = self.log.as_ref().filter(|log| log.place == place) else {
            return Ok(false);
        };
        let entry = Entry::End {
            stamp: stamp.clone(),
        };
        let (bytes, hash) = record::encode(&entry, &[], &log.hash);
        self.write(&bytes)?;
        self.epoch += 1;
        (self.log, self.previous, self.stamp) = (None, hash, stamp);
        Ok(true)
    }

    fn first_entry(&self, header: &[u8; HEADER]) -> Entry {
        Entry::Begin {
            tenant: self.tenant.to_string(),
            generation: self.generation.number,
            epoch: self.epoch,
            header: HEXLOWER.encode(header),
            previous: HEXLOWER.encode(&self.previous),
        }
    }

    /// Writes behind what is whole, through to the disk. How long the log is then.
    fn write(&self, bytes: &[u8]) -> Result<u64, Failure> {
        let path = self.generation.log(self.epoch);
        let first = self.log.is_none();
        let end = self.log.as_ref().map_or(0, |log| log.bytes);
        let write = || -> io::Result<u64> {
            let mut options = OpenOptions::new();
            // A log that has vanished must not begin in its middle.
            options.write(true).create(first).truncate(false);
            let file = disk::no_link(&mut options).open(&path)?;
            // What an interrupted write left behind.
            file.set_len(end)?;
            file.write_all_at(bytes, end)?;
            file.sync_all()?;
            Ok(end + bytes.len() as u64)
        };
        let written = write().map_err(Failure::at(&path))?;
        if first {
            folder::sync(&self.generation.path)?;
        }
        Ok(written)
    }
}

fn decode(header: &str) -> Option<[u8; HEADER]> {
    HEXLOWER.decode(header.as_bytes()).ok()?.try_into().ok()
}

fn pack(frames: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(frames)?;
    packed.finish()
}

fn make(folder: &Path) -> Result<(), Failure> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Ok(()) => folder.parent().map_or(Ok(()), folder::sync),
        Err(error) => Err(Failure::Io(folder.to_owned(), error)),
    }
}

/// Reads a file from its start, whatever others read of it.
struct From0<'a>(&'a File, u64);

impl io::Read for From0<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read_at(bytes, self.1)?;
        self.1 += read as u64;
        Ok(read)
    }
}
