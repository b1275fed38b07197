//! Values for a JSON schema: most of them fit it, some do not.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

/// How deep a body made from a schema goes.
const DEPTH: usize = 6;

/// Words that mean something somewhere, so that requests meet.
pub const WORDS: [&str; 32] = [
    "cut",
    "ingrid",
    "days",
    "phone",
    "private",
    "Europe/Oslo",
    "America/St_Johns",
    "UTC",
    "Africa/Casablanca",
    "2027-03-02",
    "2027-03-28",
    "2027-03-02T09:00:00+01:00",
    "2027-03-02T09:30:00+01:00",
    "2027-03-28T02:30:00+01:00",
    "9999-12-31T23:59:59Z",
    "09:00",
    "17:00",
    "24:00",
    "00:00",
    "monday",
    "sunday",
    "amal@example.com",
    "Amal",
    "https://fjord-hair.example",
    "https://calendar.example/a.ics",
    "webcal://[::1]/",
    "#14576b",
    "eu",
    "us",
    "cbr",
    "",
    "\u{202e}\u{0}\u{1f980}",
];

pub fn word(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0 => u.arbitrary::<String>()?,
        1 => "long ".repeat(u.int_in_range(0..=900)?),
        _ => (*u.choose(&WORDS)?).to_owned(),
    })
}

/// A value that has little to do with what is asked for.
fn wild(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match u.int_in_range(0..=7)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i64>()?.into(),
        3 => json!(u.arbitrary::<f64>()?),
        4 if depth < DEPTH => {
            // Many on the outside only: many of many are more than any machine holds.
            let many = if depth == 0 { 2_000 } else { 3 };
            vec![wild(u, depth + 1)?; u.int_in_range(0..=many)?].into()
        }
        5 if depth < DEPTH => json!({ word(u)?: wild(u, depth + 1)? }),
        _ => word(u)?.into(),
    })
}

/// A value for a schema, which fits it most of the time.
pub fn value(
    u: &mut Unstructured<'_>,
    document: &Value,
    schema: &Value,
    name: &str,
    depth: usize,
) -> Result<Value> {
    if depth > DEPTH || u.ratio(1, 24)? {
        return wild(u, depth);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or(&Value::Null);
        return value(u, document, target, name, depth);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let chosen = u.choose(choices)?;
            return value(u, document, chosen, name, depth);
        }
    }
    if let Some(fixed) = schema.get("const") {
        return Ok(fixed.clone());
    }
    if let Some(choices) = schema["enum"].as_array() {
        return Ok(u.choose(choices)?.clone());
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => u.choose(kinds)?.as_str().unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    Ok(match kind {
        "object" => object(u, document, schema, depth)?,
        "array" => {
            let mut items = Vec::new();
            for _ in 0..u.int_in_range(0..=4)? {
                items.push(value(u, document, &schema["items"], name, depth + 1)?);
            }
            items.into()
        }
        "integer" | "number" => {
            let bound = |name: &str, or: i64| schema[name].as_i64().unwrap_or(or);
            let (low, high) = (bound("minimum", 0), bound("maximum", i64::from(u32::MAX)));
            match u.int_in_range(0..=7)? {
                0 => (low - 1).into(),
                1 => high.saturating_add(1).into(),
                2 => high.into(),
                _ => u.int_in_range(low..=high.max(low).min(low + 400))?.into(),
            }
        }
        "boolean" => u.arbitrary::<bool>()?.into(),
        "null" => Value::Null,
        _ => likely(u, name)?.into(),
    })
}

fn object(
    u: &mut Unstructured<'_>,
    document: &Value,
    schema: &Value,
    depth: usize,
) -> Result<Value> {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut members = Map::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let wanted = if required.contains(&name.as_str()) {
            !u.ratio(1, 32)?
        } else {
            u.arbitrary()?
        };
        if wanted {
            members.insert(name.clone(), value(u, document, member, name, depth + 1)?);
        }
    }
    if u.ratio(1, 48)? {
        members.insert(word(u)?, wild(u, depth + 1)?);
    }
    Ok(members.into())
}

/// A text that the member of this name may well take.
pub fn likely(u: &mut Unstructured<'_>, name: &str) -> Result<String> {
    let texts: &[&str] = match name {
        "service" => &["cut"],
        "host" | "hosts" => &["ingrid"],
        "any_of" => &["room"],
        "schedule" => &["days"],
        "field" => &["phone"],
        "zone" => &WORDS[5..9],
        "start" | "from" | "to" | "expires_at" => &WORDS[9..18],
        "end" => &WORDS[15..18],
        "email" => &WORDS[21..22],
        "origins" | "url" => &WORDS[23..26],
        "region" => &WORDS[27..30],
        _ => return word(u),
    };
    if u.ratio(1, 8)? {
        word(u)
    } else {
        Ok((*u.choose(texts)?).to_owned())
    }
}
