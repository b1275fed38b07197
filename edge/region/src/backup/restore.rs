//! From a backup to a store as it was at some second.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::FileExt,
    path::Path,
};

use data_encoding::HEXLOWER;
use flate2::read::ZlibDecoder;
use slotstead_shared::UnixSeconds;
use slotstead_tenant::store::sqlite::log_of;

use super::{
    Failure,
    folder::{self, Generation},
    record::{self, Entry, Hash, Next, Reader, Snapshot},
    wal::{Frame, Place},
};
use crate::disk;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the last commit was made that is in it.
    pub as_of: UnixSeconds,
    /// Where the backup ends in half a record, which counts for nothing.
    pub cut: bool,
    /// What is wrong with a snapshot that an older one took the place of.
    pub damaged: Option<String>,
}

/// How far logs are replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Everything that was committed by then.
    Time(UnixSeconds),
    /// Everything.
    End,
    /// This many frames of this log.
    Place(u32, u32),
}

/// Restores the store of the tenant whose backup is in `folder` to the file `out`, as it was at `at` or as
/// it is in the backup last. An `out` that is there is replaced when it is whole, and not before; a log beside it
/// is removed.
pub fn restore(folder: &Path, at: Option<UnixSeconds>, out: &Path) -> Result<Restored, Failure> {
    let (mut earliest, mut unfinished) = (None, None);
    for generation in folder::generations(folder)?.into_iter().rev() {
        let mut damaged = None;
        let mut too_late = false;
        let snapshots = generation.snapshots()?;
        for epoch in snapshots.iter().copied().rev() {
            let path = generation.snapshot(epoch);
            let head = match generation.head(epoch) {
                Ok(head) => head,
                Err(failure @ Failure::Damaged(..)) => {
                    too_late = false;
                    damaged = Some(failure);
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            earliest = Some(head.as_of);
            too_late = at.is_some_and(|at| at < head.as_of);
            if too_late {
                continue;
            }
            let until = at.map_or(Until::End, Until::Time);
            match into_file(&generation, &head, until, out) {
                Ok(Some(mut restored)) => {
                    let damaged = damaged.map(|damaged| format!("{damaged}; it was not needed"));
                    restored.damaged = damaged.or(unfinished);
                    return Ok(restored);
                }
                // Without the frames that it needs this one never became whole; the one before did.
                Ok(None) => {
                    let path = path.display();
                    unfinished = Some(format!("{path} needs more of its log than there is"));
                }
                Err(Failure::Damaged(of, what)) if of == path => {
                    damaged = Some(Failure::Damaged(of, what));
                }
                Err(failure) => return Err(failure),
            }
        }
        // An older generation would give an older state, which is not what was asked for.
        if let Some(damaged) = damaged.filter(|_| !too_late) {
            return Err(damaged);
        }
        if let Some(oldest) = snapshots.first().filter(|_| too_late) {
            // Nobody has checked yet that it says when it was made.
            let bytes = generation.head(*oldest)?.stamp.bytes;
            record::read_snapshot(&generation.snapshot(*oldest), bytes, &mut io::sink())?;
        }
    }
    Err(Failure::Nothing(match earliest {
        _ if unfinished.is_some() => unfinished.unwrap_or_default(),
        Some(earliest) => format!(
            "nothing is kept of that time; the oldest is {}",
            in_words(earliest)
        ),
        None => format!("{} holds no backup", folder.display()),
    }))
}

/// A time as people write it.
#[must_use]
pub fn in_words(at: UnixSeconds) -> String {
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};
    let time = OffsetDateTime::from_unix_timestamp(at).ok();
    let text = time.and_then(|time| time.format(&Rfc3339).ok());
    text.unwrap_or_else(|| format!("@{at}"))
}

/// The same into a new file, from one snapshot. `None` if the log ends before the snapshot is whole.
pub fn into_file(
    generation: &Generation,
    head: &Snapshot,
    until: Until,
    out: &Path,
) -> Result<Option<Restored>, Failure> {
    let new = disk::new(out);
    let new = new.as_path();
    let restored = into_new_file(generation, head, until, new);
    let at = Failure::at(new);
    let Ok(Some(_)) = restored else {
        // What is there of it is of no use, and holds what the tenant holds.
        let _ = fs::remove_file(new);
        return restored;
    };
    // One that was left there is of another file, and would be taken for its own.
    match fs::remove_file(log_of(out)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
        Ok(()) | Err(_) => {}
    }
    fs::rename(new, out).map_err(&at)?;
    out.parent().map_or(Ok(()), folder::sync)?;
    restored
}

fn into_new_file(
    generation: &Generation,
    head: &Snapshot,
    until: Until,
    new: &Path,
) -> Result<Option<Restored>, Failure> {
    let at = Failure::at(new);
    let mut file = disk::create(new).map_err(&at)?;
    let snapshot = generation.snapshot(head.epoch);
    record::read_snapshot(&snapshot, head.stamp.bytes, &mut file)?;
    let mut replay = Replay {
        generation,
        head,
        until,
        file: &file,
        out: new,
        previous: None,
        restored: Restored {
            as_of: head.as_of,
            cut: false,
            damaged: None,
        },
        reached: head.frames == 0,
    };
    replay.all()?;
    let (reached, restored) = (replay.reached, replay.restored);
    file.sync_all().map_err(&at)?;
    Ok(reached.then_some(restored))
}

struct Replay<'a> {
    generation: &'a Generation,
    head: &'a Snapshot,
    until: Until,
    file: &'a File,
    out: &'a Path,
    /// The hash at the end of the log before.
    previous: Option<Hash>,
    restored: Restored,
    /// Whether there was all that the snapshot needs.
    reached: bool,
}

