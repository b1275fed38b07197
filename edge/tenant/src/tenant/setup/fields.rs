//! Booking fields: what the owner asks bookers for.

use std::collections::BTreeSet;

use slotstead_shared::{
    ids::FieldId,
    limits::{FIELD_OPTIONS, FIELDS},
    wire::{Field, FieldInput, FieldKind},
};

use super::room_for_one_more;
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tenant::{Context, check::Check},
};

pub fn list(cx: &Context<'_>) -> Answer {
    Ok(Reply::Fields(cx.store.fields()?))
}

pub fn put(cx: &Context<'_>, id: &FieldId, input: &FieldInput) -> Answer {
    let mut check = Check::default();
    let mut input = input.clone();
    input.label = check.name("label", &input.label);
    check.at_most("options", input.options.len(), FIELD_OPTIONS, "options");
    let is_choice = input.kind == FieldKind::Choice;
    if is_choice && input.options.is_empty() {
        check.wrong("options", "A choice needs at least one option");
    } else if !is_choice && !input.options.is_empty() {
        check.wrong("options", "Only a choice has options");
    }
    let mut seen = BTreeSet::new();
    for (at, option) in input.options.iter_mut().enumerate() {
        let path = format!("options[{at}]");
        *option = check.name(&path, option);
        if !seen.insert(option.clone()) {
            check.wrong(path, "This option is here twice");
        }
    }
    check.finish()?;
    let fields = cx.store.fields()?;
    if !fields.iter().any(|field| field.id == *id) {
        room_for_one_more(fields.len(), FIELDS, "booking fields")?;
    }
    let field = Field {
        id: id.clone(),
        input,
    };
    cx.store.put_field(&field)?;
    Ok(Reply::Field(field))
}

/// Answers already given stay with their bookings.
pub fn delete(cx: &Context<'_>, id: &FieldId) -> Answer {
    if !cx.store.fields()?.iter().any(|field| field.id == *id) {
        return Err(Refusal::not_found("booking field"));
    }
    cx.store.delete_field(id)?;
    Ok(Reply::Done)
}
