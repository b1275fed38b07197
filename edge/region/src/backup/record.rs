//! The two kinds of files in a backup: a log is a row of records, a snapshot is one. A record is a line of
//! JSON, what belongs to it, and the SHA-256 of both and of the record before. So a log that was cut short
//! ends at a record that is whole, and a record that was changed, lost or moved is found out.

use std::{
    fs::{File, Metadata},
    io::{self, BufRead, BufReader, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use slotstead_shared::UnixSeconds;

use super::Failure;
use crate::disk;

/// Bytes of a record's line, at most. It has a number for each second in which there were commits.
const LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes of the payload of a record in a log, at most.
const PAYLOAD_BYTES: u64 = 1 << 31;

/// A SHA-256.
pub type Hash = [u8; 32];

/// What a record in a log says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The first: whose log this is.
    Begin {
        /// The tenant.
        tenant: String,
        /// The generation of the backup.
        generation: u32,
        /// Which log of the generation.
        epoch: u32,
        /// The header of the log, in hexadecimal.
        header: String,
        /// The hash at the end of the log before this one, in hexadecimal.
        previous: String,
    },
    /// Frames, compressed behind this.
    Frames {
        /// Frames of the log before these.
        from: u32,
        /// And with these.
        to: u32,
        /// The log's checksum after these.
        sum: [u32; 2],
        /// Bytes behind this.
        bytes: u64,
        /// By when the frames before a number were committed.
        commits: Vec<(UnixSeconds, u32)>,
    },
    /// The last: the log was emptied into the database, which then was as `stamp` says.
    End {
        /// The database.
        stamp: Stamp,
    },
}

/// Tells whether a database was written since.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The file's number in its file system.
    pub inode: u64,
    /// Its length.
    pub bytes: u64,
    /// When it was written last: seconds and nanoseconds.
    pub written: (i64, i64),
}

impl Stamp {
    /// That of a file.
    pub fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&path.metadata()?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(found: &Metadata) -> Self {
        Self {
            inode: found.ino(),
            bytes: found.len(),
            written: (found.mtime(), found.mtime_nsec()),
        }
    }
}

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The tenant.
    pub tenant: String,
    /// The generation of the backup.
    pub generation: u32,
    /// The log that goes on from this.
    pub epoch: u32,
    /// How many frames of that log are needed at least: the database may hold some of them already.
    pub frames: u32,
    /// Every commit up to then is in the snapshot and those frames.
    pub as_of: UnixSeconds,
    /// The database.
    pub stamp: Stamp,
}

/// A record as bytes, and its hash. `previous` is that of the one before.
pub fn encode(entry: &Entry, payload: &[u8], previous: &Hash) -> (Vec<u8>, Hash) {
    let mut bytes = serde_json::to_vec(entry).expect("texts and numbers are JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(payload);
    let hash = Sha256::new()
        .chain_update(previous)
        .chain_update(&bytes)
        .finalize();
    bytes.extend_from_slice(&hash);
    (bytes, hash.into())
}

/// What comes next in a log.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A record, and its payload if that was asked for.
    Record(Entry, Vec<u8>),
    /// Half a record: writing it was interrupted.
    Cut,
    /// Nothing.
    Nothing,
}

/// Reads a log, record by record.
pub struct Reader {
    path: PathBuf,
    input: BufReader<File>,
    length: u64,
    /// Bytes of whole records read.
    pub whole: u64,
    /// The hash of the last of them.
    pub hash: Hash,
}

