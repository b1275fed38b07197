//! What was given in the file and in the environment, and what was wrong with it.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr};

use toml::Value;

/// Where the environment's settings start.
const PREFIX: &str = "SLOTSTEAD_REGION_";

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    setting: String,
    wrong: String,
}

impl Mistake {
    /// What is wrong with a setting.
    pub fn new(setting: &str, wrong: impl Into<String>) -> Self {
        Self {
            setting: setting.to_owned(),
            wrong: wrong.into(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.wrong)
    }
}

/// The settings by name, each taken as what it has to be.
pub struct Given {
    values: BTreeMap<String, Value>,
    mistakes: Vec<Mistake>,
}

impl Given {
    /// Reads the text of the file, then the environment over it. What is not in `known` is a mistake.
    pub fn read(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
        known: &[&str],
    ) -> Self {
        let mut given = Self {
            values: BTreeMap::new(),
            mistakes: Vec::new(),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => flatten("", table, &mut given.values),
            // The whole error would quote the line, and with it perhaps a secret.
            Err(error) => {
                let line = error.span().map_or(1, |span| {
                    1 + text[..span.start.min(text.len())].matches('\n').count()
                });
                given.mistake("the file", format!("is not TOML: see line {line}"));
            }
        }
        for name in given.values.keys() {
            if !known.contains(&name.as_str()) {
                given.mistakes.push(Mistake::new(name, "is no setting"));
            }
        }
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let named = known.iter().find(|known| variable(known) == rest);
            match named {
                Some(known) => {
                    given
                        .values
                        .insert((*known).to_owned(), Value::String(value));
                }
                None => given.mistake(&name, "is no setting"),
            }
        }
        given
    }

    /// Notes a mistake.
    pub fn mistake(&mut self, setting: &str, wrong: impl Into<String>) {
        self.mistakes.push(Mistake::new(setting, wrong));
    }

    /// Notes that `value` is missing, unless something else is wrong with it already.
    pub fn needed<T>(&mut self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.mistakes.iter().any(|known| known.setting == key) {
            self.mistake(key, "is missing");
        }
        value
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        match self.values.get(key)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::String(_) => None,
            _ => {
                self.mistake(key, "is not a text");
                None
            }
        }
    }

    /// A list of texts; in the environment separated by commas.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let found: Option<Vec<String>> = match self.values.get(key) {
            None => Some(Vec::new()),
            Some(Value::String(text)) => {
                let parts = text.split(',').map(str::trim);
                Some(
                    parts
                        .filter(|part| !part.is_empty())
                        .map(str::to_owned)
                        .collect(),
                )
            }
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect()
            }
            Some(_) => None,
        };
        found.unwrap_or_else(|| {
            self.mistake(key, "is not a list of texts");
            Vec::new()
        })
    }

    /// A text that is the form of something.
    pub fn parsed<T: FromStr>(&mut self, key: &'static str, wrong: &str) -> Option<T> {
        let value = self.text(key)?.parse().ok();
        if value.is_none() {
            self.mistake(key, wrong);
        }
        value
    }

    /// Whether something is on. Absent is off.
    pub fn flag(&mut self, key: &'static str) -> bool {
        match self.values.get(key) {
            None => false,
            Some(Value::Boolean(on)) => *on,
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "false") => {
                text == "true"
            }
            Some(_) => {
                self.mistake(key, "is neither true nor false");
                false
            }
        }
    }

    /// A whole number within `range`.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let number = match self.values.get(key)? {
            Value::Integer(number) => u32::try_from(*number).ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (from, to) = (range.start(), range.end());
            self.mistake(key, format!("is not a whole number from {from} to {to}"));
        }
        number
    }

    /// What was made of all this, if nothing was wrong.
    pub fn finish<T>(self, made: Option<T>) -> Result<T, Vec<Mistake>> {
        match made {
            Some(made) if self.mistakes.is_empty() => Ok(made),
            _ => Err(self.mistakes),
        }
    }
}

/// The environment's name of a setting, without the prefix.
fn variable(setting: &str) -> String {
    setting.replace('.', "_").to_ascii_uppercase()
}

fn flatten(prefix: &str, table: toml::Table, values: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => flatten(&format!("{name}."), inner, values),
            value => {
                values.insert(name, value);
            }
        }
    }
}
