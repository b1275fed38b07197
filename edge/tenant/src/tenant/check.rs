//! Checking what comes in: every wrong field is named, each with what would be right.

use std::{collections::HashSet, ops::RangeInclusive};

use slotstead_shared::{
    engine::{Tz, parse_zone},
    limits::{EMAIL_CHARS, NAME_CHARS, TEXT_CHARS},
    problem::FieldError,
    wire::{Answer, Field, FieldKind},
};

use crate::refusal::Refusal;

/// Collects what is wrong.
#[derive(Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub fn wrong(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldError::new(field, detail));
    }

    /// `Ok` when nothing was wrong.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.errors)) }
    }

    /// One line that must not be empty: a name, a label, an option. Returns it trimmed.
    pub fn name(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        if value.is_empty() {
            self.wrong(field, "This cannot be empty");
        } else {
            self.line(field, value, NAME_CHARS);
        }
        value.to_owned()
    }

    fn line(&mut self, field: &str, value: &str, most: usize) {
        if value.chars().any(char::is_control) {
            self.wrong(field, "This is one line of text, without control characters");
        }
        self.length(field, value, most);
    }

    fn length(&mut self, field: &str, value: &str, most: usize) {
        let chars = value.chars().count();
        if chars > most {
            self.wrong(field, format!("This has {chars} characters; {most} are the most"));
        }
    }

    /// Free text of several lines. Returns it trimmed.
    pub fn text(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        if value.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
            self.wrong(field, "This is text, without control characters");
        }
        self.length(field, value, TEXT_CHARS);
        value.to_owned()
    }

    /// Free text that may be left out; what is empty counts as left out.
    pub fn optional_text(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let text = self.text(field, value?);
        (!text.is_empty()).then_some(text)
    }

    pub fn within(&mut self, field: &str, value: u32, range: &RangeInclusive<u32>, unit: &str) {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            self.wrong(field, format!("This is from {least} to {most} {unit}"));
        }
    }

    pub fn at_most(&mut self, field: &str, count: usize, most: usize, things: &str) {
        if count > most {
            self.wrong(field, format!("There are {count} {things} here; {most} are the most"));
        }
    }

    /// UTC where it is wrong, so that the other fields can be checked too.
    pub fn zone(&mut self, field: &str, name: &str) -> Tz {
        parse_zone(name).unwrap_or_else(|_| {
            self.wrong(field, "This is not a time zone of the IANA database, such as Europe/Oslo");
            Tz::UTC
        })
    }

    pub fn email(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        if let Err(detail) = email(value) {
            self.wrong(field, detail);
        }
        value.to_owned()
    }

    /// The booker's answers against the owner's fields. Returns them in the order of the form,
    /// without empty ones.
    pub fn answers(&mut self, fields: &[Field], answers: &[Answer]) -> Vec<Answer> {
        let mut seen = HashSet::new();
        for answer in answers {
            let path = format!("answers.{}", answer.field);
            if !seen.insert(&answer.field) {
                self.wrong(path, "This question is answered twice");
            } else if !fields.iter().any(|field| field.id == answer.field) {
                self.wrong(path, "This question is not asked");
            }
        }
        let mut kept = Vec::new();
        for field in fields {
            let answer = answers.iter().find(|answer| answer.field == field.id);
            let value = answer.map_or("", |answer| answer.value.trim());
            let path = format!("answers.{}", field.id);
            if !value.is_empty() {
                let value = self.answer(&path, field, value);
                kept.push(Answer { field: field.id.clone(), value });
            } else if field.input.required {
                self.wrong(path, match field.input.kind {
                    FieldKind::Checkbox => "This box must be ticked",
                    FieldKind::Choice => "Please choose one of these",
                    FieldKind::Text | FieldKind::LongText | FieldKind::Phone => {
                        "Please fill this in"
                    }
                });
            }
        }
        kept
    }

    fn answer(&mut self, path: &str, field: &Field, value: &str) -> String {
        match field.input.kind {
            FieldKind::LongText => return self.text(path, value),
            FieldKind::Text => self.line(path, value, TEXT_CHARS),
            FieldKind::Phone => {
                if !is_phone(value) {
                    self.wrong(path, "This is not a telephone number, such as +47 22 12 34 56");
                }
            }
            FieldKind::Choice => {
                if !field.input.options.iter().any(|option| option == value) {
                    self.wrong(path, "This is not one of the choices");
                }
            }
            FieldKind::Checkbox => {
                if value != "yes" {
                    self.wrong(path, "A ticked box is `yes`; leave it out otherwise");
                }
            }
        }
        value.to_owned()
    }
}

