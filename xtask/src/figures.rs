//! Figures as a table for people and as one JSON object a line for programs.

use serde_json::json;

use crate::say;

/// One measured value, perhaps against somebody else's.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its stable name: `size/loader`.
    pub name: &'static str,
    /// The value.
    pub value: f64,
    /// What it counts: `bytes`, `requests/s`.
    pub unit: &'static str,
    /// The other value, and whose it is.
    pub against: Option<(f64, &'static str)>,
}

impl Figure {
    /// The object on its line.
    #[must_use]
    pub fn json(&self) -> String {
        let (ratio, against) = match self.against {
            Some((peer, name)) if peer > 0.0 => (json!(round(self.value / peer, 4)), json!(name)),
            _ => (json!(null), json!(null)),
        };
        let (name, unit) = (json!(self.name), json!(self.unit));
        let value = json!(round(self.value, 1));
        format!(
            r#"{{"name":{name},"value":{value},"unit":{unit},"ratio":{ratio},"against":{against}}}"#
        )
    }
}

/// Prints `figures` in the asked form.
#[allow(clippy::print_stdout, reason = "this is the command's result")]
pub fn print(figures: &[Figure], as_json: bool) {
    for figure in figures {
        if as_json {
            println!("{}", figure.json());
            continue;
        }
        let against = match figure.against {
            Some((peer, name)) => {
                format!("{:>7.3} × {name} ({})", figure.value / peer, whole(peer))
            }
            None => String::new(),
        };
        println!(
            "{:<20} {:>10} {:<11} {against}",
            figure.name,
            whole(figure.value),
            figure.unit
        );
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are small and positive"
)]
fn whole(value: f64) -> String {
    say::thousands(value.round() as u64)
}

fn round(value: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_line_has_the_five_members() {
        let figure = Figure {
            name: "size/loader",
            value: 1_234.0,
            unit: "bytes",
            against: Some((14_817.0, "Cal.com's loader")),
        };
        let line: Value = serde_json::from_str(&figure.json()).unwrap();
        assert_eq!(line["name"], "size/loader");
        assert_eq!(line["value"], 1_234.0);
        assert_eq!(line["unit"], "bytes");
        assert_eq!(line["ratio"], 0.0833);
        assert_eq!(line["against"], "Cal.com's loader");
        let alone = Figure {
            against: None,
            ..figure
        };
        let line: Value = serde_json::from_str(&alone.json()).unwrap();
        assert!(line["ratio"].is_null() && line["against"].is_null());
    }
}
