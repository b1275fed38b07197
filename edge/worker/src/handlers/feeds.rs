//! Calendar feeds whose busy times block a host.

use slotstead_shared::{
    ids::FeedId,
    wire::{FeedInput, Items},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListFeeds).await? {
        Reply::Feeds(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: FeedId,
) -> Handled {
    let feed: FeedInput = body::json(context.incoming)?;
    match context.put(scope, Command::PutFeed { id, feed }).await? {
        Reply::Feed(feed) => Ok(Outgoing::json(200, &feed)),
        other => Err(unexpected(&other)),
    }
}

/// The fetch is due now; its outcome shows in the feed.
pub async fn sync<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: FeedId,
) -> Handled {
    match context.put(scope, Command::SyncFeed { id }).await? {
        Reply::Done => Ok(Outgoing::empty(202)),
        other => Err(unexpected(&other)),
    }
}
