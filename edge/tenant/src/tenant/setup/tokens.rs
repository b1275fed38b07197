//! Owners' tokens. Only their ids and scopes are stored, never the tokens themselves.

use slotstead_shared::{
    engine::Tz,
    ids::TokenId,
    limits::TOKENS,
    wire::{NewToken, Scope, TokenView},
};

use super::{conflict, room_for_one_more};
use crate::{
    call::{Answer, Reply},
    refusal::Refusal,
    tables::tenants::TokenRow,
    tenant::{Context, authorise::owner_token, check::Check, offer::stamped},
};

pub fn issue(cx: &Context<'_>, id: &TokenId, token: &NewToken) -> Answer {
    let mut check = Check::default();
    let name = check.name("name", &token.name);
    let mut scopes = token.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        check.wrong("scopes", "A token needs at least one scope");
    }
    check.finish()?;
    // Nobody hands out more than they have.
    let own = owner_token(cx)?.scopes;
    if !scopes.iter().all(|scope| own.contains(scope)) {
        return Err(Refusal::NotAllowed);
    }
    let tokens = cx.store.tokens()?;
    room_for_one_more(tokens.len(), TOKENS, "tokens")?;
    if tokens.iter().any(|token| token.id == *id) {
        return Err(conflict("There is a token with this id already."));
    }
    let token = TokenRow {
        id: id.clone(),
        name,
        scopes: scopes.clone(),
        created_at: cx.now,
    };
    cx.store.insert_token(&token)?;
    Ok(Reply::TokenIssued { scopes })
}

pub fn list(cx: &Context<'_>) -> Answer {
    views(cx).map(Reply::Tokens)
}

pub fn views(cx: &Context<'_>) -> Result<Vec<TokenView>, Refusal> {
    let view = |token: TokenRow| {
        let created_at = stamped(Tz::UTC, token.created_at)?;
        Ok(TokenView {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            created_at,
        })
    };
    cx.store.tokens()?.into_iter().map(view).collect()
}

/// A token may revoke itself, but no token that can do more, and a token with every scope stays:
/// without one the owner would be locked out for good.
pub fn revoke(cx: &Context<'_>, id: &TokenId) -> Answer {
    let own = owner_token(cx)?.scopes;
    let (revoked, others): (Vec<TokenRow>, Vec<TokenRow>) = cx
        .store
        .tokens()?
        .into_iter()
        .partition(|token| token.id == *id);
    let revoked = revoked.first().ok_or_else(|| Refusal::not_found("token"))?;
    if !revoked.scopes.iter().all(|scope| own.contains(scope)) {
        return Err(Refusal::NotAllowed);
    }
    let has_all = |token: &TokenRow| Scope::ALL.iter().all(|scope| token.scopes.contains(scope));
    if !others.iter().any(has_all) {
        return Err(conflict(
            "This is the last token with every scope. Issue another with every scope first.",
        ));
    }
    cx.store.delete_token(id)?;
    Ok(Reply::Done)
}
