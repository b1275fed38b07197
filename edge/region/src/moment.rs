//! The one file that reads the clock and the system's randomness.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use slotstead_shared::UnixSeconds;
use slotstead_tenant::Moment;

/// Now. A clock before 1970 reads as 1970.
pub fn now() -> UnixSeconds {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixSeconds::try_from(since.as_secs()).unwrap_or(UnixSeconds::MAX)
}

/// What a call is executed with. Without randomness no id may be made, so there is no moment either.
pub fn moment() -> Result<Moment, getrandom::Error> {
    Ok(Moment {
        now: now(),
        random: random()?,
    })
}

/// Bytes that nobody can guess.
pub fn random() -> Result<[u8; 16], getrandom::Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(random)
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago that was.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A moment that only goes forward.
pub type Monotonic = Instant;

/// Now, on a clock that nobody sets.
pub fn monotonic() -> Monotonic {
    Instant::now()
}

/// Fills `bytes` with fresh randomness, for a call whose moment there was randomness for.
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has randomness once it had some");
}
