//! Owners' tokens. The secret is signed here and stored nowhere; the tenant knows which ids live.

use slotstead_shared::{
    ids::TokenId,
    wire::{IssuedToken, Items, NewToken},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform, problem::Retry,
    token::Grant,
};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListTokens).await? {
        Reply::Tokens(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn issue<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let token: NewToken = body::json(context.incoming)?;
    let id = TokenId::from_random(context.platform.random());
    let command = Command::IssueToken {
        id: id.clone(),
        token,
    };
    match context
        .call(&scope.call(command), Retry::AfterALook)
        .await?
    {
        Reply::TokenIssued { scopes } => {
            let grant = Grant::Owner {
                tenant: scope.tenant().clone(),
                token: id.clone(),
                scopes: scopes.clone(),
            };
            let secret = context.config.token_key.sign(grant, context.now, None);
            Ok(Outgoing::json(201, &IssuedToken { id, secret, scopes }))
        }
        other => Err(unexpected(&other)),
    }
}
