//! The engine against the minute-by-minute search of [`crate::brute`], on random
//! schedules, services, claims, teams and zones.
//!
//! `SLOTSTEAD_ORACLE_CASES=100000` asks for more cases, `SLOTSTEAD_ORACLE_SEED` for others.

mod generate;
mod single;
mod team;
mod words;

use std::{collections::BTreeMap, fmt::Debug};

use generate::World;

const SEED: u64 = 20_270_328;

/// A number from the environment, or the default.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")),
        Err(_) => default,
    }
}

/// Checks some cases; there are so many kinds of outcome, and each is met.
fn run<T: Ord + Debug>(check: impl Fn(u64, &World) -> Vec<T>, cases: u64, kinds: usize) {
    let seed = setting("SLOTSTEAD_ORACLE_SEED", SEED);
    let cases = setting("SLOTSTEAD_ORACLE_CASES", cases);
    println!("seeds {seed} to {}", seed + cases - 1);
    let world = World::read();
    let mut met = BTreeMap::new();
    for seed in seed..seed + cases {
        for outcome in check(seed, &world) {
            *met.entry(outcome).or_insert(0_u64) += 1;
        }
    }
    println!("outcomes: {met:?}");
    // A generator that never reaches an outcome would prove nothing about it.
    assert_eq!(met.len(), kinds, "every outcome is met: {met:?}");
}

#[test]
fn a_host_agrees_with_a_search_minute_by_minute() {
    run(single::check, 90, 15);
}

#[test]
fn a_team_agrees_with_a_search_minute_by_minute() {
    run(team::check, 60, 21);
}
