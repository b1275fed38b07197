//! Erasing people. The answer is 202: their data cannot be read through us any more, and the keys to every
//! copy of it are being destroyed.

use slotstead_shared::{ids::BookingId, wire::NewErasure};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform, query::Query,
};

pub async fn erase_person<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let erasure: NewErasure = body::json(context.incoming)?;
    erased(context, scope, Command::ErasePerson { erasure }).await
}

pub async fn erase_booker<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
) -> Handled {
    erased(context, scope, Command::EraseBooker { id }).await
}

async fn erased<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    command: Command,
) -> Handled {
    match context.put(scope, command).await? {
        Reply::Erasure(erasure) => Ok(Outgoing::json(202, &erasure)),
        other => Err(unexpected(&other)),
    }
}

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let mut query = Query::read(&context.incoming.query, &["after"]);
    let after = query.optional("after");
    query.finish()?;
    match context.read(scope, Command::ListErasures { after }).await? {
        Reply::Erasures(page) => Ok(Outgoing::json(200, &page)),
        other => Err(unexpected(&other)),
    }
}
