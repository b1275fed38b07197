//! The race and the kill -9 at full size: the same tests that run every day, with `SLOTSTEAD_SIZE=full`.

use anyhow::Result;

use crate::command::{cargo, openly};

/// Runs them, and gives the figure. The tests print their own.
pub fn run() -> Result<String> {
    openly(
        cargo()
            .args(["test", "-p", "slotstead-tests"])
            .args([
                "--test",
                "api_race",
                "--test",
                "api_storm",
                "--test",
                "api_restart",
            ])
            .args(["--", "--nocapture", "--test-threads=1"])
            .env("SLOTSTEAD_SIZE", "full"),
    )?;
    Ok("1,000 at one time, 200 visitors for 60 s, 50 times kill -9".to_owned())
}
