//! Holds: a time kept for ten minutes while its form is filled in.

use slotstead_shared::wire::NewHold;
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope,
    body,
    edge::Handled,
    exchange::Outgoing,
    platform::Platform,
    problem::{Failure, Retry},
};

pub async fn place<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let hold: NewHold = body::json(context.incoming)?;
    let session = scope.session().ok_or(Failure::NotAllowed)?.to_owned();
    let call = scope.call(Command::PlaceHold { hold, session });
    match context.call(&call, Retry::AfterALook).await? {
        Reply::Hold(hold) => Ok(Outgoing::json(201, &hold)),
        other => Err(unexpected(&other)),
    }
}
