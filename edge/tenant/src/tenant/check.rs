//! Checking what comes in: every wrong field is named, each with what would be right.

use std::{collections::BTreeSet, ops::RangeInclusive};

use slotstead_shared::{
    Date, UnixSeconds,
    engine::{Tz, local_date, parse_zone},
    limits::{NAME_CHARS, TEXT_CHARS},
    problem::FieldError,
    wire::{Answer, Field, FieldKind},
};

use super::formats;
use crate::refusal::Refusal;

/// How far from today a date may lie that is asked about: the longest booking window, and as much
/// again either way.
pub const FARTHEST_DAYS: i64 = 800;

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
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.errors))
        }
    }

    /// A date that is asked about, in `zone`.
    pub fn near(&mut self, field: &str, date: Date, zone: Tz, now: UnixSeconds) {
        if (date.0 - local_date(zone, now)).num_days().abs() > FARTHEST_DAYS {
            let detail = format!("This is more than {FARTHEST_DAYS} days away from today");
            self.wrong(field, detail);
        }
    }

    /// One line that must not be empty: a name, a label, an option. Returns it trimmed.
    pub fn name(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        let is_seen = |char: char| !char.is_whitespace() && !formats::is_invisible(char);
        if value.chars().any(is_seen) {
            self.line(field, value, NAME_CHARS);
        } else {
            self.wrong(field, "This cannot be empty");
        }
        value.to_owned()
    }

    fn line(&mut self, field: &str, value: &str, most: usize) {
        if value.chars().any(formats::is_unruly) {
            self.wrong(
                field,
                "This is one line of text, without control characters",
            );
        }
        self.length(field, value, most);
    }

    fn length(&mut self, field: &str, value: &str, most: usize) {
        let chars = value.chars().count();
        if chars > most {
            self.wrong(
                field,
                format!("This has {chars} characters; {most} are the most"),
            );
        }
    }

    /// Free text of several lines. Returns it trimmed.
    pub fn text(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        if value
            .chars()
            .any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t'))
        {
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
            self.wrong(field, format!("This must be from {least} to {most} {unit}"));
        }
    }

    pub fn at_most(&mut self, field: &str, count: usize, most: usize, things: &str) {
        if count > most {
            self.wrong(
                field,
                format!("There are {count} {things} here; {most} are the most"),
            );
        }
    }

    /// UTC where it is wrong, so that the other fields can be checked too.
    pub fn zone(&mut self, field: &str, name: &str) -> Tz {
        parse_zone(name).unwrap_or_else(|_| {
            self.wrong(
                field,
                "This is not a time zone of the IANA database, such as Europe/Oslo",
            );
            Tz::UTC
        })
    }

    pub fn email(&mut self, field: &str, value: &str) -> String {
        let value = value.trim();
        if let Err(detail) = formats::email(value) {
            self.wrong(field, detail);
        }
        value.to_owned()
    }

    /// The booker's answers against the owner's fields. Returns them in the order of the form,
    /// without empty ones.
    pub fn answers(&mut self, fields: &[Field], answers: &[Answer]) -> Vec<Answer> {
        let mut seen = BTreeSet::new();
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
                kept.push(Answer {
                    field: field.id.clone(),
                    value,
                });
            } else if field.input.required {
                self.wrong(
                    path,
                    match field.input.kind {
                        FieldKind::Checkbox => "This box must be ticked",
                        FieldKind::Choice => "Please choose one of these",
                        FieldKind::Text | FieldKind::LongText | FieldKind::Phone => {
                            "Please fill this in"
                        }
                    },
                );
            }
        }
        kept
    }

    fn answer(&mut self, path: &str, field: &Field, value: &str) -> String {
        match field.input.kind {
            FieldKind::LongText => return self.text(path, value),
            FieldKind::Text => self.line(path, value, TEXT_CHARS),
            FieldKind::Phone => {
                if !formats::is_phone(value) {
                    self.wrong(
                        path,
                        "This is not a telephone number, such as +47 22 12 34 56",
                    );
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
