//! One question of the form with its control and its error.

use leptos::prelude::*;
use slotstead_shared::wire::FieldKind;

use super::dom::{Element, el, views};
use crate::{
    browser::Booker,
    flow::{Event, Flow},
    form::{Key, Trouble, YES},
    words::Sentence,
};

/// How a question is asked.
enum Kind {
    Line {
        input: &'static str,
        autocomplete: &'static str,
    },
    Lines,
    Choice(Vec<String>),
    Checkbox,
}

pub(super) fn question(booker: Booker, key: Key) -> AnyView {
    let (label, kind, optional) = booker.peek(|flow| asked(flow, &key));
    let boxed = matches!(kind, Kind::Checkbox);
    let error_id = format!("error-{}", key.name());
    let mark = optional.then(|| el("i").child(booker.say(&Sentence::Optional)));
    let words = el("span").class("label").child(label + " ").child(mark);
    let key_of = key.clone();
    let class = booker.maybe(move |flow| {
        let wrong = if trouble(flow, &key_of).is_some() {
            " wrong"
        } else {
            ""
        };
        let boxed = if boxed { " boxed" } else { "" };
        Some(format!("question{wrong}{boxed}"))
    });
    let key_of = key.clone();
    let error = booker.text(move |flow| trouble(flow, &key_of).unwrap_or_default());
    let control = control(booker, key, kind, !optional, error_id.clone());
    let (first, second) = if boxed {
        (control, words)
    } else {
        (words, control)
    };
    el("div")
        .live("class", class)
        .child(el("label").child(first).child(second))
        .child(el("em").attr("id", error_id).child(error))
        .view()
}

/// What is asked and how, and whether it may be left empty.
fn asked(flow: &Flow, key: &Key) -> (String, Kind, bool) {
    let line = |input, autocomplete| Kind::Line {
        input,
        autocomplete,
    };
    let Some(field) = flow.form().field(key) else {
        return match key {
            Key::Email => (flow.say(&Sentence::Email), line("email", "email"), false),
            Key::Name | Key::Answer(_) => {
                (flow.say(&Sentence::YourName), line("text", "name"), false)
            }
        };
    };
    let kind = match field.input.kind {
        FieldKind::Text => line("text", "on"),
        FieldKind::Phone => line("tel", "tel"),
        FieldKind::LongText => Kind::Lines,
        FieldKind::Choice => Kind::Choice(field.input.options.clone()),
        FieldKind::Checkbox => Kind::Checkbox,
    };
    (field.input.label.clone(), kind, !field.input.required)
}

/// Why a question is marked, in words.
fn trouble(flow: &Flow, key: &Key) -> Option<String> {
    Some(match flow.form().question(key)?.trouble.as_ref()? {
        Trouble::Hint(hint) => flow.say(&Sentence::Hint(*hint)),
        Trouble::Server(text) => text.clone(),
    })
}

fn control(booker: Booker, key: Key, kind: Kind, required: bool, error_id: String) -> Element {
    let edit = {
        let key = key.clone();
        move |text: String| booker.send(Event::Edit(key.clone(), text))
    };
    let value = {
        let key = key.clone();
        booker.text(move |flow| flow.form().value(&key).to_owned())
    };
    let control = match kind {
        Kind::Line {
            input,
            autocomplete,
        } => el("input")
            .attr("type", input)
            .attr("autocomplete", autocomplete)
            .value(value)
            .on("input", move |event| edit(event_target_value(&event))),
        Kind::Lines => el("textarea")
            .attr("rows", "3")
            .value(value)
            .on("input", move |event| edit(event_target_value(&event))),
        Kind::Checkbox => {
            let key = key.clone();
            let ticked = booker.flag(move |flow| flow.form().value(&key) == YES);
            let answer = |ticked: bool| {
                if ticked {
                    YES.to_owned()
                } else {
                    String::new()
                }
            };
            el("input")
                .attr("type", "checkbox")
                .checked(ticked)
                .on("change", move |event| {
                    edit(answer(event_target_checked(&event)));
                })
        }
        Kind::Choice(options) => {
            let chosen = booker.peek(|flow| flow.form().value(&key).to_owned());
            let option = |text: String| {
                let selected = (text == chosen).then_some("");
                el("option")
                    .attr("value", text.clone())
                    .attr_if("selected", selected)
                    .child(text)
                    .view()
            };
            el("select")
                .on("change", move |event| edit(event_target_value(&event)))
                .child(
                    el("option")
                        .attr("value", "")
                        .child(booker.say(&Sentence::ChooseOne)),
                )
                .child(views(options.into_iter().map(option)))
        }
    };
    let left = key.clone();
    let marked = key.clone();
    control
        .part("input")
        .attr("name", key.name())
        .attr_if("aria-required", required.then_some("true"))
        .live(
            "aria-invalid",
            booker.maybe(move |flow| trouble(flow, &marked).map(|_| "true".to_owned())),
        )
        .live(
            "aria-describedby",
            booker.maybe(move |flow| trouble(flow, &key).map(|_| error_id.clone())),
        )
        .on("blur", move |_| booker.send(Event::Leave(left.clone())))
}
