//! The table: a line for each file, and for each folder with all that is in it.

use std::collections::BTreeMap;

use super::lcov::{Count, Counts};

/// Prints the files by folder and the total, folders before what is in them.
#[allow(clippy::print_stdout, reason = "this is the command's result")]
pub fn print(files: &BTreeMap<String, Counts>) {
    println!("{:<48} {:>18} {:>18}", "", "lines", "branches");
    for (name, counts) in &with_folders(files) {
        println!(
            "{name:<48} {} {}",
            part(counts.lines),
            part(counts.branches)
        );
    }
}

/// The files, the sums of their folders (whose names end with a slash), and the total.
fn with_folders(files: &BTreeMap<String, Counts>) -> Vec<(String, Counts)> {
    let mut rows: BTreeMap<String, Counts> = BTreeMap::new();
    let mut total = Counts::default();
    for (name, counts) in files {
        let slashes = name.match_indices('/').map(|(at, _)| at + 1);
        for end in slashes.chain([name.len()]) {
            *rows.entry(name[..end].to_owned()).or_default() += *counts;
        }
        total += *counts;
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.push(("total".to_owned(), total));
    rows
}

/// `212/214  99.1 %`
#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn part(count: Count) -> String {
    if count.all == 0 {
        return format!("{:>18}", "-");
    }
    let percent = count.reached as f64 * 100.0 / count.all as f64;
    format!("{:>5}/{:<5}{percent:>5.1} %", count.reached, count.all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_all_that_is_in_it() {
        let counts = |reached, all| Counts {
            lines: Count { reached, all },
            branches: Count::default(),
        };
        let files = [("a/b/c.rs", counts(1, 2)), ("a/d.rs", counts(3, 3))];
        let files = files.map(|(name, counts)| (name.to_owned(), counts));
        let rows = with_folders(&files.into());
        let lines = rows.iter().map(|(name, counts)| (&name[..], counts.lines));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                ("a/", Count { reached: 4, all: 5 }),
                ("a/b/", Count { reached: 1, all: 2 }),
                ("a/b/c.rs", Count { reached: 1, all: 2 }),
                ("a/d.rs", Count { reached: 3, all: 3 }),
                ("total", Count { reached: 4, all: 5 }),
            ]
        );
        assert_eq!(part(Count { reached: 4, all: 5 }), "    4/5     80.0 %");
    }
}
