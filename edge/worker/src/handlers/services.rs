//! What a tenant offers.

use slotstead_shared::{
    ids::ServiceId,
    wire::{Items, ServiceInput},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListServices).await? {
        Reply::Services(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: ServiceId,
) -> Handled {
    let service: ServiceInput = body::json(context.incoming)?;
    match context
        .put(scope, Command::PutService { id, service })
        .await?
    {
        Reply::Service(service) => Ok(Outgoing::json(200, &service)),
        other => Err(unexpected(&other)),
    }
}
