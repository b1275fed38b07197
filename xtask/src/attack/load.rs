//! The race and the kill -9 at full size: the same tests that run every day, with `SLOTSTEAD_SIZE=full`.

use anyhow::Result;

use crate::command::{cargo, openly};

/// Runs them, and gives the figure. The tests print their own.
pub fn run() -> Result<String> {
    suites(&["api_race", "api_storm", "api_restart"])?;
    Ok("1,000 at one time, 200 visitors for 60 s, 50 times kill -9".to_owned())
}

/// The same for the region server.
pub fn region() -> Result<String> {
    suites(&["api_region", "api_region_restart", "api_postgres_restart"])?;
    Ok(
        "200 times kill -9, 50 on PostgreSQL, 50 of PostgreSQL; cut, silent and half answers"
            .to_owned(),
    )
}

fn suites(names: &[&str]) -> Result<()> {
    let mut tests = cargo();
    tests.args(["test", "-p", "slotstead-tests"]);
    for name in names {
        tests.args(["--test", name]);
    }
    openly(
        tests
            .args(["--", "--nocapture", "--test-threads=1"])
            .env("SLOTSTEAD_SIZE", "full"),
    )
}
