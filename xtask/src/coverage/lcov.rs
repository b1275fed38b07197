//! Reading what llvm-cov says of each line and branch, in the format of `lcov`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

/// So many of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub reached: u64,
    pub all: u64,
}

/// One file's lines and branches; a branch has two ways, each counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: Count,
    pub branches: Count,
}

impl Count {
    fn add(&mut self, is_reached: bool) {
        self.all += 1;
        self.reached += u64::from(is_reached);
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in [
            (&mut self.lines, other.lines),
            (&mut self.branches, other.branches),
        ] {
            sum.reached += more.reached;
            sum.all += more.all;
        }
    }
}

/// The files below these folders of `root`, by their paths there. Tests at the end of a file, and files
/// of tests, are left out.
pub fn read(report: &str, root: &Path, folders: &[&str]) -> Result<BTreeMap<String, Counts>> {
    let mut files = BTreeMap::new();
    for record in report.split("end_of_record") {
        let Some(path) = record.lines().find_map(|line| line.strip_prefix("SF:")) else {
            continue;
        };
        let inside = Path::new(path).strip_prefix(root).ok();
        let Some(name) = inside.and_then(Path::to_str) else {
            continue;
        };
        let is_wanted = folders.iter().any(|folder| name.starts_with(folder));
        if is_wanted && !is_of_tests(Path::new(path)) {
            let source = fs::read_to_string(path).with_context(|| format!("{name} is gone"))?;
            let tests = of_tests(&source).find(|(_, item)| item.ends_with('{'));
            let tests = tests.map_or(u64::MAX, |(line, _)| line);
            files.insert(name.to_owned(), counts(record, tests));
        }
    }
    Ok(files)
}

/// Whether the module in this file is declared for tests only.
fn is_of_tests(file: &Path) -> bool {
    let (Some(folder), Some(module)) = (file.parent(), file.file_stem()) else {
        return false;
    };
    let declaration = format!("mod {};", module.display());
    let parents = [folder.with_extension("rs"), folder.join("mod.rs")];
    parents.iter().any(|parent| {
        let source = fs::read_to_string(parent).unwrap_or_default();
        of_tests(&source).any(|(_, item)| item == declaration)
    })
}

/// The items behind `#[cfg(test)]` or the like, with the line of that attribute.
fn of_tests(source: &str) -> impl Iterator<Item = (u64, &str)> {
    let pairs = source.lines().zip(source.lines().skip(1)).zip(1..);
    pairs.filter_map(|((attribute, item), line)| {
        let is_for_tests = attribute.starts_with("#[cfg(") && attribute.contains("test");
        is_for_tests.then_some((line, item))
    })
}

/// `DA:line,times` and `BRDA:line,block,branch,times`, where `-` is never. What is generic may be
/// listed again for another type: reached in one is reached.
fn counts(record: &str, tests: u64) -> Counts {
    let (mut lines, mut branches) = (BTreeMap::new(), BTreeMap::new());
    for line in record.lines() {
        if let Some(numbers) = line.strip_prefix("DA:") {
            let mut numbers = numbers.split(',');
            note(&mut lines, numbers.next(), numbers.next());
        } else if let Some(numbers) = line.strip_prefix("BRDA:") {
            let (branch, times) = numbers.rsplit_once(',').unzip();
            note(&mut branches, branch, times);
        }
    }
    let mut counts = Counts::default();
    let line_of = |key: &str| key.split(',').next()?.parse::<u64>().ok();
    for (from, to) in [(lines, &mut counts.lines), (branches, &mut counts.branches)] {
        for (key, is_reached) in from {
            if line_of(key).is_some_and(|line| line < tests) {
                to.add(is_reached);
            }
        }
    }
    counts
}

fn note<'a>(found: &mut BTreeMap<&'a str, bool>, key: Option<&'a str>, times: Option<&str>) {
    if let (Some(key), Some(times)) = (key, times) {
        *found.entry(key).or_default() |= !matches!(times, "0" | "-");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_branches_are_counted_up_to_the_tests() {
        let record =
            "SF:/x/y.rs\nDA:1,5\nDA:2,0\nDA:9,1\nBRDA:1,0,0,3\nBRDA:1,0,1,-\nBRDA:9,0,0,1\n";
        let counts = counts(record, 9);
        assert_eq!(counts.lines, Count { reached: 1, all: 2 });
        assert_eq!(counts.branches, Count { reached: 1, all: 2 });
    }

    #[test]
    fn a_way_that_one_of_two_types_takes_is_reached() {
        let counts = counts("BRDA:4,0,0,0\nBRDA:4,0,0,7\n", u64::MAX);
        assert_eq!(counts.branches, Count { reached: 1, all: 1 });
    }

    #[test]
    fn what_is_for_tests_is_found_with_its_line() {
        let source =
            "fn one() {}\n#[cfg(test)]\nmod search;\n#[cfg(all(test, x))]\nmod tests {\n}\n";
        let found: Vec<_> = of_tests(source).collect();
        assert_eq!(found, [(2, "mod search;"), (4, "mod tests {")]);
        let engine = crate::paths::root().join("shared/src/engine");
        assert!(is_of_tests(&engine.join("fixtures.rs")));
        assert!(!is_of_tests(&engine.join("availability.rs")));
    }
}
