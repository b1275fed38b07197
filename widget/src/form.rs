//! The form: what the booker typed, and hints about it.
//!
//! What was typed is never changed and never dropped here, whatever the server
//! says. The hints are a courtesy; the server decides.

use slotstead_shared::{
    ids::FieldId,
    limits::{EMAIL_CHARS, NAME_CHARS, TEXT_CHARS},
    problem::FieldError,
    wire::{Answer, Field, FieldKind},
};

/// What a checkbox answers when it is ticked.
pub const YES: &str = "yes";

/// Names one question of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The booker's name.
    Name,
    /// The booker's e-mail address.
    Email,
    /// One of the owner's fields.
    Answer(FieldId),
}

impl Key {
    /// The name in the server's field errors, and of the control in the page.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Name => "name".to_owned(),
            Self::Email => "email".to_owned(),
            Self::Answer(field) => format!("answers.{field}"),
        }
    }
}

/// What would be right, as the widget sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// There is no name.
    NameMissing,
    /// There is no address.
    EmailMissing,
    /// The address has no @ with something on both sides.
    EmailNoAt,
    /// The address has a space or a second @.
    EmailMalformed,
    /// The part after the @ has no ending.
    EmailNoEnding,
    /// An answer is needed.
    AnswerMissing,
    /// A choice is needed.
    ChoiceMissing,
    /// The box has to be ticked.
    BoxUnticked,
    /// Longer than this many characters.
    TooLong(usize),
}

/// Why a question is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The widget noticed.
    Hint(Hint),
    /// The server said so, in its words.
    Server(String),
}

/// One question with what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which one.
    pub key: Key,
    /// What was typed, chosen or ticked.
    pub value: String,
    /// Why it is marked, if it is.
    pub trouble: Option<Trouble>,
}

/// The form. The order is that of the page: name, e-mail, then the owner's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<Field>,
    questions: Vec<Question>,
}

impl Form {
    /// Takes over the owner's fields. Answers already typed stay with their field.
    pub fn ask(&mut self, fields: &[Field]) {
        let keys = [Key::Name, Key::Email]
            .into_iter()
            .chain(fields.iter().map(|field| Key::Answer(field.id.clone())));
        let mut old = std::mem::take(&mut self.questions);
        self.questions = keys
            .map(
                |key| match old.iter().position(|question| question.key == key) {
                    Some(place) => old.swap_remove(place),
                    None => Question {
                        key,
                        value: String::new(),
                        trouble: None,
                    },
                },
            )
            .collect();
        self.fields = fields.to_vec();
    }

    /// The questions, in the order of the page.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The owner's field behind a key.
    #[must_use]
    pub fn field(&self, key: &Key) -> Option<&Field> {
        match key {
            Key::Answer(id) => self.fields.iter().find(|field| field.id == *id),
            Key::Name | Key::Email => None,
        }
    }

    /// The question of a key.
    #[must_use]
    pub fn question(&self, key: &Key) -> Option<&Question> {
        self.questions.iter().find(|question| question.key == *key)
    }

    /// What was typed under a key.
    #[must_use]
    pub fn value(&self, key: &Key) -> &str {
        self.question(key).map_or("", |question| &question.value)
    }

    /// Takes what was typed. A mark stays only while it still applies.
    pub fn edit(&mut self, key: &Key, value: String) {
        let Some(place) = self.place(key) else { return };
        self.questions[place].value = value;
        if self.questions[place].trouble.is_some() {
            self.questions[place].trouble = self.hint(key).map(Trouble::Hint);
        }
    }

    /// The booker left a question: mark it if something was typed that cannot be right.
    /// An empty one is left in peace until the form is sent.
    pub fn leave(&mut self, key: &Key) {
        let Some(place) = self.place(key) else { return };
        if self.questions[place].trouble.is_none() && !self.questions[place].value.trim().is_empty()
        {
            self.questions[place].trouble = self.hint(key).map(Trouble::Hint);
        }
    }

    /// Marks everything that cannot be right. Gives the first marked question.
    pub fn check(&mut self) -> Option<Key> {
        for place in 0..self.questions.len() {
            let key = self.questions[place].key.clone();
            self.questions[place].trouble = self.hint(&key).map(Trouble::Hint);
        }
        self.first_marked()
    }

    /// Takes over the server's field errors. Gives those that belong to no question.
    pub fn mark<'a>(&mut self, errors: &'a [FieldError]) -> Vec<&'a FieldError> {
        let mut rest = Vec::new();
        for error in errors {
            match self
                .questions
                .iter_mut()
                .find(|question| question.key.name() == error.field)
            {
                Some(question) => question.trouble = Some(Trouble::Server(error.detail.clone())),
                None => rest.push(error),
            }
        }
        rest
    }

    /// The first marked question.
    #[must_use]
    pub fn first_marked(&self) -> Option<Key> {
        self.questions
            .iter()
            .find(|question| question.trouble.is_some())
            .map(|question| question.key.clone())
    }

    /// How many questions are marked.
    #[must_use]
    pub fn marked(&self) -> usize {
        self.questions
            .iter()
            .filter(|question| question.trouble.is_some())
            .count()
    }

    /// The answers to the owner's fields, without the empty ones.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        self.questions
            .iter()
            .filter_map(|question| match &question.key {
                Key::Answer(field) if !question.value.trim().is_empty() => Some(Answer {
                    field: field.clone(),
                    value: question.value.trim().to_owned(),
                }),
                _ => None,
            })
            .collect()
    }

    fn place(&self, key: &Key) -> Option<usize> {
        self.questions
            .iter()
            .position(|question| question.key == *key)
    }

    fn hint(&self, key: &Key) -> Option<Hint> {
        let value = self.value(key).trim();
        let too_long =
            |limit: usize| (value.chars().count() > limit).then_some(Hint::TooLong(limit));
        match key {
            Key::Name if value.is_empty() => Some(Hint::NameMissing),
            Key::Name => too_long(NAME_CHARS),
            Key::Email => email(value).or_else(|| too_long(EMAIL_CHARS)),
            Key::Answer(_) => {
                let field = &self.field(key)?.input;
                if value.is_empty() {
                    return field.required.then_some(match field.kind {
                        FieldKind::Choice => Hint::ChoiceMissing,
                        FieldKind::Checkbox => Hint::BoxUnticked,
                        FieldKind::Text | FieldKind::LongText | FieldKind::Phone => {
                            Hint::AnswerMissing
                        }
                    });
                }
                too_long(TEXT_CHARS)
            }
        }
    }
}

/// What is wrong with an address that no mail system would take. Anything unusual passes.
fn email(value: &str) -> Option<Hint> {
    if value.is_empty() {
        return Some(Hint::EmailMissing);
    }
    let Some((name, domain)) = value.split_once('@') else {
        return Some(Hint::EmailNoAt);
    };
    if name.is_empty() || domain.is_empty() {
        return Some(Hint::EmailNoAt);
    }
    if value.contains(char::is_whitespace) || domain.contains('@') {
        return Some(Hint::EmailMalformed);
    }
    match domain.rsplit_once('.') {
        Some((host, ending)) if !host.is_empty() && !ending.is_empty() => None,
        _ => Some(Hint::EmailNoEnding),
    }
}

#[cfg(test)]
mod tests;
