//! One question of the form with its control and its error.

use leptos::prelude::*;
use slotstead_shared::wire::{FieldInput, FieldKind};

use crate::{
    browser::Booker,
    flow::Event,
    form::{Key, Trouble, YES},
    words::Sentence,
};

/// How a question is asked.
#[derive(Clone, PartialEq)]
enum Kind {
    Line { input: &'static str, autocomplete: &'static str },
    Lines,
    Choice(Vec<String>),
    Checkbox,
}

#[component]
pub(super) fn Question(booker: Booker, key_of: Key) -> impl IntoView {
    let key = StoredValue::new(key_of.clone());
    let (label, kind, optional) = booker.peek(|flow| match flow.form().field(&key_of) {
        Some(field) => (field.input.label.clone(), kind(&field.input), !field.input.required),
        None if key_of == Key::Name => {
            (flow.say(&Sentence::YourName), Kind::Line { input: "text", autocomplete: "name" }, false)
        }
        None => (flow.say(&Sentence::Email), Kind::Line { input: "email", autocomplete: "email" }, false),
    });
    let trouble = booker.read(move |flow| {
        let question = key.with_value(|key| flow.form().question(key))?;
        Some(match question.trouble.as_ref()? {
            Trouble::Hint(hint) => flow.say(&Sentence::Hint(*hint)),
            Trouble::Server(text) => text.clone(),
        })
    });
    let name = key_of.name();
    let error_id = format!("error-{name}");
    let boxed = kind == Kind::Checkbox;
    let mark = optional.then(|| view! { " "<i>{booker.say(&Sentence::Optional)}</i> });
    let words = view! { <span class="label">{label}{mark}</span> };
    let control = view! { <Control booker key_of=key_of kind required=!optional trouble error_id=error_id.clone() /> };
    view! {
        <div class="question" class:wrong=move || trouble.get().is_some() class:boxed=boxed>
            <label>{if boxed { (control.into_any(), words.into_any()) } else { (words.into_any(), control.into_any()) }}</label>
            <em id=error_id>{trouble}</em>
        </div>
    }
}

fn kind(field: &FieldInput) -> Kind {
    match field.kind {
        FieldKind::Text => Kind::Line { input: "text", autocomplete: "on" },
        FieldKind::Phone => Kind::Line { input: "tel", autocomplete: "tel" },
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
    trouble: Memo<Option<String>>,
    error_id: String,
) -> impl IntoView {
    let name = key_of.name();
    let key = StoredValue::new(key_of);
    let value = booker.read(move |flow| key.with_value(|key| flow.form().value(key).to_owned()));
    let ticked = move || value.get() == YES;
    let edit = move |text: String| booker.send(Event::Edit(key.get_value(), text));
    let leave = move |_| booker.send(Event::Leave(key.get_value()));
    let invalid = move || trouble.get().map(|_| "true");
    let described = move || trouble.get().map(|_| error_id.clone());
    let needed = required.then_some("true");
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
            let chosen = value.get_untracked();
            let option = |text: String| {
                let selected = text == chosen;
                view! { <option value=text.clone() selected=selected>{text.clone()}</option> }
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
