//! Sign-up, by whoever has the operator's key.

use slotstead_shared::{
    ids::TokenId,
    problem::FieldError,
    wire::{IssuedToken, Scope, SignUp, SignedUp},
};
use slotstead_tenant::Reply;

use super::{Context, unexpected};
use crate::{
    auth::Operator,
    body,
    edge::Handled,
    exchange::Outgoing,
    platform::Platform,
    problem::{Failure, Retry},
    region::{RegionHost, host_of},
    token::Grant,
};

pub async fn sign_up<P: Platform>(context: &Context<'_, P>) -> Handled {
    let operator = Operator::of(context.config, context.incoming)?;
    let sign_up: SignUp = body::json(context.incoming)?;
    let region = sign_up.region;
    let is_server = matches!(host_of(region), RegionHost::RegionServer { .. });
    if is_server && context.config.region_server.is_none() {
        let error = FieldError::new(
            "region",
            "This edge has no region server in Canberra; choose us or eu",
        );
        return Err(Failure::InvalidFields(vec![error]));
    }
    let tenant = context
        .config
        .id_key
        .new_tenant(region, context.platform.random());
    let id = TokenId::from_random(context.platform.random());
    let call = operator.create_tenant(tenant.clone(), sign_up, id.clone());
    match context.call(&call, Retry::AfterALook).await? {
        Reply::Created { .. } => {
            let scopes = Scope::ALL.to_vec();
            let grant = Grant::Owner {
                tenant: tenant.clone(),
                token: id.clone(),
                scopes: scopes.clone(),
            };
            let secret = context.config.token_key.sign(grant, context.now, None);
            let token = IssuedToken { id, secret, scopes };
            Ok(Outgoing::json(
                201,
                &SignedUp {
                    tenant,
                    region,
                    token,
                },
            ))
        }
        other => Err(unexpected(&other)),
    }
}
