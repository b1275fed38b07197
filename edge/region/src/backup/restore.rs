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

use super::{
    Failure,
    folder::{self, Generation},
    record::{self, Entry, Hash, Next, Reader, Snapshot},
    wal::{Frame, Place},
};

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the last commit was made that is in it.
    pub as_of: UnixSeconds,
    /// Where the backup ends in half a record, which counts for nothing.
    pub cut: bool,
    /// A snapshot that is damaged and was not needed: an older one led to the same.
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
/// it is in the backup last. An `out` that is there is replaced when it is whole, and not before.
pub fn restore(folder: &Path, at: Option<UnixSeconds>, out: &Path) -> Result<Restored, Failure> {
    let mut earliest = None;
    for generation in folder::generations(folder)?.into_iter().rev() {
        let mut damaged = None;
        let mut too_late = false;
        for epoch in generation.snapshots()?.into_iter().rev() {
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
                    restored.damaged = damaged.map(|damaged| damaged.to_string());
                    return Ok(restored);
                }
                // Without the frames that it needs this one never became whole; the one before did.
                Ok(None) => {}
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
    }
    Err(Failure::Nothing(match earliest {
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
    let mut new = out.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    let at = Failure::at(new);
    let mut file = File::create(new).map_err(&at)?;
    record::read_snapshot(&generation.snapshot(head.epoch), &mut file)?;
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
    if !reached {
        fs::remove_file(new).map_err(&at)?;
        return Ok(None);
    }
    file.sync_all().map_err(&at)?;
    fs::rename(new, out).map_err(&at)?;
    out.parent().map_or(Ok(()), folder::sync)?;
    Ok(Some(restored))
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
                    let frames = unpack(&packed, here, to)
                        .ok_or_else(|| damaged("frames cannot be unpacked"))?;
                    let next = here.follow(&frames);
                    let next = next
                        .filter(|next| here.frames == from && (next.frames, next.sum) == (to, sum));
                    place = Some(next.ok_or_else(|| damaged("frames do not follow"))?);
                    if self.apply(epoch, here, &frames, &commits)? == Then::Stop {
                        return Ok(Then::Stop);
                    }
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

    /// Writes the pages of whole transactions, as far as is wanted.
    fn apply(
        &mut self,
        epoch: u32,
        from: Place,
        frames: &[u8],
        commits: &[(UnixSeconds, u32)],
    ) -> Result<Then, Failure> {
        let end =
            from.frames + u32::try_from(frames.len() / from.frame_bytes()).unwrap_or(u32::MAX);
        let mut wanted = match self.until {
            Until::Time(at) => {
                let in_time = commits.iter().take_while(|(then, _)| *then <= at);
                in_time.last().map_or(from.frames, |(_, before)| *before)
            }
            Until::Place(last, frames) if last == epoch => frames,
            Until::Place(..) | Until::End => end,
        };
        let needed = if epoch == self.head.epoch {
            self.head.frames
        } else {
            0
        };
        wanted = wanted.max(needed).min(end);
        let page_bytes = from.page_bytes() as u64;
        let each = frames.chunks_exact(from.frame_bytes()).map(Frame::of);
        let mut length = None;
        for frame in each.take((wanted - from.frames) as usize) {
            let at = u64::from(frame.page.saturating_sub(1)) * page_bytes;
            self.write(|file| file.write_all_at(frame.bytes, at))?;
            if let Some(pages) = frame.ends {
                length = Some(u64::from(pages) * page_bytes);
            }
        }
        if let Some(length) = length {
            self.write(|file| file.set_len(length))?;
        }
        let kept = commits.iter().take_while(|(_, before)| *before <= wanted);
        if let Some((then, _)) = kept.last() {
            self.restored.as_of = self.restored.as_of.max(*then);
        }
        self.reached |= wanted >= needed;
        let placed =
            matches!(self.until, Until::Place(last, frames) if last == epoch && wanted >= frames);
        Ok(if wanted < end || placed {
            Then::Stop
        } else {
            Then::GoOn
        })
    }

    fn write(&self, write: impl FnOnce(&File) -> io::Result<()>) -> Result<(), Failure> {
        write(self.file).map_err(Failure::at(self.out))
    }
}

/// The frames up to number `to`, if they are that many.
fn unpack(packed: &[u8], from: Place, to: u32) -> Option<Vec<u8>> {
    let length = (to.checked_sub(from.frames)? as usize).checked_mul(from.frame_bytes())?;
    let mut frames = Vec::new();
    // One more, so that too many are found out.
    let mut unpacked = ZlibDecoder::new(packed).take(length as u64 + 1);
    unpacked.read_to_end(&mut frames).ok()?;
    (frames.len() == length).then_some(frames)
}
