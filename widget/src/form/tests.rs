//! What is typed, hinted at and kept.

use slotstead_shared::wire::FieldInput;

use super::*;

fn field(id: &str, kind: FieldKind, required: bool) -> Field {
    Field {
        id: id.parse().unwrap(),
        input: FieldInput {
            label: id.to_owned(),
            kind,
            required,
            options: Vec::new(),
            position: 0,
        },
    }
}

fn answer(id: &str) -> Key {
    Key::Answer(id.parse().unwrap())
}

fn form() -> Form {
    let mut form = Form::default();
    form.ask(&[
        field("phone", FieldKind::Phone, true),
        field("note", FieldKind::LongText, false),
        field("size", FieldKind::Choice, true),
        field("terms", FieldKind::Checkbox, true),
    ]);
    form
}

#[test]
fn an_empty_form_asks_for_what_is_required_and_focuses_the_first() {
    let mut form = form();
    assert_eq!(form.check(), Some(Key::Name));
    let hints: Vec<Option<Trouble>> = form.questions().iter().map(|q| q.trouble.clone()).collect();
    let hint = |hint| Some(Trouble::Hint(hint));
    assert_eq!(
        hints,
        [
            hint(Hint::NameMissing),
            hint(Hint::EmailMissing),
            hint(Hint::AnswerMissing),
            None,
            hint(Hint::ChoiceMissing),
            hint(Hint::BoxUnticked),
        ]
    );
    assert_eq!(form.marked(), 5);
}

#[test]
fn addresses_are_hinted_at_but_unusual_ones_pass() {
    for (address, hint) in [
        ("", Some(Hint::EmailMissing)),
        ("amal", Some(Hint::EmailNoAt)),
        ("@example.com", Some(Hint::EmailNoAt)),
        ("amal@", Some(Hint::EmailNoAt)),
        ("amal@example", Some(Hint::EmailNoEnding)),
        ("amal@example.", Some(Hint::EmailNoEnding)),
        ("amal@.no", Some(Hint::EmailNoEnding)),
        ("a mal@example.com", Some(Hint::EmailMalformed)),
        ("a@b@example.com", Some(Hint::EmailMalformed)),
        ("amal@example.com", None),
        (" amal@example.com ", None),
        ("o'brien+tag@sub.example.museum", None),
        ("пример@пример.рф", None),
    ] {
        let mut form = form();
        form.edit(&Key::Email, address.to_owned());
        form.check();
        let trouble = form.question(&Key::Email).unwrap().trouble.clone();
        assert_eq!(trouble, hint.map(Trouble::Hint), "{address}");
    }
}

#[test]
fn an_empty_question_is_left_in_peace_until_sending() {
    let mut form = form();
    form.leave(&Key::Email);
    assert_eq!(form.marked(), 0);
    form.edit(&Key::Email, "amal@example".to_owned());
    assert_eq!(form.marked(), 0, "not while it is being typed");
    form.leave(&Key::Email);
    assert_eq!(form.first_marked(), Some(Key::Email));
    form.edit(&Key::Email, "amal@example.n".to_owned());
    assert_eq!(form.marked(), 0, "gone as soon as it is right");
}

#[test]
fn the_servers_errors_go_to_their_questions_and_the_rest_is_given_back() {
    let mut form = form();
    form.edit(&answer("phone"), "abc".to_owned());
    let errors = [
        FieldError::new("email", "No such domain"),
        FieldError::new("answers.phone", "Not a number"),
        FieldError::new("start", "Not a time"),
    ];
    let rest = form.mark(&errors);
    assert_eq!(rest, [&errors[2]]);
    assert_eq!(form.first_marked(), Some(Key::Email));
    assert_eq!(
        form.question(&answer("phone")).unwrap().trouble,
        Some(Trouble::Server("Not a number".into()))
    );
    assert_eq!(form.value(&answer("phone")), "abc");
}

#[test]
fn answers_are_trimmed_and_empty_ones_left_out() {
    let mut form = form();
    form.edit(&answer("phone"), " 123 ".to_owned());
    form.edit(&answer("note"), "  ".to_owned());
    form.edit(&answer("terms"), YES.to_owned());
    let answers: Vec<(String, String)> = form
        .answers()
        .into_iter()
        .map(|a| (a.field.to_string(), a.value))
        .collect();
    assert_eq!(
        answers,
        [
            ("phone".into(), "123".into()),
            ("terms".into(), "yes".into())
        ]
    );
    assert_eq!(
        form.value(&answer("phone")),
        " 123 ",
        "what was typed stays as typed"
    );
}

#[test]
fn a_new_session_keeps_what_was_typed() {
    let mut form = form();
    form.edit(&Key::Name, "Amal".to_owned());
    form.edit(&answer("note"), "hello".to_owned());
    form.ask(&[
        field("note", FieldKind::LongText, false),
        field("new", FieldKind::Text, false),
    ]);
    assert_eq!(form.value(&Key::Name), "Amal");
    assert_eq!(form.value(&answer("note")), "hello");
    assert_eq!(form.value(&answer("new")), "");
}

#[test]
fn too_much_is_said_before_it_is_sent() {
    let mut form = form();
    form.edit(&Key::Name, "å".repeat(121));
    form.leave(&Key::Name);
    assert_eq!(
        form.question(&Key::Name).unwrap().trouble,
        Some(Trouble::Hint(Hint::TooLong(120)))
    );
}