/// Whether mail can be sent there, as far as the text tells. What else RFC 5321 allows in quotes
/// and brackets is in no booker's address.
fn email(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("Please fill in your e-mail address");
    }
    if value.chars().count() > EMAIL_CHARS {
        return Err("This address is longer than 254 characters");
    }
    if value.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err("An e-mail address has no spaces");
    }
    if value.contains(['<', '>', '"', '(', ')', ',', ';', ':', '\\', '[', ']']) {
        return Err("This is more than an e-mail address, such as amal@example.com");
    }
    let Some((user, domain)) = value.split_once('@') else {
        return Err("This address has no @");
    };
    if domain.contains('@') {
        return Err("This address has more than one @");
    }
    if user.is_empty() {
        return Err("This address has nothing before the @");
    }
    if user.starts_with('.') || user.ends_with('.') || user.contains("..") {
        return Err("The dots before the @ are not where they can be");
    }
    if domain.is_empty() {
        return Err("This address has nothing after the @");
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let ending = labels.last().copied().unwrap_or_default();
    if labels.len() < 2 || ending.is_empty() {
        return Err("This address has no ending, such as .com or .no");
    }
    let is_label = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|char| char.is_alphanumeric() || char == '-')
    };
    if !labels.iter().all(is_label)
        || ending.chars().count() < 2
        || ending.chars().all(|char| char.is_ascii_digit())
    {
        return Err("What follows the @ is not a domain, such as example.com");
    }
    Ok(())
}

/// 5 to 15 digits (ITU-T E.164, 6.1), with what people write between them.
fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let others = value.strip_prefix('+').unwrap_or(value);
    (5..=15).contains(&digits)
        && others.chars().all(|char| char.is_ascii_digit() || " -().\u{a0}/".contains(char))
}

/// Whether this is an origin as browsers write it (RFC 6454, 6.2) of a page that may carry the
/// widget: https, or http on the owner's own machine.
pub fn origin(value: &str) -> Result<(), &'static str> {
    const FORM: &str = "This is not an origin: https:// and a host name, nothing after it";
    let (scheme, authority) = value.split_once("://").ok_or(FORM)?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("An origin is written in lower case");
    }
    if host.contains('*') {
        return Err("An origin names one host; write each one in a line of its own");
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(FORM);
    }
    let local = matches!(host, "localhost" | "127.0.0.1");
    match scheme {
        "https" => {}
        "http" if local => {}
        "http" => return Err("This origin is not https; visitors would book over an open line"),
        _ => return Err(FORM),
    }
    if let Some(port) = port {
        let default = if scheme == "https" { "443" } else { "80" };
        if port == default {
            return Err("A browser leaves the usual port out of an origin; leave it out here too");
        }
        let number = port.parse::<u16>().map_err(|_| FORM)?;
        if number == 0 || number.to_string() != port {
            return Err(FORM);
        }
    }
    Ok(())
}

/// `#rrggbb`.
pub fn is_colour(value: &str) -> bool {
    value.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_take_mail_pass_and_others_are_told_why() {
        for good in ["amal@example.com", "a.b+c@x.co.uk", "øye@blåbær.no", "o'neil@example.museum"] {
            assert_eq!(email(good), Ok(()), "{good}");
        }
        assert_eq!(email("amal@example"), Err("This address has no ending, such as .com or .no"));
        assert_eq!(email("amal@example."), Err("This address has no ending, such as .com or .no"));
        for bad in [
            "", "amal", "@example.com", "amal@", "a@b@c.no", "a b@c.no", "a@c..no", "a@.no",
            ".a@c.no", "a..b@c.no", "a@-c.no", "a@c.n", "a@127.0.0.1", "Amal <a@c.no>", "a@c.no,b",
            "a@c_d.no", "a\u{0}@c.no", &format!("{}@c.no", "a".repeat(250)),
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for good in [
            "https://example.com", "https://www.xn--blbr-roah.no", "https://example.com:8443",
            "http://localhost:8080", "http://127.0.0.1:9000", "http://localhost",
        ] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        for bad in [
            "", "null", "*", "https://*.example.com", "https://example.com/", "https://example.com/a",
            "https://Example.com", "HTTPS://example.com", "http://example.com", "example.com",
            "https://", "https://a@example.com", "https://example.com:443", "http://localhost:80",
            "https://example.com:", "https://example.com:08443", "https://example.com:99999",
            "https://example.com?x", "https://exa mple.com", "https://-a.com", "https://a..com",
            "ftp://example.com", "https://blåbær.no", "http://localhost.example.com",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers_are_digits_and_what_people_put_between_them() {
        for good in ["+47 22 12 34 56", "(02) 6123-4567", "110 22", "+1.555.010.0199"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "1234", "call me", "+47 22 12 34 56 78 90 12 34", "47+221234", "2212345a"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn colours_have_six_digits() {
        assert!(is_colour("#0a7F5c"));
        for bad in ["", "#fff", "0a7f5c", "#0a7f5", "#0a7f5cc", "#0a7f5g", "red"] {
            assert!(!is_colour(bad), "{bad}");
        }
    }
}
