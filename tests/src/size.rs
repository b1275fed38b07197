//! How much the heavy suites do: a part every day, all of it in `cargo xtask attack`.

use std::{env, time::SystemTime};

/// `full` of the two where `SLOTSTEAD_SIZE=full` asks for it.
#[must_use]
pub fn either<T>(everyday: T, full: T) -> T {
    if env::var("SLOTSTEAD_SIZE").is_ok_and(|size| size == "full") {
        full
    } else {
        everyday
    }
}

/// Numbers that look random and come again with the same seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From `SLOTSTEAD_SEED`, or else from the clock; says which.
    #[must_use]
    pub fn new(what: &str) -> Self {
        let given = env::var("SLOTSTEAD_SEED").ok();
        let seed = given.map_or_else(
            || {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                u64::from(since.map_or(1, |since| since.subsec_nanos()))
            },
            |text| text.parse().expect("SLOTSTEAD_SEED is a number"),
        );
        println!("{what}: SLOTSTEAD_SEED={seed}");
        Self(seed)
    }

    /// Another row of numbers, for the one of this number.
    #[must_use]
    pub fn of(&self, number: u64) -> Self {
        Self(self.0 ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end.max(1)).expect("64 bits at most");
        usize::try_from((bits ^ (bits >> 31)) % end).expect("less than a usize")
    }
}
