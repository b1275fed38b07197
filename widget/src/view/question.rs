//! One question of the form with its control and its error.

use leptos::prelude::*;
use slotstead_shared::wire::{FieldInput, FieldKind};

use crate::{
    browser::Booker,
    flow::{Event, Flow},
    form::{Key, Trouble, YES},
    words::Sentence,
};

/// How a question is asked.
#[derive(Clone, PartialEq)]
enum Kind {
    Line {
        input: &'static str,
        autocomplete: &'static str,
    },
    Lines,
    Choice(Vec<String>),
    Checkbox,
}

#[component]
pub(super) fn Question(booker: Booker, key_of: Key) -> impl IntoView {
    let (label, kind, optional) = booker.peek(|flow| match flow.form().field(&key_of) {
        Some(field) => (
            field.input.label.clone(),
            kind(&field.input),
            !field.input.required,
        ),
        None if key_of == Key::Name => (
            flow.say(&Sentence::YourName),
            Kind::Line {
                input: "text",
                autocomplete: "name",
            },
            false,
        ),
        None => (
            flow.say(&Sentence::Email),
            Kind::Line {
                input: "email",
                autocomplete: "email",
            },
            false,
        ),
    });
    let name = key_of.name();
    let error_id = format!("error-{name}");
    let boxed = kind == Kind::Checkbox;
    let mark = optional.then(|| view! { " "<i>{booker.say(&Sentence::Optional)}</i> }.into_any());
    let words = view! { <span class="label">{label}{mark}</span> }.into_any();
    let key = key_of.clone();
    let error = booker.maybe(move |flow| trouble(flow, &key));
    let key = key_of.clone();
    let class = booker.text(move |flow| {
        let wrong = if trouble(flow, &key).is_some() {
            " wrong"
        } else {
            ""
        };
        let boxed = if boxed { " boxed" } else { "" };
        format!("question{wrong}{boxed}")
    });
    let control =
        view! { <Control booker key_of kind required=!optional error_id=error_id.clone() /> }
            .into_any();
    let (first, second) = if boxed {
        (control, words)
    } else {
        (words, control)
    };
    view! {
        <div class=class>
            <label>{first}{second}</label>
            <em id=error_id>{error}</em>
        </div>
    }
}

/// Why a question is marked, in words.
fn trouble(flow: &Flow, key: &Key) -> Option<String> {
    Some(match flow.form().question(key)?.trouble.as_ref()? {
        Trouble::Hint(hint) => flow.say(&Sentence::Hint(*hint)),
        Trouble::Server(text) => text.clone(),
    })
}

fn kind(field: &FieldInput) -> Kind {
    match field.kind {
        FieldKind::Text => Kind::Line {
            input: "text",
            autocomplete: "on",
        },
        FieldKind::Phone => Kind::Line {
            input: "tel",
            autocomplete: "tel",
        },
        FieldKind::LongText => Kind::Lines,
        FieldKind::Choice => Kind::Choice(field.options.clone()),
        FieldKind::Checkbox => Kind::Checkbox,
    }
}

#[component]
fn Control(
    booker: Booker,
    key_of: Key,
    kind: Kind,
    required: bool,
    error_id: String,
) -> impl IntoView {
    let name = key_of.name();
    let key = key_of.clone();
    let value = booker.text(move |flow| flow.form().value(&key).to_owned());
    let key = key_of.clone();
    let ticked = booker.flag(move |flow| flow.form().value(&key) == YES);
    let key = key_of.clone();
    let invalid = booker.maybe(move |flow| trouble(flow, &key).map(|_| "true".to_owned()));
    let key = key_of.clone();
    let described = booker.maybe(move |flow| trouble(flow, &key).map(|_| error_id.clone()));
    let needed = required.then_some("true");
    let key = key_of.clone();
    let edit: Box<dyn Fn(String)> =
        Box::new(move |text| booker.send(Event::Edit(key.clone(), text)));
    let chosen = booker.peek(|flow| flow.form().value(&key_of).to_owned());
    let leave: Box<dyn Fn(web_sys::FocusEvent)> =
        Box::new(move |_| booker.send(Event::Leave(key_of.clone())));
    match kind {
        Kind::Line { input, autocomplete } => view! {
            <input part="input" name=name type=input autocomplete=autocomplete aria-required=needed aria-invalid=invalid
                aria-describedby=described prop:value=value
                on:input=move |event| edit(event_target_value(&event)) on:blur=leave />
        }
        .into_any(),
        Kind::Lines => view! {
            <textarea part="input" name=name rows="3" aria-required=needed aria-invalid=invalid
                aria-describedby=described prop:value=value
                on:input=move |event| edit(event_target_value(&event)) on:blur=leave></textarea>
        }
        .into_any(),
        Kind::Checkbox => view! {
            <input part="checkbox" name=name type="checkbox" aria-required=needed aria-invalid=invalid
                aria-describedby=described prop:checked=ticked
                on:change=move |event| edit(if event_target_checked(&event) { YES.to_owned() } else { String::new() }) />
        }
        .into_any(),
        Kind::Choice(options) => {
            let option = |text: String| {
                let selected = text == chosen;
                view! { <option value=text.clone() selected=selected>{text.clone()}</option> }.into_any()
            };
            view! {
                <select part="input" name=name aria-required=needed aria-invalid=invalid aria-describedby=described
                    on:change=move |event| edit(event_target_value(&event)) on:blur=leave>
                    <option value="">{booker.say(&Sentence::ChooseOne)}</option>
                    {options.into_iter().map(option).collect_view()}
                </select>
            }
            .into_any()
        }
    }
}
