//! Figures in the text format of Prometheus. None of them names a tenant.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds of the durations of commands, in milliseconds.
const BOUNDS_MILLIS: [u64; 8] = [1, 2, 5, 10, 50, 200, 1_000, 5_000];

/// Everything that is counted since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Commands that were answered, refusals of the tenant included.
    pub answered: AtomicU64,
    /// Calls that were refused before a tenant saw them: nothing was done.
    pub refused: AtomicU64,
    /// Commands that panicked.
    pub panicked: AtomicU64,
    /// Commands of which it is not known what became: a database was lost.
    pub lost: AtomicU64,
    /// Stores that could not be opened when they were needed.
    pub unopened: AtomicU64,
    /// Connections that were let in.
    pub connections: AtomicU64,
    /// Connections that showed no certificate of the edge, or spoke no TLS that is good enough.
    pub handshakes_refused: AtomicU64,
    /// Effects that brought a response.
    pub effects_done: AtomicU64,
    /// Effects that brought none.
    pub effects_failed: AtomicU64,
    durations: [AtomicU64; BOUNDS_MILLIS.len()],
    micros: AtomicU64,
}

/// Adds one.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Metrics {
    /// Counts an answered command that took this long.
    pub fn answered_in(&self, took: Duration) {
        count(&self.answered);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Relaxed);
        for (bound, counter) in BOUNDS_MILLIS.iter().zip(&self.durations) {
            if micros <= bound * 1_000 {
                count(counter);
            }
        }
    }

    /// The page of figures, with how much there is now of what is not counted here.
    pub fn render(&self, now: &[(&str, usize)]) -> String {
        let mut page = String::new();
        let counters = [
            ("calls_refused_total", &self.refused),
            ("commands_panicked_total", &self.panicked),
            ("commands_lost_total", &self.lost),
            ("stores_unopened_total", &self.unopened),
            ("connections_total", &self.connections),
            ("handshakes_refused_total", &self.handshakes_refused),
            ("effects_done_total", &self.effects_done),
            ("effects_failed_total", &self.effects_failed),
        ];
        for (name, counter) in counters {
            let value = counter.load(Relaxed);
            let _ = write!(
                page,
                "# TYPE slotstead_{name} counter\nslotstead_{name} {value}\n"
            );
        }
        for (name, value) in now {
            let _ = write!(
                page,
                "# TYPE slotstead_{name} gauge\nslotstead_{name} {value}\n"
            );
        }
        let name = "slotstead_command_seconds";
        let _ = writeln!(page, "# TYPE {name} histogram");
        for (bound, counter) in BOUNDS_MILLIS.iter().zip(&self.durations) {
            let (whole, rest, value) = (bound / 1_000, bound % 1_000, counter.load(Relaxed));
            let _ = writeln!(page, "{name}_bucket{{le=\"{whole}.{rest:03}\"}} {value}");
        }
        let (all, micros) = (self.answered.load(Relaxed), self.micros.load(Relaxed));
        let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
        let _ = write!(
            page,
            "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {whole}.{rest:06}\n{name}_count {all}\n"
        );
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_every_bucket_that_is_wide_enough() {
        let metrics = Metrics::default();
        metrics.answered_in(Duration::from_millis(3));
        metrics.answered_in(Duration::from_secs(9));
        let page = metrics.render(&[("open_stores", 4)]);
        for line in [
            "slotstead_command_seconds_bucket{le=\"0.002\"} 0",
            "slotstead_command_seconds_bucket{le=\"0.005\"} 1",
            "slotstead_command_seconds_bucket{le=\"5.000\"} 1",
            "slotstead_command_seconds_bucket{le=\"+Inf\"} 2",
            "slotstead_command_seconds_sum 9.003000",
            "slotstead_open_stores 4",
            "slotstead_calls_refused_total 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} in {page}");
        }
    }
}
