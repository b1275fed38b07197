//! How long logs grow.

/// How much is kept where.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Frames after which a log is emptied.
    pub full: u32,
    /// Frames after which it is emptied even if the backup cannot follow.
    pub too_full: u32,
    /// Bytes that are read and not in the backup yet, at most, when it is emptied.
    pub held_bytes: usize,
}

impl Default for Sizes {
    /// 4 MB as SQLite does by itself, and 64 MB.
    fn default() -> Self {
        Self {
            full: 1_000,
            too_full: 16_000,
            held_bytes: 1024 * 1024,
        }
    }
}
