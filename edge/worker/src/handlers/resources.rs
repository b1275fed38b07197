//! The things that bookings take besides a host's time.

use slotstead_shared::{
    ids::ResourceId,
    wire::{Items, ResourceInput},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListResources).await? {
        Reply::Resources(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: ResourceId,
) -> Handled {
    let resource: ResourceInput = body::json(context.incoming)?;
    match context
        .put(scope, Command::PutResource { id, resource })
        .await?
    {
        Reply::Resource(resource) => Ok(Outgoing::json(200, &resource)),
        other => Err(unexpected(&other)),
    }
}
