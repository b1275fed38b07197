//! Open files: as many as the configuration may need, of those that the system lets a process have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Limits;

/// Of one open store at most: the file, its log, the index of the log, and the log once more for its backup.
const OF_A_STORE: u64 = 4;
/// Of everything that is there once: listeners, the runtime, certificates, feeds' names being resolved.
const OF_THE_REST: u64 = 128;

/// Lets this process open as many files as it may need. The error says that the system does not.
pub fn make_room(limits: &Limits) -> Result<(), String> {
    let now = getrlimit(Resource::Nofile);
    let Some(current) = raised(needed(limits), now.current, now.maximum)? else {
        return Ok(());
    };
    let wanted = Rlimit {
        current: Some(current),
        maximum: now.maximum,
    };
    setrlimit(Resource::Nofile, wanted)
        .map_err(|error| format!("the limit of open files cannot be raised: {error}"))
}

fn needed(limits: &Limits) -> u64 {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    OF_A_STORE
        .saturating_mul(count(limits.open_stores))
        .saturating_add(count(limits.connections))
        .saturating_add(count(limits.effects))
        .saturating_add(OF_THE_REST)
}

/// What the limit is to be raised to, if it has to be. `None` stands for no limit.
fn raised(needed: u64, current: Option<u64>, most: Option<u64>) -> Result<Option<u64>, String> {
    if current.is_none_or(|current| current >= needed) {
        return Ok(None);
    }
    if let Some(most) = most.filter(|most| *most < needed) {
        return Err(format!(
            "the configured limits need {needed} open files, and the system allows {most}: raise that \
             (LimitNOFILE of systemd, `ulimit -Hn`), or lower limits.open_stores"
        ));
    }
    Ok(Some(needed))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_needed_or_the_start_is_refused() {
        assert_eq!(raised(3_000, Some(1_024), Some(4_096)), Ok(Some(3_000)));
        assert_eq!(raised(3_000, Some(1_024), None), Ok(Some(3_000)));
        assert_eq!(raised(3_000, Some(3_000), Some(3_000)), Ok(None));
        assert_eq!(raised(3_000, None, None), Ok(None));
        let error = raised(5_000, Some(1_024), Some(4_096)).unwrap_err();
        assert!(error.contains("5000") && error.contains("4096"), "{error}");
    }

    #[test]
    fn the_usual_limits_need_less_than_the_unit_allows() {
        let usual = Limits {
            connections: 1_024,
            open_stores: 1_000,
            effects: 16,
            idle: Duration::from_secs(1),
            stop: Duration::from_secs(1),
        };
        assert_eq!(needed(&usual), 5_168);
        let unit = include_str!("../deploy/slotstead-region.service");
        let allowed = unit
            .lines()
            .find_map(|line| line.strip_prefix("LimitNOFILE="));
        assert!(allowed.unwrap().parse::<u64>().unwrap() >= needed(&usual));
    }
}
