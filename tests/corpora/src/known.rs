//! The table of known differences: `corpus, how, why, names` with tabs between, names with spaces.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

/// How one calendar is read otherwise than the witness reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub corpus: String,
    pub name: String,
    /// `busier`, or our error without its numbers.
    pub how: String,
}

/// The table.
pub struct Known(BTreeSet<Difference>);

impl Known {
    pub fn read(text: &str) -> Result<Self> {
        let mut known = BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.split('\t').collect();
            let [corpus, how, why, names] = parts[..] else {
                bail!(
                    "line {} of the table has {} columns",
                    number + 1,
                    parts.len()
                );
            };
            if why.len() < 10 {
                bail!("line {} of the table gives no reason", number + 1);
            }
            for name in names.split_whitespace() {
                let is_new = known.insert(Difference {
                    corpus: corpus.to_owned(),
                    name: name.to_owned(),
                    how: how.to_owned(),
                });
                if !is_new {
                    bail!("line {} of the table repeats {name}", number + 1);
                }
            }
        }
        Ok(Self(known))
    }

    /// What is not as in the table, a line each.
    pub fn complaints(&self, found: &BTreeSet<Difference>) -> Vec<String> {
        let line =
            |what: &str, at: &Difference| format!("{what}\t{}\t{}\t{}", at.corpus, at.how, at.name);
        let new = found.difference(&self.0).map(|at| line("NEW", at));
        let gone = self.0.difference(found).map(|at| line("GONE", at));
        new.chain(gone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_is_new_and_what_is_gone() {
        let known = Known::read("# remark\n\na\tbusier\tbecause of that\tone two\n").unwrap();
        let found = |name: &str| Difference {
            corpus: "a".into(),
            name: name.into(),
            how: "busier".into(),
        };
        let same = BTreeSet::from([found("one"), found("two")]);
        assert!(known.complaints(&same).is_empty());
        let other = BTreeSet::from([found("one"), found("three")]);
        assert_eq!(
            known.complaints(&other),
            ["NEW\ta\tbusier\tthree", "GONE\ta\tbusier\ttwo"]
        );
        for bad in [
            "a\tbusier\tone",
            "a\tbusier\tshort\tone",
            "a\tb\tbecause of that\tone one",
        ] {
            assert!(Known::read(bad).is_err(), "{bad}");
        }
    }
}
