//! The people whose time bookings take.

use slotstead_shared::{
    ids::HostId,
    wire::{HostInput, Items},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListHosts).await? {
        Reply::Hosts(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: HostId,
) -> Handled {
    let host: HostInput = body::json(context.incoming)?;
    match context.put(scope, Command::PutHost { id, host }).await? {
        Reply::Host(host) => Ok(Outgoing::json(200, &host)),
        other => Err(unexpected(&other)),
    }
}
