//! The way from `slotstead-region backup` and `restore` to the server that has the stores: a socket beside
//! them, open to whoever may write there. One line of JSON is asked; lines of JSON answer, the last of them
//! with the outcome.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use slotstead_shared::TenantId;

/// Bytes of a line, at most.
pub const LINE_BYTES: u64 = 4_096;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Back up now: one tenant or all.
    Backup {
        /// Which.
        tenant: Option<TenantId>,
        /// With a new copy of the database.
        anew: bool,
    },
    /// Put the restored store of a tenant in its place.
    Replace {
        /// Whose.
        tenant: TenantId,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Tell {
    /// So many of so many are done.
    Progress(usize, usize),
    /// It is done.
    Done,
    /// It is not, or not for all, for these reasons.
    Failed(Vec<String>),
}

/// The socket.
#[must_use]
pub fn socket(data: &Path) -> PathBuf {
    data.join("control")
}

/// Asks the server that has the stores in `data`, if there is one. `progress` is told how far it is.
pub fn ask(
    data: &Path,
    ask: &Ask,
    mut progress: impl FnMut(usize, usize),
) -> io::Result<Option<Result<(), Vec<String>>>> {
    let mut stream = match UnixStream::connect(socket(data)) {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.write_all(&line(ask))?;
    for line in BufReader::new(stream).lines() {
        match serde_json::from_str(&line?)? {
            Tell::Progress(done, all) => progress(done, all),
            Tell::Done => return Ok(Some(Ok(()))),
            Tell::Failed(why) => return Ok(Some(Err(why))),
        }
    }
    Err(io::Error::new(
        ErrorKind::UnexpectedEof,
        "the server ended before it was done",
    ))
}

/// A line of JSON.
pub fn line(what: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(what).expect("texts and numbers are JSON");
    line.push(b'\n');
    line
}
