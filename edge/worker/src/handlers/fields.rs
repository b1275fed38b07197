//! What a tenant asks bookers for.

use slotstead_shared::{
    ids::FieldId,
    wire::{FieldInput, Items},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListFields).await? {
        Reply::Fields(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: FieldId,
) -> Handled {
    let field: FieldInput = body::json(context.incoming)?;
    match context.put(scope, Command::PutField { id, field }).await? {
        Reply::Field(field) => Ok(Outgoing::json(200, &field)),
        other => Err(unexpected(&other)),
    }
}
