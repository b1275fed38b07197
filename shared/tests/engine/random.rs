//! Random numbers from a seed, the same on every machine.

/// `SplitMix64` (Steele, Lea and Flood, 2014): one addition and one mix a number.
pub struct Random(u64);

impl Random {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `from..to`.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).expect("from is less than to");
        from + i64::try_from(self.next() % width).expect("less than the width")
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: i64) -> bool {
        self.within(0, n) == 0
    }

    /// One of `choices`.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = i64::try_from(choices.len()).expect("a short list");
        choices[usize::try_from(self.within(0, last)).expect("not negative")]
    }
}