/// Frames of a record.
struct Packed<'a> {
    bytes: &'a [u8],
    /// How many frames there are with these, and their checksum.
    to: (u32, [u32; 2]),
    commits: &'a [(UnixSeconds, u32)],
}

/// Whether there is more to replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Stop,
}

impl Replay<'_> {
    fn all(&mut self) -> Result<(), Failure> {
        let logs = self.generation.logs()?;
        let last = logs.last().copied().unwrap_or(0);
        for epoch in self.head.epoch..=last {
            if let Until::Place(end, 0) = self.until
                && end == epoch
            {
                break;
            }
            let done = self.log(epoch, epoch == last).map_err(|failure| {
                let known = in_words(self.restored.as_of);
                match failure {
                    Failure::Damaged(path, what) if self.reached => Failure::Damaged(
                        path,
                        format!("{what}; what was committed by {known} can be restored"),
                    ),
                    other => other,
                }
            })?;
            if done == Then::Stop {
                break;
            }
        }
        Ok(())
    }

    fn log(&mut self, epoch: u32, is_last: bool) -> Result<Then, Failure> {
        let path = self.generation.log(epoch);
        if !path.exists() {
            return Err(Failure::Damaged(path, "it is missing".to_owned()));
        }
        let damaged = |what: &str| Failure::Damaged(path.clone(), what.to_owned());
        let mut reader = Reader::open(&path)?;
        let mut place = None;
        loop {
            match (reader.read()?, place) {
                (Next::Record(begin @ Entry::Begin { .. }, _), None) => {
                    let start = self.start(&begin, epoch);
                    place = Some(start.ok_or_else(|| damaged("it belongs elsewhere"))?);
                }
                (
                    Next::Record(
                        Entry::Frames {
                            from,
                            to,
                            sum,
                            commits,
                            ..
                        },
                        packed,
                    ),
                    Some(here),
                ) => {
                    let record = Packed {
                        bytes: &packed,
                        to: (to, sum),
                        commits: &commits,
                    };
                    let follows = here.frames == from;
                    let applied = self.apply(epoch, here, &record)?.filter(|_| follows);
                    let (next, then) = applied.ok_or_else(|| damaged("frames do not follow"))?;
                    if then == Then::Stop {
                        return Ok(Then::Stop);
                    }
                    place = Some(next);
                }
                (Next::Record(Entry::End { .. }, _), Some(_)) => {
                    self.previous = Some(reader.hash);
                    return Ok(Then::GoOn);
                }
                (Next::Record(..), _) => return Err(damaged("a record is out of place")),
                (Next::Cut | Next::Nothing, _) if !is_last => {
                    return Err(damaged("its end is missing"));
                }
                (Next::Cut, _) => {
                    self.restored.cut = true;
                    return Ok(Then::Stop);
                }
                (Next::Nothing, _) => return Ok(Then::Stop),
            }
        }
    }

    /// Where the log begins, if it is ours and follows the one before.
    fn start(&self, begin: &Entry, epoch: u32) -> Option<Place> {
        let Entry::Begin {
            tenant,
            generation,
            epoch: theirs,
            header,
            previous,
        } = begin
        else {
            return None;
        };
        let ours = *tenant == self.head.tenant
            && (*generation, *theirs) == (self.generation.number, epoch)
            && self
                .previous
                .is_none_or(|hash| *previous == HEXLOWER.encode(&hash));
        let header = HEXLOWER.decode(header.as_bytes()).ok().filter(|_| ours)?;
        Place::start(header.try_into().ok()?)
    }

    /// How many frames of the log are wanted, of those that end at `end`.
    fn wanted(&self, epoch: u32, from: Place, end: u32, commits: &[(UnixSeconds, u32)]) -> u32 {
        let wanted = match self.until {
            Until::Time(at) => {
                let in_time = commits.iter().take_while(|(then, _)| *then <= at);
                in_time.last().map_or(from.frames, |(_, before)| *before)
            }
            Until::Place(last, frames) if last == epoch => frames,
            Until::Place(..) | Until::End => end,
        };
        wanted.max(self.needed(epoch)).min(end)
    }

    /// How many frames of the log the snapshot needs.
    fn needed(&self, epoch: u32) -> u32 {
        if epoch == self.head.epoch {
            self.head.frames
        } else {
            0
        }
    }

    /// Writes the pages of whole transactions, as far as is wanted. Where that leads; nowhere if the frames
    /// do not follow.
    ///
    /// One frame at a time, as a share can say of any record that it unpacks to more than there is memory.
    fn apply(
        &mut self,
        epoch: u32,
        from: Place,
        record: &Packed<'_>,
    ) -> Result<Option<(Place, Then)>, Failure> {
        let Packed { bytes, to, commits } = *record;
        let wanted = self.wanted(epoch, from, to.0, commits);
        let page_bytes = from.page_bytes() as u64;
        let mut unpacked = ZlibDecoder::new(bytes);
        let mut frame = vec![0; from.frame_bytes()];
        let (mut here, mut length) = (from, None);
        while here.frames < to.0 {
            let whole = unpacked.read_exact(&mut frame).is_ok();
            let Some(next) = here.after(&frame).filter(|_| whole) else {
                return Ok(None);
            };
            if here.frames < wanted {
                let Frame { page, ends, bytes } = Frame::of(&frame);
                let at = u64::from(page.saturating_sub(1)) * page_bytes;
                self.write(|file| file.write_all_at(bytes, at))?;
                length = ends.map(|pages| u64::from(pages) * page_bytes).or(length);
            }
            here = next;
        }
        let is_all = matches!(unpacked.read(&mut frame), Ok(0));
        if (here.frames, here.sum) != to || !is_all {
            return Ok(None);
        }
        if let Some(length) = length {
            self.write(|file| file.set_len(length))?;
        }
        let kept = commits.iter().take_while(|(_, before)| *before <= wanted);
        if let Some((then, _)) = kept.last() {
            self.restored.as_of = self.restored.as_of.max(*then);
        }
        self.reached |= wanted >= self.needed(epoch);
        let placed =
            matches!(self.until, Until::Place(last, frames) if last == epoch && wanted >= frames);
        let then = if wanted < to.0 || placed {
            Then::Stop
        } else {
            Then::GoOn
        };
        Ok(Some((here, then)))
    }

    fn write(&self, write: impl FnOnce(&File) -> io::Result<()>) -> Result<(), Failure> {
        write(self.file).map_err(Failure::at(self.out))
    }
}
