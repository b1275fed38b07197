//! What a person reads while waiting: one line a step, with the seconds it takes.

use std::{
    io::{IsTerminal, Write as _, stderr},
    time::{Duration, Instant},
};

/// Seconds between two lines about the same step where lines cannot be rewritten.
const LINE_SECONDS: u64 = 20;

/// A line of its own.
pub fn line(text: &str) {
    eprintln!("{text}");
}

/// A step under way.
pub struct Step {
    label: String,
    started: Instant,
    said_seconds: u64,
    rewrites: bool,
}

impl Step {
    /// Says that `label` begins.
    #[must_use]
    pub fn begin(label: &str) -> Self {
        let rewrites = stderr().is_terminal();
        if rewrites {
            eprint!("  {label} …");
        }
        Self {
            label: label.to_owned(),
            started: Instant::now(),
            said_seconds: 0,
            rewrites,
        }
    }

    /// Says how long it has taken so far, when that is news. To be called often.
    pub fn tick(&mut self) {
        let seconds = self.started.elapsed().as_secs();
        let pause = if self.rewrites { 1 } else { LINE_SECONDS };
        if seconds < self.said_seconds + pause {
            return;
        }
        self.said_seconds = seconds;
        if self.rewrites {
            eprint!("\r\x1b[K  {} … {seconds} s", self.label);
            let _ = stderr().flush();
        } else {
            eprintln!("  {} … {seconds} s", self.label);
        }
    }

    /// Says that it is done and how long it took.
    pub fn done(self) {
        self.close("✓");
    }

    /// Says that it failed.
    pub fn failed(self) {
        self.close("✗");
    }

    fn close(self, mark: &str) {
        let start = if self.rewrites { "\r\x1b[K" } else { "" };
        eprintln!(
            "{start}{mark} {} ({})",
            self.label,
            duration(self.started.elapsed())
        );
    }
}

/// A duration as a person says it: `0.4 s`, `12 s`, `3 min 20 s`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Bytes with thousands separated: `14,817`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(14_817), "14,817");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(119)), "119 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
    }
}