impl Reader {
    /// Of the log at `path`.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(Failure::at(path))?;
        Ok(Self {
            length: file.metadata().map_err(Failure::at(path))?.len(),
            path: path.to_owned(),
            input: BufReader::new(file),
            whole: 0,
            hash: [0; 32],
        })
    }

    /// The next record, checked whole.
    pub fn read(&mut self) -> Result<Next, Failure> {
        self.next_if(true)
    }

    /// The next record without its payload, unchecked.
    pub fn skim(&mut self) -> Result<Next, Failure> {
        self.next_if(false)
    }

    fn next_if(&mut self, checked: bool) -> Result<Next, Failure> {
        let at = Failure::at(&self.path);
        let left = self.length - self.whole;
        if left == 0 {
            return Ok(Next::Nothing);
        }
        let mut line = Vec::new();
        let mut limited = (&mut self.input).take(LINE_BYTES.min(left));
        limited.read_until(b'\n', &mut line).map_err(&at)?;
        if line.last() != Some(&b'\n') {
            return if (line.len() as u64) < left {
                Err(self.damaged("a record has no end"))
            } else {
                Ok(Next::Cut)
            };
        }
        let Ok(entry) = serde_json::from_slice::<Entry>(&line) else {
            return Err(self.damaged("a record cannot be read"));
        };
        let payload_bytes = match &entry {
            Entry::Frames { bytes, .. } => *bytes,
            Entry::Begin { .. } | Entry::End { .. } => 0,
        };
        if payload_bytes > PAYLOAD_BYTES {
            return Err(self.damaged("a record is too long"));
        }
        let whole = line.len() as u64 + payload_bytes + 32;
        if whole > left {
            return Ok(Next::Cut);
        }
        let mut payload = Vec::new();
        if checked {
            let length = usize::try_from(payload_bytes).expect("2 GB fit");
            payload.resize(length, 0);
            self.input.read_exact(&mut payload).map_err(&at)?;
        } else {
            let over = i64::try_from(payload_bytes).expect("2 GB fit");
            self.input.seek_relative(over).map_err(&at)?;
        }
        let mut hash = [0; 32];
        self.input.read_exact(&mut hash).map_err(&at)?;
        if checked {
            let found = Sha256::new()
                .chain_update(self.hash)
                .chain_update(&line)
                .chain_update(&payload)
                .finalize();
            if hash[..] != found[..] {
                return Err(self.damaged("a record has another checksum"));
            }
        }
        self.hash = hash;
        self.whole += whole;
        Ok(Next::Record(entry, payload))
    }

    /// Goes back to where `read` bytes were read and the last hash was `hash`.
    pub fn go_back(&mut self, read: u64, hash: Hash) -> Result<(), Failure> {
        let at = Failure::at(&self.path);
        self.input.seek(io::SeekFrom::Start(read)).map_err(at)?;
        (self.whole, self.hash) = (read, hash);
        Ok(())
    }

    fn damaged(&self, what: &str) -> Failure {
        Failure::Damaged(self.path.clone(), format!("{what} (byte {})", self.whole))
    }
}

/// Writes `content` compressed, in a file of one record.
pub fn write_snapshot(
    path: &Path,
    head: &impl Serialize,
    mut content: impl Read,
) -> Result<(), Failure> {
    let mut line = serde_json::to_vec(head).expect("texts and numbers are JSON");
    line.push(b'\n');
    let mut write = || -> io::Result<()> {
        let mut file = Hashing::new(disk::create(path)?);
        file.write_all(&line)?;
        let mut packed = flate2::write::ZlibEncoder::new(&mut file, flate2::Compression::fast());
        io::copy(&mut content, &mut packed)?;
        packed.finish()?;
        let hash = file.hash.clone().finalize();
        file.inner.write_all(&hash)?;
        file.inner.sync_all()
    };
    write().map_err(|error| {
        // The disk may be full of it.
        let _ = std::fs::remove_file(path);
        Failure::Io(path.to_owned(), error)
    })
}

/// Reads the head of a file of one record. It is unchecked until all is read.
pub fn snapshot_head<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let at = Failure::at(path);
    let mut line = Vec::new();
    let file = File::open(path).map_err(&at)?;
    let mut limited = BufReader::new(file).take(LINE_BYTES);
    limited.read_until(b'\n', &mut line).map_err(&at)?;
    serde_json::from_slice(&line)
        .map_err(|_| Failure::Damaged(path.to_owned(), "its head cannot be read".to_owned()))
}

/// Reads the content of a file of one record, which is so many bytes, into `out`, and checks it.
pub fn read_snapshot(path: &Path, bytes: u64, out: &mut impl Write) -> Result<(), Failure> {
    let at = Failure::at(path);
    let damaged = |what: &str| Failure::Damaged(path.to_owned(), what.to_owned());
    let file = File::open(path).map_err(&at)?;
    let length = file.metadata().map_err(&at)?.len();
    let body = length
        .checked_sub(32)
        .ok_or_else(|| damaged("it is too short"))?;
    let mut hashing = BufReader::new(Hashing::new(file.take(body)));
    hashing.skip_until(b'\n').map_err(&at)?;
    // One more, so that too many are found out.
    let mut unpacked = flate2::bufread::ZlibDecoder::new(hashing).take(bytes + 1);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = unpacked
            .read(&mut buffer)
            .map_err(|error| damaged(&error.to_string()))?;
        if read == 0 {
            break;
        }
        // Whoever writes it down has another disk, so another error.
        out.write_all(&buffer[..read])
            .map_err(Failure::at(Path::new("what is restored")))?;
    }
    if unpacked.limit() != 1 {
        return Err(damaged("it is of another length"));
    }
    let mut hashing = unpacked.into_inner().into_inner().into_inner();
    io::copy(&mut hashing, &mut io::sink()).map_err(&at)?;
    let found = hashing.hash.finalize();
    let mut file = hashing.inner.into_inner();
    let mut hash = [0; 32];
    file.read_exact(&mut hash).map_err(&at)?;
    if hash[..] == found[..] {
        Ok(())
    } else {
        Err(damaged("it has another checksum"))
    }
}

/// Hashes what passes.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
        }
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hash.update(&bytes[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
