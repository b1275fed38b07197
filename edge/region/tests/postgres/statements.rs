//! The tenant's SQL stays in the subset that PostgreSQL accepts: every statement in the tenant's sources is
//! prepared by a real server, and takes and gives nothing but integers and texts. (The migrations are run by
//! every test here.)

use std::{collections::BTreeMap, ffi::OsStr, fs, path::Path};

use tokio::runtime::Builder;
use tokio_postgres::{NoTls, types::Type};

use crate::kit::World;

const BEGINNINGS: [&str; 4] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];

/// The texts in a Rust source, as the compiler would have them.
fn texts(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, here) = rest.split_at(at);
        if here.starts_with("//") {
            rest = here.split_once('\n').map_or("", |(_, after)| after);
        } else if here.starts_with("'\"'") || here.starts_with("'\\") {
            rest = &here[3..];
        } else if !here.starts_with('"') {
            rest = &here[1..];
        } else if before.ends_with("r#") {
            // JSON, in tests.
            rest = here.split_once("\"#").map_or("", |(_, after)| after);
        } else {
            let (text, after) = text(&here[1..]);
            found.push(text);
            rest = after;
        }
    }
    found
}

/// The text that begins here, and what follows its end.
fn text(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = source.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (text, &source[at + 1..]),
            '\\' => match characters.next().unwrap().1 {
                '\n' => {
                    while characters
                        .next_if(|(_, next)| next.is_whitespace())
                        .is_some()
                    {}
                }
                escaped => text.push(escaped),
            },
            _ => text.push(character),
        }
    }
    panic!("a text without an end")
}

/// `const NAME: &str = "…"` in a source.
fn constants(source: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in source.split("const ").skip(1) {
        if let Some((name, value)) = part.split_once(": &str = \"") {
            found.insert(name.to_owned(), text(value).0);
        }
    }
    found
}

/// Puts into a text for `format!` what stands for the parts that are not there yet.
fn filled(statement: &str, constants: &BTreeMap<String, String>) -> String {
    let mut whole = statement.to_owned();
    for (name, value) in constants {
        whole = whole.replace(&format!("{{{name}}}"), value);
    }
    let next = 1
        + (1..=100)
            .rev()
            .find(|number| whole.contains(&format!("?{number}")))
            .unwrap_or(0);
    while let Some((before, after)) = whole.split_once('{') {
        let (_, after) = after.split_once('}').unwrap();
        let part = if before.ends_with("IN (") {
            format!("?{next}")
        } else if before.ends_with("VALUES ") {
            "(?1, ?2, ?3, ?4)".to_owned()
        } else {
            panic!("what is put in here? {statement}")
        };
        whole = format!("{before}{part}{after}");
    }
    whole.replace('?', "$")
}

fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenant/src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new("rs"))
                && !name.ends_with("tests.rs")
                && !name.ends_with("sqlite.rs")
                && !name.ends_with("migrations.rs")
            {
                let source = fs::read_to_string(&path).unwrap();
                let constants = constants(&source);
                for text in texts(&source) {
                    if BEGINNINGS
                        .iter()
                        .any(|beginning| text.starts_with(beginning))
                    {
                        found.push((name.clone(), filled(&text, &constants)));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_statement_of_the_tenant_is_accepted_and_has_only_integers_and_texts() {
    let world = World::new();
    let _driver = world.driver();
    let statements = statements();
    let (mut wrong, mut count) = (Vec::new(), 0);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&world.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute("SET search_path = slotstead")
            .await
            .unwrap();
        for (file, sql) in &statements {
            count += 1;
            match client.prepare(sql).await {
                Ok(statement) => {
                    let taken = statement.params().iter();
                    let given = statement
                        .columns()
                        .iter()
                        .map(tokio_postgres::Column::type_);
                    let known = [Type::INT8, Type::INT4, Type::TEXT];
                    if let Some(other) = taken.chain(given).find(|kind| !known.contains(kind)) {
                        wrong.push(format!("{file}: {other} in {sql}"));
                    }
                }
                Err(error) => {
                    let why = error.as_db_error().map(ToString::to_string);
                    wrong.push(format!("{file}: {why:?} in {sql}"));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("PostgreSQL accepts all {count} statements");
    // The scan reads the sources; should it become blind, it would find fewer.
    assert!(count > 80, "{count}");
}
