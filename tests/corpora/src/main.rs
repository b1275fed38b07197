//! Our reading of other people's calendars, next to the answers of `witness.py`.
//!
//! `cargo xtask corpora` makes the answers and runs this. Nothing of the corpora is in this
//! checkout; `known.tsv` names each calendar on which we differ, how, and why that is right.
//!
//! Four things can come of one window of one calendar. *Agree*: the same busy seconds. *Busier*:
//! ours cover the witness's and more. *Error*: we refuse the calendar in words. *Free*: the
//! witness is busy at a second that we call free; there is none of these, or this fails. It fails
//! as well when a calendar is not in the table and differs, or is in it and no longer does.

mod compare;
mod known;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use self::{
    compare::{Answer, Outcome},
    known::{Difference, Known},
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [known, answers @ ..] = arguments.as_slice() else {
        bail!("usage: slotstead-corpora KNOWN.tsv ANSWERS.jsonl…");
    };
    let known = Known::read(&fs::read_to_string(known)?)?;
    let mut counts: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut free = Vec::new();
    for file in answers {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        for (number, line) in text.lines().enumerate() {
            let answer: Answer = serde_json::from_str(line)
                .with_context(|| format!("{}:{}", file.display(), number + 1))?;
            let outcome = compare::compare(&answer)?;
            *counts
                .entry((answer.corpus.clone(), outcome.name()))
                .or_default() += 1;
            let how = match outcome {
                Outcome::Agree | Outcome::NoWitness => continue,
                Outcome::Busier => "busier".to_owned(),
                Outcome::Error(words) => words,
                Outcome::Free { at } => {
                    free.push(format!("{} {} at {at}", answer.corpus, answer.name));
                    continue;
                }
            };
            found.insert(Difference {
                corpus: answer.corpus,
                name: answer.name,
                how,
            });
        }
    }
    print(&counts);
    let complaints = known.complaints(&found);
    for line in free
        .iter()
        .map(|line| format!("FREE\t{line}"))
        .chain(complaints.clone())
    {
        println!("{line}");
    }
    if !free.is_empty() || !complaints.is_empty() {
        bail!(
            "{} free, {} not as in the table",
            free.len(),
            complaints.len()
        );
    }
    Ok(())
}

fn print(counts: &BTreeMap<(String, &'static str), usize>) {
    let corpora: BTreeSet<&String> = counts.keys().map(|(corpus, _)| corpus).collect();
    let of = |corpus: &String, name| {
        let key = (corpus.clone(), name);
        counts.get(&key).copied().unwrap_or_default()
    };
    print!("{:<24}", "windows");
    for name in Outcome::NAMES {
        print!("{name:>12}");
    }
    println!();
    for corpus in corpora {
        print!("{corpus:<24}");
        for name in Outcome::NAMES {
            print!("{:>12}", of(corpus, name));
        }
        println!();
    }
}
