//! JSON in a few kilobytes: a parser into [`Value`], and a writer.
//!
//! Why not `serde_json`: what the derived readers, the numbers and the error messages
//! bring along cost the visitor about 25 KB after brotli (80 KB of code), a fifth of all
//! that is loaded before the first free times, and the widget only needs to know *whether* an
//! answer can be read. `decode` turns values into the types of the wire, and tests
//! pin both to what `serde_json` does. See RFC 8259; depth is limited.

use std::{fmt, fmt::Write};

/// Levels of arrays and objects; our deepest type has 5.
const DEPTH: usize = 32;

/// A JSON value. Numbers are whole: the wire has no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Vec<(String, Value)>),
}

/// Reads a JSON text; `None` if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser {
        text: text.as_bytes(),
        at: 0,
    };
    let value = parser.value(DEPTH)?;
    parser.space();
    (parser.at == text.len()).then_some(value)
}

// ------------------------------------------------------------ parsing

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The next byte that is not space, without taking it.
    fn next(&mut self) -> Option<u8> {
        self.space();
        self.peek()
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let end = self.at + word.len();
        (self.text.get(self.at..end)? == word.as_bytes()).then_some(())?;
        self.at = end;
        Some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.next()? {
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => {
                let mut items = Vec::new();
                self.items(b']', |parser| {
                    items.push(parser.value(depth)?);
                    Some(())
                })?;
                Some(Value::List(items))
            }
            b'{' => {
                let mut members = Vec::new();
                self.items(b'}', |parser| {
                    (parser.next()? == b'"').then_some(())?;
                    let name = parser.string()?;
                    (parser.next()? == b':').then_some(())?;
                    parser.at += 1;
                    members.push((name, parser.value(depth)?));
                    Some(())
                })?;
                Some(Value::Object(members))
            }
            _ => self.number(),
        }
    }

    /// What stands between an opening bracket and `close`, separated by commas.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.next()? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            let byte = self.next()?;
            self.at += 1;
            match byte {
                b',' => {}
                byte if byte == close => return Some(()),
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let start = self.at;
        let mut number = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number
                .checked_mul(10)?
                .checked_add(i64::from(digit - b'0'))?;
            self.at += 1;
        }
        let digits = self.at - start;
        let leading_zero = digits > 1 && self.text[start] == b'0';
        let fraction = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if digits == 0 || leading_zero || fraction {
            return None;
        }
        Some(Value::Number(if negative { -number } else { number }))
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            // Cut at ASCII bytes only, so both ends are character boundaries.
            text.push_str(std::str::from_utf8(&self.text[start..self.at]).ok()?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(text);
                }
                b'\\' => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high);
                }
                self.word("\\u", Value::Null)?;
                let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                return char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low);
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |value, digit| {
            Some(value * 16 + char::from(*digit).to_digit(16)?)
        })
    }
}

// ------------------------------------------------------------ writing

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// An object out of names and values.
#[must_use]
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => f.write_str(if *value { "true" } else { "false" }),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => quote(f, text),
            Self::List(items) => {
                f.write_char('[')?;
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        f.write_char(',')?;
                    }
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        f.write_char(',')?;
                    }
                    quote(f, name)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\0'..='\u{1f}' => write!(f, "\\u{:04x}", character as u32)?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `serde_json`, which is not in the build for the browser, is the witness.
    fn witness(text: &str) -> Option<serde_json::Value> {
        serde_json::from_str(text).ok()
    }

    fn ours(text: &str) -> Option<serde_json::Value> {
        parse(text).map(as_witness)
    }

    fn as_witness(value: Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => value.into(),
            Value::Number(value) => value.into(),
            Value::Text(text) => text.into(),
            Value::List(items) => items.into_iter().map(as_witness).collect(),
            Value::Object(members) => serde_json::Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, as_witness(value)))
                    .collect(),
            ),
        }
    }

    #[test]
    fn what_is_json_is_read_as_the_witness_reads_it() {
        for text in [
            "null",
            "true",
            " false ",
            "0",
            "-1",
            "9007199254740993",
            r#""""#,
            r#""a\"\\\/\b\f\n\r\t""#,
            r#""\u00e5\ud83d\ude00é😀""#,
            "[]",
            "[1,[2,[]],{}]",
            "{}",
            r#"{"a":{"b":[null,true]},"c":"d"}"#,
            "\n{ \"a\" :\t[ 1 , 2 ] }\r\n",
        ] {
            assert!(witness(text).is_some(), "{text}");
            assert_eq!(ours(text), witness(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "nul",
            "truex",
            "01",
            "-",
            "+1",
            "1.",
            "--1",
            r#"""#,
            r#""\x""#,
            r#""\u12"#,
            r#""\ud83d""#,
            r#""\ud83dA""#,
            "\"\n\"",
            "[1",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{a:1}",
            r#"{"a"}"#,
            r#"{"a":1,}"#,
            "1 2",
            "{}x",
            "<html>",
        ] {
            assert_eq!(witness(text), None, "{text}");
            assert_eq!(ours(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_the_wire_does_not_have_are_refused() {
        for text in ["1.5", "1e3", "99999999999999999999"] {
            assert_eq!(ours(text), None, "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(ours(&deep(DEPTH)).is_some());
        assert!(ours(&deep(DEPTH + 1)).is_none());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let value = object([
            ("name", "Amal \"A\" \\ Haddad\n😀\u{1}".into()),
            (
                "list",
                Value::List(vec![Value::Null, Value::Bool(true), Value::Number(-7)]),
            ),
        ]);
        let text = value.to_string();
        assert_eq!(ours(&text), witness(&text));
        assert_eq!(parse(&text), Some(value));
    }
}
