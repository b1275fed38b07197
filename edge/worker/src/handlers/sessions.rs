//! A page's session: a short-lived token, and all that the booker's first view needs.

use slotstead_shared::{ids::encode_id, limits::SESSION_SECONDS, wire::Session};
use slotstead_tenant::Reply;

use super::{Context, unexpected};
use crate::{
    auth::Stranger, edge::Handled, exchange::Outgoing, platform::Platform, problem::Retry,
    token::Grant,
};

pub async fn open<P: Platform>(context: &Context<'_, P>, stranger: &Stranger) -> Handled {
    match context
        .call(&stranger.open_session(), Retry::Freely)
        .await?
    {
        Reply::Session {
            profile,
            services,
            fields,
        } => {
            let grant = Grant::Session {
                tenant: stranger.tenant().clone(),
                origin: stranger.origin().to_owned(),
                session: encode_id(&context.platform.random()),
            };
            let token = context.config.token_key.sign(
                grant,
                context.now,
                Some(context.now + SESSION_SECONDS),
            );
            let expires_in_seconds = u32::try_from(SESSION_SECONDS).unwrap_or_default();
            Ok(Outgoing::json(
                201,
                &Session {
                    token,
                    expires_in_seconds,
                    profile,
                    services,
                    fields,
                },
            ))
        }
        other => Err(unexpected(&other)),
    }
}
